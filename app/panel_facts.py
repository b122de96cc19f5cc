"""What experts are told of a lot: put together here, where the roof sees both; neither duty knows the other."""

from uuid import UUID

from bidding import records
from bidding.case import Tools as BiddingTools
from bidding.procedures import PROCEDURES
from bidding.records import LotRow
from bidding.stages import Stage
from experts.case import Tools
from experts.rules import Party
from experts.schemas import LotFacts
from kernel.accounts import records as accounts
from kernel.accounts.keys import Keys
from kernel.web.names import category_name

BEFORE_JUDGING = {Stage.ANNOUNCED, Stage.CLOSED, Stage.OPENING, Stage.OPENED}
WITH_RESULT = {Stage.AWARDED, Stage.CONTRACTED, Stage.ARCHIVED, Stage.FAILED}
OVER = {Stage.CONTRACTED, Stage.ARCHIVED, Stage.FAILED}
NAMES_FROM = {"result": WITH_RESULT, "end": OVER}
"""A procedure's word for the moment at which the names are opened → the stages from there on."""


def judging_tools(tools: BiddingTools, keys: Keys) -> Tools:
    """The tools of the experts' steps, from the site's."""
    return Tools(tools.store, tools.law, keys, tools.hand, tools.regulator, lot_facts)


async def lot_facts(lot: UUID) -> LotFacts:
    """All that experts need of a lot; `NotFound`."""
    row = await records.lot(lot)
    panel = PROCEDURES[row.procedure].panel
    return LotFacts(
        lot=row.id,
        code=row.code,
        title=f"{row.project_name}　{row.name}",
        trade=category_name(row.category),
        procedure=row.procedure,
        category=row.category,
        region=row.region,
        department=row.department,
        purchaser=row.purchaser,
        agent=row.agent,
        project=row.project,
        law_day=row.law_day,
        least=panel.size(row.estimate),
        share=panel.experts,
        owner_may_chair=panel.owner_may_chair,
        open_for_panel=row.stage in BEFORE_JUDGING,
        parties=await _parties(row),
        bidders=await _bidders(row),
        result=row.stage in NAMES_FROM[panel.announce_names],
        attended=panel.attended,
        over=row.stage in OVER,
    )


async def _parties(row: LotRow) -> tuple[Party, ...]:
    found = [Party("department", row.department, row.department)]
    for role, unit, name in (("purchaser", row.purchaser, row.purchaser_name), ("agent", row.agent, row.agent_name)):
        view = await accounts.organisation(unit) if unit else None
        if view is not None:
            found.append(Party(role, view.code, name, await accounts.group_of(view.code)))
    return tuple(found)


async def _bidders(row: LotRow) -> tuple[Party, ...] | None:
    """Who has bid, once the opening record names them."""
    record = await records.opening(row.id)
    if record is None:
        return None
    return tuple(
        [
            Party("bidder", bid["bidder"], bid["name"], await accounts.group_of(bid["bidder"]))
            for bid in record[0]["bids"]
        ]
    )
