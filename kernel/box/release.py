"""Attest, then release: the three roles open instead of the bidder, or for one who could not."""

from collections.abc import Sequence
from datetime import datetime

from kernel.acts import Beat
from kernel.box import contest, messages, records, reveal
from kernel.box.listed import by_roles, to_open
from kernel.box.records import BoxView, HolderView
from kernel.box.submit import as_required, setup_of
from kernel.errors import BadInput, Problem, WrongStage
from kernel.proofs import dsse
from kernel.proofs.bid import Bid, read_bid
from kernel.proofs.contest import dropped
from kernel.proofs.opening import read_attest, read_release
from kernel.proofs.setup import ROLES
from kernel.proofs.stage import check_share, open_stage

AFTER = ("opened", "retired")
"""States of a box in which what a role had to do is done."""


async def take_attest(beat: Beat, box: BoxView, holder: HolderView, signed: dsse.Signed, stage: str) -> None:
    """A holder has tried his envelope of every bid to be opened and says which are well made.

    Where he calls one bad, its bidder is heard before anything is released. After the first release of a stage no
    attestation changes it any more.
    """
    done = await _is_settled(box, holder.role, stage)
    listed = await to_open(box, True) if done else await by_roles(beat, box)
    with as_required():
        body = dsse.require(signed, [holder.public_key])
        attest = read_attest(body, close=box.close, stage=stage, bids=listed)
    _check_report(box, stage, attest.report)
    await _check_holder(box, holder, attest.role, attest.kid)
    take = messages.already if done else messages.put
    before = [] if done else await contest.attests(box, stage, listed)
    if any(one.kid == attest.kid and one.sha256 != attest.sha256 for one in before):
        raise WrongStage(Problem("attested_already", "您已核验过本阶段的密封件", "无需重复办理"))
    await take(beat, "attest", holder.role, signed, stage=stage, author=holder.keyid)
    if not done and not all(attest.verdicts.values()):
        await contest.begin(beat, box, attest)


async def to_release(box: BoxView, stage: str, listed: Sequence[str], at: datetime) -> list[str] | None:
    """What every role releases of a stage, in the close's order; None while not all have attested, or one is contested.

    A bid that a role calls bad and no cure answers in time is left out: the others open without it.
    """
    attests = await contest.attests(box, stage, listed)
    rulings = await contest.rulings(box, stage, listed)
    if {attest.role for attest in attests} != set(ROLES) or not contest.settled(box, rulings, at):
        return None
    shut = dropped(rulings)
    return [bid for bid in listed if bid not in shut]


async def take_release(beat: Beat, box: BoxView, holder: HolderView, signed: dsse.Signed, stage: str) -> None:
    """All shares of a role at once; one missing or wrong refuses the whole; operator, regulator, purchaser.

    Nothing is combined before all three are there. Of two holders of a role who unlock at once the second finds it
    done: what he sends is held to the same, and changes nothing.
    """
    done = await _has_given(box, "release", holder.role, stage)
    after = done and box.state in AFTER
    listed = await to_release(box, stage, await (to_open(box, True) if after else by_roles(beat, box)), beat.at)
    if listed is None:
        raise WrongStage(Problem("not_attested", "三方尚未全部核验密封件，或者有待投标人答复", "请等待后再交出份额"))
    if not done:
        await _check_turn(box, holder.role, stage)
    with as_required():
        body = dsse.require(signed, [holder.public_key])
        release = read_release(body, close=box.close, stage=stage, bids=listed)
    _check_report(box, stage, release.report)
    await _check_holder(box, holder, release.role, release.kid)
    await _check_shares(box, holder, stage, release.shares)
    take = messages.already if done else messages.put
    await take(beat, "release", holder.role, signed, stage=stage, author=holder.keyid)


async def combine(beat: Beat, box: BoxView, listed: Sequence[str]) -> dict[tuple[str, str], str]:
    """Open what all three have released; (bid, stage) → code of the finding that keeps it shut."""
    shut: dict[tuple[str, str], str] = {}
    for stage in box.due:
        found = await contest.rulings(box, stage, listed)
        left = await to_release(box, stage, listed, beat.at)
        if left is None:
            continue
        shut |= {(bid, stage): f"{one.outcome}:{one.role}" for bid, one in dropped(found).items()}
        shut |= await _combined(beat, box, stage, left)
    return shut


