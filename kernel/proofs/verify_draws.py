"""Replays every draw of a package: who took part, that nothing could be chosen afterwards, the order, and the walk."""

import re
from dataclasses import dataclass, field
from typing import Any

from kernel.proofs.canonical import decode, encode
from kernel.proofs.case_file import ShownEvent
from kernel.proofs.dossier import Dossier, within
from kernel.proofs.draw_messages import Message, read_signed
from kernel.proofs.draw_opened import check_audit, check_names
from kernel.proofs.draw_package import FOLDER, HIDDEN, build_transcript
from kernel.proofs.draw_state import Ceremony
from kernel.proofs.draw_verify import Finding, verify_cap, verify_draw, verify_openings
from kernel.proofs.dsse import read
from kernel.proofs.errors import Forged, Malformed, ProofError

_NAME = re.compile(rf"{FOLDER}/(\d\d)/(\d{{4}})-([a-z]+)-([a-z]+)\.dsse\.json")
_FIXED = ("commit", "seal", "ready", "list", "leaves")
_PREFIX = "toss_"
_OURS = ("refused", "order")


@dataclass(frozen=True, slots=True)
class CheckedDraw:
    """A draw that passed. `records`: leaf in hex → the record it was opened to."""

    ceremony: Ceremony
    records: dict[str, dict[str, Any]] = field(default_factory=dict)

    def in_order(self, stratum: str) -> list[dict[str, Any]]:
        """The opened records of a group in the drawn order."""
        drawn, listing = self.ceremony.drawn, self.ceremony.draw_list
        if drawn is None or listing is None or stratum not in drawn.orders:
            return []
        leaves = next(s for s in listing.strata if s.id == stratum).leaves
        return [self.records[leaves[n].hex()] for n in drawn.orders[stratum] if leaves[n].hex() in self.records]


@dataclass(frozen=True, slots=True)
class Draws:
    """The draws of one package, oldest first."""

    found: tuple[CheckedDraw, ...]

    def order_of(self, dossier: Dossier) -> tuple[list[str], int | None]:
        """(the agencies' codes in the order of the last draw with an order, the drawn percentage if there is one)."""
        for draw in reversed([one for one in self.found if one.ceremony.drawn is not None]):
            agencies = draw.in_order("agencies") or draw.in_order("ties")
            percents = [record["percent"] for record in draw.in_order("percent")]
            return [record["code"] for record in agencies], percents[0] if percents else None
        return [], None


def check_draws(dossier: Dossier) -> str:
    """Every draw is replayed from its messages."""
    draws = read_draws(dossier)
    drawn = [one for one in draws.found if one.ceremony.drawn is not None]
    if not draws.found:
        return ""
    seats = sum(len(walk.seated) for one in drawn for walk in one.ceremony.walks().values())
    lists = sum(one.ceremony.get("list", "operator") is not None for one in draws.found)
    return f"{len(draws.found)} 次抽取（固定名单 {lists} 份）由各方的片段重新算出，次序和 {seats} 个席位全部相符"


def read_draws(dossier: Dossier) -> Draws:
    """The draws, each replayed; raises what is wrong with the first that is not as it should be."""
    folders: dict[str, list[str]] = {}
    for name in dossier.under(FOLDER):
        folders.setdefault(name.split("/")[1], []).append(name)
    found = [_check_draw(dossier, names) for _, names in sorted(folders.items())]
    said = {m.sha256 for one in found for m in (one.ceremony.begin, *one.ceremony.said.values(), *one.ceremony.more)}
    _check_nothing_left_out(dossier, said)
    _check_never_twice(found)
    return Draws(tuple(found))


def _check_draw(dossier: Dossier, names: list[str]) -> CheckedDraw:
    messages = [name for name in names if _NAME.fullmatch(name)]
    if not messages or not messages[0].endswith("-begin-operator.dsse.json"):
        raise Malformed("begin_missing", "没有开始抽取的消息", names[0])
    ceremony = _begun(dossier, messages[0])
    places = {}
    for name in messages[1:]:
        with within(name):
            message = read_signed(dossier.read(name), ceremony.keys.get(_role(name), b""))
            places[message.sha256] = _on_record(dossier, message).n
            _check_said(ceremony, message)
            ceremony.add(message)
    _check_sequence(ceremony, places, messages[0])
    folder = messages[0].rpartition("/")[0]
    records = _opened(dossier, ceremony, folder)
    _check_transcript(dossier, ceremony, f"{folder}/transcript.json", records)
    return CheckedDraw(ceremony, {leaf: record for leaf, (_, record) in records.items()})


