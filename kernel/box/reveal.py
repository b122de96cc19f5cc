"""Revealing: a bidder shows his own seeds in the window; nobody sees anything until all is resolved."""

from kernel.acts import Beat
from kernel.box import messages
from kernel.box.records import BidView, BoxView
from kernel.box.submit import as_required, setup_of
from kernel.box.tables import Seed
from kernel.errors import BadInput, Problem, TooLate, WrongStage
from kernel.ids import secret_id
from kernel.proofs import dsse
from kernel.proofs.bid import read_bid
from kernel.proofs.opening import read_reveal
from kernel.proofs.stage import open_stage


async def take(beat: Beat, box: BoxView, signed: dsse.Signed, stage: str, view: BidView) -> None:
    """One stage's seed from its bidder: signed, of the standing bid, meeting the commitment; checked at once."""
    _in_window(beat, box)
    with as_required():
        reveal = read_reveal(dsse.require(signed, [view.public_key]), close=box.close, stage=stage)
    kept_shut = box.going_on is not None and view.sha256 not in box.going_on
    if kept_shut or stage not in box.due or reveal.report != box.report:
        says = "还没有轮到这个阶段，或者没有通过前一阶段的评审"
        raise BadInput(Problem("other_report", says, "后一阶段的种子请妥善保管，轮到时会另行通知"))
    if (reveal.bid, reveal.bidder) != (view.sha256, view.bidder):
        raise BadInput(Problem("reveal_of_another", "出示的不是您的有效标书", "请用最后一次递交的标书的恢复文件"))
    setup = await setup_of(box)
    with as_required():
        opened = open_stage(setup, read_bid(view.body, setup), stage, seed=reveal.seed)
    if opened.secret is None:
        says = opened.findings[0].says
        raise BadInput(Problem("seed_not_committed", says, "请核对恢复文件是否属于这份标书；窗口结束前可以重试"))
    await keep(beat, view.sha256, stage, reveal.seed, "reveal")
    await messages.put(beat, "reveal", "bidder", signed, stage=stage, author=dsse.keyid_of(view.public_key))


async def keep(beat: Beat, bid: str, stage: str, seed: bytes, way: str) -> None:
    """Keep a seed that met its commitment; the first way it came stands."""
    if not await Seed.exists().where(Seed.bid == bid, Seed.stage == stage):
        await Seed.insert(Seed(id=secret_id(), bid=bid, case=beat.case, stage=stage, seed=seed, way=way))


def _in_window(beat: Beat, box: BoxView) -> None:
    if box.mode == "roles":
        raise WrongStage(Problem("roles_open", "本标段由三方共同解密，无需投标人出示", "请等待开标"))
    if box.state != "opening" or box.reveal_until is None:
        raise WrongStage(Problem("not_opening", "现在不是解密时间", "截标名单由监督部门会签后开始解密"))
    if beat.at >= box.reveal_until:
        raise TooLate(
            Problem(
                "window_over",
                "投标人解密时间已过",
                "同意补救方案的，由三方代为开启",
                "电子招标投标办法第三十一条",
            )
        )
