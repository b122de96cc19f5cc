"""到场抽取: what the third role, or whoever reads out the beacon, brings into a draw that it attends."""

import base64
from typing import Any
from uuid import UUID

from experts import records
from experts.case import Tools, look_at_panel, panel_act
from kernel.db import TRADING, reading
from kernel.errors import BadInput, Problem
from kernel.identity import Actor
from kernel.toss import intake
from kernel.toss import records as draws
from kernel.toss import steps as toss


async def attend_draw(tools: Tools, actor: Actor, lot: UUID, envelope: bytes, beacon: str) -> None:
    """A message that the third role has signed at its own machine; or the public random value, as it was shown."""
    async with panel_act("attend_draw", actor, lot) as case:
        if bool(envelope) == bool(beacon):
            raise BadInput(Problem("nothing_brought", "没有签署的消息，也没有公共随机数", "二者提交其一"))
        if beacon:
            await toss.beacon(case.beat, tools.hand, case.toss, beacon)
        else:
            await intake.attend(case.beat, case.toss, envelope)
        await case.record("attend_draw", what="beacon" if beacon else "message")


async def waiting_for(actor: Actor, lot: UUID) -> dict[str, Any]:
    """What the third role has to do now (commit, seal, ready or show), and all that has been said in the draw.

    The messages are what its own program makes its answer from (`kernel.proofs.draw_role`); no name is among them.
    """
    found = await look_at_panel("attend_draw", actor, lot)
    if found is None or found[0]["toss"] is None:
        raise records.no_panel()
    async with reading(TRADING) as connection:
        view = await draws.toss_of(connection, found[0]["toss"])
        due = await draws.waiting_for(connection, view.id, "purchaser") if "purchaser" in view.roles else []
        said = [base64.b64encode(message).decode() for message in await draws.said(connection, view.id)]
    shown = {"toss": str(view.id), "stage": view.stage, "due": due, "beacon_rule": view.beacon_rule}
    return shown | {"messages": said}
