"""The stages of a complaint and the moves between them."""

from enum import StrEnum


class Stage(StrEnum):
    """Where a complaint stands. The value is stored; the Chinese name is `NAMES[stage]`."""

    FILED = "filed"
    ADMITTED = "admitted"
    REFUSED = "refused"
    DRAFTED = "drafted"
    DECIDED = "decided"
    SERVED = "served"
    WITHDRAWN = "withdrawn"


NAMES = {
    Stage.FILED: "待受理",
    Stage.ADMITTED: "处理中",
    Stage.REFUSED: "不予受理",
    Stage.DRAFTED: "决定待复核",
    Stage.DECIDED: "已决定，待送达",
    Stage.SERVED: "已送达",
    Stage.WITHDRAWN: "已撤回",
}

MOVES = {
    Stage.FILED: {Stage.ADMITTED, Stage.REFUSED, Stage.WITHDRAWN},
    Stage.ADMITTED: {Stage.DRAFTED, Stage.WITHDRAWN},
    Stage.REFUSED: {Stage.SERVED},
    Stage.DRAFTED: {Stage.DECIDED, Stage.ADMITTED},
    Stage.DECIDED: {Stage.SERVED},
    Stage.SERVED: set(),
    Stage.WITHDRAWN: set(),
}

WINDOWS = {
    "admit": {Stage.FILED},
    "refuse": {Stage.FILED},
    "join": {Stage.ADMITTED},
    "note": {Stage.ADMITTED},
    "exclude": {Stage.ADMITTED},
    "draft": {Stage.ADMITTED},
    "confirm": {Stage.DRAFTED},
    "send_back": {Stage.DRAFTED},
    "serve": {Stage.DECIDED, Stage.REFUSED},
    "withdraw": {Stage.FILED, Stage.ADMITTED},
}
"""Act → the stages in which it may be taken."""

OPEN = (Stage.FILED, Stage.ADMITTED, Stage.REFUSED, Stage.DRAFTED, Stage.DECIDED)
"""Where somebody still has to do something."""


def next_stage(stage: Stage, to: Stage) -> Stage:
    """`to`, when the table of moves allows it; ValueError when not."""
    if to not in MOVES[stage]:
        raise ValueError(f"no move from {stage} to {to}")
    return to
