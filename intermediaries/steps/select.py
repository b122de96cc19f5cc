"""选取: the order that draw and quotes give picks the agency, or the owner chooses from a list that is frozen."""

from uuid import UUID

from intermediaries import tosses
from intermediaries.admission import problems
from intermediaries.case import Tools
from intermediaries.records import agencies
from intermediaries.records import requests as records
from intermediaries.request_case import RequestCase, Unmoved, request_act
from intermediaries.schemas.requests import ChooseAgency
from intermediaries.selecting import Candidate, ask, ask_next, standing
from intermediaries.shortlist import Offer, Shortlist, shortlist
from intermediaries.stages import Stage
from intermediaries.tables.requests import Choice
from kernel.errors import BadInput, Problem, WrongStage, refuse_all
from kernel.identity import Actor
from kernel.ids import new_id


async def select_agency(tools: Tools, actor: Actor, case: UUID) -> None:
    """Turn to the first of the order once it is made; `Unmoved` before. There is one draw a notice, never a second."""
    async with request_act("select_agency", actor, case) as found:
        row = found.request
        if row.stage != Stage.CLOSED or row.mode_row["picks"] == "choice" or await standing(found) is None:
            raise Unmoved
        await tosses.settle_ties(tools, found)
        await ask_next(tools, found)


async def choose_agency(actor: Actor, case: UUID, command: ChooseAgency) -> None:
    """The owner's choice with its reason; the list he saw is frozen with it. Refused when it has changed since."""
    async with request_act("choose_agency", actor, case) as found:
        row = found.request
        if row.toss is not None:
            raise WrongStage(Problem("drawn_once", "一份公告只抽取一次，不能另行选取", "结果以公布的抽取记录为准"))
        if row.mode_row["picks"] != "choice" or (row.mode_row["applies"] and row.stage != Stage.CLOSED):
            raise WrongStage(Problem("not_chosen", "现在不由业主选取", "请按公告的选取方式和时间办理"))
        listed = await shortlist(row)
        offer = _picked(listed, command)
        refuse_all(await problems(await agencies.agency(offer.agency), row, found.beat.at))
        await _freeze(found, listed, command)
        price = row.amount if offer.price is None else offer.price
        basis = {"shortlist": listed.sha256, "reason": command.reason}
        await ask(found, Candidate(offer.agency, offer.organisation, offer.code, offer.name, price), basis)


def _picked(listed: Shortlist, command: ChooseAgency) -> Offer:
    if listed.sha256 != command.seen:
        says = "机构列表在您查看之后有变化"
        raise WrongStage(Problem("shortlist_changed", says, "请重新查看列表后再选取", field="seen"))
    for offer in listed.offers:
        if offer.agency == command.agency:
            return offer
    raise BadInput(Problem("agency_not_listed", "这家机构不在列表中", "请从列表中选择", field="agency"))


async def _freeze(case: RequestCase, listed: Shortlist, command: ChooseAgency) -> None:
    row = case.request
    n = len(await records.choices(row.id)) + 1
    await Choice.insert(
        Choice(
            id=new_id(), request=row.id, n=n, body=listed.body, sha256=listed.sha256, agency=command.agency,
            reason=command.reason, chosen_by=case.beat.actor.person, at=case.beat.at,
        )
    )  # fmt: skip
    await case.record(hashes={"shortlist": listed.sha256}, facts={"n": n, "reason": command.reason})
