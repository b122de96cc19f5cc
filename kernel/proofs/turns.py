"""双信封 in a package: which stages waited for the signed report on the others, and which bids went on to them."""

from kernel.proofs.case_file import ShownEvent
from kernel.proofs.dossier import Dossier
from kernel.proofs.errors import Malformed


def check_turns(dossier: Dossier) -> str:
    """The stages that the set-up calls later were opened once, of bids of the close, after a report on record."""
    if dossier.ended:
        return ""
    if list(dossier.case.later) != [stage.id for stage in dossier.setup.stages if stage.later]:
        raise Malformed("other_stages", "后开启的阶段与开标设定所写不同", "case.json")
    begun = dossier.acts("box_next")
    if len(begun) > 1 or (begun and not dossier.case.later):
        raise Malformed("out_of_order", "只能进入下一阶段开启一次", "events")
    for event in begun:
        signed = dossier.recorded("close_report", "signed", str(event.fact("report")))
        bids = event.fact("bids")
        if signed.n > event.n or event.fact("stages") != list(dossier.case.later) or bids != sorted(set(bids)):
            raise Malformed("out_of_order", "后一阶段的开启没有依据在先签署的评审报告", "events")
        if not set(bids) <= set(dossier.close.bids):
            raise Malformed("list_differs", "进入下一阶段的标书不在截标名单中", "events")
    return f"{len(begun[0].fact('bids'))} 份标书在评审报告签署之后开启第二信封" if begun else ""


def later_turn(dossier: Dossier) -> ShownEvent | None:
    """The event that opened the way to the later stages, if it came to that."""
    return next(iter(dossier.acts("box_next")), None)


def bids_of(dossier: Dossier, stage: str) -> list[str]:
    """The bids of which this stage was due to be opened, in the close's order."""
    if stage not in dossier.case.later:
        return list(dossier.close.bids)
    begun = later_turn(dossier)
    going_on = begun.fact("bids") if begun else ()
    return [sha256 for sha256 in dossier.close.bids if sha256 in going_on]


def with_it(dossier: Dossier, stage: str) -> list[str]:
    """The stages opened in the same turn as this one."""
    later = stage in dossier.case.later
    return [one.id for one in dossier.setup.stages if (one.id in dossier.case.later) == later]


def report_of(dossier: Dossier, stage: str) -> str:
    """What everything signed to open this stage must name as its report: empty in the first turn."""
    begun = later_turn(dossier) if stage in dossier.case.later else None
    return str(begun.fact("report")) if begun else ""


def earliest(dossier: Dossier, stage: str) -> int:
    """The number of the event after which this stage could be opened."""
    begun = later_turn(dossier) if stage in dossier.case.later else None
    return begun.n if begun else dossier.recorded("box_countersign", "countersign", dossier.close.sha256).n
