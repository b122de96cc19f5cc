"""A request of the county's supermarket as a story, from the notice to the rating, unless the plan has it rest."""

import base64
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from app.county.market import WAITING, items_of
from app.county.player import paper
from app.county.world import World
from app.demo_people import REGION
from intermediaries.catalogue import item_id
from intermediaries.records import requests as records
from intermediaries.request_look import own_shortlist
from intermediaries.schemas.requests import (
    AcceptResult,
    AnswerRating,
    AnswerSelection,
    ApplyRequest,
    ChooseAgency,
    ConfirmContract,
    DeliverResult,
    FileContract,
    PublishRequest,
    RateService,
    ResultFile,
    RevealQuote,
    SubmitQuote,
)
from intermediaries.steps.apply import apply_request
from intermediaries.steps.confirm import answer_selection
from intermediaries.steps.contract import confirm_contract, file_contract
from intermediaries.steps.deliver import deliver_result
from intermediaries.steps.quote import PURPOSE, reveal_quote, submit_quote
from intermediaries.steps.rate import answer_rating, rate_service
from intermediaries.steps.receive import accept_result
from intermediaries.steps.request import publish_request
from intermediaries.steps.select import choose_agency
from kernel.box import records as boxes
from kernel.identity import Actor
from kernel.proofs.sealing import Content, Sealed, reveal_all, seal_bid
from kernel.proofs.signers import Ed25519Signer

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """A row of plan.toml: whose request, for what, by which mode, how many agencies come, and how far it goes.

    `chosen` is the agency an owner picks who may choose; without it he takes the first he is shown.
    """

    owner: str
    item: str
    name: str
    mode: str
    begin: datetime
    amount: int
    agencies: int
    fiscal: int = 0
    until: str = ""
    stars: int = 5
    chosen: str = ""


async def request(world: World, asked: Asked, agencies: int) -> AsyncIterator[datetime]:
    """From the notice to the owner's rating, unless the plan says where it stops; so many agencies are there."""
    owner, close = world.people[asked.owner], (asked.begin + 3 * DAY).replace(hour=17, minute=0)
    given = await publish_request(world.player.tools, owner, _command(asked, close))
    case = UUID(given["request"])
    if asked.mode == "direct":
        yield asked.begin + timedelta(hours=1)
        await _choose(owner, case, world.people[asked.chosen] if asked.chosen else None)
    else:
        coming = _coming(world, asked, agencies)
        async for moment in _applied(world, asked, case, coming, close):
            yield moment
    if asked.until in ("open", "closed"):
        return
    async for moment in _served(world, asked, case, (asked.begin if asked.mode == "direct" else close) + DAY):
        yield moment


