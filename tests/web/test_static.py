"""Static files carry their hash in the name, are kept for ever by browsers, and answer 304 when they are known."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from kernel.web.static import Assets, UnknownAsset, static_route

pytest_plugins = ("looking",)


@pytest.fixture
async def browser(assets: Assets) -> AsyncIterator[httpx.AsyncClient]:
    app = Litestar([static_route(assets)], openapi_config=None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://site.test") as client:
        yield client


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("site.css", "text/css; charset=utf-8"),
        ("sun.svg", "image/svg+xml"),
        ("site.js", "text/javascript; charset=utf-8"),
    ],
)
async def test_a_named_file_is_served_with_its_type_and_kept_for_ever(
    browser: httpx.AsyncClient, assets: Assets, name: str, kind: str
) -> None:
    answer = await browser.get(assets.url(name))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == kind
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(answer.content) > 100


async def test_a_known_etag_gets_304_without_a_body(browser: httpx.AsyncClient, assets: Assets) -> None:
    first = await browser.get(assets.url("site.css"))
    for known in (first.headers["etag"], f"W/{first.headers['etag']}", f'"other", {first.headers["etag"]}', "*"):
        again = await browser.get(assets.url("site.css"), headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    other = await browser.get(assets.url("site.css"), headers={"if-none-match": '"other"'})
    assert other.status_code == 200


async def test_head_tells_the_length_and_sends_no_body(browser: httpx.AsyncClient, assets: Assets) -> None:
    whole = await browser.get(assets.url("site.css"))
    head = await browser.head(assets.url("site.css"))
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.content))


@pytest.mark.parametrize(
    "path",
    [
        "/static/site.css",
        "/static/css/base.css",
        "/static/../build.py",
        "/static/%2e%2e/build.py",
        "/static/built/manifest.json",
    ],
)
async def test_any_other_name_is_not_found_and_not_kept(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path)
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("cache-control", "")


async def test_only_a_worker_may_use_webassembly(browser: httpx.AsyncClient, assets: Assets) -> None:
    worker = await browser.get(assets.url("hash.worker.js"))
    page_script = await browser.get(assets.url("site.js"))
    assert "wasm-unsafe-eval" in worker.headers["content-security-policy"]
    assert "content-security-policy" not in page_script.headers


def test_a_changed_file_gets_another_address(tmp_path: Path) -> None:
    before = Assets.load(_copy(tmp_path / "a", "body { color: black }")).url("site.css")
    same = Assets.load(_copy(tmp_path / "b", "body { color: black }")).url("site.css")
    after = Assets.load(_copy(tmp_path / "c", "body { color: navy }")).url("site.css")
    assert before == same != after


def test_an_unknown_name_stops_the_page_that_asks_for_it(assets: Assets) -> None:
    with pytest.raises(UnknownAsset, match="nothing"):
        assets.url("nothing.css")


def test_the_sheets_name_no_other_host() -> None:
    for sheet in (Path(__file__).parents[2] / "kernel" / "web" / "static" / "css").glob("*.css"):
        text = sheet.read_text()
        assert "//" not in text.replace("/*", "").replace("*/", "")
        assert "@import" not in text


def _copy(root: Path, base: str) -> Path:
    from kernel.web.own_files import STYLE_ORDER  # noqa: PLC0415

    (root / "css").mkdir(parents=True)
    (root / "img").mkdir()
    for name in STYLE_ORDER:
        (root / "css" / f"{name}.css").write_text(base if name == "base" else "")
    return root
