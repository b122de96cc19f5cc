"""An officer's day: what waits for his keys, over all boxes, and the words of an order he is about to give."""

from collections.abc import Mapping
from typing import Any

from bidding.desk import KEY_WORK
from bidding.records import LotRow
from kernel.box import desk
from kernel.box import records as boxes
from kernel.box.records import HolderView
from kernel.identity import Actor
from kernel.permissions import permission
from kernel.web.formats import when
from supervision.cases import directive_name
from supervision.direct import GiveOrder

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
URGENT = ("attest", "release")


async def todos(actor: Actor) -> list[dict[str, Any]]:
    """What waits for this officer's keys; opening first."""
    if actor.person is None or not permission("hold_key", actor.role):
        return []
    own = await desk.holders_of(actor.person)
    if not own:
        return [_todo("登记持钥人密钥", "在您自己的电脑上生成，私钥不离开您的电脑", None, "登记")]
    found = []
    for task in await desk.waiting(own):
        box = await boxes.box(task["case"])
        due = box.fallback_until if task["do"] in URGENT else None
        found.append(
            _todo(KEY_WORK[task["do"]], f"{task['tender']}　{task['lot']} 标段", due, "办理", task["do"] in URGENT)
        )
    return sorted(found, key=lambda todo: not todo["urgent"])


async def own_holders(actor: Actor) -> list[HolderView]:
    """The officer's keys in force."""
    return await desk.holders_of(actor.person) if actor.person else []


def confirmation(command: GiveOrder, lot: LotRow, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What the page asks before an order goes out."""
    ends = [f"{when(command.until)}期满，自动失效"] if command.until else []
    rests = [f"法律依据写明：{command.article}"] if command.article else []
    return {
        "title": f"发出“{directive_name(command.kind)}”指令",
        "says": f"{lot.project_name}　{lot.name}：{command.says}",
        "consequences": [*EFFECTS[command.kind], *ends, *rests],
        "action": f"/cases/{lot.id}/directives",
        "fields": {**fields, "confirmed": "yes"},
        "confirm_label": "确认发出",
        "cancel_href": f"/cases/{lot.id}/directives/new",
        "danger": command.kind != "correct",
    }


def _todo(title: str, case: str, due: Any, action: str, urgent: bool = False) -> dict[str, Any]:
    return {
        "title": title,
        "case": case,
        "due": due,
        "article": "",
        "href": "/trustee",
        "action": action,
        "urgent": urgent,
    }
