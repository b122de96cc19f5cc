"""The stages of an agency and of a request, and the moves between them; the order here is the order of the roads."""

from enum import StrEnum


class AgencyStage(StrEnum):
    """Where an agency stands in the market. The value is stored; the Chinese name is `AGENCY_NAMES[stage]`."""

    APPLIED = "applied"
    FORM_CHECK = "form_check"
    RETURNED = "returned"
    PUBLICITY = "publicity"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLEARED = "cleared"


class Stage(StrEnum):
    """Where a request stands. The value is stored; the Chinese name is `NAMES[stage]`."""

    OPEN = "open"
    CLOSED = "closed"
    SELECTED = "selected"
    ACCEPTED = "accepted"
    CONTRACTED = "contracted"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


AGENCY_NAMES = {
    AgencyStage.APPLIED: "填报中",
    AgencyStage.FORM_CHECK: "形式核验中",
    AgencyStage.RETURNED: "待补正",
    AgencyStage.PUBLICITY: "入驻公示",
    AgencyStage.ACTIVE: "在库",
    AgencyStage.SUSPENDED: "已暂停",
    AgencyStage.CLEARED: "已清退",
}

NAMES = {
    Stage.OPEN: "报名中",
    Stage.CLOSED: "待选取",
    Stage.SELECTED: "已选取",
    Stage.ACCEPTED: "已确认",
    Stage.CONTRACTED: "服务中",
    Stage.DELIVERED: "已交付",
    Stage.COMPLETED: "服务完成",
    Stage.FAILED: "已流标",
    Stage.WITHDRAWN: "已撤回",
}

ENTRY = {
    "enter": AgencyStage.FORM_CHECK,
    "check": AgencyStage.ACTIVE,
}
"""Step → the stage an agency is in when the step is done."""

ROAD = {
    "request": Stage.OPEN,
    "apply": Stage.OPEN,
    "close": Stage.CLOSED,
    "select": Stage.SELECTED,
    "confirm": Stage.ACCEPTED,
    "contract": Stage.CONTRACTED,
    "deliver": Stage.DELIVERED,
    "receive": Stage.COMPLETED,
    "rate": Stage.COMPLETED,
}
"""Step → the stage a request is in when the step is done."""

AGENCY_MOVES = {
    AgencyStage.APPLIED: {AgencyStage.FORM_CHECK},
    AgencyStage.FORM_CHECK: {AgencyStage.RETURNED, AgencyStage.PUBLICITY, AgencyStage.ACTIVE, AgencyStage.CLEARED},
    AgencyStage.RETURNED: {AgencyStage.FORM_CHECK, AgencyStage.CLEARED},
    AgencyStage.PUBLICITY: {AgencyStage.ACTIVE, AgencyStage.SUSPENDED, AgencyStage.CLEARED},
    AgencyStage.ACTIVE: {AgencyStage.SUSPENDED, AgencyStage.CLEARED},
    AgencyStage.SUSPENDED: {AgencyStage.ACTIVE, AgencyStage.CLEARED},
    AgencyStage.CLEARED: set(),
}

MOVES = {
    Stage.OPEN: {Stage.CLOSED, Stage.SELECTED, Stage.FAILED, Stage.WITHDRAWN},
    Stage.CLOSED: {Stage.SELECTED, Stage.FAILED},
    Stage.SELECTED: {Stage.SELECTED, Stage.ACCEPTED, Stage.FAILED},
    Stage.ACCEPTED: {Stage.CONTRACTED, Stage.SELECTED, Stage.FAILED},
    Stage.CONTRACTED: {Stage.DELIVERED, Stage.FAILED},
    Stage.DELIVERED: {Stage.CONTRACTED, Stage.COMPLETED},
    Stage.COMPLETED: set(),
    Stage.FAILED: set(),
    Stage.WITHDRAWN: set(),
}
"""A direct choice goes from 报名中 straight to 已选取; a refused agency gives way to the next in 已选取."""

FILED = {AgencyStage.APPLIED, AgencyStage.RETURNED}
"""Where an agency's papers are its own to change; afterwards each new one is looked at by itself."""

STANDING = {AgencyStage.PUBLICITY, AgencyStage.ACTIVE, AgencyStage.SUSPENDED}

AGENCY_WINDOWS = {
    "enter_market": set(AgencyStage) - {AgencyStage.CLEARED},
    "file_entry": FILED,
    "check_entry": {AgencyStage.FORM_CHECK},
    "check_papers": STANDING,
    "lapse_papers": STANDING,
    "end_publicity": {AgencyStage.PUBLICITY},
    "suspend_agency": {AgencyStage.PUBLICITY, AgencyStage.ACTIVE, AgencyStage.SUSPENDED},
    "restore_agency": {AgencyStage.SUSPENDED},
    "clear_agency": set(AgencyStage) - {AgencyStage.CLEARED},
}
"""Act → the stages of an agency in which it may be taken."""

WINDOWS = {
    "withdraw_request": {Stage.OPEN},
    "apply_request": {Stage.OPEN},
    "withdraw_application": {Stage.OPEN},
    "submit_quote": {Stage.OPEN},
    "withdraw_quote": {Stage.OPEN},
    "restore_quote": {Stage.OPEN, Stage.CLOSED},
    "reveal_quote": {Stage.CLOSED},
    "choose_agency": {Stage.OPEN, Stage.CLOSED},
    "accept_selection": {Stage.SELECTED, Stage.ACCEPTED},
    "file_service_contract": {Stage.ACCEPTED},
    "deliver_result": {Stage.CONTRACTED},
    "accept_result": {Stage.DELIVERED},
    "rate_service": {Stage.COMPLETED},
    "answer_rating": {Stage.COMPLETED},
    "follow_up_rating": {Stage.COMPLETED},
}
"""Act → the stages of a request in which it may be taken. An act that is not here looks at no stage."""

PUBLIC_AGENCY = STANDING | {AgencyStage.CLEARED}
"""Stages in which the public knows the agency: one that was thrown out does not vanish."""

SHOWN = set(Stage)
"""Stages in which the public knows the request: there is no draft."""


def next_agency_stage(stage: AgencyStage, to: AgencyStage) -> AgencyStage:
    """`to`, when the table of moves allows it; ValueError when not."""
    if to not in AGENCY_MOVES[stage]:
        raise ValueError(f"no move from {stage} to {to}")
    return to


def next_stage(stage: Stage, to: Stage) -> Stage:
    """`to`, when the table of moves allows it; ValueError when not."""
    if to not in MOVES[stage]:
        raise ValueError(f"no move from {stage} to {to}")
    return to
