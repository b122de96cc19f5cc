"""Over ten thousand whole draws every eligible candidate is seated as often as any other."""

import hashlib
import math
from collections import Counter

from kernel.proofs.canonical import encode
from kernel.proofs.draw import DrawList, Stratum, draw
from kernel.proofs.draw_salts import Opening, opened_leaves
from kernel.proofs.draw_walk import ACCEPT, walk

DRAWS, SEATS, BARRED = 10_000, 3, ("专家0", "专家5")
"""So many draws of so many seats; two of the candidates are passed over whenever their turn comes."""
PEOPLE = [{"id": str(n), "name": f"专家{n}", "employer": ""} for n in range(10)]


def test_every_eligible_candidate_is_seated_within_three_standard_deviations() -> None:
    counts = Counter(name for trial in range(DRAWS) for name in seated(trial))
    chance = SEATS / (len(PEOPLE) - len(BARRED))
    deviation = math.sqrt(DRAWS * chance * (1 - chance))
    assert not counts.keys() & set(BARRED)
    assert len(counts) == len(PEOPLE) - len(BARRED)
    # The randomness is fixed, so this never flickers.
    assert all(abs(count - DRAWS * chance) < 3 * deviation for count in counts.values()), counts


def seated(trial: int) -> list[str]:
    """Who is seated in one draw: salted leaves, two roles' pieces, the order, and the walk over it."""
    found = opened_leaves(random_bytes(trial, "salts"), PEOPLE)
    listing = DrawList(
        f"draw/{trial}", ("operator", "regulator"), (Stratum("A", SEATS, tuple(one.leaf for one in found)),)
    )
    pieces = {role: [random_bytes(trial, f"{role}{j}") for j in (0, 1)] for role in listing.roles}
    order = draw(listing, pieces).orders["A"]
    return [str(found[n].record["name"]) for n in walked(order, found)]


def walked(order: list[int], found: list[Opening]) -> tuple[int, ...]:
    outcomes: dict[int, str] = {}
    while (n := walk(order, SEATS, outcomes).next) is not None:
        outcomes[n] = "avoidance" if found[n].record["name"] in BARRED else ACCEPT
    return walk(order, SEATS, outcomes).seated


def random_bytes(trial: int, purpose: str) -> bytes:
    return hashlib.sha256(encode([trial, purpose])).digest()
