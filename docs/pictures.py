"""`python -m docs.pictures`: takes the manual's pictures anew, of the real pages, in the scenes the tests play.

With a folder as its argument it takes pictures that such a run has left there, instead of running again. The browser's
own buttons speak Chinese where its languages are installed (Debian: chromium-l10n).
"""

import base64
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "manual" / "pictures"
SCENES = (
    *("pages", "award", "evaluation", "experts", "market", "requests", "watch", "new_pages"),
    "check_in_chromium.py::test_a_package_is_checked_in_the_page_and_anchors_turn_consistent_into_proved",
    "sealing_in_browser.py::test_the_page_at_every_step_on_a_telephone_and_a_desk",
    "three_officers_in_browser.py::test_three_officers_unlock_once_each_and_open_for_the_bidder_who_failed",
)
"""Which tests play them: a whole tests/web/test_…_in_chromium.py, or one of another file's."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One of the pictures a scene leaves, and how much of it the manual shows, in CSS pixels from the top."""

    taken: str
    height: int = 900


def desk(page: str, height: int = 900) -> Picture:
    """As on a desk's screen."""
    return Picture(f"{page}-1280.png", height)


def telephone(page: str, height: int = 760) -> Picture:
    """As on a telephone."""
    return Picture(f"{page}-375.png", height)


PICTURES = {
    "public-hall": desk("shown-public-lots_*_hall"),
    "public-candidates": desk("publicity-lots_*_candidates"),
    "public-market": desk("market-public-market"),
    "public-complaint": telephone("complaint-filed", 860),
    "public-check": desk("check-proved"),
    "holder-unlocked": desk("unlocked"),
    "purchaser-workbench": desk("report-workbench", 640),
    "purchaser-publicise": desk("report-lots_*_publicise"),
    "purchaser-request": desk("owner-requests_new"),
    "purchaser-letter": telephone("letter-letters_*"),
    "purchaser-mandates": desk("announced-purchaser-mandates"),
    "bidder-workbench": desk("window-bidder-workbench", 720),
    "bidder-seal": desk("seal-filled", 1300),
    "bidder-keep": desk("seal-keep"),
    "bidder-submit": desk("announced-bidder-lots_*_submit"),
    "bidder-reveal": desk("window-bidder-lots_*_reveal"),
    "bidder-challenge": telephone("publicity-bidder-lots_*_challenge", 1100),
    "intermediary-workbench": desk("agency-market_workbench", 640),
    "intermediary-entry": desk("entry-returned-market_entry"),
    "intermediary-quote": telephone("empty-requests_*_quote", 1100),
    "intermediary-request": telephone("agency-requests_*", 1100),
    "expert-me": desk("expert-own-experts_me"),
    "expert-call": telephone("call-waiting_call_*", 800),
    "expert-seat": desk("seat-lots_*_panel_me"),
    "expert-bid": desk("review-member-lots_*_seat_bids_*"),
    "expert-scores": telephone("score-member-lots_*_seat_scores", 900),
    "operator-workbench": desk("announced-operator-workbench", 720),
    "operator-pool": desk("expert-pool-experts_pool"),
    "operator-check": desk("entry-centre-market_checks_*"),
    "regulator-workbench": desk("filed_workbench", 720),
    "regulator-hall": desk("regulator-hall"),
    "regulator-case": desk("filed_cases_"),
    "regulator-card": desk("regulator-cards_*", 760),
    "regulator-complaint": desk("filed_complaints_"),
    "regulator-drafts": desk("regulator-drafts", 640),
    "inspector-workbench": desk("inspector-workbench", 720),
    "inspector-reads": desk("inspector-reads", 760),
}
"""Name in docs/manual/pictures → what it shows."""


def main() -> int:
    """Play the scenes, choose, cut; 1 when a scene fails or a picture is missing."""
    if len(sys.argv) > 1:
        return choose(Path(sys.argv[1]))
    with tempfile.TemporaryDirectory(prefix="yangguang-pictures-") as folder:
        tests = [test_of(scene) for scene in SCENES]
        order = [sys.executable, "-m", "pytest", "-q", *tests]
        env = os.environ | {"YANGGUANG_PICTURES": folder, "LANGUAGE": "zh_CN"}
        played = subprocess.run(order, cwd=ROOT, env=env, check=False)  # noqa: S603 - our own tests
        return choose(Path(folder)) if played.returncode == 0 else 1


def test_of(scene: str) -> str:
    """The test that plays this scene, as pytest is asked for it."""
    folder = "journeys" if "_in_browser.py" in scene else "web"
    return f"tests/{folder}/test_{scene}" if "::" in scene else f"tests/web/test_{scene}_in_chromium.py"


def choose(taken: Path) -> int:
    """Write the manual's pictures from those in this folder."""
    found = {name: sorted(taken.glob(picture.taken)) for name, picture in PICTURES.items()}
    for name in (missing := [name for name, files in found.items() if not files]):
        print(f"{name}: nothing in {taken} is called {PICTURES[name].taken}")
    if missing:
        return 1
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, files in found.items():
            cut(browser, files[0], FOLDER / f"{name}.png", PICTURES[name].height)
        browser.close()
    return 0


def cut(browser: Browser, file: Path, to: Path, height: int) -> None:
    """The upper part of a picture."""
    page = browser.new_page()
    source = base64.b64encode(file.read_bytes()).decode()
    page.set_content(f'<body style="margin:0"><img style="display:block" src="data:image/png;base64,{source}">')
    width, whole = page.evaluate("[document.images[0].naturalWidth, document.images[0].naturalHeight]")
    size = {"width": width, "height": min(whole, height)}
    page.set_viewport_size(size)
    page.screenshot(path=to, clip={"x": 0, "y": 0, **size})
    page.close()


if __name__ == "__main__":
    sys.exit(main())