async def missing_roles(box: BoxView) -> list[str]:
    """The roles by whom some stage of this turn stayed shut, in their order.

    They are those who have not attested it; where all have, the one whose turn to release it was: who comes after him
    could do nothing.
    """
    missing: set[str] = set()
    for stage in box.due:
        attested = {m.role for m in await records.messages(box.case, "attest", stage=stage)}
        released = await records.messages(box.case, "release", stage=stage)
        turns = [role for role in ROLES if role not in {m.role for m in released}]
        missing |= set(turns[:1]) if attested == set(ROLES) else set(ROLES) - attested
    return [role for role in ROLES if role in missing]


async def unreleased(box: BoxView) -> list[str]:
    """The roles that have not released every stage of this turn, in their order."""
    given = [{m.role for m in await records.messages(box.case, "release", stage=stage)} for stage in box.due]
    return [role for role in ROLES if any(role not in roles for roles in given)]


async def _combined(beat: Beat, box: BoxView, stage: str, left: Sequence[str]) -> dict[tuple[str, str], str]:
    setup, shut = await setup_of(box), {}
    released = await records.messages(box.case, "release", stage=stage)
    if {m.role for m in released} != set(ROLES):
        return {}
    parsed = [read_release(m.body, close=box.close, stage=stage, bids=left) for m in released]
    for bid in left:
        shares = {setup.role(r.role).x: r.shares[bid] for r in parsed}
        opened = open_stage(setup, await _bid(box, bid), stage, shares=shares)
        if opened.secret is None:
            shut[(bid, stage)] = opened.findings[0].code
        else:
            await reveal.keep(beat, bid, stage, opened.secret.seed, "release")
    return shut


async def _is_settled(box: BoxView, role: str, stage: str) -> bool:
    """Whether an attestation of this role comes too late to change anything."""
    if box.state in AFTER:
        return await _has_given(box, "attest", role, stage)
    return bool(await records.messages(box.case, "release", stage=stage))


async def _has_given(box: BoxView, kind: str, role: str, stage: str) -> bool:
    return any(m.role == role for m in await records.messages(box.case, kind, stage=stage))


async def _check_turn(box: BoxView, role: str, stage: str) -> None:
    given = {m.role for m in await records.messages(box.case, "release", stage=stage)}
    if role != ROLES[len(given)]:
        raise WrongStage(Problem("release_out_of_turn", "还没有轮到您交出份额", "次序：交易中心、监督部门、招标人"))


def _check_report(box: BoxView, stage: str, report: str) -> None:
    """A stage whose turn has not come is not opened; a later one names the signed report that opens the way to it."""
    if stage not in box.due or report != box.report:
        raise BadInput(Problem("other_report", "还没有轮到这个阶段，或者所依据的评审报告不对", "请更新工具后重新办理"))


async def _check_holder(box: BoxView, holder: HolderView, role: str, kid: str) -> None:
    setup = await setup_of(box)
    if role != holder.role or kid not in {key.kid for key in setup.role(role).keys}:
        raise BadInput(Problem("holder_not_in_setup", "这把密钥不在本标段的设定中", "请用设定中登记的密钥办理"))


async def _check_shares(box: BoxView, holder: HolderView, stage: str, shares: dict[str, bytes]) -> None:
    setup = await setup_of(box)
    x = setup.role(holder.role).x
    wrong = [bid for bid, y in shares.items() if not check_share(setup, await _bid(box, bid), stage, x, y)]
    if wrong:
        says = f"有 {len(wrong)} 份份额与标书中的承诺不符，全部退回"
        raise BadInput(Problem("share_not_committed", says, "请用登记的密钥重新生成，或由同角色另一持钥人办理"))


async def _bid(box: BoxView, sha256: str) -> Bid:
    return read_bid((await records.bid(sha256)).body, await setup_of(box))
