"""What went wrong at an opening, in plain words for its record: what happened, and whose fault it is."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from kernel.accounts import records as accounts
from kernel.box import records as box_records
from kernel.box.incident import incident, of_event, stage_name
from kernel.box.records import BoxView
from kernel.db import TRADING, transaction
from kernel.log import events_of
from kernel.proofs.anchored import TITLES
from kernel.proofs.opening import read_audit, read_cure
from kernel.proofs.setup import ROLES

Said = Mapping[str, Any]


async def incidents(lot: UUID) -> list[dict[str, Any]]:
    """{at, code, culprit, stage, bid, says}, oldest first; `bid` is a SHA-256 (hex) or empty."""
    box = await box_records.box(lot)
    names = {h.keyid: h.name for h in await box_records.holders(box)}
    bidders = await _bidders(lot)
    cures = {m.sha256: read_cure(m.body, close=box.close, stage=m.stage) for m in await _said(box, "cure")}
    audits = {m.sha256: read_audit(m.body, close=box.close, stage=m.stage) for m in await _said(box, "audit")}
    found = []
    async with transaction(TRADING) as connection:
        events = [json.loads(event.body) for event in await events_of(connection, str(lot))]
    for said in events:
        facts, hashes = said["facts"], said["hashes"]
        what: dict[str, Any] | None = None
        if said["act"] == "box_contest":
            found += [{"at": said["at"], **_contested(facts, bid, bidders)} for bid in facts["bids"]]
        elif said["act"] == "box_cure":
            what = _cured(cures[hashes["cure"]], bidders)
        elif said["act"] == "box_audit":
            what = _audited(audits[hashes["audit"]], bidders)
        elif said["act"] == "box_refused":
            what = _refused(facts, names)
        else:
            what = of_event(said, bidders)
        found += [{"at": said["at"], **what}] if what else []
    return found


async def _said(box: BoxView, kind: str) -> list[box_records.MessageView]:
    return await box_records.messages(box.case, kind)


async def _bidders(lot: UUID) -> Callable[[str], str]:
    standing, _ = await box_records.standing(lot)
    known = {}
    for bid in standing:
        organisation = await accounts.organisation(bid.organisation)
        known[bid.sha256] = organisation.name if organisation else bid.bidder
    return lambda sha256: known.get(sha256, f"标书 {sha256[:12]}…")


def _contested(facts: Said, bid: str, name: Callable[[str], str]) -> dict[str, Any]:
    says = f"{TITLES[facts['role']]}持钥人称{name(bid)}的{stage_name(facts['stage'])}密封件打不开"
    return incident("contested", "", facts["stage"], bid, f"{says}，已通知该投标人在规定时间内证明")


def _cured(cure: Any, name: Callable[[str], str]) -> dict[str, Any]:
    role = ROLES[cure.x - 1]
    says = f"{name(cure.bid)}证明了交给{TITLES[role]}的{stage_name(cure.stage)}密封件无误，责任在{TITLES[role]}持钥人"
    return incident("cured", role, cure.stage, cure.bid, f"{says}，开启时使用投标人补救中给出的份额")


def _audited(audit: Any, name: Callable[[str], str]) -> dict[str, Any]:
    said = f"{TITLES[audit.role]}持钥人出示密钥，经核实{name(audit.bid)}的{stage_name(audit.stage)}密封件"
    if audit.opens:
        return incident("audit_opens", audit.role, audit.stage, audit.bid, f"{said}能够打开，责任在该持钥人")
    return incident("audit_bad", "", audit.stage, audit.bid, f"{said}确实打不开")


def _refused(facts: Said, names: Mapping[str, str]) -> dict[str, Any] | None:
    """Only what tells of an officer's fault at the opening; a late or repeated message is no incident."""
    if facts.get("code") != "share_not_committed":
        return None
    role = facts.get("role", "regulator")
    who = f"{TITLES[role]}持钥人{names.get(facts.get('author', ''), '')}"
    says = f"{who}交出的份额与投标文件中的承诺不符，已全部退回，责任在该持钥人，由同一方的另一持钥人或本人重新办理"
    return incident("share_refused", role, facts.get("stage", ""), "", says)
