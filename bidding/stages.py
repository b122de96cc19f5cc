"""The stages of a lot and the moves between them; the order here is the order of the road."""

from enum import StrEnum


class Stage(StrEnum):
    """Where a lot stands. The value is stored; the Chinese name is `NAMES[stage]`."""

    REGISTERED = "registered"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    ANNOUNCED = "announced"
    CLOSED = "closed"
    OPENING = "opening"
    OPENED = "opened"
    EVALUATING = "evaluating"
    EVALUATED = "evaluated"
    PUBLICISED = "publicised"
    AWARDED = "awarded"
    CONTRACTED = "contracted"
    ARCHIVED = "archived"
    FAILED = "failed"


NAMES = {
    Stage.REGISTERED: "已登记",
    Stage.RETURNED: "待补正",
    Stage.ACCEPTED: "已受理",
    Stage.ANNOUNCED: "公告中",
    Stage.CLOSED: "已截标",
    Stage.OPENING: "开标中",
    Stage.OPENED: "已开标",
    Stage.EVALUATING: "评标中",
    Stage.EVALUATED: "已出评标报告",
    Stage.PUBLICISED: "候选人公示",
    Stage.AWARDED: "已定标",
    Stage.CONTRACTED: "已签约",
    Stage.ARCHIVED: "已归档",
    Stage.FAILED: "已流标",
}

TERMINATED = "终止招标"
"""What the reason of a case begins with that its purchaser ended of his own accord."""
GROUPED = {**NAMES, Stage.FAILED: "流标或终止"}
"""What a stage is called where lots are counted or asked for by it: both ways to fail stand together."""

ROAD = {
    "register": Stage.REGISTERED,
    "accept": Stage.ACCEPTED,
    "publish": Stage.ANNOUNCED,
    "submit": Stage.ANNOUNCED,
    "close": Stage.CLOSED,
    "open": Stage.OPENING,
    "record": Stage.OPENED,
    "evaluate": Stage.EVALUATING,
    "report": Stage.EVALUATED,
    "publicise": Stage.PUBLICISED,
    "award": Stage.AWARDED,
    "contract": Stage.CONTRACTED,
    "archive": Stage.ARCHIVED,
}
"""Step → the stage a lot is in when the step is done."""

MOVES = {
    Stage.REGISTERED: {Stage.ACCEPTED, Stage.RETURNED},
    Stage.RETURNED: {Stage.REGISTERED},
    Stage.ACCEPTED: {Stage.ANNOUNCED},
    Stage.ANNOUNCED: {Stage.CLOSED, Stage.FAILED},
    Stage.CLOSED: {Stage.OPENING, Stage.FAILED},
    Stage.OPENING: {Stage.OPENED, Stage.FAILED},
    Stage.OPENED: {Stage.EVALUATING, Stage.FAILED},
    Stage.EVALUATING: {Stage.EVALUATED, Stage.OPENING, Stage.FAILED},
    Stage.EVALUATED: {Stage.EVALUATING, Stage.PUBLICISED, Stage.AWARDED, Stage.FAILED},
    Stage.PUBLICISED: {Stage.EVALUATING, Stage.AWARDED, Stage.FAILED},
    Stage.AWARDED: {Stage.CONTRACTED, Stage.FAILED},
    Stage.CONTRACTED: {Stage.ARCHIVED},
    Stage.ARCHIVED: set(),
    Stage.FAILED: {Stage.ARCHIVED},
}

SEALED_IN = set(Stage) - {Stage.REGISTERED, Stage.RETURNED, Stage.ACCEPTED}
"""Where a bid may be sent to: whether it is in time is the box's to say, so that late is always called late."""

RECORDED_IN = {Stage.CLOSED, Stage.OPENING, Stage.OPENED, Stage.EVALUATING, Stage.EVALUATED, Stage.PUBLICISED}
"""Where the hash of a room's recording may be kept: while the panel's report may still be challenged."""

ENDED_IN = {
    *(Stage.ANNOUNCED, Stage.CLOSED),
    *(Stage.OPENED, Stage.EVALUATING, Stage.EVALUATED, Stage.PUBLICISED, Stage.AWARDED),
}
"""Where a purchaser may end his case: any time after the notice, except while it is being opened."""

WINDOWS = {
    "accept_project": {Stage.REGISTERED},
    "answer_return": {Stage.RETURNED},
    "publish_notice": {Stage.ACCEPTED},
    "amend_notice": {Stage.ANNOUNCED},
    "leave_contact": {Stage.ANNOUNCED},
    "hold_key": {Stage.ACCEPTED, Stage.ANNOUNCED, Stage.CLOSED, Stage.OPENING},
    "rehearse_opening": {Stage.ACCEPTED, Stage.ANNOUNCED},
    "submit_bid": SEALED_IN,
    "withdraw_bid": SEALED_IN,
    "restore_bid": {Stage.ANNOUNCED, Stage.CLOSED},
    "reveal_bid": {Stage.CLOSED, Stage.OPENING},
    "answer_cure": {Stage.CLOSED, Stage.OPENING},
    "raise_objection": {Stage.CLOSED, Stage.OPENING},
    "answer_objection": {Stage.CLOSED, Stage.OPENING},
    "conclude_opening": {Stage.OPENING},
    "sign_hall": {Stage.CLOSED, Stage.OPENING},
    "sign_opening": {Stage.OPENED, Stage.EVALUATING, Stage.EVALUATED},
    "book_room": {Stage.ANNOUNCED, Stage.CLOSED, Stage.OPENING, Stage.OPENED, Stage.EVALUATING, Stage.FAILED},
    "keep_recording": RECORDED_IN,
    "begin_evaluation": {Stage.OPENED},
    "review_bid": {Stage.EVALUATING},
    "ask_clarification": {Stage.EVALUATING},
    "answer_clarification": {Stage.EVALUATING},
    "score_bid": {Stage.EVALUATING},
    "advance_evaluation": {Stage.EVALUATING},
    "sign_report": {Stage.EVALUATING},
    "reopen_evaluation": {Stage.EVALUATED, Stage.PUBLICISED},
    "publicise_candidates": {Stage.EVALUATED},
    "object_result": {Stage.PUBLICISED},
    "answer_result": {Stage.PUBLICISED},
    "decide_award": {Stage.EVALUATED, Stage.PUBLICISED},
    "file_contract": {Stage.AWARDED},
    "confirm_contract": {Stage.AWARDED},
    "refund_deposit": {Stage.AWARDED, Stage.CONTRACTED, Stage.FAILED, Stage.ARCHIVED},
    "file_report": {Stage.AWARDED, Stage.CONTRACTED},
    "end_case": ENDED_IN,
    "archive_case": {Stage.CONTRACTED, Stage.FAILED},
}
"""Act → the stages in which it may be taken. An act that is not here looks at no stage."""

RECORDED = SEALED_IN - {Stage.ANNOUNCED, Stage.CLOSED, Stage.OPENING, Stage.FAILED}
"""Stages a lot reaches only with its opening record."""

PUBLIC = SEALED_IN
"""Stages in which the public knows the lot."""


def shown(stage: Stage, failure: str) -> tuple[str, str]:
    """(code, Chinese name) of where a lot stands; one that its purchaser ended is not called failed."""
    if stage == Stage.FAILED and failure.startswith(TERMINATED):
        return "ended", "已终止"
    return str(stage), NAMES[stage]


def next_stage(stage: Stage, to: Stage) -> Stage:
    """`to`, when the table of moves allows it; ValueError when not."""
    if to not in MOVES[stage]:
        raise ValueError(f"no move from {stage} to {to}")
    return to
