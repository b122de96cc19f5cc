"""The browser's own modules: countdowns, careful forms, resumable uploads, the hall's live line."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import page_samples
from litestar import Litestar, MediaType, Request, Response, get, post, put
from litestar.params import FromPath
from litestar.response import Stream
from looking import eye_of, served
from playwright.async_api import Browser, Page, expect
from samples import NOW

from kernel.web.csrf import FIELD
from kernel.web.headers import SECURITY_HEADERS
from kernel.web.static import Assets, static_route
from kernel.web.templating import Renderer

pytest_plugins = ("looking",)

PART = 1024 * 1024

# Waits inside the page, since the policy forbids the driver's own way of waiting (it evaluates strings).
STORED = """() => new Promise((done) => {
  const look = () => (localStorage.length ? done(true) : setTimeout(look, 20));
  look();
})"""


@dataclass
class Counterpart:
    """A server that keeps to the page's contracts and remembers what it was sent."""

    pages: dict[str, str]
    parts: dict[int, bytes] = field(default_factory=dict)
    size: int = 0
    sha256: str = ""
    begun: int = 0
    refuse_after: int | None = None
    forms: list[dict[str, Any]] = field(default_factory=list)
    listeners: list[str] = field(default_factory=list)
    fragment: str = "<p>报价已公布</p>"

    def missing(self) -> list[int]:
        return [n for n in range(1, -(-self.size // PART) + 1) if n not in self.parts]

    def view(self) -> dict[str, Any]:
        return {"id": "u1", "part_size": PART, "missing": self.missing()}


def counterpart_app(its: Counterpart, assets: Assets) -> Litestar:
    @get("/{name:str}", sync_to_thread=False)
    def page(name: FromPath[str]) -> Response[str]:
        return Response(its.pages[name], headers=SECURITY_HEADERS, media_type=MediaType.HTML)

    @post("/lots/{lot:str}/{act:str}", status_code=200, media_type=MediaType.HTML)
    async def form(request: Request[Any, Any, Any], lot: FromPath[str], act: FromPath[str]) -> str:
        its.forms.append(dict((await request.form()).multi_items()))
        await asyncio.sleep(0)
        return "<!doctype html><title>好</title><p>收到</p>"

    @get("/hall/17/stream", sync_to_thread=False)
    def stream(request: Request[Any, Any, Any]) -> Stream:
        its.listeners.append(request.query_params.get("last_event_id", ""))
        last = len(its.listeners) > 1

        async def events() -> AsyncIterator[str]:
            yield f"id: {40 + len(its.listeners)}\nevent: prices\ndata: {its.fragment}\n\n"
            if last:
                yield "event: end\ndata: \n\n"

        return Stream(events(), media_type="text/event-stream")

    return Litestar([page, *upload_handlers(its), form, stream, static_route(assets)], openapi_config=None)


def upload_handlers(its: Counterpart) -> list[Any]:
    """An upload in parts, as the API takes it."""

    @post("/api/v1/uploads", status_code=201)
    async def begin(request: Request[Any, Any, Any]) -> dict[str, Any]:
        asked = await request.json()
        its.size, its.sha256 = asked["size"], asked["sha256"]
        its.begun += 1
        return its.view()

    @get("/api/v1/uploads/u1", sync_to_thread=False)
    def show() -> dict[str, Any]:
        return its.view()

    @put("/api/v1/uploads/u1/parts/{n:int}")
    async def part(n: FromPath[int], request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
        body = await request.body()
        if its.refuse_after is not None and len(its.parts) >= its.refuse_after:
            return Response({"detail": "线路中断", "problems": []}, status_code=409)
        assert request.headers["x-part-sha256"] == sha256(body).hexdigest()
        assert request.headers["x-csrftoken"] == "token"
        its.parts[n] = body
        return Response({"n": n}, status_code=200)

    return [begin, show, part]


async def opened(browser: Browser, url: str) -> Page:
    eye = await eye_of(browser)
    await eye.become()
    await eye.page.set_viewport_size({"width": 900, "height": 900})
    await eye.page.goto(url)
    return eye.page


def notice_page(trading: Renderer, seconds: float) -> str:
    lot = replace(page_samples.LOT, deadline=NOW + timedelta(seconds=seconds))
    return trading.render("app/notice.html", now=NOW, csrf="token", **{**page_samples.NOTICE_PAGE, "lot": lot})


def publish_page(trading: Renderer, **more: Any) -> str:
    context = {**page_samples.TRADING_PAGES["bidding/publish_form.html"], **more}
    return trading.render("bidding/publish_form.html", now=NOW, csrf="token", **context)


async def test_a_countdown_runs_on_the_servers_clock_and_ends_at_the_instant(
    trading: Renderer, assets: Assets, chromium: Browser
) -> None:
    its = Counterpart({"soon": notice_page(trading, 3), "later": notice_page(trading, 7200)})
    async with served(counterpart_app(its, assets)) as origin:
        page = await opened(chromium, f"{origin}/soon")
        await expect(page.locator(".deadline .countdown")).to_have_text("已截止")
        page = await opened(chromium, f"{origin}/later")
        await expect(page.locator(".deadline .countdown")).to_have_text("还剩 1 小时 59 分")


async def test_a_form_is_sent_once_however_often_it_is_clicked(
    trading: Renderer, assets: Assets, chromium: Browser
) -> None:
    lot_page = trading.render("bidding/objection.html", now=NOW, csrf="token", lot=page_samples.OPENED)
    its = Counterpart({"form": lot_page})
    async with served(counterpart_app(its, assets)) as origin:
        page = await opened(chromium, f"{origin}/form")
        await page.fill("#f-text", "对唱标有异议")
        await page.evaluate(
            "() => { const b = document.querySelector('form.form [type=submit]'); b.click(); b.click(); b.click(); }"
        )
        await expect(page.locator("p")).to_have_text("收到")
    assert len(its.forms) == 1
    assert its.forms[0]["text"] == "对唱标有异议"
    assert its.forms[0][FIELD] == "token"
    assert len(its.forms[0]["request_id"]) == 36


async def test_a_draft_comes_back_and_secrets_do_not(trading: Renderer, assets: Assets, chromium: Browser) -> None:
    context = page_samples.TRADING_PAGES["app/register_account.html"]
    its = Counterpart({"register": trading.render("app/register_account.html", now=NOW, csrf="token", **context)})
    async with served(counterpart_app(its, assets)) as origin:
        page = await opened(chromium, f"{origin}/register")
        await page.fill("#f-organisation_name", "华岭路桥工程有限公司")
        await page.fill("#f-identity_number", "11010519491231002X")
        await page.fill("#f-password", "correct horse battery")
        await page.evaluate(STORED)
        kept = await page.evaluate("Object.values(localStorage).join()")
        await page.reload()
        await page.click("text=恢复草稿")
        assert await page.input_value("#f-organisation_name") == "华岭路桥工程有限公司"
        assert await page.input_value("#f-identity_number") == ""
    assert "11010519491231002X" not in kept
    assert "correct horse" not in kept


async def test_a_file_arrives_in_parts_with_its_digest_and_the_form_carries_its_id(
    trading: Renderer, assets: Assets, chromium: Browser
) -> None:
    content = bytes(range(256)) * 10_000
    its = Counterpart({"publish": publish_page(trading)})
    async with served(counterpart_app(its, assets)) as origin:
        page = await opened(chromium, f"{origin}/publish")
        await page.evaluate("() => { Blob.prototype.arrayBuffer = null; }")  # the page itself reads nothing of it
        file = {"name": "招标文件.pdf", "mimeType": "application/pdf", "buffer": content}
        await page.set_input_files("#f-documents", [file])  # type: ignore[list-item]
        await expect(page.locator(".upload-list li")).to_contain_text("已送达，指纹一致")
        await page.click("button[type=submit]")
        await expect(page.locator("p")).to_have_text("收到")
    assert b"".join(its.parts[n] for n in sorted(its.parts)) == content
    assert its.sha256 == sha256(content).hexdigest()
    assert (its.forms[0]["documents"], its.forms[0]["documents_label"]) == ("u1", "招标文件.pdf")


async def test_a_cut_upload_goes_on_with_what_is_missing(trading: Renderer, assets: Assets, chromium: Browser) -> None:
    content = b"z" * (3 * PART)
    its = Counterpart({"publish": publish_page(trading)}, refuse_after=2)
    file = {"name": "图纸.zip", "mimeType": "application/zip", "buffer": content}
    async with served(counterpart_app(its, assets)) as origin:
        page = await opened(chromium, f"{origin}/publish")
        await page.set_input_files("#f-documents", [file])  # type: ignore[list-item]
        await expect(page.locator(".upload-list li")).to_contain_text("线路中断")
        assert sorted(its.parts) == [1, 2]
        its.refuse_after = None
        await page.reload()
        await page.set_input_files("#f-documents", [file])  # type: ignore[list-item]
        await expect(page.locator(".upload-list li")).to_contain_text("已送达，指纹一致")
    assert its.begun == 1
    assert sorted(its.parts) == [1, 2, 3]


async def test_the_hall_follows_the_stream_and_takes_it_up_where_it_broke(
    trading: Renderer, assets: Assets, chromium: Browser
) -> None:
    hall = {
        **page_samples.HALL,
        "lot": page_samples.OPENED,
        "phase": "window",
        "stream": "/hall/17/stream",
        "last_id": "12",
    }
    its = Counterpart({"hall": trading.render("app/hall.html", now=NOW, csrf="token", **hall)})
    its.fragment = "<p class='price'>¥38,214,560.00</p><script>document.title='x'</script>"
    async with served(counterpart_app(its, assets)) as origin:
        page = await opened(chromium, f"{origin}/hall")
        await expect(page.locator("[data-live=prices] .price")).to_have_text("¥38,214,560.00")
        await expect(page.locator(".live-state")).to_have_text("本场已结束", timeout=10_000)
        assert await page.title() != "x"
    assert its.listeners[0] == "12"
    assert len(its.listeners) == 2
