"""The stored files and the opening record: what the record says is derived again from bids, seeds and ciphertexts."""

import hashlib
import json
from datetime import datetime
from typing import Any

from kernel.proofs.canonical import decode
from kernel.proofs.damage import ALTERED, is_platform_at_fault, is_spoilt, on_trust, read_damages
from kernel.proofs.dossier import Dossier, within
from kernel.proofs.errors import Malformed
from kernel.proofs.opened_file import open_index
from kernel.proofs.opening_events import is_given
from kernel.proofs.turns import bids_of, later_turn
from kernel.proofs.verify_bids import RECEIVED
from kernel.proofs.verify_contest import outcome_of

RECORD = "opening.json"
FIRST = "first_opening.json"
KEPT_SHUT = ("kept_shut", "not_going_on")
UNREADABLE = ("revoked", "index_unreadable")
OPENED = ("opened", "opened")
MISDEALT = ("revoked", "misdealt")
Outcome = tuple[str, str]
"""(opened, revoked or withdrawn; the code of the finding)."""
UNKNOWN = object()
"""The form of a stage whose sealed index was lost after the opening: nobody can work it out again."""


def file_name(stage: str, bidder: str, n: str) -> str:
    """The member of a sealed file."""
    return f"files/{stage}/{bidder}/{n}"


def check_files(dossier: Dossier) -> str:
    """The stored ciphertexts of every opened stage are byte for byte those that the bid committed to.

    One may be missing that an event calls altered or lost, and none else.
    """
    read_damages(dossier)
    count = lost = 0
    for sha256, stage in dossier.secrets:
        bid = dossier.bids[sha256]
        for file in bid.stage(stage).files:
            name = file_name(stage, bid.bidder, file.n)
            if name not in dossier.package and (sha256, stage, file.n) in dossier.damages:
                lost += 1
                continue
            member = dossier.package[name]
            dossier.seen.add(name)
            if (member.size, member.sha256) != (file.size, file.sha256):
                raise Malformed("ciphertext_differs", "与标书所列大小或摘要不符", name)
            count += 1
    left_out = f"，另有 {lost} 个包内没有：平台已记录其改动或丢失，责任在交易中心" if lost else ""
    return f"{count} 个密文文件与标书所列摘要相符{left_out}"


def check_record(dossier: Dossier) -> str:
    """opening.json is on record and says of this lot, close and list exactly what follows from the rest."""
    if not dossier.opened:
        if RECORD in dossier.package:
            raise Malformed("opened_nevertheless", "没有开标的标段不应有开标记录", RECORD)
        return ""
    with within(RECORD):
        data = dossier.read(RECORD)
        dossier.recorded("conclude_opening", "opening", hashlib.sha256(data).hexdigest())
        record = decode(data)
        expected = {
            "tender": dossier.case.tender,
            "lot": dossier.case.lot,
            "mode": dossier.case.mode,
            "setup": dossier.setup.sha256,
            "close": dossier.close.sha256,
            "withdrawn": len(dossier.close.withdrawn),
        }
        for member, value in expected.items():
            _same(record.get(member), value, member)
        _same(datetime.fromisoformat(record["deadline"]), dossier.deadline.at, "deadline")
        _same([line["sha256"] for line in record["bids"]], list(dossier.close.bids), "bids")
        for line in record["bids"]:
            _check_line(dossier, line)
    _check_first(dossier, record)
    opened = sum(line["outcome"] == "opened" for line in record["bids"])
    rest = len(record["bids"]) - opened
    return f"与推算一致：开启 {opened} 份，视为撤销或撤回 {rest} 份，合计等于名单 {len(dossier.close.bids)} 份"


def _opened_stages(dossier: Dossier) -> list[str]:
    """All stages; without the later ones of a lot that never came to them."""
    later = () if later_turn(dossier) else dossier.case.later
    return [stage.id for stage in dossier.setup.stages if stage.id not in later]


def _check_first(dossier: Dossier, record: dict[str, Any]) -> None:
    """Of two envelopes: what the first opening's record said of the first stages, the last one still says."""
    if later_turn(dossier) is None:
        return
    with within(FIRST):
        data = dossier.read(FIRST)
        dossier.recorded("conclude_opening", "opening", hashlib.sha256(data).hexdigest())
        first = {line["sha256"]: _stages(line) for line in decode(data)["bids"]}
        last = {line["sha256"]: _stages(line) for line in record["bids"]}
        for sha256, stages in first.items():
            first_turn = {stage: last[sha256].get(stage) for stage in dossier.setup.turn("")}
            _same(first_turn, stages, f"bids.{sha256[:12]}")
        _same(sorted(first), sorted(last), "bids")


