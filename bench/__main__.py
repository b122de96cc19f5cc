"""`python -m bench [--quick] [PART …]`: measures, and prints one table; progress goes to stderr.

Every figure stands beside a peer or a limit measured in the same run, in turns with ours; medians are compared, and
the lowest and highest values show the noise. The figures of two runs, or of two machines, are not to be compared.
Ends with 1 when a goal is missed.
"""

import argparse
import asyncio
import os
import sys

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


def main() -> int:
    options = _options()
    busy, cores = os.getloadavg()[0], os.cpu_count() or 1
    rows: list[Row] = []
    for name in options.part or PARTS:
        say(f"{name} ...")
        rows += measured(name, quick=options.quick)
    print(printed(rows))
    print(f"{cores} cores; load before: {busy:.1f}" + (" (not idle: expect noise)" if busy > cores / 4 else ""))
    return 0 if all(row.met is not False for row in rows) else 1


def measured(name: str, *, quick: bool) -> list[Row]:
    """One part's rows; each part that needs a house has one of its own."""
    if name in ALONE:
        return asyncio.run(ALONE[name].rows(quick=quick))
    with house.started() as home:
        return asyncio.run(IN_HOUSE[name].rows(home, quick=quick))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="measures the house beside its peers")
    parser.add_argument("--quick", action="store_true", help="smaller and shorter: under a minute")
    parser.add_argument("part", nargs="*", help="what to measure; everything if left out")
    options = parser.parse_args()
    if unknown := set(options.part) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
