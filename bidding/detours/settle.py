"""了结: deposits go back with their interest, and the purchaser reports in writing to the supervising department."""

from typing import Any
from uuid import UUID

from bidding import records, reports, results
from bidding.award_rules import refund_article
from bidding.case import LotCase, lot_act
from bidding.schemas import FileReport, RefundDeposit
from bidding.texts import write_paper
from kernel import inbox
from kernel.accounts import records as accounts
from kernel.box.records import BidView
from kernel.clock import when
from kernel.errors import BadInput, Problem, WrongStage
from kernel.identity import Actor

REPORT = "招标投标法第四十七条"


async def refund_deposit(actor: Actor, lot: UUID, command: RefundDeposit) -> int:
    """Record that one bidder's deposit went back; how many still wait. Once a bidder; every one must come.

    Of a lot that failed or was ended too, archived or not: what happens after the archiving stays in the log.
    """
    async with lot_act("refund_deposit", actor, lot) as case:
        bid, waiting = await _waiting(case, command.bidder)
        if command.paid_on > case.beat.at.date():
            raise BadInput(Problem("paid_in_future", "退还日期晚于今天", "请按实际付款日期填写", field="paid_on"))
        content = {
            "bidder": bid.bidder,
            "name": await _name(bid),
            "amount": str(case.lot.deposit),
            "interest": str(command.interest),
            "paid_on": command.paid_on.isoformat(),
            **waiting,
        }
        sha256 = await write_paper(case, "refund", content)
        await case.beat.record(bid.bidder, hashes={"refund": sha256}, facts=waiting)
        await case.wake(case.beat.at)
        fields = {"project": case.lot.name, "code": case.lot.code, "at": command.paid_on.isoformat()}
        await inbox.send(
            case.beat.connection, "deposit_refunded", fields=fields, organisation=bid.organisation, link=f"/lots/{lot}"
        )
    return int(waiting["left"])


async def _waiting(case: LotCase, bidder: str) -> tuple[BidView, dict[str, Any]]:
    """Whose deposit it is; what he is, and how many of the same kind still wait after him."""
    bids, gone = await results.unrefunded(case.lot.id), await results.unrefunded_withdrawn(case.lot.id)
    found = next((bid for bid in [*bids, *gone] if bid.bidder == bidder), None)
    if found is None or not case.lot.deposit:
        says = "该单位在本标段没有待退还的投标保证金"
        lawful = refund_article(case.lot.category, case.lot.failure)
        raise WrongStage(Problem("nothing_to_refund", says, "请核对投标人和标段", lawful, "bidder"))
    award = await results.paper(case.lot.id, "award")
    won = award.content["bidder"] if award else ""
    both = {"all_left": len(bids) + len(gone) - 1}
    if found in gone:
        return found, {"of": "withdrawn", "left": len(gone) - 1, "losers_left": 0, **both}
    losers = sum(bid.bidder not in (won, bidder) for bid in bids)
    return found, {"of": "winner" if bidder == won else "loser", "left": len(bids) - 1, "losers_left": losers, **both}


async def file_report(actor: Actor, lot: UUID, command: FileReport) -> str:
    """File the written report (招标投标法 47): what the platform knows, and the purchaser's remarks; its SHA-256."""
    async with lot_act("file_report", actor, lot) as case:
        if await results.paper(lot, "statement") is not None:
            raise WrongStage(Problem("reported_already", "书面报告已经提交", "需要补充的，请另行说明", REPORT))
        sha256 = await write_paper(case, "statement", await _report(case, command))
        await case.beat.record(case.lot.code, hashes={"statement": sha256})
        await case.wake(case.beat.at)
    return sha256


async def _report(case: LotCase, command: FileReport) -> dict[str, Any]:
    """工程建设项目施工招标投标办法 65: scope, method, the documents, the panel's report, the result."""
    lot, opening = case.lot, await records.opening(case.lot.id)
    award, report = await results.paper(lot.id, "award"), await reports.report(lot.id)
    said = award.content if award else {}
    return {
        "project": lot.project_name,
        "lot_name": lot.name,
        "purchaser": lot.purchaser_name,
        "supervisor": lot.department,
        "scope": lot.scope,
        "method": case.procedure.name,
        "notices": [notice.sha256 for notice in await records.notices(lot.id)],
        "bids": len(opening[0]["bids"]) if opening else 0,
        "opening": opening[1] if opening else "",
        "evaluation": report.sha256 if report else "",
        "award": award.sha256 if award else "",
        "winner": {key: said[key] for key in ("bidder", "name", "price") if key in said},
        "remarks": command.remarks,
        "told_at": when(case.beat.at),
    }


async def _name(bid: BidView) -> str:
    found = await accounts.organisation(bid.organisation)
    return found.name if found else bid.bidder
