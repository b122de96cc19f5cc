"""After the opening: orders that stopped the case, every paper on record, the award as the papers themselves allow it.

directives/01.dsse.json …   the regulators' orders, signed, that suspended the case or let it go on
papers/01-award.json …      what was decided, signed and paid, in order
evaluation/…                what the panel judged by, wrote and signed
documents/<sha256>          tender documents                   attachments/<sha256>   what papers refer to
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from kernel.proofs import dsse
from kernel.proofs.canonical import decode
from kernel.proofs.dossier import Dossier, within
from kernel.proofs.errors import BadSignature, Malformed

KINDS = ("award", "contract", "confirmation", "refund", "statement", "suspension", "resumption", "package")
_NAME = re.compile(rf"papers/(\d\d)-({'|'.join(KINDS)})\.json")
EVALUATION = "evaluation"


def stood_still(dossier: Dossier, moved: datetime, due: datetime) -> bool:
    """Whether the clock of `due` had been stopped by an order before it ran out, and was moved on as that ended."""
    for event in dossier.acts("resume_case"):
        stretches = event.fact("stretches") or ()
        stopped = [since for since, _ in stretches if datetime.fromisoformat(since) < due]
        if event.moment == moved and stopped:
            return True
    return False


def check_orders(dossier: Dossier) -> str:
    """Every suspension rests on an order signed by the regulator's side, of this case, that says the same."""
    orders: dict[str, Mapping[str, Any]] = {}
    at = dossier.package.manifest.at
    officers = dossier.anchors.officers("regulator", at).values()
    keys = [*dossier.anchors.processes(at), *(officer.public for officer in officers)]
    for name in dossier.under("directives"):
        with within(name):
            signed = dossier.signed(name)
            if not dsse.verify(signed, keys):
                raise BadSignature("order_unsigned", "指令没有锚点中监督一方的有效签名")
            order = decode(signed.payload)
            if order["case"] != dossier.case.case:
                raise Malformed("other_case", "是另一案件的指令", "case")
            orders[order["id"]] = order
    for name, paper in papers(dossier, "suspension"):
        with within(name):
            order = orders.get(paper["order"], {})
            if (order.get("kind"), order.get("says")) != ("suspend", paper["says"]):
                raise Malformed("no_order", "包内没有与此相同的暂停指令", "order")
    return f"{len(orders)} 份指令由监督一方签署，案件据此暂停和恢复" if orders else ""


def check_papers(dossier: Dossier) -> str:
    """Papers, evaluation and attachments are the very bytes that events, papers and notices put on record."""
    if dossier.interim:
        return ""
    recorded = {sha256 for event in dossier.events for sha256 in (event.hashes or {}).values()}
    names = dossier.under("papers")
    for n, name in enumerate(names, 1):
        match = _NAME.fullmatch(name)
        if match is None or int(match[1]) != n:
            raise Malformed("paper_misplaced", f"应为第 {n} 份后续文件", name)
    for name in (*names, *dossier.under(EVALUATION)):
        if hashlib.sha256(dossier.read(name)).hexdigest() not in recorded:
            raise Malformed("not_on_record", "案件事件中没有记载它的摘要", name)
    said = [e for e in dossier.events if set(e.hashes or {}) & set(KINDS)]
    if len(said) != len(names):
        raise Malformed("papers_differ", f"事件记有 {len(said)} 份后续文件，包内有 {len(names)} 份", "papers")
    attached = _check_attached(dossier)
    found = len(names) + len(dossier.under(EVALUATION))
    return f"{found} 份评标、定标、合同等文件和 {attached} 个附件与记载相符" if found else ""


def check_award(dossier: Dossier) -> str:
    """The winner is a publicised candidate, none better without a reason; the contract says what the award says."""
    found = papers(dossier, "award")
    if not found:
        return ""
    name, award = found[-1]
    event = dossier.acts("decide_award")[-1]
    with within(name):
        _check_candidates(dossier, award, event.moment)
        raised = {e.subject for e in dossier.acts("object_result") if e.n < event.n}
        answered = {e.subject for e in dossier.acts("answer_result") if e.n < event.n}
        if raised != answered:
            raise Malformed("objection_open", "定标时还有异议没有答复")
    contracts = papers(dossier, "contract")
    for name, contract in contracts:
        with within(name):
            _check_contract(award, contract)
    for name, confirmation in papers(dossier, "confirmation"):
        with within(name):
            last = hashlib.sha256(dossier.read(contracts[-1][0])).hexdigest()
            if (confirmation["contract"], confirmation["bidder"]) != (last, award["bidder"]):
                raise Malformed("other_contract", "中标人确认的不是所备案的合同")
    signed = "，合同与中标结果一致" if contracts else ""
    return f"中标人 {award['name']}（排名第 {award['rank']}）{signed}"


