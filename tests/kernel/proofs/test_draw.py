"""The draw's arithmetic: the vector comes out, rules of lists are kept, every order is as likely."""

import hashlib
import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.proofs.draw import (
    DrawList,
    Stratum,
    below,
    draw,
    draw_leaf,
    draw_order,
    draw_seed,
    piece_commitment,
    role_nonce,
)
from kernel.proofs.drbg import HmacDrbg
from kernel.proofs.errors import Malformed

VECTORS = Path(__file__).parents[2] / "vectors"
VECTOR: dict[str, Any] = json.loads((VECTORS / "draw.json").read_text())
OPENINGS = json.loads((VECTORS / "draw_openings.json").read_text())
LISTED = DrawList(
    VECTOR["draw_id"],
    tuple(VECTOR["roles"]),
    tuple(Stratum(s["id"], s["quota"], tuple(map(bytes.fromhex, s["leaves"]))) for s in VECTOR["strata"]),
)
PIECES = {one["role"]: [bytes.fromhex(p) for p in one["pieces"]] for one in VECTOR["contributions"]}
EXPECT = VECTOR["expect"]


def leaves(count: int, of: str = "") -> tuple[bytes, ...]:
    return tuple(sorted(hashlib.sha256(f"{of}{n}".encode()).digest() for n in range(count)))


def test_the_vector_gives_its_list_root_seed_and_orders() -> None:
    drawn = draw(LISTED, PIECES)
    assert drawn.root.hex() == VECTOR["list_root"]
    assert drawn.seed.hex() == EXPECT["seed"]
    assert drawn.orders == EXPECT["order"]


def test_the_vector_s_pieces_have_their_commitments() -> None:
    for one in VECTOR["contributions"]:
        made = [
            piece_commitment(VECTOR["draw_id"], one["role"], j, bytes.fromhex(piece)).hex()
            for j, piece in enumerate(one["pieces"])
        ]
        assert made == one["commit"]


def test_every_leaf_of_the_vector_is_opened_by_its_salt_and_record() -> None:
    listed = {leaf for stratum in VECTOR["strata"] for leaf in stratum["leaves"]}
    assert listed == OPENINGS.keys()
    for leaf, opening in OPENINGS.items():
        assert draw_leaf(bytes.fromhex(opening["salt"]), opening["record"].encode()).hex() == leaf


def test_a_nonce_is_the_xor_of_both_pieces_so_one_alone_says_nothing() -> None:
    assert role_nonce([b"\x0f" * 32, b"\x3c" * 32]) == b"\x33" * 32
    for wrong in ([b"\1" * 32], [b"\1" * 32] * 3, [b"\1" * 32, b"\1" * 31]):
        with pytest.raises(Malformed):
            role_nonce(wrong)


def test_every_role_and_the_beacon_move_the_seed() -> None:
    root, nonces = bytes(32), {"operator": b"\1" * 32, "regulator": b"\2" * 32}
    seeds = {
        draw_seed(root, nonces),
        draw_seed(b"\1" * 32, nonces),
        draw_seed(root, nonces | {"operator": b"\3" * 32}),
        draw_seed(root, nonces | {"regulator": b"\3" * 32}),
        draw_seed(root, nonces, "lottery 2026001: 03 08 17"),
    }
    assert len(seeds) == 5


@pytest.mark.parametrize(
    ("quota", "given_leaves", "code"),
    [
        (0, leaves(3), "quota_out_of_range"),
        (4, leaves(3), "quota_out_of_range"),
        (1, (), "quota_out_of_range"),
        (1, leaves(3)[::-1], "leaves_unsorted"),
        (1, (*leaves(1), *leaves(1)), "leaves_unsorted"),
        (1, (b"short",), "hash_length"),
    ],
)
def test_a_stratum_is_sorted_without_duplicates_and_large_enough(
    quota: int, given_leaves: tuple[bytes, ...], code: str
) -> None:
    with pytest.raises(Malformed) as refusal:
        Stratum("A", quota, given_leaves)
    assert refusal.value.code == code


def test_a_candidate_listed_in_two_strata_is_refused() -> None:
    with pytest.raises(Malformed) as refusal:
        DrawList("d", ("operator", "regulator"), (Stratum("A", 1, leaves(3)), Stratum("B", 1, leaves(2))))
    assert refusal.value.code == "candidate_twice"


