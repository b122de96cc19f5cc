"""The later stages: opened after the signed report on the first ones, of the bids that go on and of no other."""

from collections.abc import Sequence

from kernel.acts import Beat
from kernel.box import checking
from kernel.box.close import opening_clocks
from kernel.box.records import BoxView
from kernel.box.tables import Box
from kernel.errors import Problem, WrongStage
from kernel.proofs.canonical import encode


async def open_later(beat: Beat, box: BoxView, report: str, going_on: Sequence[str]) -> None:
    """Begin the second turn: `report` is the SHA-256 of the signed report, which all that is signed now names.

    `going_on` are SHA-256 of bids of the close. The others' later stages stay sealed: nobody is asked for their seeds,
    and nobody takes them.
    """
    later = [stage["id"] for stage in box.stages if stage.get("later")]
    if box.state != "opened" or box.turn != 1 or not later:
        raise WrongStage(Problem("no_later_stage", "现在不是开启下一阶段的时间", "前一阶段出具评审报告后才能进行"))
    reveal_until, fallback_until = opening_clocks(box, beat.at)
    await Box.update(
        {
            Box.state: "opening",
            Box.turn: 2,
            Box.report: report,
            Box.going_on: encode(sorted(going_on)).decode(),
            Box.reveal_until: reveal_until,
            Box.fallback_until: fallback_until,
            Box.cure_until: None,
        }
    ).where(Box.case == beat.case)
    facts = {"report": report, "stages": later, "bids": sorted(going_on)}
    await beat.record("second", act="box_next", facts=facts)
    await checking.begin(beat.connection, beat.case, turn=2)
