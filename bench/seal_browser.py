"""How fast Chromium seals a bid file, beside the library of age's author in the same browser; and in how much memory.

Both read the file from the disk, hash plaintext and ciphertext, and write into the browser's own disk, off the main
thread, as the sealing page does. The memory is the highest that any process of a browser has held which keeps its
things on a disk, as a bidder's does (Linux: VmHWM); a private window keeps them in memory, and the page warns of it.
"""

import os
import shutil
import tempfile
from pathlib import Path

from playwright.async_api import Page, async_playwright

from bench.table import Row, in_turn, say
from kernel.web import build

GOAL = 1.0
"""At least as fast as the peer."""
MEMORY = 400
"""MB for a file of 2 GiB."""
ORIGIN = "http://localhost/"
HERE = Path(__file__).parent
RUN = """async (way) => {
  const text = document.getElementById("worker").textContent;
  const worker = new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
  const answer = new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data.failed ? reject(new Error(data.failed)) : resolve(data.seconds));
    worker.onerror = (event) => reject(new Error(event.message));
  });
  worker.postMessage({ file: document.getElementById("file").files[0], way });
  try { return await answer; } finally { worker.terminate(); }
}"""


async def rows(*, quick: bool) -> list[Row]:
    """MB/s beside the peer, and the memory of sealing one large file."""
    size, rounds = (64, 3) if quick else (256, 5)
    chromium = shutil.which("chromium")
    if chromium is None:
        return [Row.lacking("seal in Chromium", "-", "no chromium on this machine", f">= {GOAL}")]
    build.build()
    with tempfile.TemporaryDirectory(prefix="yg") as folder:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"]
            )
            page = await (await browser.new_context()).new_page()
            await _serve(page)
            speed = await _speed(page, Path(folder) / "plain", size, rounds)
            await browser.close()
            at_home = await playwright.chromium.launch_persistent_context(
                Path(folder) / "profile", executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"]
            )
            memory = await _memory(await at_home.new_page(), Path(folder) / "large", 256 if quick else 2048)
            await at_home.close()
    return [speed, memory]


async def _serve(page: Page) -> None:
    """One page with the worker in it; nothing goes over any line."""
    worker = build.one_script(HERE / "seal_browser.js")
    html = f'<!doctype html><input type="file" id="file"><script type="text/plain" id="worker">{worker}</script>'
    await page.route("**/*", lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
    await page.goto(ORIGIN)


async def _speed(page: Page, file: Path, size: int, rounds: int) -> Row:
    say(f"seal_browser: a file of {size} MiB")
    _filled(file, size)
    await page.set_input_files("#file", file)

    async def once(way: str) -> float:
        seconds: float = await page.evaluate(RUN, way)
        return size * 1.048576 / seconds

    for way in ("ours", "typage"):
        await once(way)  # untimed: the engine has compiled it
    acts = [lambda: once("ours"), lambda: once("typage")]
    ours, peer = await in_turn(acts, rounds, name="seal in Chromium")
    what = f"seal {size} MiB in Chromium"
    return Row.at_least(
        what, ours.text("MB/s"), f"typage with hash-wasm: {peer.text('MB/s')}", ours.median / peer.median, GOAL
    )


async def _memory(page: Page, file: Path, size: int) -> Row:
    """In a browser of its own: what the measuring before has left does not count."""
    say(f"seal_browser: the memory for {size} MiB")
    _hollow(file, size)
    await _serve(page)
    await page.set_input_files("#file", file)
    seconds: float = await page.evaluate(RUN, "ours")
    held = max((_high_water(pid) for pid in _processes()), default=0)
    what = f"memory for {size} MiB ({size * 1.048576 / seconds:.0f} MB/s)"
    return Row.at_most(what, f"{held} MB", f"{MEMORY} MB", held / MEMORY, 1.0)


def _filled(file: Path, size: int) -> None:
    with file.open("wb") as out:
        for _ in range(size):
            out.write(os.urandom(1 << 20))


def _hollow(file: Path, size: int) -> None:
    """A hole in a file takes no time to make, and reads as any other."""
    file.touch()
    os.truncate(file, size << 20)


def _processes() -> list[int]:
    """The browser's processes, among the children of this one."""
    found, waiting = [], [os.getpid()]
    while waiting:
        parent = waiting.pop()
        children = [int(pid) for task in Path(f"/proc/{parent}/task").glob("*") for pid in _children(task)]
        waiting += children
        found += [pid for pid in children if b"chrom" in _command(pid).partition(b"\0")[0]]
    return found


def _children(task: Path) -> list[str]:
    try:
        return (task / "children").read_text().split()
    except OSError:
        return []


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _high_water(pid: int) -> int:
    """The most that a process has held, in MB."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1000 for line in lines if line.startswith("VmHWM")), 0)
