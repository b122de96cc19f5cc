"""签订合同: the signed contract is filed, held against the award, and confirmed by the winner."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from bidding import results
from bidding.award_rules import Terms, contract_problems, lateness, suspended_days
from bidding.case import LotCase, Tools, lot_act
from bidding.results import PaperView
from bidding.schemas import ConfirmContract, FileContract
from bidding.stages import Stage
from bidding.texts import claim_paper, finish, write_paper
from kernel import inbox
from kernel.accounts import records as accounts
from kernel.acts import answer, answered_before
from kernel.clock import when
from kernel.errors import Forbidden, NotFound, Problem, WrongStage, refuse_all
from kernel.identity import Actor
from kernel.law import LawInForce

MEASURES = ("award_notified", "contract_signed")


async def file_contract(
    tools: Tools, actor: Actor, lot: UUID, command: FileContract, request: UUID | None = None
) -> dict[str, Any]:
    """File the contract; {contract, late}. `LawRefuses` with every term that is not the award's."""
    asked = {"lot": str(lot), **command.model_dump(mode="json")}
    if (known := await answered_before("file_contract", actor, request, asked)) is not None:
        return known
    file, digest = (await finish(tools, actor, [command.document]))[0]
    async with lot_act("file_contract", actor, lot) as case:
        award = await awarded(lot)
        law = LawInForce.from_json(case.lot.law or "")
        signed = Terms(command.price, command.period_days, command.quality)
        refuse_all(
            contract_problems(
                law,
                terms_of(award),
                signed,
                bond=command.bond,
                notified=award.at,
                signed_on=command.signed_on,
                today=case.beat.at.date(),
                category=case.lot.category,
            )
        )
        lost = suspended_days(await results.suspended(lot), award.at, case.beat.at)
        late = [p.says for p in lateness(law, award.at, command.signed_on, MEASURES, lost)]
        content = _content(command) | {"late": late, "file": await claim_paper(case, file, digest)}
        sha256 = await write_paper(case, "contract", content)
        await case.beat.record(case.lot.code, hashes={"contract": sha256}, facts={"late": bool(late)})
        await _ask_winner(case, award)
        given = {"contract": sha256, "late": late}
        await answer(case.beat, request, asked, given)
    return given


async def confirm_contract(actor: Actor, lot: UUID, command: ConfirmContract) -> None:
    """The winner confirms the contract that was filed last: the lot is contracted."""
    async with lot_act("confirm_contract", actor, lot) as case:
        award = await awarded(lot)
        if award.content["bidder"] != actor.organisation_code:
            raise Forbidden(Problem("not_the_winner", "只有中标人可以确认合同", "请核对标段"))
        filed = await results.paper(lot, "contract")
        if filed is None or filed.sha256 != command.sha256:
            raise WrongStage(Problem("other_contract", "所确认的不是最近一次备案的合同", "请刷新后核对"))
        content = {"contract": filed.sha256, "bidder": actor.organisation_code}
        sha256 = await write_paper(case, "confirmation", content)
        await case.move(Stage.CONTRACTED)
        await case.beat.record(case.lot.code, hashes={"confirmation": sha256})
        await case.wake(case.beat.at)
        fields = {"project": case.lot.name, "code": case.lot.code, "at": when(case.beat.at)}
        link = f"/projects/{case.lot.project}?lot={lot}"
        await inbox.send(
            case.beat.connection, "contract_confirmed", fields=fields, organisation=case.lot.purchaser, link=link
        )


async def awarded(lot: UUID) -> PaperView:
    """The award; `NotFound` before it is decided."""
    found = await results.paper(lot, "award")
    if found is None:
        raise NotFound(Problem("no_award", "尚未定标", "定标后再办理"))
    return found


def terms_of(award: PaperView) -> Terms:
    """What the contract must say."""
    said = award.content
    return Terms(Decimal(said["price"]), int(said["period_days"]), said["quality"])


def _content(command: FileContract) -> dict[str, Any]:
    return {
        "price": str(command.price),
        "period_days": command.period_days,
        "quality": command.quality,
        "bond": str(command.bond),
        "signed_on": date.isoformat(command.signed_on),
    }


async def _ask_winner(case: LotCase, award: PaperView) -> None:
    winner = await accounts.organisation_by_code(award.content["bidder"])
    if winner is None:
        return
    fields = {"project": case.lot.name, "code": case.lot.code, "at": when(case.beat.at)}
    link = f"/lots/{case.lot.id}/contract/confirm"
    await inbox.send(case.beat.connection, "contract_filed", fields=fields, organisation=winner.id, link=link)
