"""A duty's acts in a draw, inside the duty's own transaction and under its own lock."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from kernel.acts import Beat
from kernel.clock import iso
from kernel.errors import BadInput, Forbidden, NotFound, Problem, WrongStage, refuse_all
from kernel.ids import new_id
from kernel.proofs import dsse
from kernel.proofs.draw_messages import build_message
from kernel.proofs.draw_role import Party
from kernel.proofs.draw_state import Ceremony
from kernel.proofs.errors import ProofError
from kernel.toss import records
from kernel.toss.listing import build_listing, check_listing, digest_of
from kernel.toss.messages import put, story
from kernel.toss.progress import mark_void, settle_walk
from kernel.toss.schemas import CallTerms, Rebuilt, Record, TossView
from kernel.toss.tables import Listing, Toss

WITHIN = timedelta(days=1)


async def begin(
    beat: Beat,
    hand: Party,
    *,
    kind: str,
    regulator: bytes,
    purchaser: bytes | None = None,
    attended: bool = False,
    beacon_rule: str = "",
    seal_within: timedelta = WITHIN,
    replaces: UUID | None = None,
) -> UUID:
    """Start a draw of the beat's case: who takes part, under which keys, until when the pieces must be sealed.

    Unattended, the pieces are exchanged before there is a list; attended (needs a purchaser), the list comes first.
    Refuses (`WrongStage`) while another draw of this kind is under way, and (`BadInput`) a restart after a missing
    role without a beacon and a substitute, whether or not it says that it `replaces` that draw.
    """
    keys = {"operator": hand.signer.public, "regulator": regulator} | ({"purchaser": purchaser} if purchaser else {})
    if attended and not purchaser:
        raise BadInput(Problem("nobody_attends", "到场抽取须有采购人一方参加", "请登记到场人的公钥"))
    earlier = await records.tosses_of(beat.connection, beat.case, kind)
    if any(one.stage in ("begun", "sealed", "listed") for one in earlier):
        raise WrongStage(Problem("toss_running", "本案已有一次抽取正在进行", "请等待其完成"))
    if replaces is None and earlier and earlier[-1].missing:
        replaces = earlier[-1].id
    await _check_restart(beat, replaces, keys, beacon_rule)
    toss = new_id()
    data = build_message(
        "begin", str(toss), "operator", case=str(beat.case), kind=kind, attended=attended,
        roles=[{"role": role, "pk": key.hex()} for role, key in keys.items()], beacon_rule=beacon_rule,
        replaces=str(replaces or ""), at=iso(beat.at), seal_by=iso(beat.at + seal_within),
    )  # fmt: skip
    await Toss.insert(
        Toss(
            id=toss, case=beat.case, kind=kind, attended=attended, roles=list(keys), beacon_rule=beacon_rule,
            replaces=replaces, begun_at=beat.at, due_by=beat.at + seal_within,
        )
    )  # fmt: skip
    await put(beat, toss, dsse.sign(data, hand.signer))
    return toss


async def _check_restart(beat: Beat, replaces: UUID | None, keys: Mapping[str, bytes], beacon_rule: str) -> None:
    if replaces is None:
        return
    before = (await story(beat.connection, replaces)).ceremony
    old = await records.toss_of(beat.connection, replaces)
    if old.case != beat.case or old.stage != "void":
        raise BadInput(Problem("not_void", "只有作废的抽取才能重新开始", "请核对编号"))
    if not old.missing:
        return
    problems = []
    if not beacon_rule:
        says = "因一方缺席而重新开始的抽取，须使用公共随机数"
        problems.append(Problem("restart_needs_beacon", says, "请写明公共随机数的来源和期号", field="beacon_rule"))
    if dict(keys) == before.keys:
        says = "因一方缺席而重新开始的抽取，须有替补参加"
        problems.append(Problem("restart_needs_substitute", says, "请更换缺席的一方，或增加第三方"))
    refuse_all(problems, BadInput)


async def fix_list(
    beat: Beat,
    hand: Party,
    toss: UUID,
    *,
    strata: Sequence[tuple[str, int]],
    candidates: Mapping[str, Sequence[Record]],
    avoided: Sequence[tuple[Record, str]] = (),
    pool_root: str = "",
    employer_cap: int = 0,
    call: CallTerms | None = None,
) -> None:
    """D0, the trading side's half: who may be drawn, how many of each group, who was left out and why.

    Final: after it nothing about the draw is anybody's to choose. The order of what comes in means nothing.
    """
    view, ceremony = await _of(beat, toss)
    _check_awaits_list(view, ceremony)
    found = Rebuilt(candidates, avoided, pool_root)
    check_listing(strata, found)
    digest = digest_of(candidates)
    drawn = await Toss.exists().where((Toss.case == beat.case) & (Toss.digest == digest) & Toss.order.is_not_null())
    if drawn:
        raise WrongStage(Problem("list_drawn_before", "同一名单已经抽取过，不得重复抽取", "递补按原次序进行"))
    body = build_listing(os.urandom(32), strata, found, employer_cap, call)
    sha256 = dsse.Signed(body, "", ()).sha256
    await Listing.insert(Listing(toss=toss, sha256=sha256, body=body))
    rows = [{"id": s, "quota": quota, "size": len(candidates[s])} for s, quota in strata]
    signed = hand.say(
        ceremony, "list", listing=sha256, strata=rows, avoided=len(avoided), pool_root=pool_root,
        employer_cap=employer_cap, boxes=hand.boxes(ceremony, "list"),
    )  # fmt: skip
    changes: dict[Any, Any] = {
        "digest": digest, "terms": {"employer_cap": employer_cap, "call": asdict(call) if call else None},
        "strata": rows, "due_by": beat.at + WITHIN,
        "list_number": await Toss.count().where((Toss.case == beat.case) & (Toss.list_number > 0)) + 1,
    }  # fmt: skip
    await Toss.update(changes).where(Toss.id == toss)
    await put(beat, toss, signed)


def _check_awaits_list(view: TossView, ceremony: Ceremony) -> None:
    if ceremony.get("list", "operator") is not None:
        raise WrongStage(Problem("list_fixed_already", "名单已经固定", "名单固定后不能更改"))
    if view.stage != ("begun" if view.attended else "sealed"):
        raise WrongStage(Problem("pieces_not_sealed", "各方的随机片段尚未封存", "请等待各方完成"))


async def beacon(beat: Beat, hand: Party, toss: UUID, value: str) -> None:
    """State the public random value that the begin's rule names; it counts once the regulator has read the same."""
    view, ceremony = await _of(beat, toss)
    if not view.beacon_rule:
        raise WrongStage(Problem("no_beacon_rule", "这次抽取没有约定公共随机数", "无需填写"))
    _check_live(view, "sealed", "listed")
    if ceremony.get("beacon", "operator") is not None:
        raise WrongStage(Problem("beacon_said", "公共随机数已经填写", "填写后不能更改"))
    await _say(beat, hand, toss, ceremony, "beacon", value=value)


