"""An officer's day: what waits for his keys, over all boxes, and the words of an order he is about to give."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel import letters
from kernel.box import desk, showing
from kernel.box import records as boxes
from kernel.decision import KINDS as DECISIONS
from kernel.identity import Actor
from kernel.permissions import permission
from kernel.web.formats import when
from supervision.direct import KINDS as KIND_NAMES
from supervision.direct import GiveOrder, Ordered
from supervision.drafts import DraftView
from supervision.points import LEVEL_NAMES, PARTIES

KINDS = [
    {"value": "suspend", "label": "责令暂停", "hint": "交易环节随即停办，期限停止计算，直到解除或期满"},
    {"value": "resume", "label": "恢复", "hint": "解除一件指令；须选明解除哪一件"},
    {"value": "correct", "label": "责令改正", "hint": "公开要求改正，不停办交易环节"},
]
EFFECTS = {
    "suspend": [
        "本标段的递交、截标、解密等一切环节立即停办",
        "期满或另发恢复指令后才能继续",
        "指令、依据和发出单位向各方公开，不能删除",
    ],
    "resume": ["所选指令立即失效，交易环节恢复办理", "恢复指令同样公开，不能删除"],
    "correct": ["本标段页面公开显示改正要求，交易环节不停办", "指令、依据和发出单位不能删除"],
}
SECOND = "由同一地区、部门的另一名监督人员复核；复核后立即生效，在此以前没有任何效力"
URGENT = ("attest", "release")


async def key_todos(actor: Actor) -> list[dict[str, Any]]:
    """What waits for this officer's keys; opening first."""
    if actor.person is None or not permission("hold_key", actor.role):
        return []
    own = await desk.holders_of(actor.person)
    if not own:
        return [todo("登记持钥人密钥", "在您自己的电脑上生成，私钥不离开您的电脑", None, "登记")]
    found = []
    for task in await desk.waiting(own):
        box = await boxes.box(task["case"])
        due = box.fallback_until if task["do"] in URGENT else box.deadline_at if task["do"] == "tested" else None
        found.append(
            todo(
                desk.KEY_WORK[task["do"]],
                f"{task['tender']}　{task['lot']} 标段",
                due,
                "办理",
                urgent=task["do"] in URGENT,
            )
        )
    for task in await showing.to_show(own):
        due = datetime.fromisoformat(task["until"])
        found.append(todo(showing.TITLE, f"{task['tender']}　{task['lot']} 标段", due, "出示", urgent=True))
    return sorted(found, key=lambda one: not one["urgent"])


def confirmation(command: GiveOrder, about: Ordered, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What the page asks before an order goes out."""
    ends = [f"{when(command.until)}期满，自动失效"] if command.until else []
    rests = [f"法律依据写明：{command.article}"] if command.article else []
    return {
        "title": f"起草“{KIND_NAMES[command.kind]}”指令",
        "says": f"{about.title}：{command.says}",
        "consequences": [SECOND, *EFFECTS[command.kind], *ends, *rests],
        "action": f"/cases/{about.id}/directives",
        "fields": {**fields, "confirmed": "yes"},
        "confirm_label": "提交复核",
        "cancel_href": f"/cases/{about.id}/directives/new",
        "danger": command.kind != "correct",
    }


async def correspondence(case: UUID) -> list[dict[str, Any]]:
    """Every letter written in a case, with its answers, the oldest first."""
    return await _with_answers(await letters.of_case(case))


async def about(card: UUID) -> list[dict[str, Any]]:
    """The letters about one card, with their answers."""
    return await _with_answers(await letters.of_matters([card]))


async def _with_answers(written: list[letters.LetterView]) -> list[dict[str, Any]]:
    answers = await letters.replies([view.paper.id for view in written])
    return [{"letter": view, "replies": [a for a in answers if a.letter == view.paper.id]} for view in written]


def lines_of(draft: DraftView) -> list[dict[str, Any]]:
    """What a draft says, in words for whoever confirms it."""
    said = draft.command
    until = datetime.fromisoformat(said["until"]) if said.get("until") else None
    kind = KIND_NAMES.get(str(said.get("kind")), DECISIONS.get(str(said.get("kind")), ""))
    lines = [
        ("种类", kind or LEVEL_NAMES.get(str(said.get("level")), ""), "text"),
        ("当事人", PARTIES.get(str(said.get("party")), ""), "text"),
        ("事项", said.get("title", ""), "text"),
        ("内容与理由", said.get("says", ""), "text"),
        ("依据", said.get("article", ""), "text"),
        ("期满", until, "when"),
        ("评价等级", said.get("stars") or "", "text"),
        ("解除的指令", said.get("lifts") or "", "text"),
    ]
    return [{"label": label, "value": value, "kind": form} for label, value, form in lines if value]


def todo(
    title: str, case: str, due: datetime | None, action: str, href: str = "/trustee", article: str = "",
    urgent: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """One thing that waits: what, of which case, until when, and where it is done."""
    return {
        "title": title,
        "case": case,
        "due": due,
        "article": article,
        "href": href,
        "action": action,
        "urgent": urgent,
    }
