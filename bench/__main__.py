"""`python -m bench [--quick] [PART …]`: measures, and prints one table; progress goes to stderr.

Every figure stands beside a peer or a limit measured in the same run, in turns with ours; medians are compared, and
the lowest and highest values show the noise. The figures of two runs, or of two machines, are not to be compared.
Ends with 1 when a goal is missed or a part fails; a part that fails does not keep the others from running. What this
machine lacks is said before and after.
"""

import argparse
import asyncio
import os
import shutil
import sys
import time
import traceback
from collections.abc import Sequence

from bench import (
    audit,
    draw,
    events,
    hall,
    holding,
    house,
    notice_page,
    opening,
    panel_draw,
    seal,
    seal_browser,
    shop_search,
    submissions,
    watchers,
)
from bench.table import Row, printed, say

IN_HOUSE = {
    "submissions": submissions,
    "events": events,
    "notice_page": notice_page,
    "shop_search": shop_search,
    "hall": hall,
    "panel_draw": panel_draw,
    "watchers": watchers,
}
ALONE = {
    "seal": seal,
    "seal_browser": seal_browser,
    "holding": holding,
    "audit": audit,
    "opening": opening,
    "draw": draw,
}
PARTS = (*ALONE, *IN_HOUSE)
PEERS = {
    "age": ("age", ("seal",)),
    "chromium": ("chromium", ("seal_browser", "holding")),
    "belenios-tool": ("belenios-tool", ("opening",)),
}
"""Command → Debian's package that has it, and the parts that are measured with it."""


def main() -> int:
    options = _options()
    parts = options.part or PARTS
    busy, cores, begun = os.getloadavg()[0], os.cpu_count() or 1, time.perf_counter()
    lacking = lacks(parts)
    for line in lacking:
        say(line)
    rows = [row for name in parts for row in tried(name, quick=options.quick)]
    print(printed(rows))
    print(f"{cores} cores; load before: {busy:.1f}" + (" (not idle: expect noise)" if busy > cores / 4 else ""))
    print(f"{time.perf_counter() - begun:.0f} s in all")
    for line in lacking:
        print(line)
    return 0 if all(row.met is not False for row in rows) else 1


def lacks(parts: Sequence[str]) -> list[str]:
    """A loud line for every peer that is not on this machine, though one of these parts needs it."""
    return [
        f"!!! NOT MEASURED: {', '.join(concerned)}: there is no {command} here (Debian: apt-get install {package})"
        for command, (package, using) in PEERS.items()
        if (concerned := [part for part in using if part in parts]) and shutil.which(command) is None
    ]


def tried(name: str, *, quick: bool) -> list[Row]:
    """One part's rows, or one that says it failed; the reason goes to stderr."""
    say(f"{name} ...")
    begun = time.perf_counter()
    try:
        return measured(name, quick=quick)
    except Exception:  # whatever went wrong in one part, the others can still be measured
        traceback.print_exc()
        return [Row(name, "FAILED", "-", "-", "-", met=False)]
    finally:
        say(f"{name}: {time.perf_counter() - begun:.0f} s")


def measured(name: str, *, quick: bool) -> list[Row]:
    """One part's rows; each part that needs a house has one of its own."""
    if name in ALONE:
        return asyncio.run(ALONE[name].rows(quick=quick))
    with house.started() as home:
        return asyncio.run(IN_HOUSE[name].rows(home, quick=quick))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="measures the house beside its peers")
    parser.add_argument("--quick", action="store_true", help="smaller and shorter: a minute or two")
    parser.add_argument("part", nargs="*", help="what to measure; everything if left out")
    options = parser.parse_args()
    if unknown := set(options.part) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