async def outcome(
    beat: Beat,
    hand: Party,
    toss: UUID,
    stratum: str,
    n: int,
    what: str,
    *,
    code: str = "",
    evidence: str = "",
) -> None:
    """What came of the agency whose turn it is (or, `withdrawn`, of one that accepted and gave up later).

    `evidence`: hex SHA-256 of what shows it. Refuses (`WrongStage`) whoever's turn it is not.
    """
    view, ceremony = await _of(beat, toss)
    _check_live(view, "ordered", "walked")
    if ceremony.walker != "operator":
        raise Forbidden(Problem("not_your_walk", "专家的通知由监督部门的系统进行", "请等待应答"))
    settled = ceremony.settled().get(stratum, {})
    turn = ceremony.walks()[stratum].next if stratum in view.order else None
    left = what == "withdrawn" and n in settled and settled[n].outcome == "accept"
    if n != turn and not left:
        raise WrongStage(Problem("out_of_turn", "还没有轮到这一家", "请按抽取的次序办理"))
    seat = (
        settled[n].seat
        if left
        else 1 + sum(one.seat > 0 for row in ceremony.settled().values() for one in row.values())
    )
    assert ceremony.draw_list is not None
    leaf = next(s for s in ceremony.draw_list.strata if s.id == stratum).leaves[n].hex()
    await _say(
        beat, hand, toss, ceremony, "outcome", stratum=stratum, n=n, leaf=leaf, outcome=what, code=code,
        seat=seat if what in ("accept", "withdrawn") else 0, slip="", evidence=evidence, at=iso(beat.at),
    )  # fmt: skip
    await settle_walk(beat, toss)


