"""Attest, then release: the three roles open instead of the bidder, or for one who could not."""

from collections.abc import Sequence

from kernel.acts import Beat
from kernel.box import close, messages, records, reveal
from kernel.box.records import BoxView, HolderView
from kernel.box.submit import as_required, setup_of
from kernel.errors import BadInput, Problem, WrongStage
from kernel.proofs import dsse
from kernel.proofs.bid import read_bid
from kernel.proofs.opening import read_attest, read_release
from kernel.proofs.setup import ROLES
from kernel.proofs.stage import check_share, open_stage

AFTER = ("opened", "retired")
"""States of a box in which what a role had to do is done."""


async def to_open(box: BoxView, at_end: bool) -> list[str]:
    """The bids that the roles are to open, in the close's order: all, or after the window those with a fallback."""
    bids = list((await close.fixed(box)).bids)
    if box.mode == "roles":
        return bids
    if box.mode == "bidder-only" or not at_end:
        return []
    missing = await reveal.not_shown(box, bids)
    return [bid for bid in missing if await reveal.has_fallback(box, bid)]


async def take_attest(beat: Beat, box: BoxView, holder: HolderView, signed: dsse.Signed, stage: str) -> None:
    """A holder has tried his envelope of every bid to be opened and says which are well made."""
    done = box.state in AFTER and await _has_given(box, "attest", holder.role, stage)
    listed = await to_open(box, True) if done else await _listed(beat, box)
    with as_required():
        body = dsse.require(signed, [holder.public_key])
        attest = read_attest(body, close=box.close, stage=stage, bids=listed)
    await _check_holder(box, holder, attest.role, attest.kid)
    take = messages.already if done else messages.put
    await take(beat, "attest", holder.role, signed, stage=stage, author=holder.keyid)


async def attested(box: BoxView, stage: str, listed: Sequence[str]) -> dict[str, str]:
    """role → kid of the holder who found every envelope well made."""
    found: dict[str, str] = {}
    for message in await records.messages(box.case, "attest", stage=stage):
        attest = read_attest(message.body, close=box.close, stage=stage, bids=listed)
        if all(attest.verdicts.values()):
            found.setdefault(attest.role, attest.kid)
    return found


async def take_release(beat: Beat, box: BoxView, holder: HolderView, signed: dsse.Signed, stage: str) -> None:
    """All shares of a role at once; one missing or wrong refuses the whole; operator, regulator, purchaser.

    Nothing is combined before all three are there. Of two holders of a role who unlock at once the second finds it
    done: what he sends is held to the same, and changes nothing.
    """
    done = await _has_given(box, "release", holder.role, stage)
    listed = await to_open(box, True) if done and box.state in AFTER else await _listed(beat, box)
    if not done:
        await _check_turn(box, holder.role, stage, listed)
    with as_required():
        body = dsse.require(signed, [holder.public_key])
        release = read_release(body, close=box.close, stage=stage, bids=listed)
    await _check_holder(box, holder, release.role, release.kid)
    await _check_shares(box, holder, stage, release.shares)
    take = messages.already if done else messages.put
    await take(beat, "release", holder.role, signed, stage=stage, author=holder.keyid)


async def combine(beat: Beat, box: BoxView, listed: Sequence[str]) -> dict[tuple[str, str], str]:
    """Open what all three have released; (bid, stage) → code of the finding that keeps it shut."""
    setup, shut = await setup_of(box), {}
    for stage in (s["id"] for s in box.stages):
        released = await records.messages(box.case, "release", stage=stage)
        if {m.role for m in released} != set(ROLES):
            continue
        parsed = [read_release(m.body, close=box.close, stage=stage, bids=listed) for m in released]
        for bid in listed:
            shares = {setup.role(r.role).x: r.shares[bid] for r in parsed}
            opened = open_stage(setup, read_bid((await records.bid(bid)).body, setup), stage, shares=shares)
            if opened.secret is None:
                shut[(bid, stage)] = opened.findings[0].code
            else:
                await reveal.keep(beat, bid, stage, opened.secret.seed, "release")
    return shut


async def _listed(beat: Beat, box: BoxView) -> list[str]:
    if box.state != "opening":
        raise WrongStage(Problem("not_opening", "现在不是开启时间", "截标名单由监督部门会签后才能开启"))
    window_over = box.reveal_until is not None and beat.at >= box.reveal_until
    listed = await to_open(box, window_over)
    if not listed:
        raise WrongStage(Problem("nothing_to_open", "没有需要三方开启的标书", "投标人自行解密的，三方无需办理"))
    return listed


async def _has_given(box: BoxView, kind: str, role: str, stage: str) -> bool:
    return any(m.role == role for m in await records.messages(box.case, kind, stage=stage))


async def _check_turn(box: BoxView, role: str, stage: str, listed: Sequence[str]) -> None:
    if set(await attested(box, stage, listed)) != set(ROLES):
        raise WrongStage(Problem("not_attested", "三方尚未全部核验密封件", "请等待其他方核验后再交出份额"))
    given = {m.role for m in await records.messages(box.case, "release", stage=stage)}
    if role != ROLES[len(given)]:
        raise WrongStage(Problem("release_out_of_turn", "还没有轮到您交出份额", "次序：交易中心、监督部门、招标人"))


async def _check_holder(box: BoxView, holder: HolderView, role: str, kid: str) -> None:
    setup = await setup_of(box)
    if role != holder.role or kid not in {key.kid for key in setup.role(role).keys}:
        raise BadInput(Problem("holder_not_in_setup", "这把密钥不在本标段的设定中", "请用设定中登记的密钥办理"))


async def _check_shares(box: BoxView, holder: HolderView, stage: str, shares: dict[str, bytes]) -> None:
    setup = await setup_of(box)
    x = setup.role(holder.role).x
    wrong = [
        bid
        for bid, y in shares.items()
        if not check_share(setup, read_bid((await records.bid(bid)).body, setup), stage, x, y)
    ]
    if wrong:
        says = f"有 {len(wrong)} 份份额与标书中的承诺不符，全部退回"
        raise BadInput(Problem("share_not_committed", says, "请用登记的密钥重新生成，或由同角色另一持钥人办理"))
