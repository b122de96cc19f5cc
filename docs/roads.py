"""The roads of every duty for docs/generated/flow.md: stages, moves, steps and when each act may be taken."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bidding import stages as bidding
from experts import stages as experts
from intermediaries import stages as market
from supervision.complaints import stages as complaints

Table = tuple[list[str], list[list[str]]]


@dataclass(frozen=True, slots=True)
class Road:
    """What one kind of case walks: Chinese names, moves, steps, acts with their stages, stages the public knows."""

    title: str
    names: Mapping[StrEnum, str]
    moves: Mapping[StrEnum, Collection[StrEnum]]
    steps: Mapping[str, StrEnum] = field(default_factory=dict)
    windows: Mapping[str, Collection[StrEnum]] = field(default_factory=dict)
    public: Collection[StrEnum] = ()

    def sections(self) -> Iterable[tuple[str, Table]]:
        """(heading, (head, rows)) of each of its tables that has rows."""
        moves = [[self._named(s), self._all(self.moves.get(s, ()), self._named) or "（终点）"] for s in self.names]
        yield "环节", (["环节", "可以转入"], moves)
        if self.steps:
            steps = [[f"`{step}`", self._named(stage)] for step, stage in self.steps.items()]
            yield "步骤", (["步骤", "完成后所处环节"], steps)
        if self.windows:
            acts = [[f"`{act}`", self._all(allowed, self.names.__getitem__)] for act, allowed in self.windows.items()]
            yield "何时可以办理", (["事项", "环节"], acts)

    def shown(self) -> str:
        """What the public knows, in words; empty where there is nothing to say of it."""
        known = self._all(self.public, self.names.__getitem__)
        return f"公众可以看到：{known}。" if known else ""

    def _named(self, stage: StrEnum) -> str:
        return f"{self.names[stage]}（`{stage}`）"

    def _all(self, stages: Collection[StrEnum], shown: Callable[[StrEnum], str]) -> str:
        return "、".join(shown(stage) for stage in self.names if stage in stages)


ROADS = (
    Road("招标采购：标段", bidding.NAMES, bidding.MOVES, bidding.ROAD, bidding.WINDOWS, bidding.PUBLIC),
    Road("评标专家：评标委员会", experts.NAMES, experts.MOVES, experts.ROAD, experts.WINDOWS),
    Road("评标专家：专家", experts.EXPERT_NAMES, experts.EXPERT_MOVES),
    Road("中介超市：采购需求", market.NAMES, market.MOVES, market.ROAD, market.WINDOWS, market.SHOWN),
    Road(
        "中介超市：机构", market.AGENCY_NAMES, market.AGENCY_MOVES, market.ENTRY, market.AGENCY_WINDOWS,
        market.PUBLIC_AGENCY,
    ),
    Road("投诉", complaints.NAMES, complaints.MOVES, {}, complaints.WINDOWS),
)  # fmt: skip