def _stages(line: dict[str, Any]) -> dict[str, Outcome]:
    return {row["stage"]: (row["outcome"], row["code"]) for row in line["stages"]}


def _check_line(dossier: Dossier, line: dict[str, Any]) -> None:
    sha256 = line["sha256"]
    bid = dossier.bids[sha256]
    where = f"bids.{bid.bidder}"
    _same(line["bidder"], bid.bidder, f"{where}.bidder")
    received = [e.moment for e in dossier.acts(*RECEIVED) if e.hash_of("bid") == sha256]
    _same(datetime.fromisoformat(line["received"]), received[0], f"{where}.received")
    said = _stages(line)
    _same(sorted(said), sorted(_opened_stages(dossier)), f"{where}.stages")
    forms: list[Any] = []
    for stage in sorted(said):
        outcome, form = _derived(dossier, sha256, stage)
        if said[stage] not in outcome:
            wanted = "或".join(f"{o}（{code}）" for o, code in outcome)
            raise Malformed("outcome_differs", f"阶段 {stage} 应为 {wanted}", where)
        if form is UNKNOWN and said[stage] == OPENED:
            dossier.notes.append(on_trust(f"标书 {sha256[:12]}…"))
        forms += [] if form is None else [_said_of(line, said[stage]) if form is UNKNOWN else form]
    shut = [said[stage][0] for stage in sorted(said) if said[stage][0] != "opened"]
    _same(line["outcome"], shut[0] if shut else "opened", f"{where}.outcome")
    _same(line["form"], forms[0] if forms else {}, f"{where}.form")


def _said_of(line: dict[str, Any], outcome: Outcome) -> Any:
    """The form of a lost index: what the record says, if it says that it was opened and read."""
    return line["form"] if outcome == OPENED else {}


def _derived(dossier: Dossier, sha256: str, stage: str) -> tuple[tuple[Outcome, ...], Any]:
    """(what the record may say of this stage, the form it opened to); one outcome wherever all is shown."""
    if sha256 not in bids_of(dossier, stage):
        return (KEPT_SHUT,), None
    spoilt = is_spoilt(dossier, sha256, stage)
    if (sha256, stage) in dossier.secrets:
        return ((ALTERED,), None) if spoilt else _from_index(dossier, sha256, stage)
    if (sha256, stage) in dossier.misdealt:
        return (MISDEALT,), None
    if (sha256, stage) in dossier.dropped:
        return (outcome_of(dossier.dropped[(sha256, stage)]),), None
    if is_given(dossier, sha256, stage):  # given, but this package may not show it
        return (ALTERED, MISDEALT) if spoilt else (OPENED, MISDEALT, UNREADABLE), None
    return (_unopened(dossier, sha256, stage),), None


def _unopened(dossier: Dossier, sha256: str, stage: str) -> Outcome:
    """Of a stage whose seed never came: the roles', the platform's, or else the bidder's fault."""
    mode = dossier.setup.mode
    if mode == "roles" or (mode == "bidder" and dossier.bids[sha256].fallback):
        return "withdrawn", "not_released"
    return ALTERED if is_platform_at_fault(dossier, sha256, stage) else ("revoked", "not_revealed")


def _from_index(dossier: Dossier, sha256: str, stage: str) -> tuple[tuple[Outcome, ...], Any]:
    """Decrypt the sealed index; only a public stage's is shown at the opening."""
    bid = dossier.bids[sha256]
    public = any(s.id == stage and s.to == "public" for s in dossier.setup.stages)
    name = file_name(stage, bid.bidder, bid.stage(stage).files[0].n)
    if name not in dossier.package:
        return (OPENED, UNREADABLE), UNKNOWN if public else None
    opened = open_index(dossier.secrets[(sha256, stage)], bid.stage(stage), dossier.package.stream(name))
    if opened.index is None:
        return (UNREADABLE,), None
    return (OPENED,), (opened.index.form or {}) if public else None


def _spelled(value: object) -> object:
    """So that true is not 1: what is equal here is spelled alike."""
    return value if isinstance(value, datetime) else json.dumps(value, sort_keys=True, default=str)


def _same(found: object, expected: object, where: str) -> None:
    if _spelled(found) != _spelled(expected):
        raise Malformed("record_differs", f"应为 {str(expected)[:120]}，所写为 {str(found)[:120]}", where)
