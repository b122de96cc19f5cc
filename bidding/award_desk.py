"""What waits for whom after the report: publicity, objections, award, contract, refunds, each with its last moment."""

from datetime import datetime
from typing import Any

from bidding import records, reports, results
from bidding.award_rules import article_of, due, refund_article, suspended_days, wants_report
from bidding.procedures import PROCEDURES
from bidding.records import LotRow
from bidding.results import PaperView
from bidding.stages import ENDED_IN, Stage
from kernel.clock import CHINA, now
from kernel.identity import Actor
from kernel.law import LawInForce
from kernel.web.waiting import todo

Todo = dict[str, Any]
AFTER = (Stage.EVALUATED, Stage.PUBLICISED, Stage.AWARDED, Stage.CONTRACTED)


async def purchaser_todos(lot: LotRow, now: datetime) -> list[Todo]:
    """What the purchaser has to do on a lot whose report is closed."""
    if lot.stage == Stage.EVALUATED and "publicise" in PROCEDURES[lot.procedure].stages:
        return await _publicise(lot, now)
    if lot.stage in (Stage.EVALUATED, Stage.PUBLICISED):
        return await _decide(lot, now)
    if lot.stage in (Stage.AWARDED, Stage.CONTRACTED):
        return await _settle(lot, now)
    if lot.failure and lot.deposit:
        return await _returns(lot, now)
    return []


async def _returns(lot: LotRow, now: datetime) -> list[Todo]:
    """流标、终止: every deposit goes back, within the limit where the law of the lot has one."""
    if not (await results.unrefunded(lot.id) or await results.unrefunded_withdrawn(lot.id)):
        return []
    place, lawful = f"{lot.project_name} {lot.name}", refund_article(lot.category, lot.failure)
    until = await returns_due(lot, now)
    return [todo("退还投标保证金", place, until, lawful, f"/lots/{lot.id}/settle", "去登记")]


async def returns_due(lot: LotRow, now: datetime) -> datetime | None:
    """The first late moment for the deposits of a lot that its purchaser ended; None where no limit says."""
    ended = (await results.facts([lot.id]))[lot.id].get("tender_ended")
    measures = ("tender_ended", "ended_refunded")
    return (await until_of(lot, ended, measures, now))[0] if isinstance(ended, datetime) else None


async def bidder_todos(lot: LotRow, actor: Actor, now: datetime) -> list[Todo]:
    """What a bidder may or must do on it: object while the publicity runs, confirm the contract as the winner."""
    place = f"{lot.project_name} {lot.name}"
    if lot.stage == Stage.PUBLICISED and lot.publicity_until is not None and now < lot.publicity_until:
        article = article_of(_law(lot), ("result_objected", "result_answered"))
        href = f"/lots/{lot.id}/candidates"
        return [todo("查看中标候选人，可以提出异议", place, lot.publicity_until, article, href, "去查看")]
    award = await results.paper(lot.id, "award") if lot.stage == Stage.AWARDED else None
    filed = await results.paper(lot.id, "contract") if award else None
    if award is None or filed is None or award.content["bidder"] != actor.organisation_code:
        return []
    until, article = await until_of(lot, award.at, ("award_notified", "contract_signed"), now)
    return [todo("确认合同", place, until, article, f"/lots/{lot.id}/contract/confirm", "去确认", urgent=True)]


def purchaser_actions(lot: LotRow) -> list[tuple[str, str, str]]:
    """(label, address, kind) of the buttons the purchaser has on a lot: to end it, and after the report."""
    base = f"/lots/{lot.id}"
    publicises = "publicise" in PROCEDURES[lot.procedure].stages
    found = []
    if lot.stage == Stage.EVALUATED and publicises:
        found.append(("公示中标候选人", f"{base}/publicise", "primary"))
    if lot.stage == Stage.PUBLICISED or (lot.stage == Stage.EVALUATED and not publicises):
        found.append(("确定中标人", f"{base}/decide", "primary"))
    if lot.stage == Stage.AWARDED:
        found.append(("备案合同", f"{base}/contract", "primary"))
    if lot.stage in (Stage.AWARDED, Stage.CONTRACTED):
        found.append(("退还保证金和书面报告", f"{base}/settle", "secondary"))
    if lot.publicity_until is not None:
        found.append(("对评标结果的异议", f"{base}/challenges", "quiet"))
    if lot.failure and lot.deposit:
        found.append(("退还保证金", f"{base}/settle", "secondary"))
    if lot.stage in ENDED_IN:
        found.append(("终止招标", f"{base}/end", "quiet"))
    return found