def _begun(dossier: Dossier, name: str) -> Ceremony:
    """The begin: signed by a key of the platform, and the roles under keys that the anchors know."""
    with within(name):
        signed = read(dossier.read(name))
        ceremony = Ceremony(read_signed(signed.to_bytes(), _claimed_key(signed.payload)))
        at = dossier.package.manifest.at
        if ceremony.keys["operator"] not in dossier.anchors.receipts(at):
            raise Forged("operator_unknown", "交易中心一方的公钥不在锚点中", "roles")
        if ceremony.keys.get("regulator") not in dossier.anchors.processes(at):
            raise Forged("regulator_unknown", "监督一方的公钥不在锚点中", "roles")
        if ceremony.begin.value["case"] != dossier.case.case:
            raise Malformed("other_case", "是另一案件的抽取", "case")
        third = ceremony.keys.get("purchaser")
        if third is not None and third not in {o.public for o in dossier.anchors.officers("purchaser", at).values()}:
            dossier.notes.append("到场抽取的第三方公钥没有列入锚点，只说明这一方前后是同一把密钥")
        _on_record(dossier, ceremony.begin)
    return ceremony


def _claimed_key(payload: bytes) -> bytes:
    """The operator's key as the begin itself names it; whether it is his the anchors say."""
    value = decode(payload)
    rows = value.get("roles", []) if isinstance(value, dict) else []
    named = [row.get("pk", "") for row in rows if isinstance(row, dict) and row.get("role") == "operator"]
    try:
        return bytes.fromhex(named[0]) if named else b""
    except (ValueError, TypeError):
        raise Malformed("bad_key", "公钥格式不对", "roles") from None


def _role(name: str) -> str:
    found = _NAME.fullmatch(name)
    return found.group(4) if found else ""


def _on_record(dossier: Dossier, message: Message) -> ShownEvent:
    event = dossier.recorded(_PREFIX + message.kind, message.kind, message.sha256)
    if event.subject != message.draw:
        raise Malformed("other_draw", "事件记的是另一次抽取")
    return event


def _check_said(ceremony: Ceremony, message: Message) -> None:
    """What must hold of a message at its place among the others."""
    if message.kind == "names":
        check_names(ceremony, message)
    elif message.kind == "audit":
        check_audit(ceremony, message)
    elif message.kind == "outcome":
        _check_outcome(ceremony, message)


def _check_outcome(ceremony: Ceremony, message: Message) -> None:
    said, listing = message.value, ceremony.draw_list
    if listing is None or ceremony.drawn is None or message.role != ceremony.walker:
        raise Malformed("out_of_turn", "次序算出之前，或由无权的一方记了结果")
    leaves = next((s.leaves for s in listing.strata if s.id == said["stratum"]), ())
    if said["n"] >= len(leaves) or leaves[said["n"]].hex() != said["leaf"]:
        raise Malformed("other_leaf", "结果所指的不是名单上的这一位", "leaf")
    known = ceremony.settled()[said["stratum"]].get(said["n"])
    if known is not None and (known.outcome, said["outcome"]) != ("accept", "withdrawn"):
        raise Malformed("settled_already", "同一位记了两个结果", "n")


def _check_sequence(ceremony: Ceremony, places: dict[str, int], where: str) -> None:
    """All that decides the order was on the log before the first piece was shown."""
    shown = [places[m.sha256] for m in ceremony.of_kind("show")]
    fixed = [places[m.sha256] for (kind, _), m in ceremony.said.items() if kind in _FIXED]
    if shown and fixed and max(fixed) > min(shown):
        raise Malformed("fixed_late", "随机片段公开之后才有承诺、封存或名单", where)
    for first, then in (("commit", "seal"), ("seal", "ready")):
        firsts = [places[m.sha256] for (kind, _), m in ceremony.said.items() if kind == first]
        thens = [places[m.sha256] for (kind, _), m in ceremony.said.items() if kind == then]
        if firsts and thens and max(firsts) > min(thens):
            raise Malformed("fixed_late", "前一步完成之前就有了后一步", where)