@pytest.mark.parametrize(
    "roles",
    [(), ("operator",), ("operator", "operator"), ("regulator", "operator"), ("operator", ""), ("",) * 2],
)
def test_roles_are_at_least_two_distinct_and_in_the_fixed_order(roles: tuple[str, ...]) -> None:
    with pytest.raises(Malformed):
        DrawList("d", roles, (Stratum("A", 1, leaves(3)),))


def test_two_roles_are_enough_for_an_unattended_draw() -> None:
    listed = DrawList("d", ("operator", "regulator"), (Stratum("A", 1, leaves(3)),))
    drawn = draw(listed, {role: PIECES[role] for role in listed.roles})
    assert sorted(drawn.orders["A"]) == [0, 1, 2]


def test_a_draw_needs_every_role_and_the_beacon_its_list_announced() -> None:
    with pytest.raises(Malformed) as refusal:
        draw(LISTED, {role: PIECES[role] for role in ("operator", "regulator")})
    assert refusal.value.code == "pieces_missing"
    with pytest.raises(Malformed):
        draw(LISTED, PIECES, beacon="unannounced")
    announced = DrawList(LISTED.draw_id, LISTED.roles, LISTED.strata, "lottery of 2 March 2026")
    with pytest.raises(Malformed):
        draw(announced, PIECES)
    assert draw(announced, PIECES, beacon="03 08 17").seed != draw(LISTED, PIECES).seed


def test_everything_in_the_list_moves_its_root() -> None:
    def root(**changed: Any) -> bytes:
        base = {"draw_id": "d", "roles": ("operator", "regulator"), "beacon_rule": ""}
        of = {"id": "A", "quota": 1, "leaves": leaves(3)}
        stratum = Stratum(**{name: changed.get(name, value) for name, value in of.items()})
        return DrawList(**{name: changed.get(name, value) for name, value in base.items()}, strata=(stratum,)).root()

    roots = [
        root(),
        root(draw_id="e"),
        root(roles=("operator", "purchaser")),
        root(beacon_rule="lottery"),
        root(id="B"),
        root(quota=2),
        root(leaves=leaves(4)),
    ]
    assert len(set(roots)) == len(roots)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 60), st.binary(min_size=32, max_size=32))
def test_an_order_names_everybody_once(count: int, seed: bytes) -> None:
    order = draw_order(seed, bytes(32), "d", Stratum("A", 1, leaves(count)))
    assert sorted(order) == list(range(count))


def test_strata_and_draws_are_ordered_independently() -> None:
    stratum, other = Stratum("A", 1, leaves(12)), Stratum("B", 1, leaves(12))
    orders = {
        tuple(draw_order(bytes(32), bytes(32), draw_id, one)) for draw_id in ("d", "e") for one in (stratum, other)
    }
    assert len(orders) == 4


class Words(HmacDrbg):
    """A generator that gives chosen 8-byte words, to reach the values that chance never would."""

    def __init__(self, *words: int) -> None:
        super().__init__(bytes(32), bytes(16))
        self.left = list(words)

    def generate(self, count: int, additional: bytes = b"") -> bytes:
        assert (count, additional) == (8, b"")
        return self.left.pop(0).to_bytes(8)


def test_words_of_the_last_incomplete_cycle_are_drawn_again() -> None:
    greatest_fair = 2**64 // 3 * 3 - 1
    assert below(Words(greatest_fair), 3) == 2
    assert below(Words(greatest_fair + 1, 2**64 - 1, 4), 3) == 1
    assert below(Words(2**64 - 1), 8) == 7


def seeds(count: int) -> list[bytes]:
    return [hashlib.sha256(b"uniform" + n.to_bytes(4)).digest() for n in range(count)]


def test_all_orders_of_four_come_equally_often() -> None:
    stratum, trials = Stratum("A", 2, leaves(4)), 4800
    counts = Counter(tuple(draw_order(seed, bytes(32), "d", stratum)) for seed in seeds(trials))
    assert len(counts) == math.factorial(4)
    expected = trials / len(counts)
    chi_square = sum((count - expected) ** 2 / expected for count in counts.values())
    # 23 degrees of freedom: mean 23, standard deviation √46; the seeds are fixed, so this never flickers.
    assert chi_square < 23 + 3 * math.sqrt(46)


def test_everybody_is_seated_equally_often() -> None:
    stratum, trials = Stratum("A", 3, leaves(10)), 3000
    counts = Counter(n for seed in seeds(trials) for n in draw_order(seed, bytes(32), "d", stratum)[:3])
    deviation = math.sqrt(trials * 0.3 * 0.7)
    assert all(abs(counts[n] - trials * 0.3) < 3 * deviation for n in range(10))
