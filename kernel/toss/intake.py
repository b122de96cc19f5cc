"""Takes what others said in a draw: verified against everything said before, put on record, or refused on record."""

from uuid import UUID

from kernel.acts import Beat
from kernel.errors import BadInput, Forbidden, Problem, WrongStage
from kernel.proofs.draw_messages import Message, read_signed
from kernel.proofs.draw_opened import check_audit, check_names
from kernel.proofs.draw_state import Ceremony
from kernel.proofs.draw_walk import ACCEPT, WITHDRAWN
from kernel.proofs.dsse import read
from kernel.proofs.errors import Malformed, ProofError
from kernel.toss.messages import put, refuse, rows_of, story, take, tell_story, verified
from kernel.toss.news import tell
from kernel.toss.tables import Listing

BY_HAND = ("commit", "seal", "ready", "show")


async def attend(beat: Beat, toss: UUID, envelope: bytes) -> None:
    """A message of the third role as he signed it (DSSE); refuses what is not his to say, or not now."""
    ceremony = (await story(beat.connection, toss)).ceremony
    if str(beat.case) != ceremony.begin.value["case"]:
        raise Forbidden(Problem("other_case", "不是本案的抽取", "请核对编号"))
    try:
        signed = read(envelope)
        message = _checked_by_hand(ceremony, envelope)
        ceremony.add(message)
    except ProofError as wrong:
        raise BadInput(Problem(wrong.code, wrong.says, "请用最新的页面或工具重新生成", field=wrong.where)) from wrong
    if message.kind not in BY_HAND or message.role != "purchaser":
        raise Forbidden(Problem("not_your_message", "这不是到场一方的消息", "请按页面提示办理"))
    await put(beat, toss, signed)


def _checked_by_hand(ceremony: Ceremony, envelope: bytes) -> Message:
    if "purchaser" not in ceremony.keys:
        raise Malformed("unknown_role", "这次抽取没有到场的一方")
    message = read_signed(envelope, ceremony.keys["purchaser"])
    due = ceremony.due("purchaser")
    if message.kind in BY_HAND and message.kind != due and ceremony.get(message.kind, message.role) is None:
        raise Malformed("not_now", "还没有轮到这一步，或已经完成")
    return message


async def take_untaken(beat: Beat, toss: UUID) -> None:
    """Every message of the others that nobody has looked at: on record as good, or as refused with the reason."""
    rows = await rows_of(beat.connection, toss)
    waiting = [row for row in rows if row.leaf is None]
    if not waiting:
        return
    ceremony = tell_story(row for row in rows if row.leaf is not None).ceremony
    for row in waiting:
        try:
            message = verified(row, ceremony)
            await _check(beat, toss, ceremony, message)
            ceremony.add(message)
        except (ProofError, WrongStage) as wrong:
            await refuse(beat, toss, row.id, read(row.envelope).sha256, wrong.code)
            continue
        await take(beat, toss, row.id, message)
        await _tell(beat, toss, message)


async def _check(beat: Beat, toss: UUID, ceremony: Ceremony, message: Message) -> None:
    """What a message must be beside signed and well formed; its role says it at its time."""
    early = {"seal": "commit", "ready": "seal"}.get(message.kind)
    if early is not None and not ceremony.all_said(early):
        raise Malformed("too_early", "前一步还没有完成")
    checks = {"leaves": _leaves, "outcome": _outcome, "names": _names, "audit": _audit, "show": _show}
    if message.kind in checks:
        await checks[message.kind](beat, toss, ceremony, message)


async def _leaves(beat: Beat, toss: UUID, ceremony: Ceremony, message: Message) -> None:
    row = await Listing.select(Listing.sha256).where(Listing.toss == toss).first()
    if row is None or message.value["listing"] != row["sha256"]:
        raise Malformed("other_list", "不是所固定的名单", "listing")
    trial = Ceremony(ceremony.begin, dict(ceremony.said), list(ceremony.more))
    trial.add(message)
    _ = trial.draw_list  # raises when leaves, list and root do not agree


async def _show(beat: Beat, toss: UUID, ceremony: Ceremony, message: Message) -> None:
    if not ceremony.sealed or not ceremony.listed:
        raise Malformed("too_early", "名单固定、片段封存之前不得公开片段")


async def _outcome(beat: Beat, toss: UUID, ceremony: Ceremony, message: Message) -> None:
    said, drawn, listing = message.value, ceremony.drawn, ceremony.draw_list
    if message.role != ceremony.walker or drawn is None or listing is None:
        raise Malformed("out_of_turn", "现在没有要记的结果")
    stratum = next((s for s in listing.strata if s.id == said["stratum"]), None)
    if stratum is None or said["n"] >= len(stratum.leaves) or stratum.leaves[said["n"]].hex() != said["leaf"]:
        raise Malformed("other_leaf", "结果所指的不是名单上的这一位", "leaf")
    row = ceremony.settled()[stratum.id]
    known, accepted = row.get(said["n"]), sum(one.outcome == ACCEPT for one in row.values())
    if said["outcome"] == WITHDRAWN:
        # Given up by the duty; or taken back with a ground's code: he must avoid who turned out to bid.
        left = _given_up(ceremony, said["seat"]) or said["code"]
        if known is None or known.outcome != ACCEPT or not left:
            raise Malformed("not_given_up", "这个席位没有人要求递补", "seat")
    elif known is not None or (said["outcome"] == ACCEPT and accepted >= stratum.quota):
        raise Malformed("settled_already", "已经记过结果，或席位已满", "n")


def _given_up(ceremony: Ceremony, seat: int) -> bool:
    return any(m.value["seat"] == seat for m in ceremony.of_kind("replace"))


async def _names(beat: Beat, toss: UUID, ceremony: Ceremony, message: Message) -> None:
    if ceremony.draw_list is None or not (ceremony.of_kind("open") or ceremony.walker == "operator"):
        raise Malformed("too_early", "公开姓名的时刻还没有到")
    check_names(ceremony, message)


async def _audit(beat: Beat, toss: UUID, ceremony: Ceremony, message: Message) -> None:
    asked = any(m.value["everyone"] for m in ceremony.of_kind("open"))
    if ceremony.draw_list is None or not asked:
        raise Malformed("too_early", "公开全部名单的时刻还没有到")
    check_audit(ceremony, message)


async def _tell(beat: Beat, toss: UUID, message: Message) -> None:
    said = message.value
    if message.kind == "names":
        await tell(beat.connection, toss, "opened", {"count": len(said["openings"])})
    if message.kind != "outcome":
        return
    seat = {"stratum": said["stratum"], "n": said["n"], "seat": said["seat"]}
    if said["outcome"] == ACCEPT:
        await tell(beat.connection, toss, "seat", seat | {"slip_sha256": said["slip"]})
    elif said["outcome"] == WITHDRAWN:
        await tell(beat.connection, toss, "withdrawn", seat | {"code": said["code"]})
    else:
        facts = {"stratum": said["stratum"], "n": said["n"], "outcome": said["outcome"], "code": said["code"]}
        await tell(beat.connection, toss, "skip", facts)
