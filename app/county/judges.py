"""The county's judges: three hundred experts admitted by the pool's owner, and a panel that sits, scores and signs."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from importlib import import_module
from uuid import UUID

from app.county.world import World
from app.demo_people import REGION
from bidding import judging
from bidding.panel_rules import items_of
from bidding.panel_schemas import Looked, ReviewBid, ScoreBids, SignReport
from bidding.steps.evaluation.review import review_bid
from bidding.steps.evaluation.score import score_bid
from bidding.steps.report import sign_report
from experts.schemas import Quota, RequestPanel, SignInDesk
from experts.sheets import COLUMNS
from experts.steps.import_pool import import_experts
from experts.steps.request import request_panel
from experts.steps.sign_in import sign_in_desk
from kernel import decisions
from kernel.codes import make_identity_number
from kernel.db import HOME, TRADING, transaction
from kernel.decision import build_decision
from kernel.identity import PUBLIC, Actor
from kernel.ids import new_id
from kernel.paper import xlsx
from kernel.paper.workbook import Value
from kernel.proofs import dsse

PROFESSIONS = ("A080104", "A080201", "A060201")
SIZE = 5
FAMILY, GIVEN = "王李张刘陈杨赵黄周吴徐孙", "伟芳娜敏静磊军洋勇艳杰涛明超平"
PLACES, KINDS = ("浙江省", "杭州市", "宁波市", "绍兴市"), ("建筑设计院", "市政院", "交通院", "工程学院")
UNITS = [f"{place}{kind}" for place in PLACES for kind in KINDS]


async def admit_pool(world: World, count: int) -> None:
    """A sheet of so many, put in by the centre, admitted by the regulator on his own site."""
    world.turn("trading")
    sheet = xlsx("专家名册", COLUMNS, [_line(n) for n in range(count)])
    put_in = await import_experts(world.judging, world.people["operator1"], sheet)
    assert put_in.batch is not None, put_in.problems[:3]
    assert put_in.count == count, put_in.problems[:3]
    await decide(world, "admit_expert", put_in.batch, "材料齐全，准予入库", {})
    await world.go_round()


async def decide(world: World, kind: str, subject: UUID, says: str, facts: dict[str, str]) -> None:
    """What the supervision site posts once an officer has decided."""
    made = build_decision(
        id=new_id(), kind=kind, subject=subject, says=says, facts=facts, decided_by="西湖区发展和改革局"
    )
    world.turn("supervision")
    await decisions.post(dsse.sign(made, world.process).to_bytes(), keys=[world.process.public])
    world.turn("trading")


async def panel(world: World, purchaser: Actor, lot: UUID, evaluation: datetime) -> None:
    """Asked for the day before; everybody who is called answers, some of them no."""
    command = RequestPanel(
        size=SIZE, professions=[Quota(profession=PROFESSIONS[0], quota=SIZE)], evaluation_at=evaluation,
        place="交易中心三楼评标室", reply_minutes=30,
    )  # fmt: skip
    await request_panel(world.judging, purchaser, lot, command)
    await world.go_round()
    while await _answer_calls(world):
        await world.go_round()


async def sitting(world: World, lot: UUID, begin: datetime, until: str) -> AsyncIterator[datetime]:
    """From the desk to the signatures, or until it is `evaluating`; gives the moments at which it goes on."""
    judges = [Actor(role="expert", person=seat, door="page") for seat in await _sign_in(world, lot)]
    await world.look_at(lot)
    yield begin + timedelta(minutes=30)
    for judge in judges:
        await _review(judge, lot)
    if until == "evaluating":
        return
    yield begin + timedelta(hours=1)
    for n, judge in enumerate(judges):
        await _score(judge, lot, n)
    yield begin + timedelta(hours=2)
    for judge in judges:
        await sign_report(judge, lot, SignReport(decision="sign"))


async def _answer_calls(world: World) -> int:
    """Tap the link that was sent; every seventh says no."""
    world.turn("supervision")
    async with transaction(HOME) as connection:
        rows = await connection.fetch(
            "select m.link, row_number() over (order by c.called_at, c.id) as n from supervision.draw_call c"
            " join kernel.message m on m.id = c.message where c.reply = '' and c.envelope is null"
        )
    reply = import_module("supervision.calling").reply_call
    for row in rows:
        await reply(row["link"].rpartition("/")[2], "decline" if row["n"] % 7 == 0 else "accept")
    world.turn("trading")
    return len(rows)


async def _sign_in(world: World, lot: UUID) -> list[UUID]:
    """Every seated member at the desk with the code he was sent; the seats' numbers as actors."""
    async with transaction(TRADING) as connection:
        toss = await connection.fetchval("select toss from experts.panel where lot = $1 order by n desc limit 1", lot)
    world.turn("supervision")
    async with transaction(HOME) as connection:
        rows = await connection.fetch(
            "select slip from supervision.draw_call where toss = $1 and slip <> '' order by seat limit $2", toss, SIZE
        )
    world.turn("trading")
    for row in rows:
        await sign_in_desk(PUBLIC, SignInDesk(slip=row["slip"]))
    return [await _seat(lot, n) for n in range(1, len(rows) + 1)]


async def _seat(lot: UUID, number: int) -> UUID:
    async with transaction(TRADING) as connection:
        found: UUID = await connection.fetchval(
            "select s.id from experts.seat s join experts.panel p on p.id = s.panel where p.lot = $1 and s.number = $2"
            " order by p.n desc limit 1",
            lot, number,
        )  # fmt: skip
    return found


async def _review(judge: Actor, lot: UUID) -> None:
    found = await judging.last_round(lot)
    assert found is not None, "the evaluation has begun"
    items = items_of(found.basis["evaluation"], "panel")
    for bid in found.basis["bids"]:
        looked = [Looked(item=item["id"], passed=True) for item in items]
        await review_bid(judge, lot, ReviewBid(bidder=bid["bidder"], findings=looked))


async def _score(judge: Actor, lot: UUID, n: int) -> None:
    """Marks that differ a little from member to member where they judge, and nowhere else."""
    found = await judging.last_round(lot)
    assert found is not None, "the evaluation has begun"
    items = found.basis["evaluation"]["items"]
    marks = {
        bid["bidder"]: {i["id"]: _mark(i, place, n) for i in items} for place, bid in enumerate(found.basis["bids"])
    }
    await score_bid(judge, lot, ScoreBids.model_validate({"scores": marks}))


def _mark(item: dict[str, str], place: int, n: int) -> str:
    most = float(item["maximum"])
    lean = (n % 3) * 0.02 if item["kind"] == "subjective" else 0.0
    return f"{most * (0.9 - 0.05 * place - lean):.1f}"


def _line(n: int) -> list[Value]:
    born = date(1962 + n % 28, 1 + n % 12, 1 + n % 27)
    name = FAMILY[n % len(FAMILY)] + GIVEN[n % len(GIVEN)] + GIVEN[(n // 15) % len(GIVEN)]
    return [
        name, make_identity_number(REGION, born, 300 + n), f"139{n:08}", REGION, "高级", "高级工程师", 12 + n % 20,
        UNITS[n % len(UNITS)], "", date(2010, 1, 1), PROFESSIONS[0 if n % 2 else n % 3], date(2028, 12, 31),
    ]  # fmt: skip