def papers(dossier: Dossier, kind: str) -> list[tuple[str, dict[str, Any]]]:
    """The papers of this kind in order, each with its member's name."""
    names = [name for name in dossier.under("papers") if name.endswith(f"-{kind}.json")]
    return [(name, dict(decode(dossier.read(name)))) for name in names]


def notices(dossier: Dossier, kind: str) -> list[dict[str, Any]]:
    """The published texts of this kind, in order."""
    found = [decode(dossier.read(name)) for name in dossier.under("notices")]
    return [text for text in found if text.get("kind") == kind]


def _check_candidates(dossier: Dossier, award: Mapping[str, Any], decided: datetime) -> None:
    shown = notices(dossier, "candidates")
    if not shown:
        return
    content = shown[-1]["content"]
    ranked = {row["bidder"]: row for row in content["candidates"]}
    row = ranked.get(award["bidder"])
    if row is None or (row["rank"], Decimal(row["price"])) != (award["rank"], Decimal(award["price"])):
        raise Malformed("not_a_candidate", "中标人不在公示的候选人中，或名次、价格与公示不同", "bidder")
    excused = {one["bidder"] for one in award["passed_over"]}
    better = {bidder for bidder, other in ranked.items() if other["rank"] < row["rank"]}
    if better != excused:
        raise Malformed("better_ranked", "排名在前的候选人没有中标，也没有写明法定理由", "passed_over")
    if decided < datetime.fromisoformat(_publicity_end(dossier, content["until"])):
        raise Malformed("too_early", "公示期未满即定标", "at")


def _publicity_end(dossier: Dossier, until: str) -> str:
    """The end of the publicity as last moved by a resumption since it was published."""
    shown = dossier.acts("publicise_candidates")[-1].n
    moved = [e.fact("moved") or {} for e in dossier.acts("resume_case") if e.n > shown]
    return str(next((one["publicity_until"] for one in reversed(moved) if "publicity_until" in one), until))


def _check_contract(award: Mapping[str, Any], contract: Mapping[str, Any]) -> None:
    for member in ("period_days", "quality"):
        if contract[member] != award[member]:
            raise Malformed("contract_differs", "与中标结果不同", member)
    if Decimal(contract["price"]) != Decimal(award["price"]):
        raise Malformed("contract_differs", "与中标结果不同", "price")


def _check_attached(dossier: Dossier) -> int:
    """Documents are those that notices list, attachments those that papers refer to; size and digest as they say."""
    listed = {d["sha256"]: d["size"] for name in dossier.under("notices") for d in _documents(dossier, name)}
    filed = {file["sha256"]: file["size"] for file in _filed(dossier)}
    count = 0
    for folder, known in (("documents", listed), ("attachments", filed)):
        for name in dossier.under(folder):
            member = dossier.package[name]
            if name != f"{folder}/{member.sha256}" or known.get(member.sha256) != member.size:
                raise Malformed("not_on_record", "公告或后续文件没有列出它", name)
            dossier.seen.add(name)
            count += 1
    if not dossier.public and count != len(listed) + len(filed):
        raise Malformed("member_missing", "存档包缺少公告或后续文件所列的附件", "documents")
    return count


def _documents(dossier: Dossier, name: str) -> list[dict[str, Any]]:
    return list(decode(dossier.read(name)).get("documents", ()))


def _filed(dossier: Dossier) -> list[dict[str, Any]]:
    """Every file that a paper refers to: the contract, and what showed that a better candidate could not win."""
    contracts = [paper["file"] for _, paper in papers(dossier, "contract")]
    excuses = [one["evidence"] for _, paper in papers(dossier, "award") for one in paper["passed_over"]]
    return contracts + excuses