def _opened(dossier: Dossier, ceremony: Ceremony, folder: str) -> dict[str, tuple[bytes, dict[str, Any]]]:
    """Leaf → (salt, record), of all names that were opened."""
    found: dict[str, tuple[bytes, dict[str, Any]]] = {}
    for message in ceremony.of_kind("names"):
        for one in message.value["openings"]:
            found[one["leaf"]] = bytes.fromhex(one["salt"]), dict(one["record"])
    for message in ceremony.of_kind(HIDDEN):
        found |= {leaf: (b"", record) for leaf, record in _audited(ceremony, message).items() if leaf not in found}
    return found


def _audited(ceremony: Ceremony, message: Message) -> dict[str, dict[str, Any]]:
    """The auditor's list: records in the order of the leaves, as `check_audit` has found."""
    assert ceremony.draw_list is not None, "checked before"
    given = {one["id"]: one["records"] for one in message.value["strata"]}
    rows = [
        (leaf.hex(), record)
        for s in ceremony.draw_list.strata
        for leaf, record in zip(s.leaves, given[s.id], strict=True)
    ]
    return dict(rows)


def _check_transcript(
    dossier: Dossier, ceremony: Ceremony, name: str, records: dict[str, tuple[bytes, dict[str, Any]]]
) -> None:
    expected = build_transcript(ceremony)
    if not expected:
        if name in dossier.package:
            raise Malformed("no_order", "没有完成的抽取不应有结果", name)
        return
    with within(name):
        given = dossier.read(name)
        found = decode(given)
        _raise_first([f for f in verify_draw(found) if f.code != "walk_unfinished"])
        if given != expected:
            raise Malformed("transcript_differs", "抽取记录与各方消息不符")
        _check_order_event(dossier, ceremony)
        salted = {leaf: (salt, encode(record)) for leaf, (salt, record) in records.items() if salt}
        _raise_first([f for f in verify_openings(found, salted) if f.code != "leaf_unopened"])
        cap = ceremony.said["list", "operator"].value["employer_cap"]
        if cap and ceremony.of_kind(HIDDEN):
            employers = {leaf: str(record.get("employer", "")) for leaf, (_, record) in records.items()}
            _raise_first(verify_cap(found, employers, cap))
        unopened = [f for f in verify_openings(found, salted) if f.code == "leaf_unopened"]
        if unopened and not ceremony.of_kind(HIDDEN):
            dossier.notes.append(f"{len(unopened)} 个席位的姓名在本包截止时尚未公开")
        _note_unconfirmed(dossier, ceremony)


def _note_unconfirmed(dossier: Dossier, ceremony: Ceremony) -> None:
    confirmed = {m.value["outcome"] for m in ceremony.of_kind("confirm")}
    open_ones = [m for m in ceremony.of_kind("outcome") if m.role == "operator" and m.sha256 not in confirmed]
    if open_ones:
        dossier.notes.append(f"{len(open_ones)} 个应答结果在本包截止时尚无监督一方会签")


def _check_order_event(dossier: Dossier, ceremony: Ceremony) -> None:
    assert ceremony.drawn is not None, "there is an order"
    events = [e for e in dossier.acts("toss_order") if e.subject == ceremony.draw_id]
    if len(events) != 1 or events[0].hash_of("seed") != ceremony.drawn.seed.hex():
        raise Malformed("order_not_on_record", "案件事件中没有这次抽取的次序，或种子不同")


def _check_nothing_left_out(dossier: Dossier, said: set[str]) -> None:
    """Every message of a draw that the events name is in the package; the auditor's list in the archive's only."""
    for event in dossier.events:
        kind = event.act.removeprefix(_PREFIX)
        if not event.act.startswith(_PREFIX) or kind in _OURS or (kind == HIDDEN and dossier.public):
            continue
        if event.hash_of(kind) not in said:
            raise Malformed("message_left_out", f"第 {event.n} 个事件所记的抽取消息不在包内", FOLDER)


def _check_never_twice(found: list[CheckedDraw]) -> None:
    """No list was drawn a second time, as far as the names are known."""
    seen = set()
    for draw in found:
        if draw.ceremony.drawn is None or draw.ceremony.draw_list is None:
            continue
        everyone = [leaf.hex() for s in draw.ceremony.draw_list.strata for leaf in s.leaves]
        if not all(leaf in draw.records for leaf in everyone):
            continue
        names = frozenset(str(draw.records[leaf].get("id", "")) for leaf in everyone)
        if names in seen:
            raise Malformed("list_drawn_before", "同一名单抽取了两次", FOLDER)
        seen.add(names)


def _raise_first(findings: list[Finding]) -> None:
    for one in findings:
        raise ProofError(one.code, one.says, one.where)
