"""Hands that never leave the keyboard: Tab to a thing, press it, type into it, choose files and options with it."""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from playwright.async_api import FilePayload, Page, expect

MOST = 160
"""Presses of Tab after which a thing counts as out of reach."""
PATIENT = 60_000
"""Milliseconds to wait for what a slow machine does slowly."""
Files = Path | Sequence[Path] | FilePayload


def listen(page: Page) -> None:
    """Somebody listens for file choosers from the start: the browser takes a moment to hand its first one over."""
    page.on("filechooser", lambda chooser: None)


async def tab_to(page: Page, selector: str, patience: float = PATIENT) -> None:
    """Press Tab until this is focused; a page on which it is never reached fails. The first match counts."""
    wanted = page.locator(selector).first
    await expect(wanted).to_be_enabled(timeout=patience)
    handle = await wanted.element_handle(timeout=patience)
    for _ in range(MOST):
        await page.keyboard.press("Tab")
        if await page.evaluate("e => document.activeElement === e", handle):
            return
    raise AssertionError(f"{selector} is not reached by keyboard on {page.url}")


async def press(page: Page, selector: str, key: str = "Enter", patience: float = PATIENT) -> None:
    """Go there and press: Enter for buttons and links, Space for boxes to tick."""
    await tab_to(page, selector, patience)
    await page.keyboard.press(key)


async def write(page: Page, selector: str, text: str) -> None:
    """Go there and type; what stood there is typed over, as Tab has selected it."""
    await tab_to(page, selector)
    await page.keyboard.insert_text(text)


async def type_moment(page: Page, moment: str) -> None:
    """Type ``2026-04-20T09:30``, or a day alone, into the focused field, in the order in which this browser shows it.

    It speaks American unless it was started for somebody Chinese, as for the manual's pictures; a year has up to six
    digits, so the arrow ends it.
    """
    day, _, time = moment.partition("T")
    year, month, of_month = day.split("-")
    if os.environ.get("LANGUAGE", "").startswith("zh"):
        parts, clock = (year, f"{month}{of_month}"), time.replace(":", "")
    else:
        parts, clock = (f"{month}{of_month}{year}", ""), f"{datetime.fromisoformat(moment):%I%M%p}" if time else ""
    await page.keyboard.type(parts[0])
    await page.keyboard.press("ArrowRight")
    await page.keyboard.type(parts[1] + clock)


async def choose(page: Page, selector: str, files: Files) -> None:
    """Open the file chooser of this field with Enter and choose these files in it."""
    await tab_to(page, selector)
    async with page.expect_file_chooser(timeout=PATIENT) as chooser:
        await page.keyboard.press("Enter")
    await (await chooser.value).set_files(files)


async def saved(page: Page, selector: str, to: Path) -> None:
    """Press what gives a file, and keep it there."""
    await tab_to(page, selector)
    async with page.expect_download(timeout=PATIENT) as coming:
        await page.keyboard.press("Enter")
    await (await coming.value).save_as(to)
