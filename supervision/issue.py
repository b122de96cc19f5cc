"""Cards by people: issued and lifted by two officers with a reason, rectified and reviewed by one."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from kernel.accounts.toxic import Capacity, conflicts
from kernel.db import HOME, transaction
from kernel.errors import Forbidden, Problem, WrongStage, refuse_all
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.proofs import dsse
from supervision import cards, drafts, hall
from supervision.acts import record
from supervision.card_records import CardView, card_of
from supervision.drafts import DraftView, Place
from supervision.points import LEVEL_NAMES


class IssueCard(BaseModel):
    """发牌: what is wrong, by which article, and who answers for it."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    level: Literal["yellow", "red"]
    party: Literal["purchaser", "agent", "agency"]
    title: str = Field(min_length=2, max_length=80)
    says: str = Field(min_length=1, max_length=1000, description="事实和理由")
    article: str = Field(default="", max_length=200, description="法律依据")


class Reason(BaseModel):
    """Why a card is lifted, what was put right, what the review found."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    says: str = Field(min_length=1, max_length=1000)


async def draft_card(actor: Actor, case: UUID, command: IssueCard, draft: UUID | None = None) -> UUID:
    """Draft a card; it is issued when a second officer confirms."""
    watched, number = await hall.case(actor, case), draft or new_id()
    if command.party not in watched.parties:
        raise WrongStage(Problem("no_such_party", "本项目没有这一方当事人", "请改选其他当事人", field="party"))
    place = Place(case, watched.region, watched.department)
    title = f"{LEVEL_NAMES[command.level]}：{command.title}（{watched.title}）"
    async with transaction(HOME):
        await drafts.write(actor, "card", place, number, title, command.model_dump(mode="json"), number)
        await record("draft_card", actor, case, str(number), facts={"level": command.level, "says": command.says})
    return number


async def issue(actor: Actor, draft: DraftView, process: dsse.Signer) -> UUID:
    """The card of a confirmed draft; `actor` is the second officer."""
    assert draft.case is not None, "a card has its case"
    command, case = IssueCard.model_validate(draft.command), await hall.case(actor, draft.case)
    values = {
        "point": "", "occasion": str(draft.id), "title": command.title, "article": command.article,
        "party": command.party, "issued_by": draft.person,
    }  # fmt: skip
    async with transaction(HOME) as connection:
        at = await cards.law_now(connection)
        card = await cards.make(connection, case, values, at)
        await cards.happen(connection, card, command.level, actor, command.says, at)
        told = {"title": command.title, "says": command.says, "article": command.article, "by": draft.organisation_name}
        await cards.tell(connection, case, card, command.level, told, process)
        facts = {"level": command.level, "says": command.says, "drafted_by": draft.name, "confirmed_by": actor.name}
        await record("issue_card", actor, case.id, str(card), facts=facts)
    return card


async def draft_lift(actor: Actor, card: UUID, command: Reason, draft: UUID | None = None) -> UUID:
    """Ask that a card be lifted, with the reason; a second officer confirms. Who issued it does neither."""
    view = await card_of(actor, card)
    _not_issuer(actor, view)
    if view.lifted:
        raise WrongStage(Problem("card_lifted", "这张牌已经解除", "无需再次解除"))
    place = Place(view.case, view.region, view.department)
    title = f"解除{LEVEL_NAMES[view.level]}：{view.title}（{view.case_title}）"
    async with transaction(HOME):
        number = await drafts.write(actor, "lift", place, card, title, command.model_dump(mode="json"), draft)
        await record("draft_lift", actor, view.case, str(card), facts={"says": command.says})
    return number


async def lift(actor: Actor, draft: DraftView, process: dsse.Signer) -> UUID:
    """Lift the card of a confirmed draft: both the card and its lifting stay to be seen."""
    command, view = Reason.model_validate(draft.command), await card_of(actor, draft.subject)
    _not_issuer(actor, view)
    async with transaction(HOME) as connection:
        at = await cards.law_now(connection)
        says = f"{command.says}（{draft.name}提出，{actor.name}复核）"
        if not await cards.happen(connection, view.id, "lifted", actor, says, at):
            raise WrongStage(Problem("card_lifted", "这张牌已经解除", "无需再次解除"))
        facts = {"level": view.level, "says": command.says, "drafted_by": draft.name, "confirmed_by": actor.name}
        await record("lift_card", actor, view.case, str(view.id), facts=facts)
    return view.id


async def rectified(actor: Actor, card: UUID, command: Reason) -> None:
    """Note what the party has put right."""
    await _note(actor, card, "rectified", command.says, str(new_id()))


async def review(actor: Actor, card: UUID, command: Reason) -> None:
    """Close the matter after looking at what was answered and put right; the card itself stays on the record."""
    view = await card_of(actor, card)
    if not (view.replied or view.rectified or view.settled):
        says = "当事人还没有回复，也没有整改记录"
        raise WrongStage(Problem("nothing_to_review", says, "请先督促当事人回复，或记录整改情况"))
    await _note(actor, card, "reviewed", command.says, "")


async def _note(actor: Actor, card: UUID, kind: Literal["rectified", "reviewed"], says: str, subject: str) -> None:
    view = await card_of(actor, card)
    async with transaction(HOME) as connection:
        at = await cards.law_now(connection)
        if not view.stands or not await cards.happen(connection, card, kind, actor, says, at, subject):
            raise WrongStage(Problem("card_closed", "这张牌已经办结或解除", "请刷新页面查看"))
        await record("review_card", actor, view.case, str(card), facts={"kind": kind, "says": says})


def _not_issuer(actor: Actor, view: CardView) -> None:
    """Toxic combination 16: who issued a card does not lift it."""
    held = [Capacity("red_card_issuer", str(view.id))] if view.issued_by == actor.person else []
    refuse_all(conflicts(held, Capacity("red_card_lifter", str(view.id))), Forbidden)
