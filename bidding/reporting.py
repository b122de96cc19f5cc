"""评标报告 in plain values: what the law wants in it (评标办法暂行规定 42; 87 号令 58), and who signed. Pure.

Members are seats: a number, expert or owner's member, a profession. Names come with the panel's own papers, later.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bidding.judging import Question, Round
from bidding.panel_rules import PURCHASER, Sitting, items_of, judged
from bidding.records import LotRow
from bidding.reports import ReportView, SignatureView
from bidding.scoring import replay
from experts.records import Seat
from kernel.clock import iso


def report_content(
    lot: LotRow,
    found: Round,
    sitting: Sitting,
    *,
    seats: Sequence[Seat],
    scores: Mapping[str, Mapping[str, Mapping[str, str]]],
    sheets: Mapping[str, str],
    opening: str,
    opinions: Iterable[Mapping[str, Any]],
    questions: Iterable[Question],
    voids: Iterable[Mapping[str, Any]],
    reviewed: Sequence[str],
    at: datetime,
) -> dict[str, Any]:
    """Everything of the report but its number; `scores` and `sheets` by seat number."""
    ranking = replay(sitting.evaluation, judged(sitting), scores)
    candidates = [row["bidder"] for row in ranking if 0 < row["rank"] <= int(sitting.evaluation["candidates"])]
    return {
        **_head(lot, found, at),
        "opening": opening,
        "evaluation": dict(sitting.evaluation),
        "panel": [_member(seat) for seat in seats],
        "bids": [dict(bid) for bid in sitting.bids],
        "review": _review(sitting, list(opinions), {str(seat.id) for seat in seats}, reviewed),
        "judged": judged(sitting),
        "clarifications": [_question(question, at) for question in questions],
        "void": [{"seat": row["number"], "sheets": list(row["sheets"])} for row in voids],
        "scores": {seat: {b: dict(given) for b, given in marks.items()} for seat, marks in scores.items()},
        "sheets": dict(sheets),
        "ranking": ranking,
        "candidates": candidates,
    }


def _head(lot: LotRow, found: Round, at: datetime) -> dict[str, Any]:
    """Which lot, which sitting, on what ground, when."""
    return {
        "type": "yangguang.report/1",
        "tender": lot.project_code,
        "lot": lot.number,
        "project": lot.project_name,
        "lot_name": lot.name,
        "purchaser": lot.purchaser_name,
        "procedure": lot.procedure,
        "round": found.round,
        "ground": found.ground,
        "says": found.says,
        "at": iso(at),
        "basis": found.sha256,
    }


def signed_content(drawn: ReportView, signed: Sequence[SignatureView]) -> dict[str, Any]:
    """The report's hash with every member's signature, dissent or silence."""
    lines = [{"number": s.number, "says": s.kind, "text": s.text, "at": iso(s.at)} for s in signed]
    return {"type": "yangguang.signed_report/1", "report": drawn.sha256, "n": drawn.n, "signatures": lines}


def _member(seat: Seat) -> dict[str, Any]:
    return {"number": seat.number, "kind": seat.kind, "profession": seat.profession, "chair": seat.chair}


def _question(question: Question, at: datetime) -> dict[str, Any]:
    state = "answered" if question.answered_at else "waiting" if question.waits(at) else "unanswered"
    answered = iso(question.answered_at) if question.answered_at else ""
    said = {"kind": question.kind, "text": question.text, "asked": iso(question.asked_at), "until": iso(question.until)}
    confirms = "" if question.confirms is None else "yes" if question.confirms else "no"
    return {
        **said, "bidder": question.bidder, "state": state, "answer": question.answer, "answered": answered,
        "confirms": confirms,
    }  # fmt: skip


def _review(
    sitting: Sitting, opinions: Sequence[Mapping[str, Any]], live: set[str], reviewed: Sequence[str]
) -> list[dict[str, Any]]:
    """Each item of each bid: how many live members found it kept and not kept, and every reason given for a no."""
    newest = {("" if o["seat"] is None else str(o["seat"]), o["bidder"]): o["findings"] for o in opinions}
    lines = []
    for bidder in reviewed:
        for by in ("panel", "purchaser"):
            whose = live if by == "panel" else {PURCHASER}
            said = [newest[(seat, bidder)] for seat in sorted(whose) if (seat, bidder) in newest]
            lines += [_line(bidder, item, said) for item in items_of(sitting.evaluation, by)]
    return lines


def _line(bidder: str, item: Mapping[str, Any], said: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    found = [one[item["id"]] for one in said if item["id"] in one]
    votes = Counter(bool(one["passed"]) for one in found)
    reasons = sorted({one["reason"] for one in found if not one["passed"]})
    head = {"bidder": bidder, "item": item["id"], "name": item["name"], "article": item["article"]}
    return {**head, "by": item["by"], "kept": votes[True], "not_kept": votes[False], "reasons": reasons}
