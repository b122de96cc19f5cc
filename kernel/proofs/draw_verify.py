"""The verifier of a draw's record: it names the first thing wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kernel.proofs.canonical import decode
from kernel.proofs.draw import DrawList, Drawn, Stratum, draw, draw_leaf, piece_commitment
from kernel.proofs.draw_transcript import Transcript, list_of, numbered, read_transcript
from kernel.proofs.draw_walk import cap_breaches, walk
from kernel.proofs.errors import ProofError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong: the member's path, a stable code, and what it is in Chinese."""

    where: str
    code: str
    says: str


def verify_draw(found: object) -> list[Finding]:
    """Everything wrong in a transcript, in the protocol's order, so the first finding is the cause.

    Stops where nothing further can be computed. An empty list means: the order follows from the list and the
    committed pieces, and the seated from the order and the outcomes. That list and commitments were logged
    before the pieces were shown, and that outcomes are signed, is for the log to prove.
    """
    findings: list[Finding] = []
    try:
        sound = read_transcript(found)
        for finding in _findings(sound, list_of(sound)):
            findings.append(finding)  # one by one: what came before an error must stay
    except ProofError as wrong:
        findings.append(Finding(wrong.where, wrong.code, wrong.says))
    return findings


def verify_openings(
    found: Transcript, openings: Mapping[str, tuple[bytes, bytes]], *, everyone: bool = False
) -> list[Finding]:
    """Check opened leaves of a transcript that `verify_draw` passes; all seated must be opened.

    `openings` maps a leaf in hex to (salt, record). With `everyone` (what auditors get) all leaves must be.
    """
    leaves = {s["id"]: s["leaves"] for s in found["strata"]}
    known = {leaf for of in leaves.values() for leaf in of}
    seated = {leaves[s][n] for s, numbers in found["expect"]["seated"].items() for n in numbers}
    findings = []
    for leaf, (salt, content) in openings.items():
        if leaf not in known:
            findings.append(Finding(leaf, "leaf_not_listed", "此人不在名单上"))
        elif not _opens(leaf, salt, content):
            findings.append(Finding(leaf, "opening_false", "公开的内容与名单上的哈希不符"))
    for leaf in sorted((known if everyone else seated) - openings.keys()):
        findings.append(Finding(leaf, "leaf_unopened", "应公开而未公开"))
    return findings


def verify_cap(found: Transcript, employers: Mapping[str, str], most: int) -> list[Finding]:
    """Check that at most `most` of the panel come from one employer, and that no skip for it was unfounded.

    The transcript is one that `verify_draw` passes; `employers` maps leaves in hex to employers.
    """
    orders, walks = found["expect"]["order"], {}
    of: dict[str, dict[int, str]] = {}
    for one in found["strata"]:
        walks[one["id"]] = walk(orders[one["id"]], one["quota"], numbered(found["outcomes"][one["id"]]))
        of[one["id"]] = {n: employers.get(leaf, "") for n, leaf in enumerate(one["leaves"])}
    says = {
        "employer_cap_exceeded": f"同一单位超过 {most} 人",
        "employer_cap_unfounded": "以单位人数已满为由跳过，实际未满",
    }
    return [Finding(f"outcomes.{s}.{n}", code, says[code]) for s, n, code in cap_breaches(walks, of, most)]


def _findings(found: Transcript, listing: DrawList) -> Iterator[Finding]:
    if found["list_root"] != listing.root().hex():
        yield Finding("list_root", "list_root_differs", "名单与名单哈希不符：名单在抽取后被改动")
    roles = [one["role"] for one in found["contributions"]]
    if tuple(roles) != listing.roles:
        yield Finding("contributions", "roles_differ", "出示的角色与名单所定不同")
        return
    yield from _wrong_pieces(found)
    pieces = {one["role"]: [*map(bytes.fromhex, one["pieces"])] for one in found["contributions"]}
    drawn = draw(listing, pieces, found["beacon"])
    expect = found["expect"]
    if expect["seed"] != drawn.seed.hex():
        yield Finding("expect.seed", "seed_differs", "种子不是由各方片段算出的")
    for s, order in drawn.orders.items():
        if expect["order"].get(s) != order:
            yield Finding(f"expect.order.{s}", "order_differs", "次序不是由种子算出的")
    yield from _wrong_walks(found, listing, drawn)


def _wrong_pieces(found: Transcript) -> Iterator[Finding]:
    for i, one in enumerate(found["contributions"]):
        for j, (piece, commit) in enumerate(zip(one["pieces"], one["commit"], strict=True)):
            if piece_commitment(found["draw_id"], one["role"], j, bytes.fromhex(piece)).hex() != commit:
                where = f"contributions[{i}].pieces[{j}]"
                yield Finding(where, "piece_differs", f"{one['role']} 出示的片段与其承诺不符")


def _wrong_walks(found: Transcript, listing: DrawList, drawn: Drawn) -> Iterator[Finding]:
    expect, outcomes = found["expect"], found["outcomes"]
    ids = {stratum.id for stratum in listing.strata}
    by_stratum = {"expect.order": expect["order"], "outcomes": outcomes, "expect.seated": expect["seated"]}
    differing = [part for part, given in by_stratum.items() if given.keys() != ids]
    if differing:
        yield from (Finding(part, "strata_differ", "组与名单不同") for part in differing)
        return
    for one in listing.strata:
        yield from _wrong_walk(one, drawn.orders[one.id], numbered(outcomes[one.id]), expect["seated"][one.id])


def _wrong_walk(stratum: Stratum, order: list[int], outcomes: dict[int, str], seated: list[int]) -> Iterator[Finding]:
    try:
        steps = walk(order, stratum.quota, outcomes)
    except ProofError as wrong:
        yield Finding(f"outcomes.{stratum.id}", wrong.code, wrong.says)
        return
    if steps.next is not None:
        yield Finding(f"outcomes.{stratum.id}", "walk_unfinished", "席位未满，后面还有人未问")
    if seated != list(steps.seated):
        yield Finding(f"expect.seated.{stratum.id}", "seated_differ", "入选者不是次序中最先接受的人")


def _opens(leaf: str, salt: bytes, content: bytes) -> bool:
    try:
        decode(content)
        return draw_leaf(salt, content).hex() == leaf
    except ProofError:
        return False
