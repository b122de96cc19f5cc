"""The rehearsals of a lot as both sites show them: where each stands, and its report once it has opened."""

import json
from typing import Any
from uuid import UUID

from kernel.box import records as boxes
from kernel.box import rehearsal
from kernel.box.rehearsal import RehearsalView

STEPS = {
    "setup": "等待持钥人提供密钥、签署设定",
    "ready": "等待演练截标",
    "listed": "核对名单（五分钟）",
    "closed": "等待监督部门会签",
    "opening": "解密中：等待三方核验并交出份额",
}


async def shown(lot: UUID) -> list[dict[str, Any]]:
    """{view, tender, step, report}, newest first; `step` says what is waited for, `report` is parsed or None."""
    return [await _one(view) for view in await rehearsal.of_lot(lot)]


async def _one(view: RehearsalView) -> dict[str, Any]:
    box = await boxes.box(view.case)
    report = json.loads(view.report) if view.report is not None else None
    step = "" if report else STEPS.get(box.state, "")
    return {"view": view, "tender": box.tender, "step": step, "report": report}
