"""The look at pages finds what is wrong, also in a part or at a width that comes after others that were sound."""

from collections.abc import Callable
from typing import Any

from looking import eye_of
from playwright.async_api import Browser

from kernel.web.static import Assets

pytest_plugins = ("looking",)

PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>公告</title><link rel="stylesheet" href="{css}"></head>
<body class="face-trading"><main id="main" class="main wrap"><h1>公告</h1><section><h2>一</h2><p>甲</p><p>乙</p>
<ul><li>丙</li><li>丁</li></ul></section>{more}</main></body></html>"""
SECTION = "<section><h2>二</h2><p>{}</p><ul><li>戊</li><li>己</li></ul></section>"
TINY = '<input type="image" src="" alt="{}" width="6" height="6">'
MORE = {
    "sound": "",
    "pale": SECTION.format('<font color="#ddd">看不清</font>'),
    "nameless": SECTION.format('<button class="button"><span class="brand-label">发送</span></button>'),
    "tiny": SECTION.format(TINY.format("前") + TINY.format("后")),
    "out of reach": SECTION.format('<button class="button" tabindex="-1">发送</button> <a class="button">撤回</a>'),
    "also sound": SECTION.format("看得清"),
}


async def test_what_is_new_in_a_page_is_judged_and_a_fault_is_told_every_time(
    assets: Assets, show: Callable[[dict[str, str]], Any], chromium: Browser
) -> None:
    pages = {name: PAGE.format(css=assets.url("site.css"), more=more) for name, more in MORE.items()}
    eye, wrong = await eye_of(chromium), {}
    await eye.become()
    async with show(pages) as origin:
        for name in (*pages, "nameless", "pale"):
            wrong[name] = await eye.judge(name, f"{origin}/{name}")
    assert wrong["sound"] == wrong["also sound"] == {}
    assert all("color-contrast" in wrong["pale"][f"pale at {width}"][0] for width in (375, 1280))
    for width in (375, 1280):
        assert str(wrong["out of reach"][f"out of reach at {width}"]).count("the keyboard does not come") == 2
    assert "button-name" in str(wrong["nameless"]["nameless at 375"]), "a telephone hides the button's words"
    assert "button-name" not in str(wrong["nameless"].get("nameless at 1280")), "a desk does not"
    assert "target-size" in wrong["tiny"]["tiny at 1280"][0]
