"""A tool in one file: its policy fits its parts, the same sources give the same bytes, and no part can end another."""

import base64
import re
from hashlib import sha256
from pathlib import Path

import pytest

from kernel.web.offline_page import Tool, tools

SCRIPTS = {"tool.js": "console.log(1)", "tool.worker.js": "self.close()", "plain.js": "void 0"}


def made(folder: Path, scripts: dict[str, str] = SCRIPTS, sheet: str = "p { margin: 0 }") -> dict[str, Tool]:
    offline = folder / "offline"
    offline.mkdir(exist_ok=True)
    for name in scripts:
        (offline / name).write_text("// its bytes come from the bundle")
    (offline / "tool.html").write_text("<main><h1>工具</h1></main>")
    (offline / "plain.html").write_text("<main><h1>无后台</h1></main>")
    return {tool.name: tool for tool in tools(folder, sheet, lambda entry: scripts[entry.name])}


def test_the_policy_lets_in_its_own_script_and_style_and_nothing_from_anywhere(tmp_path: Path) -> None:
    page = made(tmp_path)["tool"].body.decode()
    found = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert found is not None
    policy = dict(part.split(" ", 1) for part in found[1].split("; "))
    assert policy["default-src"] == "'none'"
    for kind, content in (("script-src", SCRIPTS["tool.js"]), ("style-src", "p { margin: 0 }")):
        digest = base64.b64encode(sha256(content.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy[kind]
    assert not set(policy) & {"connect-src", "img-src", "frame-src"}
    assert "<title>工具</title>" in page
    assert '<script type="text/plain" id="worker">self.close()</script>' in page


def test_the_same_sources_give_the_same_bytes_and_a_change_another_name(tmp_path: Path) -> None:
    first, again = made(tmp_path), made(tmp_path)
    assert first == again
    changed = made(tmp_path, SCRIPTS | {"plain.js": "void 1"})
    assert changed["tool"] == first["tool"]
    assert changed["plain"].file != first["plain"].file


@pytest.mark.parametrize("part", [{"tool.js": "'</script>'"}, {"tool.worker.js": "'</SCRIPT x'"}])
def test_a_part_that_would_end_its_own_element_is_refused(tmp_path: Path, part: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="end its own element"):
        made(tmp_path, SCRIPTS | part)
