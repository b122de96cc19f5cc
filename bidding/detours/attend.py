"""签到与签字: who comes to an opening signs in; who has read its record signs it (招标投标法 36: 开标过程应当记录)."""

from uuid import UUID

from bidding import records, session
from bidding.case import LotCase, lot_act
from bidding.schemas import SignOpening
from bidding.session import CAPACITIES
from bidding.tables import Attendance, OpeningSignature
from kernel.errors import BadInput, Forbidden, Problem, WrongStage
from kernel.identity import Actor
from kernel.ids import new_id


async def sign_hall(actor: Actor, lot: UUID) -> None:
    """Sign in to the opening session for one's organisation, once. A bidder only when the fixed list names him."""
    async with lot_act("sign_hall", actor, lot) as case:
        organisation, person = await _party(case, actor)
        if any(_is_same(one, actor) for one in await session.attendance(lot)):
            raise WrongStage(Problem("signed_in_already", "贵单位已经签到", "无需重复签到"))
        await Attendance.insert(
            Attendance(
                id=new_id(),
                lot=lot,
                organisation=organisation,
                organisation_name=actor.organisation_name,
                role=actor.role,
                person=person,
                at=case.beat.at,
            )
        )
        await case.beat.record(
            actor.organisation_name, facts={"role": actor.role}, private={"person": str(person), "name": actor.name}
        )


async def sign_opening(actor: Actor, lot: UUID, command: SignOpening) -> None:
    """Sign the opening record one has read, once; a remark stays with it and changes nothing of the record."""
    async with lot_act("sign_opening", actor, lot) as case:
        organisation, person = await _party(case, actor)
        found = await records.opening(lot)
        if found is None or found[1] != command.sha256:
            raise BadInput(
                Problem("not_this_record", "这不是本标段的开标记录", "请打开开标记录，读后再签", field="sha256")
            )
        if any(_is_same(one, actor) and one.sha256 == command.sha256 for one in await session.signatures(lot)):
            raise WrongStage(Problem("opening_signed_already", "贵单位已经签过开标记录", "无需重复签字"))
        await OpeningSignature.insert(
            OpeningSignature(
                id=new_id(),
                lot=lot,
                organisation=organisation,
                organisation_name=actor.organisation_name,
                role=actor.role,
                person=person,
                sha256=command.sha256,
                remark=command.remark,
                at=case.beat.at,
            )
        )
        await case.beat.record(
            actor.organisation_name,
            hashes={"opening": command.sha256},
            facts={"role": actor.role, "remark": command.remark},
            private={"person": str(person), "name": actor.name},
        )


def _is_same(one: session.Attended | session.SignatureView, actor: Actor) -> bool:
    return (one.organisation, one.role) == (actor.organisation, actor.role)


async def _party(case: LotCase, actor: Actor) -> tuple[UUID, UUID]:
    """(organisation, person) of a party to this opening; whose case it is was held to in beat 3."""
    if actor.role not in CAPACITIES or actor.organisation is None or actor.person is None:
        raise Forbidden(Problem("not_a_party", "只有开标的参加人可以办理", "请先选择办事的单位和身份"))
    if actor.role == "bidder" and not await session.takes_part(actor, case.lot.id):
        says = "截标名单上没有贵单位，或名单尚未会签"
        raise Forbidden(
            Problem("not_on_the_list", says, "名单会签后再签到；递交过投标文件而不在名单上的，请凭回执补入")
        )
    return actor.organisation, actor.person
