"""Makes a tool that is one HTML file: script, style and worker inside, and a policy under which it can reach nothing.

Such a page is saved once and opened from a disk with the network unplugged. Its policy names the hashes of its own
script and style, so nothing put into it later runs (its own script may use WebAssembly, to hash large files);
`default-src 'none'` leaves it no way to send anything anywhere.
"""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

Bundle = Callable[[Path], str]
"""One self-contained script from an entry."""

_HEADING = re.compile(r"<h1>(.+?)</h1>")


@dataclass(frozen=True, slots=True)
class Tool:
    """A composed page; `sha256` of its bytes (hex) is what people compare."""

    name: str
    body: bytes

    @property
    def sha256(self) -> str:
        return sha256(self.body).hexdigest()

    @property
    def file(self) -> str:
        """Its name in the build, which changes with its bytes."""
        return f"{self.name}-{self.sha256[:16]}.html"


def tools(client: Path, sheet: str, bundle: Bundle) -> list[Tool]:
    """Every tool of `client`/offline: <name>.html is its content, <name>.js its script, <name>.worker.js its worker."""
    return [_tool(content, sheet, bundle) for content in sorted((client / "offline").glob("*.html"))]


def _tool(content: Path, sheet: str, bundle: Bundle) -> Tool:
    main = content.read_text("utf-8")
    heading = _HEADING.search(main)
    if heading is None:
        raise ValueError(f"{content.name} has no h1")
    worker = content.with_suffix(".worker.js")
    script = bundle(content.with_suffix(".js"))
    text = bundle(worker) if worker.exists() else ""
    return Tool(content.stem, _page(heading[1], main, sheet, script, text).encode())


def _page(title: str, main: str, sheet: str, script: str, worker: str) -> str:
    for part in (sheet, script, worker):
        if re.search(r"</(script|style)", part, re.IGNORECASE):
            raise ValueError("a part would end its own element")
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(script)}' 'wasm-unsafe-eval'",
            f"style-src '{_hash(sheet)}'",
            "worker-src blob:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="zh-CN">',
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{title}</title>",
            f"<style>{sheet}</style>",
            '<body class="face-trading offline">',
            main,
            f'<script type="text/plain" id="worker">{worker}</script>',
            f"<script>{script}</script>",
            "</html>",
            "",
        )
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(sha256(text.encode()).digest()).decode()
