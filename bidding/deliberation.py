"""What a lot does when its panel has moved: work of who left is void, the report is drawn up, signed, closed.

Called at the end of every act of the evaluation and by the clock; safe at any time, any number of times.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from bidding import judging, records, reports
from bidding.case import LotCase
from bidding.envelopes import is_first_envelope
from bidding.judging import Round
from bidding.panel_rules import Sitting, current, phase, to_review, too_few
from bidding.reporting import report_content, signed_content
from bidding.reports import ReportView, SignatureView
from bidding.second import open_second
from bidding.stages import Stage
from bidding.tables import Report, Signature, SignedReport, VoidSeat
from experts import records as experts
from experts.records import Panel, Seat
from kernel import inbox
from kernel.box import records as box_records
from kernel.clock import when
from kernel.errors import Problem, WrongStage
from kernel.ids import new_id
from kernel.proofs.canonical import encode

NO_PANEL = Problem("panel_missing", "本标段还没有评标委员会", "抽取并签到后才能评标", "招标投标法第三十七条")


async def settle(case: LotCase) -> None:
    """Let the evaluation go as far as it can."""
    found, panel = await judging.last_round(case.lot.id), await judging.panel_of(case.lot.id)
    if found is None or panel is None or case.lot.stage != Stage.EVALUATING:
        return
    await _void_who_left(case, panel)
    if experts.is_lawful(panel):
        return
    seats = await judging.members(case.lot.id)
    sitting = await judging.sitting(case.lot.id, found, seats, case.beat.at)
    if phase(sitting) == "review":
        return
    if reason := too_few(sitting):
        await _fail(case, reason)
        return
    if phase(sitting) == "report":
        drawn = await _drawn_up(case, found, seats, sitting)
        await _close_if_signed(case, found, drawn, seats)


async def lawful_panel(case: LotCase) -> list[Seat]:
    """The live members; `WrongStage` with every reason while they are no lawful panel: then everything stands still."""
    panel = await judging.panel_of(case.lot.id)
    problems = experts.is_lawful(panel) if panel is not None else []
    if panel is None or problems:
        raise WrongStage(*(problems or [NO_PANEL]))
    return await judging.members(case.lot.id)


async def _void_who_left(case: LotCase, panel: Panel) -> None:
    known = {row["seat"] for row in await judging.voids(case.lot.id)}
    written = await judging.sheets(case.lot.id)
    for seat in panel.seats:
        if seat.left_at is None or seat.id in known:
            continue
        shas = [sheet.sha256 for sheet in written if sheet.seat == seat.id]
        await VoidSeat.insert(
            VoidSeat(
                id=new_id(),
                lot=case.lot.id,
                seat=seat.id,
                number=seat.number,
                sheets=json.dumps(shas),
                at=case.beat.at,
            )
        )
        facts = {"seat": seat.number, "sheets": shas}
        await case.beat.record(f"{case.lot.code}/{seat.number}", act="void_scores", facts=facts)


async def _drawn_up(case: LotCase, found: Round, seats: Sequence[Seat], sitting: Sitting) -> ReportView:
    """The report on exactly these marks, made when the last of them came in."""
    last = await reports.drafted(case.lot.id)
    content = await _content(case, found, seats, sitting)
    if last is not None and last.round == found.round and last.content["scores"] == content["scores"]:
        return last
    n = 1 if last is None else last.n + 1
    body = encode({**content, "n": n})
    sha256 = hashlib.sha256(body).hexdigest()
    until = case.beat.at + timedelta(minutes=int(sitting.evaluation["sign_minutes"]))
    await Report.insert(
        Report(
            id=new_id(),
            lot=case.lot.id,
            round=found.round,
            n=n,
            body=body,
            sha256=sha256,
            sign_until=until,
            at=case.beat.at,
        )
    )
    await case.beat.record(case.lot.code, act="compare_scores", hashes={"report": sha256}, facts={"n": n})
    await case.wake(until)
    drawn = await reports.drafted(case.lot.id)
    assert drawn is not None, "just written"
    return drawn


async def _content(case: LotCase, found: Round, seats: Sequence[Seat], sitting: Sitting) -> dict[str, Any]:
    record = await records.opening(case.lot.id)
    numbers = {str(seat.id): str(seat.number) for seat in seats}
    given = {str(sheet.seat): sheet.sha256 for sheet in await judging.marks_of(case.lot.id, found)}
    return report_content(
        case.lot,
        found,
        sitting,
        seats=seats,
        scores={numbers[seat]: marks for seat, marks in current(sitting).items()},
        sheets={numbers[seat]: sha256 for seat, sha256 in given.items() if seat in numbers},
        opening=record[1] if record else "",
        opinions=await judging.opinions(case.lot.id),
        questions=await judging.questions(case.lot.id),
        voids=await judging.voids(case.lot.id),
        reviewed=[bid["bidder"] for bid in to_review(sitting)],
        at=case.beat.at,
    )


async def _close_if_signed(case: LotCase, found: Round, drawn: ReportView, seats: Sequence[Seat]) -> None:
    """Every live member has signed or dissented, or the term is over and the silent ones are taken to agree."""
    given = {s.seat: s for s in await reports.signatures(drawn.id)}
    silent = [seat for seat in seats if seat.id not in given]
    if silent and case.beat.at < drawn.sign_until:
        return
    for seat in silent:
        await sign(case, drawn, seat, "deemed", "")
    await _close(case, found, drawn, [s for s in await reports.signatures(drawn.id) if s.seat in {m.id for m in seats}])


async def sign(case: LotCase, drawn: ReportView, seat: Seat, kind: str, text: str) -> None:
    """Write one member's signature under the report."""
    await Signature.insert(
        Signature(id=new_id(), report=drawn.id, seat=seat.id, number=seat.number, kind=kind, text=text, at=case.beat.at)
    )
    await case.beat.record(
        f"{case.lot.code}/{seat.number}",
        act="sign_report",
        hashes={"report": drawn.sha256, **({"text": hashlib.sha256(text.encode()).hexdigest()} if text else {})},
        facts={"says": kind},
    )


