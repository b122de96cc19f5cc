"""The pages of the evaluation in a browser: a member's desk, the purchaser's progress, a bidder's answers."""

from cheats import spoil
from judging_road import Hearing, hearing, opened
from road import actor
from town_in_chromium import PRICES, TownInChromium

from bidding import judging, records
from bidding.panel_schemas import AnswerClarification, AskClarification
from bidding.steps.evaluation.clarify import answer_clarification, ask_clarification
from kernel.box import records as box_records
from kernel.proofs.bid import read_bid

pytest_plugins = ("town_in_chromium",)


async def test_every_page_of_an_evaluation(town: TownInChromium) -> None:
    """The member who looks is the purchaser's own: he sits on the panel by his own account."""
    county = town.county
    lot = await opened(county, town.clock, await county.announced(), PRICES)
    member = await actor("purchaser", county.purchaser.organisation_code, county.purchaser.organisation_name)
    panel = await hearing(county, lot, owner=member)
    seat, bidder = f"/lots/{lot}/seat", (await county.bidder(1)).actor.organisation_code
    question = AskClarification(bidder=bidder, text="请说明工期 180 天是否包括雨季停工。")
    await ask_clarification(panel.judges[0], lot, question)
    await town.look("review-member", member, seat, f"{seat}/bids/{bidder}", f"{seat}/scores")
    await town.look("review-purchaser", county.purchaser, f"/lots/{lot}/evaluation")
    await town.look("review-bidder", (await county.bidder(1)).actor, "/workbench", f"/lots/{lot}/clarifications")
    await answered(panel)
    await panel.review_all()
    (bid,) = [bid for bid in (await box_records.standing(lot))[0] if bid.bidder == bidder]
    index = read_bid(bid.body, await county.setup(lot)).stage("documents").files[0]
    spoil(county.tools.store, index.sha256, lost=False)  # from now on his page says what the platform has lost
    await town.look("score-member", member, seat, f"{seat}/scores", f"{seat}/bids/{bidder}")
    await panel.score_all(await panel.marks(await panel.bidders()))
    await town.look("report-member", member, seat, f"{seat}/report")
    await panel.sign_all()
    project = (await records.lot(lot)).project
    await town.look("signed-purchaser", county.purchaser, f"/lots/{lot}/evaluation", f"/projects/{project}")
    assert town.faults == {}


async def answered(panel: Hearing) -> None:
    """The bidder answers what waits."""
    (question,) = await judging.questions(panel.lot)
    bidder = (await panel.county.bidder(1)).actor
    said = AnswerClarification(clarification=question.id, text="已包括雨季停工时间。")
    await answer_clarification(bidder, panel.lot, said)