def public_actions(lot: LotRow) -> list[tuple[str, str, str]]:
    """The same for everybody who looks at it."""
    found = []
    if lot.publicity_until is not None:
        found.append(("中标候选人公示", f"/lots/{lot.id}/candidates", "secondary"))
    if lot.stage in (Stage.AWARDED, Stage.CONTRACTED):
        found.append(("中标结果公告", f"/lots/{lot.id}/award", "secondary"))
    return found


async def _publicise(lot: LotRow, now: datetime) -> list[Todo]:
    report = await reports.report(lot.id)
    if report is None or report.closed_at is None:
        return []
    started = report.closed_at.astimezone(CHINA)
    until, article = await until_of(lot, started, ("report_received", "publicity_started"), now)
    place = f"{lot.project_name} {lot.name}"
    return [todo("公示中标候选人", place, until, article, f"/lots/{lot.id}/publicise", "去公示", urgent=True)]


async def _decide(lot: LotRow, now: datetime) -> list[Todo]:
    place, found = f"{lot.project_name} {lot.name}", []
    for one in await records.objections(lot.id, "result"):
        if one.answered_at is None:
            until, article = await until_of(lot, one.raised_at, ("result_objected", "result_answered"), now)
            href = f"/lots/{lot.id}/challenges/{one.id}/answer"
            found.append(todo("答复对评标结果的异议", place, until, article, href, "去答复", urgent=True))
    if found or (lot.publicity_until is not None and now < lot.publicity_until):
        return found
    ended = lot.publicity_until
    until, article = await until_of(lot, ended, ("publicity_ended", "award_notified"), now) if ended else (None, "")
    return [todo("确定中标人", place, until, article or "招标投标法第四十条", f"/lots/{lot.id}/decide", "去定标")]


async def _settle(lot: LotRow, now: datetime) -> list[Todo]:
    place, found = f"{lot.project_name} {lot.name}", []
    award, contract = await results.paper(lot.id, "award"), await results.paper(lot.id, "contract")
    if award is None:
        return []
    if contract is None:
        until, article = await until_of(lot, award.at, ("award_notified", "contract_signed"), now)
        found.append(todo("订立并备案合同", place, until, article, f"/lots/{lot.id}/contract", "去备案"))
    if wants_report(_law(lot)) and await results.paper(lot.id, "statement") is None:
        until, article = await until_of(lot, award.at, ("winner_fixed", "report_filed"), now)
        found.append(todo("提交书面报告", place, until, article, f"/lots/{lot.id}/settle", "去提交"))
    if lot.deposit:
        found += await _refunds(lot, award, contract, now)
    return found


async def refunds_due(lot: LotRow, award: PaperView, contract: PaperView | None) -> datetime | None:
    """The first moment at which somebody's deposit is late; None where no limit says."""
    moment = await now()
    starts = [(award.at, "award_notified", "losers_refunded")]
    if contract is not None:
        starts += [(contract.at, "contract_signed", paid) for paid in ("deposit_refunded", "winner_refunded")]
    found = [(await until_of(lot, start, (since, paid), moment))[0] for start, since, paid in starts]
    return min((until for until in found if until is not None), default=None)


async def _refunds(lot: LotRow, award: PaperView, contract: PaperView | None, now: datetime) -> list[Todo]:
    """Deposits that are to go back now: whoever has waited longest by the law of the lot comes first."""
    bids = await results.unrefunded(lot.id)
    losers = any(bid.bidder != award.content["bidder"] for bid in bids)
    waits = [(award.at, "award_notified", "losers_refunded")] if losers else []
    if bids and contract is not None:
        waits += [(contract.at, "contract_signed", paid) for paid in ("deposit_refunded", "winner_refunded")]
    for start, since, paid in waits:
        if article_of(_law(lot), (since, paid)):
            until, article = await until_of(lot, start, (since, paid), now)
            place = f"{lot.project_name} {lot.name}"
            return [todo("退还投标保证金", place, until, article, f"/lots/{lot.id}/settle", "去登记")]
    return []


async def until_of(
    lot: LotRow, start: datetime, measures: tuple[str, str], now: datetime
) -> tuple[datetime | None, str]:
    """(the first late instant, the article behind it); days of suspension do not count."""
    law = _law(lot)
    lost = suspended_days(await results.suspended(lot.id), start, now)
    return due(law, start, measures, lost), article_of(law, measures)


def _law(lot: LotRow) -> LawInForce:
    return LawInForce.from_json(lot.law or "")