async def _applied(
    world: World, asked: Asked, case: UUID, coming: Sequence[Actor], close: datetime
) -> AsyncIterator[datetime]:
    """Agencies apply, or seal a quote and open it after the deadline; then the draw, the price or the owner picks."""
    yield asked.begin + DAY
    row = await records.request(case)
    sealed = []
    for n, agency in enumerate(coming):
        if row.mode_row["quotes"]:
            sealed.append(await _quote(world, case, agency, asked.amount * (90 + 3 * n) // 100))
        else:
            await apply_request(agency, case, ApplyRequest(says="具备条件，愿意承接。"))
    if asked.until == "open":
        return
    yield close
    if sealed:
        for _ in ("the list is fixed", "and countersigned"):
            yield close + timedelta(minutes=5)
    for agency, signer, bid in sealed:
        envelopes = [_b64(s.to_bytes()) for s in reveal_all(bid.bid, (await boxes.box(case)).close, bid.seeds, signer)]
        await reveal_quote(world.player.tools, agency, case, RevealQuote(envelopes=envelopes))
    if asked.mode == "merit" and asked.until != "closed":
        yield close + timedelta(minutes=20)
        await _choose(world.people[asked.owner], case)


async def _served(world: World, asked: Asked, case: UUID, start: datetime) -> AsyncIterator[datetime]:
    """Accepted, agreed, done, received and rated, a day or some between."""
    owner, tools = world.people[asked.owner], world.player.tools
    yield start
    chosen = await records.last_selection(case)
    if chosen is None or asked.until == "selected":
        return
    agency = next(a for a in world.people.values() if a.organisation == chosen.organisation)
    await answer_selection(tools, agency, case, AnswerSelection(answer="accept"))
    yield start + DAY
    price = chosen.price if chosen.price is not None else Decimal(asked.amount)
    terms = FileContract(price=price, service_days=7, signed_on=(start + DAY).date())
    await file_contract(tools, owner, case, terms)
    await confirm_contract(agency, case, ConfirmContract(answer="confirm"))
    if asked.until == "serving":
        return
    yield start + 5 * DAY
    report = await world.player.upload(agency, "service_result", paper("服务成果", "成果报告正文。"))
    files = [ResultFile(label="成果报告.pdf", upload=report)]
    await deliver_result(tools, agency, case, DeliverResult(says="成果已完成", files=files))
    if asked.until == "delivered":
        return
    yield start + 6 * DAY
    await accept_result(tools, owner, case, AcceptResult(answer="accept"))
    if asked.until == "accepted":
        return
    yield start + 7 * DAY
    await _rate(owner, agency, case, asked.stars)


async def _rate(owner: Actor, agency: Actor, case: UUID, stars: int) -> None:
    says = {5: "专业、及时，沟通顺畅。", 4: "总体满意。", 3: "尚可，工期略紧。"}.get(
        stars, "成果多次返工，联系不上负责人。"
    )
    await rate_service(owner, case, RateService(stars=stars, on_time=stars > 2, quality=stars > 2, says=says))
    if stars <= 2:
        await answer_rating(agency, case, "owner", AnswerRating(says="已安排负责人上门说明，并免费补充测量。"))


async def _choose(owner: Actor, case: UUID, agency: Actor | None = None) -> None:
    """This agency, or the first of the list he is shown, which is frozen with his choice."""
    listed = await own_shortlist(owner, case)
    name = agency.organisation_name if agency else listed.agencies[0]["name"]
    wanted = next(one["agency"] for one in listed.agencies if one["name"] == name)
    command = ChooseAgency(agency=UUID(wanted), reason="评价好，承诺时限短", seen=listed.sha256)
    await choose_agency(owner, case, command)


def _coming(world: World, asked: Asked, agencies: int) -> Sequence[Actor]:
    """Some of those that serve the item, not always the same."""
    able = [n for n in range(1, agencies + 1 - WAITING) if asked.item in items_of(n)]
    first = asked.begin.day % max(1, len(able))
    return [world.people[f"agency{n}"] for n in (able[first:] + able[:first])[: asked.agencies]]


async def _quote(world: World, case: UUID, actor: Actor, price: int) -> tuple[Actor, Ed25519Signer, Sealed]:
    box = await boxes.box(case)
    signer, folder = Ed25519Signer.generate(), world.player.folder / actor.organisation_code
    folder.mkdir(exist_ok=True)
    bid = seal_bid(
        await boxes.setup(box), {"price": Content(form={"price": f"{price}.00"})}, bidder=actor.organisation_code,
        notice=box.notice, fallback=False, signer=signer, folder=folder,
    )  # fmt: skip
    sent = await world.player.sent(actor, f"{PURPOSE}:{case}", bid, folder)
    command = SubmitQuote(envelope=_b64(bid.signed.to_bytes()), public_key=_b64(signer.public), uploads=sent)
    await submit_quote(world.player.tools, actor, case, command)
    return actor, signer, bid


def _command(asked: Asked, close: datetime) -> PublishRequest:
    quoted = asked.mode in ("lowest", "best_price", "mean_price")
    return PublishRequest(
        item=item_id(asked.item), name=asked.name, region=REGION, mode=asked.mode, fiscal_percent=asked.fiscal,
        amount=Decimal(asked.amount), highest=Decimal(2 * asked.amount) if quoted else None, service_days=7,
        apply_until=None if asked.mode == "direct" else close, content="按清单约定的内容和深度完成。",
        complaints_phone="0571-87650000",
    )  # fmt: skip


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode()
