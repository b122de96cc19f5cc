"""A check of evidence packages: the ranking follows from the marks, the marks from the members' own sheets."""

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bidding.envelopes import is_first_envelope
from bidding.scoring import replay
from kernel.proofs.canonical import decode
from kernel.proofs.dossier import Dossier, within
from kernel.proofs.errors import Malformed
from kernel.proofs.verify import Check
from kernel.proofs.verify_award import EVALUATION, notices, papers
from kernel.proofs.verify_record import FIRST, RECORD


def check_scores(dossier: Dossier) -> str:
    """Work every ranking out again; the last one is what was publicised and awarded."""
    names = [name for name in dossier.under(EVALUATION) if "/ranking-" in name]
    last: dict[str, Any] = {}
    for name in names:
        with within(name):
            last = dict(decode(dossier.read(name)))
            _check_ranking(dossier, last)
    if not names:
        if dossier.acts("close_report") and papers(dossier, "award"):
            raise Malformed("member_missing", "包内缺少评标的排序", EVALUATION)
        return ""
    _check_shown(dossier, last)
    seats = len(last["scores"])
    ranked = sum(row["rank"] > 0 for row in last["ranking"])
    return f"由 {seats} 名评委的评分重新算出 {ranked} 家的得分和排序，与评标报告、公示一致"


CHECKS: tuple[tuple[str, Check], ...] = (("评分与排序", check_scores),)
"""What `yangguang verify` replays of a tender beside what every package has."""


def _check_ranking(dossier: Dossier, said: Mapping[str, Any]) -> None:
    record = _record_of(dossier, said)
    sha256 = hashlib.sha256(dossier.read(record)).hexdigest() if dossier.opened else ""
    if (said["tender"], said["lot"], said["opening"]) != (dossier.case.tender, dossier.case.lot, sha256):
        raise Malformed("other_lot", "评标依据的不是本标段的开标记录", "opening")
    ranking = replay(said["evaluation"], said["judged"], said["scores"])
    if ranking != said["ranking"]:
        raise Malformed("ranking_differs", f"由评分算出的排序不同：{_first(ranking, said['ranking'])}", "ranking")
    _check_basis(dossier, said)
    _check_opened(dossier, said, record)
    _check_sheets(dossier, said)
    if record == FIRST:
        _check_going_on(dossier, said)


def _check_basis(dossier: Dossier, said: Mapping[str, Any]) -> None:
    """Method, weights and items are those that were fixed before anybody judged."""
    basis = dossier.read(f"{EVALUATION}/{said['round']}/basis.json")
    if (hashlib.sha256(basis).hexdigest(), decode(basis)["evaluation"]) != (said["basis"], said["evaluation"]):
        raise Malformed("basis_differs", "评标办法与评标开始时固定的不同", "evaluation")


def _record_of(dossier: Dossier, said: Mapping[str, Any]) -> str:
    """Which opening this report judges: the first envelope's, where there were two and the second came to be opened."""
    return FIRST if is_first_envelope(said["evaluation"]) and FIRST in dossier.package else RECORD


def _check_going_on(dossier: Dossier, said: Mapping[str, Any]) -> None:
    """The second envelopes opened are those of exactly the bidders whose first one passed."""
    passed = {row["bidder"] for row in said["ranking"] if row["rank"] > 0}
    if {dossier.bids[sha256].bidder for event in dossier.acts("box_next") for sha256 in event.fact("bids")} != passed:
        raise Malformed("others_went_on", "开启第二信封的不正是第一信封通过的投标人", "ranking")


def _check_opened(dossier: Dossier, said: Mapping[str, Any], name: str) -> None:
    """Nobody is judged who was not opened, and nobody's opened bid is left out."""
    record = decode(dossier.read(name))
    opened = {line["bidder"] for line in record["bids"] if line["outcome"] == "opened"}
    judged = {bid["bidder"] for bid in said["judged"]}
    if judged != opened:
        raise Malformed("judged_differ", "评审的投标人与开标记录中开启的不是同一组", "judged")


def _check_sheets(dossier: Dossier, said: Mapping[str, Any]) -> None:
    """Every seat's marks are those of its own sheet, which an event put on record when it was given in."""
    sheets = {}
    for name in dossier.under(EVALUATION):
        if "/scores-" in name:
            data = dossier.read(name)
            sheets[hashlib.sha256(data).hexdigest()] = dict(decode(data))
    if said["sheets"].keys() != said["scores"].keys():
        raise Malformed("sheet_missing", "有评分而没有评分表，或有评分表而没有评分", "sheets")
    for seat, sha256 in said["sheets"].items():
        sheet = sheets.get(sha256)
        if sheet is None:
            raise Malformed("sheet_missing", f"包内缺少第 {seat} 席的评分表", "sheets")
        given = {bidder: sheet["scores"].get(bidder) for bidder in said["scores"][seat]}
        if given != said["scores"][seat] or str(sheet["seat"]) != seat:
            raise Malformed("marks_differ", f"第 {seat} 席的评分与其评分表不同", "scores")


def _check_shown(dossier: Dossier, said: Mapping[str, Any]) -> None:
    """What was publicised and awarded is what the last ranking says."""
    rows = {row["bidder"]: row for row in said["ranking"] if row["rank"] > 0}
    shown = [row for text in notices(dossier, "candidates")[-1:] for row in text["content"]["candidates"]]
    shown += [award for _, award in papers(dossier, "award")]
    for one in shown:
        row = rows.get(one["bidder"])
        if row is None or (row["rank"], Decimal(row["price"])) != (one["rank"], Decimal(one["price"])):
            raise Malformed("ranking_not_kept", f"{one['name']} 的名次或价格与评标报告不同", "ranking")


def _first(found: list[dict[str, Any]], said: list[dict[str, Any]]) -> str:
    for mine, theirs in zip(found, said, strict=False):
        if mine != theirs:
            return f"{mine['bidder']} 应为第 {mine['rank']} 名、总分 {mine['total'] or '无'}"
    return "家数不同"
