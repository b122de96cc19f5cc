"""The verifier of a draw: the vector passes, and whatever is tampered with is found and named."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.proofs.canonical import decode, encode
from kernel.proofs.draw_transcript import list_of, transcript
from kernel.proofs.draw_verify import verify_cap, verify_draw, verify_openings

VECTORS = Path(__file__).parents[2] / "vectors"
VECTOR: dict[str, Any] = json.loads((VECTORS / "draw.json").read_text())
OPENINGS = {
    leaf: (bytes.fromhex(one["salt"]), one["record"].encode())
    for leaf, one in json.loads((VECTORS / "draw_openings.json").read_text()).items()
}
EMPLOYERS = {leaf: str(decode(content)["employer"]) for leaf, (_, content) in OPENINGS.items()}
SEATED = [one["leaves"][n] for one in VECTOR["strata"] for n in VECTOR["expect"]["seated"][one["id"]]]


def tampered(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    altered = copy.deepcopy(VECTOR)
    change(altered)
    return altered


def flipped(text: str) -> str:
    return ("1" if text[0] == "0" else "0") + text[1:]


def test_the_vector_is_sound() -> None:
    assert verify_draw(VECTOR) == []


def test_a_transcript_made_here_is_the_vector_and_travels_as_canonical_json() -> None:
    pieces = {one["role"]: [bytes.fromhex(p) for p in one["pieces"]] for one in VECTOR["contributions"]}
    outcomes = {s: {int(n): what for n, what in of.items()} for s, of in VECTOR["outcomes"].items()}
    made = transcript(list_of(VECTOR), pieces, outcomes)
    assert made == VECTOR
    assert verify_draw(decode(encode(made))) == []


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda t: t.update(type="etb.draw/2"), "type"),
        (lambda t: t.update(draw_id="T-2026-000123/draw/2"), "list_root"),
        (lambda t: t["roles"].reverse(), "roles"),
        (lambda t: t["roles"].pop(), "list_root"),
        (lambda t: t.update(beacon_rule="lottery"), "list_root"),
        (lambda t: t["strata"].reverse(), "list_root"),
        (lambda t: t["strata"][1].update(id="B03"), "list_root"),
        (lambda t: t["strata"][0].update(quota=4), "list_root"),
        (lambda t: t["strata"][0].update(quota=13), "strata[0].quota"),
        (lambda t: t["strata"][0]["leaves"].pop(), "list_root"),
        (lambda t: t["strata"][0]["leaves"].reverse(), "strata[0].leaves"),
        (lambda t: t["strata"][0]["leaves"].insert(0, "00" * 32), "list_root"),
        (lambda t: t["strata"][1].update(leaves=t["strata"][0]["leaves"]), "strata"),
        (lambda t: t.update(list_root=flipped(t["list_root"])), "list_root"),
        (lambda t: t["contributions"].reverse(), "contributions"),
        (lambda t: t["contributions"].pop(), "contributions"),
        (lambda t: t["contributions"][1].update(role="purchaser"), "contributions"),
        (lambda t: t["contributions"][2]["pieces"].reverse(), "contributions[2].pieces[0]"),
        (lambda t: t["contributions"][0]["commit"].reverse(), "contributions[0].pieces[0]"),
        (lambda t: t.update(beacon="03 08 17"), "beacon"),
        (lambda t: t["outcomes"]["A08"].update({"7": "declined"}), "expect.seated.A08"),
        (lambda t: t["outcomes"]["A08"].update({"1": "accept"}), "expect.seated.A08"),
        (lambda t: t["outcomes"]["A08"].update({"1": "lost"}), "outcomes.A08"),
        (lambda t: t["outcomes"]["A08"].update({"0": "accept"}), "outcomes.A08"),
        (lambda t: t["outcomes"]["A08"].pop("1"), "outcomes.A08"),
        (lambda t: t["outcomes"].update(B02={"0": "avoidance", "5": "accept"}), "outcomes.B02"),
        (lambda t: t["outcomes"].pop("B02"), "outcomes"),
        (lambda t: t["expect"].update(seed=flipped(t["expect"]["seed"])), "expect.seed"),
        (lambda t: t["expect"]["order"]["B02"].reverse(), "expect.order.B02"),
        (lambda t: t["expect"]["order"].pop("B02"), "expect.order.B02"),
        (lambda t: t["expect"]["order"].update(C01=[0]), "expect.order"),
        (lambda t: t["expect"]["seated"]["A08"].reverse(), "expect.seated.A08"),
        (lambda t: t["expect"]["seated"]["A08"].append(5), "expect.seated.A08"),
        (lambda t: t["expect"]["seated"].pop("A08"), "expect.seated"),
        (lambda t: t.update(extra=1), ""),
        (lambda t: t.pop("beacon"), ""),
    ],
)
def test_a_tampered_transcript_is_found_and_the_first_finding_names_the_place(
    change: Callable[[dict[str, Any]], object], where: str
) -> None:
    findings = verify_draw(tampered(change))
    assert [finding.where for finding in findings][:1] == [where]
    assert findings[0].code
    assert findings[0].says


Steps = tuple[str | int, ...]


def scalars(value: object, path: Steps = ()) -> list[Steps]:
    """The path of every string and number in the transcript."""
    if isinstance(value, dict):
        return [found for name, inner in value.items() for found in scalars(inner, (*path, name))]
    if isinstance(value, list):
        return [found for n, inner in enumerate(value) for found in scalars(inner, (*path, n))]
    return [path]


# Who accepted after the seats were filled changes nothing that follows; only his signature binds his answer.
SPARE_ANSWERS = {("outcomes", "A08", "5"), ("outcomes", "B02", "4"), ("outcomes", "B02", "2")}
# One reason for a skip is as good for the order as another; the reason is bound by its signature too.
SKIP_REASONS = {("outcomes", "A08", "1"), ("outcomes", "B02", "0")}


def test_every_single_value_of_the_transcript_is_guarded() -> None:
    found_paths = scalars(VECTOR)
    assert len(found_paths) > 70
    for path in found_paths:
        altered = copy.deepcopy(VECTOR)
        parent: Any = altered
        for step in path[:-1]:
            parent = parent[step]
        old = parent[path[-1]]
        if path[0] == "outcomes":
            parent[path[-1]] = "declined" if old == "accept" else "accept"
        else:
            parent[path[-1]] = old + 1 if isinstance(old, int) else flipped(old) if old else "x"
        assert (verify_draw(altered) == []) == (path in SPARE_ANSWERS), path
        parent[path[-1]] = "unheard of"
        assert verify_draw(altered), path


def test_what_only_signatures_can_bind_is_known() -> None:
    for _, stratum, n in SKIP_REASONS:
        altered = copy.deepcopy(VECTOR)
        altered["outcomes"][stratum][n] = "no_answer"
        assert verify_draw(altered) == []


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
    st.sampled_from(sorted(VECTOR)),
)
def test_any_junk_is_a_finding_and_never_an_exception(junk: object, member: str) -> None:
    assert verify_draw(junk)
    altered = VECTOR | {member: junk}
    assert (verify_draw(altered) == []) == (altered == VECTOR)


def test_seated_leaves_must_open_and_auditors_get_all() -> None:
    assert verify_openings(VECTOR, {leaf: OPENINGS[leaf] for leaf in SEATED}) == []
    assert verify_openings(VECTOR, OPENINGS, everyone=True) == []
    missing = verify_openings(VECTOR, {leaf: OPENINGS[leaf] for leaf in SEATED[1:]})
    assert [(finding.where, finding.code) for finding in missing] == [(SEATED[0], "leaf_unopened")]
    assert len(verify_openings(VECTOR, {leaf: OPENINGS[leaf] for leaf in SEATED}, everyone=True)) == 15


def test_a_false_opening_and_a_stranger_are_named() -> None:
    leaf = SEATED[0]
    salt, content = OPENINGS[leaf]
    for wrong in ((bytes(32), content), (salt, content.replace(b"E", b"F")), (b"", content), (salt, b"{ }")):
        findings = verify_openings(VECTOR, OPENINGS | {leaf: wrong})
        assert [(finding.where, finding.code) for finding in findings] == [(leaf, "opening_false")]
    findings = verify_openings(VECTOR, OPENINGS | {"00" * 32: (salt, content)})
    assert [finding.code for finding in findings] == ["leaf_not_listed"]


def test_the_employer_cap_is_checked_over_the_whole_panel() -> None:
    most = max(sum(EMPLOYERS[leaf] == e for leaf in SEATED) for e in EMPLOYERS.values())
    assert verify_cap(VECTOR, EMPLOYERS, most) == []
    assert {finding.code for finding in verify_cap(VECTOR, EMPLOYERS, most - 1)} == {"employer_cap_exceeded"}
    skipped = tampered(lambda t: t["outcomes"]["A08"].update({"1": "employer_cap"}))
    assert [finding.where for finding in verify_cap(skipped, EMPLOYERS, 5)] == ["outcomes.A08.1"]