async def _close(case: LotCase, found: Round, drawn: ReportView, signed: Sequence[SignatureView]) -> None:
    before = await reports.report(case.lot.id)
    body = encode(signed_content(drawn, signed))
    sha256 = hashlib.sha256(body).hexdigest()
    envelope = is_first_envelope(drawn.content["evaluation"])
    changed = before is not None and _places(before.content) != _places(drawn.content)
    changed = changed and before is not None and not is_first_envelope(before.content["evaluation"])
    await SignedReport.insert(
        SignedReport(
            id=new_id(),
            report=drawn.id,
            lot=case.lot.id,
            body=body,
            sha256=sha256,
            changed=changed,
            at=case.beat.at,
        )
    )
    if not envelope:
        await case.move(Stage.EVALUATED)
    ranking = hashlib.sha256(reports.extract(drawn.content)).hexdigest()
    hashes = {"report": drawn.sha256, "signed": sha256, "ranking": ranking}
    if envelope:  # who opens the second is shown this event, and holds it against the set-up he was sealed for
        hashes["setup"] = (await box_records.box(case.lot.id)).setup
    await case.beat.record(case.lot.code, act="close_report", hashes=hashes)
    if envelope:
        await open_second(case, sha256, [row["bidder"] for row in drawn.content["ranking"] if row["rank"]])
    elif changed:
        facts = {"to": case.lot.department, "ground": found.ground, "says": found.says}
        hashes = {"report": drawn.sha256}
        await case.beat.record(case.lot.code, act="report_changed_result", hashes=hashes, facts=facts)
        await _tell(case, "report_changed")
    else:
        await _tell(case, "report_ready")


def _places(content: Mapping[str, Any]) -> list[tuple[str, int]]:
    return [(row["bidder"], row["rank"]) for row in content["ranking"]]


async def _tell(case: LotCase, template: str) -> None:
    fields = {"project": case.lot.name, "code": case.lot.code, "at": when(case.beat.at)}
    link = f"/lots/{case.lot.id}/evaluation"
    await inbox.send(case.beat.connection, template, fields=fields, organisation=case.lot.purchaser, link=link)


async def _fail(case: LotCase, reason: str) -> None:
    await case.move(Stage.FAILED, failure=reason)
    await case.beat.record(case.lot.code, act="fail_lot", facts={"reason": reason})
    fields = {"project": case.lot.name, "code": case.lot.code, "reason": reason}
    link = f"/lots/{case.lot.id}"
    for organisation in await _concerned(case):
        await inbox.send(case.beat.connection, "evaluation_failed", fields=fields, organisation=organisation, link=link)


async def _concerned(case: LotCase) -> list[UUID]:
    standing, _ = await box_records.standing(case.lot.id)
    return [*(bid.organisation for bid in standing), case.lot.purchaser]
