"""Envelopes that a role calls bad: what the auditor and the bidder said of them, and which bids are dropped for it."""

from datetime import timedelta

from kernel.proofs import contest, dsse
from kernel.proofs.case_file import ShownEvent
from kernel.proofs.contest import CURE_MINUTES, Ruling, dropped
from kernel.proofs.dossier import Dossier, within
from kernel.proofs.errors import BadSignature, Malformed
from kernel.proofs.opening import Attest, read_audit, read_cure
from kernel.proofs.setup import ROLES
from kernel.proofs.stage import check_cure

Attested = list[tuple[Attest, ShownEvent]]


def left_to_release(dossier: Dossier, stage: str, listed: list[str], attested: Attested) -> list[str]:
    """The bids of which shares are released: without those called bad that nobody cured, which are kept in mind."""
    given = [attest for attest, _ in attested]
    contested = contest.contests(given)
    found = contest.rulings(contested, _cured(dossier, stage), _shown_bad(dossier, stage))
    if contested:
        dossier.notes.append(f"阶段 {stage} 有 {len(contested)} 个密封件曾被持钥人称有误")
    if {attest.role for attest in given} != set(ROLES):
        return listed
    shut = dropped(found)
    dossier.dropped |= {(bid, stage): ruling for bid, ruling in shut.items()}
    return [bid for bid in listed if bid not in shut]


def check_heard(dossier: Dossier, stage: str, attested: Attested, first: ShownEvent) -> None:
    """Nothing was released of a stage with dropped bids before their bidders had had their time to answer."""
    if not any(place[1] == stage for place in dossier.dropped):
        return
    bad = [event.moment for attest, event in attested if not all(attest.verdicts.values())]
    if first.moment < max(bad) + timedelta(minutes=CURE_MINUTES):
        raise Malformed("not_heard", "投标人的答复时间未到，份额已经交出", f"release/{stage}-operator.dsse.json")


def outcome_of(ruling: Ruling) -> tuple[str, str]:
    """What the record says of a dropped bid."""
    return ("revoked", "bad_envelope") if ruling.outcome == "proved" else ("withdrawn", "bad_unproved")


def _cured(dossier: Dossier, stage: str) -> set[tuple[str, str]]:
    """(bid, role) of every cure; the public package shows of a panel's stage only that there was one."""
    names = _of(dossier, "cure", stage)
    for name in names:
        with within(name):
            signed = dossier.signed(name)
            cure = read_cure(signed.payload, close=dossier.close.sha256, stage=stage)
            event = dossier.recorded("box_cure", "cure", signed.sha256)
            bid = dossier.bids[cure.bid]
            dsse.require(signed, [dossier.keys[bid.bidder]])
            check_cure(dossier.setup, bid, cure)
            if event.subject != f"{cure.bid}:{ROLES[cure.x - 1]}":
                raise Malformed("other_context", "事件记的是另一份补救")
    events = [e for e in dossier.acts("box_cure") if e.fact("stage") == stage]
    if dossier.shows(stage) and len(names) != len(events):
        raise Malformed("member_missing", "包内的补救与事件所记的份数不同", f"cure/{stage}-")
    found = [event.subject.partition(":") for event in events]
    return {(bid, role) for bid, _, role in found}


def _shown_bad(dossier: Dossier, stage: str) -> set[tuple[str, str]]:
    """(bid, kid) of the envelopes that the auditor, shown the stage key, has found not to open."""
    found, names = set(), _of(dossier, "audit", stage)
    for name in names:
        with within(name):
            signed = dossier.signed(name)
            audit = read_audit(signed.payload, close=dossier.close.sha256, stage=stage)
            event = dossier.recorded("box_audit", "audit", signed.sha256)
            if not dsse.verify(signed, dossier.anchors.processes(event.moment)):
                raise BadSignature("audit_unsigned", "没有锚点中监督进程的有效签名")
            if not audit.opens:
                found.add((audit.bid, audit.kid))
    if len(names) != sum(event.fact("stage") == stage for event in dossier.acts("box_audit")):
        raise Malformed("member_missing", "包内的核实与事件所记的份数不同", f"audit/{stage}-")
    return found


def _of(dossier: Dossier, folder: str, stage: str) -> list[str]:
    return [name for name in dossier.under(folder) if name.startswith(f"{folder}/{stage}-")]
