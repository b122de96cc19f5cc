"""The record of a whole draw (type etb.draw/1): its shape, how it is made, and how it is read."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from kernel.proofs.draw import DrawList, Drawn, Stratum, draw, piece_commitment
from kernel.proofs.draw_walk import Walk, walk
from kernel.proofs.errors import Malformed, ProofError
from kernel.proofs.shape import Check, integer, listed, matching, one_of, record, sha256, text

TYPE = "etb.draw/1"
Transcript = dict[str, Any]


def transcript(
    drawn_list: DrawList,
    pieces: Mapping[str, Sequence[bytes]],
    outcomes: Mapping[str, Mapping[int, str]],
    beacon: str = "",
) -> Transcript:
    """The public record of a draw: list, pieces and commitments, outcomes, and what follows from them."""
    drawn = draw(drawn_list, pieces, beacon)
    walks = _walks(drawn_list, drawn, outcomes)
    return {
        "type": TYPE,
        "draw_id": drawn_list.draw_id,
        "roles": list(drawn_list.roles),
        "beacon_rule": drawn_list.beacon_rule,
        "strata": [
            {"id": s.id, "quota": s.quota, "leaves": [leaf.hex() for leaf in s.leaves]} for s in drawn_list.strata
        ],
        "list_root": drawn.root.hex(),
        "contributions": [_contribution(drawn_list.draw_id, role, pieces[role]) for role in drawn_list.roles],
        "beacon": beacon,
        "outcomes": {s: {str(n): what for n, what in outcomes[s].items()} for s in walks},
        "expect": {
            "seed": drawn.seed.hex(),
            "order": drawn.orders,
            "seated": {s: list(steps.seated) for s, steps in walks.items()},
        },
    }


def read_transcript(found: object) -> Transcript:
    """`found` when it has a transcript's shape, else Malformed with the member's path; no arithmetic."""
    _SHAPE(found, "")
    return cast(Transcript, found)


def list_of(found: Transcript) -> DrawList:
    """The list in a transcript; Malformed, with the member's path, when it breaks a rule of lists."""
    strata = []
    for i, one in enumerate(found["strata"]):
        try:
            strata.append(Stratum(one["id"], one["quota"], tuple(map(bytes.fromhex, one["leaves"]))))
        except ProofError as wrong:
            raise Malformed(wrong.code, wrong.says, f"strata[{i}].{wrong.where}") from None
    return DrawList(found["draw_id"], tuple(found["roles"]), tuple(strata), found["beacon_rule"])


def _walks(listing: DrawList, drawn: Drawn, outcomes: Mapping[str, Mapping[int, str]]) -> dict[str, Walk]:
    return {s.id: walk(drawn.orders[s.id], s.quota, outcomes.get(s.id, {})) for s in listing.strata}


def numbered(outcomes: Mapping[str, str]) -> dict[int, str]:
    """A stratum's outcomes by leaf number, from a transcript's object with string keys."""
    return {int(n): what for n, what in outcomes.items()}


def _contribution(draw_id: str, role: str, pieces: Sequence[bytes]) -> dict[str, Any]:
    commit = [piece_commitment(draw_id, role, j, piece).hex() for j, piece in enumerate(pieces)]
    return {"role": role, "pieces": [piece.hex() for piece in pieces], "commit": commit}


def _mapped(key: Check, value: Check) -> Check:
    def check(found: object, where: str) -> None:
        if not isinstance(found, dict):
            raise Malformed("not_object", "应为对象", where)
        for name, inner in found.items():
            key(name, where)
            value(inner, f"{where}.{name}")

    return check


_STRATUM_ID = text(1, 64)
_SHAPE = record(
    type=one_of(TYPE),
    draw_id=text(1, 200),
    roles=listed(text(1, 64), 2, 255),
    beacon_rule=text(0, 500),
    strata=listed(record(id=_STRATUM_ID, quota=integer(1, 2**32 - 1), leaves=listed(sha256, 1)), 1),
    list_root=sha256,
    contributions=listed(record(role=text(1, 64), pieces=listed(sha256, 2, 2), commit=listed(sha256, 2, 2)), 2, 255),
    beacon=text(0, 2000),
    outcomes=_mapped(_STRATUM_ID, _mapped(matching(r"0|[1-9][0-9]{0,9}", "应为名单中的序号"), text(1, 64))),
    expect=record(
        seed=sha256,
        order=_mapped(_STRATUM_ID, listed(integer())),
        seated=_mapped(_STRATUM_ID, listed(integer())),
    ),
)
