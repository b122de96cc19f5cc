"""What officers do with a complaint, one function an act; each leaves its line in the book and in the log."""

from uuid import UUID

from experts.records import grounds as avoidance_grounds
from kernel.errors import Forbidden, Problem, WrongStage, refuse_all
from kernel.identity import Actor
from supervision.complaints import sheets
from supervision.complaints.case import handling
from supervision.complaints.records import ComplaintView
from supervision.complaints.rules import must_avoid
from supervision.complaints.schemas import Decide, Exclude, Say, Serve, Undertake
from supervision.complaints.stages import Stage
from supervision.complaints.tracks import workdays_of

WAYS = {"electronic": "电子送达", "direct": "直接送达", "post": "邮寄送达"}
OUTCOMES = {"upheld": "投诉事项属实", "partly": "投诉事项部分属实", "rejected": "投诉事项不属实"}


async def admit(actor: Actor, complaint: UUID, command: Undertake) -> None:
    """Take the complaint up; whoever does is its first investigator. The clock of the decision starts."""
    async with handling("admit", actor, complaint) as case:
        declared = _declared(command)
        await case.move(Stage.ADMITTED, admitted_at=case.at, first=actor.person, first_name=actor.name)
        await case.enter("予以受理", declared)


async def admit_by_lapse(actor: Actor, complaint: UUID) -> bool:
    """Where a track says so: nobody decided in time, so it counts as admitted. False when somebody was quicker."""
    async with handling("admit", actor, complaint) as case:
        await case.move(Stage.ADMITTED, admitted_at=case.at)
        await case.enter("逾期未作决定，视为受理（平台规则，非法定）")
    return True


async def refuse(actor: Actor, complaint: UUID, command: Say) -> None:
    """Refuse to take it up, in writing, with the reason."""
    async with handling("refuse", actor, complaint) as case:
        sha256 = await case.keep("refusal", "不予受理决定书.pdf", sheets.refusal(case.view, command.says, case.at))
        await case.move(Stage.REFUSED, first=actor.person, first_name=actor.name)
        await case.enter(command.says, {"refusal": sha256})


async def join(actor: Actor, complaint: UUID, command: Undertake) -> None:
    """Become the second investigator; the law asks for two."""
    async with handling("join", actor, complaint) as case:
        declared = _declared(command)
        if case.view.second is not None and case.view.first is not None:
            raise WrongStage(Problem("two_already", "已有两名调查人员", "如需更换请由本人退出"))
        if actor.person in (case.view.first, case.view.second):
            raise Forbidden(Problem("same_officer", "您已是本案的调查人员", "请由另一名监督人员参加"))
        place = {"second": actor.person, "second_name": actor.name}
        if case.view.first is None:
            place = {"first": actor.person, "first_name": actor.name}
        await case.change(**place)
        await case.enter("参加调查", declared)


async def note(actor: Actor, complaint: UUID, command: Say) -> None:
    """Put an investigation on paper: who was asked, what was found, what the respondent says."""
    async with handling("note", actor, complaint) as case:
        _one_of_two(case.view, actor)
        await case.enter(command.says)


async def exclude(actor: Actor, complaint: UUID, command: Exclude) -> None:
    """A stretch of tests, expert opinions or corrections that does not count; the decision is due that much later."""
    async with handling("exclude", actor, complaint) as case:
        _one_of_two(case.view, actor)
        if case.view.admitted_at is None or command.first < case.view.admitted_at.date():
            raise WrongStage(
                Problem("before_admission", "受理以前的时间不在处理期限内", "请填写受理以后的起日", field="first")
            )
        facts = {"from": f"{command.first}", "until": f"{command.last}"}
        facts["workdays"] = str(workdays_of(command.first, command.last))
        await case.enter(command.says, facts)


async def draft(actor: Actor, complaint: UUID, command: Decide) -> None:
    """One of the two writes the decision; the other will have to confirm it."""
    async with handling("draft", actor, complaint) as case:
        _one_of_two(case.view, actor)
        if case.view.first is None or case.view.second is None:
            says = f"调查人员应不少于 {case.view.track.investigators} 人"
            raise WrongStage(
                Problem("two_needed", says, "请另一名监督人员参加调查", case.view.track.investigators_article)
            )
        words = f"{command.says}\n依据：{command.article}"
        await case.move(Stage.DRAFTED, drafted_by=actor.person, outcome=command.outcome, decision=words)
        await case.enter(words, {"outcome": command.outcome})


async def send_back(actor: Actor, complaint: UUID, command: Say) -> None:
    """The second does not agree; it goes on being investigated."""
    async with handling("send_back", actor, complaint) as case:
        _the_other(case.view, actor)
        await case.move(Stage.ADMITTED, outcome="", decision="", drafted_by=None)
        await case.enter(command.says)


async def confirm(actor: Actor, complaint: UUID) -> None:
    """The second agrees: the decision is made, on paper; without the paper nothing is closed."""
    async with handling("confirm", actor, complaint) as case:
        _the_other(case.view, actor)
        body = sheets.decision(case.view, OUTCOMES[case.view.outcome], actor.organisation_name, case.at)
        sha256 = await case.keep("decision", "投诉处理决定书.pdf", body)
        await case.move(Stage.DECIDED)
        await case.enter(OUTCOMES[case.view.outcome], {"decision": sha256})


async def serve(actor: Actor, complaint: UUID, command: Serve) -> None:
    """The paper has reached the complainant, and this is how one can see it."""
    async with handling("serve", actor, complaint) as case:
        words = f"{WAYS[command.way]}：{command.to}；{command.proof}"
        sha256 = await case.keep("service", "送达回证.pdf", sheets.service(case.view, words, case.at))
        await case.move(Stage.SERVED)
        await case.enter(words, {"service": sha256})


async def withdraw(actor: Actor, complaint: UUID, command: Say) -> None:
    """The complainant asks to withdraw; the officer grants it, unless what was found is plainly unlawful."""
    async with handling("withdraw", actor, complaint) as case:
        await case.move(Stage.WITHDRAWN)
        await case.enter(command.says)


def _declared(command: Undertake) -> dict[str, str]:
    """What the book keeps of a declaration: none of these grounds stands. Refused where one does."""
    grounds = avoidance_grounds("handler")
    refuse_all(must_avoid(command.avoids, grounds), Forbidden)
    return {"no_ground_of": "、".join(ground.code for ground in grounds)}


def _one_of_two(view: ComplaintView, actor: Actor) -> None:
    if actor.person not in (view.first, view.second):
        raise Forbidden(Problem("not_investigator", "您不是本案的调查人员", "请先参加调查"))


def _the_other(view: ComplaintView, actor: Actor) -> None:
    _one_of_two(view, actor)
    if actor.person == view.drafted_by:
        raise Forbidden(Problem("own_draft", "起草人不能复核自己的决定", "请由另一名调查人员复核"))
