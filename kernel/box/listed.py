"""Which bids are opened now, and by whom: all of the close, or those that go on; by their bidders, or by the roles."""

from kernel.acts import Beat
from kernel.box import close, records
from kernel.box.records import BoxView
from kernel.box.submit import setup_of
from kernel.errors import Problem, WrongStage
from kernel.proofs.bid import read_bid


async def of_turn(box: BoxView) -> list[str]:
    """The bids whose stages are opened in this turn, in the close's order."""
    bids = list((await close.fixed(box)).bids)
    return bids if box.going_on is None else [bid for bid in bids if bid in box.going_on]


async def unrevealed(box: BoxView) -> list[str]:
    """Bids of this turn of which some stage's seed is not there yet."""
    there = await records.seeded(box.case)
    return [bid for bid in await of_turn(box) if any((bid, stage) not in there for stage in box.due)]


async def to_open(box: BoxView, window_over: bool) -> list[str]:
    """The bids that the roles are to open: all, or after the window those not shown whose bidder agreed to it.

    What the roles have opened since does not count: the list stands still from the end of the window, so that what
    they attest and release keeps naming the same bids.
    """
    if box.mode == "roles":
        return await of_turn(box)
    if box.mode == "bidder-only" or not window_over:
        return []
    shown = {key for key, way in (await records.seeded(box.case)).items() if way == "reveal"}
    missing = [bid for bid in await of_turn(box) if any((bid, stage) not in shown for stage in box.due)]
    return [bid for bid in missing if await has_fallback(box, bid)]


async def by_roles(beat: Beat, box: BoxView) -> list[str]:
    """What the roles are to open at this instant; `WrongStage` where there is nothing."""
    if box.state != "opening":
        raise WrongStage(Problem("not_opening", "现在不是开启时间", "截标名单由监督部门会签后才能开启"))
    listed = await to_open(box, box.reveal_until is not None and beat.at >= box.reveal_until)
    if not listed:
        raise WrongStage(Problem("nothing_to_open", "没有需要三方开启的标书", "投标人自行解密的，三方无需办理"))
    return listed


async def has_fallback(box: BoxView, bid: str) -> bool:
    """Whether the bidder agreed, when sealing, that the three roles may open for him."""
    return read_bid((await records.bid(bid)).body, await setup_of(box)).fallback