async def replace(beat: Beat, hand: Party, toss: UUID, seat: int, reason: str) -> None:
    """Give up a seat of a panel: the regulator's process asks the next in the same order."""
    view, ceremony = await _of(beat, toss)
    _check_live(view, "ordered", "walked")
    found = next((one for one in view.seats if one.number == seat and not one.withdrawn), None)
    if found is None or ceremony.walker != "regulator":
        raise NotFound(Problem("seat_gone", "没有这个席位，或已经递补", "请核对席位号"))
    asked = [m for m in ceremony.of_kind("replace") if m.value["seat"] == seat]
    if asked:
        raise WrongStage(Problem("replace_asked", "该席位已在递补", "请等待"))
    await _say(beat, hand, toss, ceremony, "replace", stratum=found.stratum, n=found.n, seat=seat, reason=reason)
    await settle_walk(beat, toss)


async def open_names(beat: Beat, hand: Party, toss: UUID, *, everyone: bool = False) -> None:
    """Ask for the names of the seated (or, for the auditor, of all): the procedure's moment has come.

    Asking again for what was asked is no fault.
    """
    view, ceremony = await _of(beat, toss)
    _check_live(view, "ordered", "walked")
    seats = len(view.seats)
    asked = [m for m in ceremony.of_kind("open") if m.value["everyone"] == everyone and m.value["seats"] == seats]
    if asked:
        raise WrongStage(Problem("names_asked", "已经请求公开", "请等待监督部门的系统公开"))
    await _say(beat, hand, toss, ceremony, "open", everyone=everyone, seats=seats)


async def void(beat: Beat, hand: Party, toss: UUID, reason: str, missing: str = "") -> None:
    """Call a draw off before its pieces are shown; the order that exists stands for good."""
    view, ceremony = await _of(beat, toss)
    _check_live(view, "begun", "sealed", "listed")
    message = hand.say(ceremony, "void", why=reason, missing=missing)
    await put(beat, toss, message)
    if (await story(beat.connection, toss)).ceremony.void is None:
        raise WrongStage(Problem("pieces_shown", "随机片段已经公开，抽取不能再作废", "请等待抽取完成"))
    await mark_void(beat, toss, reason, missing)


async def _of(beat: Beat, toss: UUID) -> tuple[TossView, Ceremony]:
    view = await records.toss_of(beat.connection, toss)
    if view.case != beat.case:
        raise NotFound(Problem("no_toss", "没有这次抽取", "请核对编号"))
    return view, (await story(beat.connection, toss)).ceremony


def _check_live(view: TossView, *stages: str) -> None:
    if view.stage not in stages:
        raise WrongStage(Problem("toss_elsewhere", "抽取现在不在这个环节", "请刷新后查看抽取的进展"))


async def _say(beat: Beat, hand: Party, toss: UUID, ceremony: Ceremony, kind: str, /, **members: object) -> None:
    try:
        signed = hand.say(ceremony, kind, **members)
    except ProofError as wrong:
        raise BadInput(Problem(wrong.code, wrong.says, "请改正后重试", field=wrong.where)) from wrong
    await put(beat, toss, signed)
