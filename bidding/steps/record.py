"""开标记录: who bid what, what was found, what was objected and answered; read out, published, never edited."""

import hashlib
from typing import Any
from uuid import UUID

from bidding import records
from bidding.case import LotCase, Tools, lot_act
from bidding.envelopes import envelope_of
from bidding.incidents import incidents
from bidding.scoring import delta, opening_draw
from bidding.stages import Stage
from bidding.tables import FirstOpening, Opening
from kernel import inbox
from kernel.accounts import records as accounts
from kernel.box import records as box_records
from kernel.box.records import BidView, BoxView
from kernel.clock import iso, when
from kernel.errors import Problem, WrongStage
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.proofs.canonical import encode

NOT_GOING_ON = "第一信封未通过，第二信封不予开启，密封保存（公路工程建设项目评标工作细则第十七条）"


async def conclude_opening(tools: Tools, actor: Actor, lot: UUID) -> str:
    """End the session and publish the record; its SHA-256. Refused while an objection has no answer."""
    async with lot_act("conclude_opening", actor, lot) as case:
        if case.lot.opened_at is None:
            raise WrongStage(Problem("not_opened", "标书尚未全部解密", "请等待解密结束"))
        waiting = [o for o in await records.objections(lot) if o.answered_at is None]
        if waiting:
            says = f"有 {len(waiting)} 项异议尚未答复"
            remedy = "请当场答复后再结束开标会"
            raise WrongStage(Problem("objection_unanswered", says, remedy, "招标投标法实施条例第四十四条"))
        return await _publish(case)


async def _publish(case: LotCase) -> str:
    body = encode(await _content(case))
    sha256 = hashlib.sha256(body).hexdigest()
    box = await box_records.box(case.lot.id)
    first = envelope_of(box.turn, box.stages) == 1
    row = (FirstOpening if first else Opening)(id=new_id(), lot=case.lot.id, body=body, sha256=sha256, at=case.beat.at)
    await row.save()
    await case.move(Stage.OPENED)
    await case.beat.record(case.lot.code, hashes={"opening": sha256})
    await case.wake(case.beat.at)
    for bid in (await box_records.standing(case.lot.id))[0]:
        fields = {"project": case.lot.name, "code": case.lot.code, "at": when(case.beat.at)}
        link = f"/lots/{case.lot.id}/record"
        await inbox.send(case.beat.connection, "opening_done", fields=fields, organisation=bid.organisation, link=link)
    return sha256


async def _content(case: LotCase) -> dict[str, Any]:
    lot, box = case.lot, await box_records.box(case.lot.id)
    standing, withdrawn = await box_records.standing(lot.id)
    found = await box_records.verdicts(lot.id)
    bids = [await _bid(bid, _found(box, bid, found)) for bid in standing]
    objections = [
        {"by": o.organisation_name, "text": o.text, "at": iso(o.raised_at), "answer": o.answer}
        for o in await records.objections(lot.id)
    ]
    head = {
        "type": "yangguang.opening/1",
        "tender": lot.project_code,
        "lot": lot.number,
        "at": iso(case.beat.at),
    }
    names = {
        "project": lot.project_name,
        "lot_name": lot.name,
        "purchaser": lot.purchaser_name,
        "place": lot.place,
    }
    moments = {"deadline": iso(lot.deadline or case.beat.at), "opened": iso(lot.opened_at or case.beat.at)}
    lists = {"bids": bids, "withdrawn": len(withdrawn), "objections": objections, "incidents": await incidents(lot.id)}
    drawn = await _drawn(lot.id, box, {bid["sha256"] for bid in bids if bid["outcome"] == "opened"})
    return head | names | moments | lists | drawn | {"mode": lot.mode, "close": box.close, "setup": box.setup}


async def _drawn(lot: UUID, box: BoxView, opened: set[str]) -> dict[str, str]:
    """What the opening draws for the evaluation: out of the close and the seeds, so that anybody can draw it again."""
    first = box.due[0]
    seeds = {bid: seed for (bid, stage), (seed, _) in (await box_records.seeds(lot)).items() if stage == first}
    draw = opening_draw(box.close, {bid: seed for bid, seed in seeds.items() if bid in opened})
    evaluation = {**(await records.notices(lot))[0].content["content"]["evaluation"], "draw": draw}
    return {"draw": draw, "delta": str(delta(evaluation)) if "delta" in evaluation["price"] else ""}


def _found(box: BoxView, bid: BidView, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was found of a bid, stage by stage; the second envelope of one that did not pass stays shut."""
    own = [v for v in found if v["bid"] == bid.sha256]
    if box.going_on is None or bid.sha256 in box.going_on:
        return own
    shut = {"outcome": "kept_shut", "culprit": "", "code": "not_going_on", "says": NOT_GOING_ON, "index": None}
    return own + [{"stage": stage, **shut} for stage in box.due]


async def _bid(bid: BidView, found: list[dict[str, Any]]) -> dict[str, Any]:
    organisation = await accounts.organisation(bid.organisation)
    form: dict[str, Any] = next((v["index"]["form"] for v in found if v["index"] is not None), {})
    shut = [v for v in found if v["outcome"] != "opened"]
    stages = [{"stage": v["stage"], "outcome": v["outcome"], "code": v["code"], "says": v["says"]} for v in found]
    return {
        "bidder": bid.bidder,
        "name": organisation.name if organisation else bid.bidder,
        "sha256": bid.sha256,
        "received": iso(bid.received),
        "outcome": shut[0]["outcome"] if shut else "opened",
        "says": (shut or [v for v in found if v["says"] != "已解密"] or [{"says": "已解密"}])[0]["says"],
        "culprit": shut[0]["culprit"] if shut else "",
        "form": form,
        "stages": stages,
    }
