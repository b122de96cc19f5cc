"""The stages of an expert in the pool and of a panel, the moves between them, and when each act may be taken."""

from enum import StrEnum


class ExpertStage(StrEnum):
    """Where an expert stands with the pool. The value is stored; the Chinese name is `EXPERT_NAMES[stage]`."""

    APPLIED = "applied"
    ADMITTED = "admitted"
    REFUSED = "refused"
    SUSPENDED = "suspended"


class Stage(StrEnum):
    """Where a panel stands."""

    REQUESTED = "requested"
    LISTED = "listed"
    CALLING = "calling"
    SEATED = "seated"
    LACKING = "lacking"
    VOID = "void"
    DISSOLVED = "dissolved"


EXPERT_NAMES = {
    ExpertStage.APPLIED: "待批准",
    ExpertStage.ADMITTED: "在库",
    ExpertStage.REFUSED: "未获准入库",
    ExpertStage.SUSPENDED: "暂停",
}
NAMES = {
    Stage.REQUESTED: "等待抽取",
    Stage.LISTED: "名单已定",
    Stage.CALLING: "正在通知",
    Stage.SEATED: "已满员",
    Stage.LACKING: "人选用尽",
    Stage.VOID: "抽取作废",
    Stage.DISSOLVED: "已解散",
}

ROAD = {
    "request": Stage.REQUESTED,
    "list": Stage.LISTED,
    "call": Stage.CALLING,
    "seat": Stage.SEATED,
}
"""Step → the stage a panel is in when the step is done."""

EXPERT_MOVES = {
    ExpertStage.APPLIED: {ExpertStage.ADMITTED, ExpertStage.REFUSED},
    ExpertStage.REFUSED: {ExpertStage.APPLIED},
    ExpertStage.ADMITTED: {ExpertStage.SUSPENDED, ExpertStage.APPLIED},
    ExpertStage.SUSPENDED: {ExpertStage.ADMITTED},
}
MOVES = {
    Stage.REQUESTED: {Stage.LISTED, Stage.LACKING, Stage.VOID},
    Stage.LISTED: {Stage.CALLING, Stage.VOID},
    Stage.CALLING: {Stage.SEATED, Stage.LACKING, Stage.VOID},
    Stage.SEATED: {Stage.CALLING, Stage.LACKING, Stage.DISSOLVED},
    Stage.LACKING: {Stage.CALLING, Stage.SEATED, Stage.DISSOLVED},
    Stage.VOID: {Stage.DISSOLVED},
    Stage.DISSOLVED: set(),
}

STANDING = {Stage.REQUESTED, Stage.LISTED, Stage.CALLING, Stage.SEATED, Stage.LACKING}
"""Stages of a panel that is the lot's; one at a time."""

WINDOWS = {
    "sign_in_desk": {Stage.CALLING, Stage.SEATED, Stage.LACKING},
    "declare_avoidance": {Stage.CALLING, Stage.SEATED, Stage.LACKING},
    "leave_seat": {Stage.CALLING, Stage.SEATED, Stage.LACKING},
    "replace_member": {Stage.CALLING, Stage.SEATED, Stage.LACKING},
    "elect_chair": {Stage.SEATED, Stage.CALLING, Stage.LACKING},
    "name_owner": {Stage.REQUESTED, Stage.LISTED, Stage.CALLING, Stage.SEATED, Stage.LACKING},
    "dissolve_panel": {Stage.LACKING, Stage.VOID, Stage.SEATED},
    "attend_draw": {Stage.REQUESTED, Stage.LISTED},
}
"""Act → the stages of the panel in which it may be taken. An act that is not here looks at no stage."""


def next_stage(stage: Stage, to: Stage) -> Stage:
    """`to`, when the table of moves allows it; ValueError when not."""
    if to not in MOVES[stage]:
        raise ValueError(f"no move from {stage} to {to}")
    return to


def next_expert_stage(stage: ExpertStage, to: ExpertStage) -> ExpertStage:
    """The same for an expert."""
    if to not in EXPERT_MOVES[stage]:
        raise ValueError(f"no move from {stage} to {to}")
    return to
