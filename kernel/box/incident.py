"""What went wrong at any opening, of bids or of quotes, in plain words for its record: what happened, whose fault."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from kernel.box import damage, outage
from kernel.clock import when
from kernel.proofs.damage import ACT as DAMAGED
from kernel.proofs.damage import UNCHECKED

STAGES = {"price": "报价", "documents": "投标文件", "technical": "技术文件", "quote": "报价"}
NOT_ALL_READ = "开启时平台还没有核对完全部密文，没有核对到的在开启之后继续核对，责任在平台"
WITNESS = {
    ("await_witness", "close"): "截标名单固定后十分钟内没有见证方签名，案件自动暂停，等待见证方",
    ("witness_back", "close"): "见证方已为截标名单签名，案件恢复",
    ("await_witness", "report"): "评审报告签署后十分钟内没有见证方签名，后一阶段暂不开启，等待见证方",
    ("witness_back", "report"): "见证方已为评审报告签名，解密时间相应顺延",
}
"""(act, what the witness had to see) → what is said of it."""
Said = Mapping[str, Any]


def incident(code: str, culprit: str, stage: str, bid: str, says: str) -> dict[str, Any]:
    """One line of a record; `bid` is a SHA-256 (hex) or empty."""
    return {"code": code, "culprit": culprit, "stage": stage, "bid": bid, "says": says}


def of_event(said: Said, name: Callable[[str], str]) -> dict[str, Any] | None:
    """The incident that an event of the case tells of; None for one that tells of none. `name` gives a bid's bidder."""
    if said["act"] == "box_list" and said["subject"] != "list:platform":
        says = f"{name(said['subject'])}在名单公布后五分钟内凭回执补入，截标名单草稿漏列，责任在平台"
        return incident("restored", "platform", "", said["subject"], says)
    if said["act"] == outage.ACT:
        return incident(outage.ACT, "platform", "", "", _away(said["facts"]))
    if said["act"] == DAMAGED:
        facts = said["facts"]
        says = f"{name(facts['bid'])}的{stage_name(facts['stage'])}：{damage.in_words(facts)}"
        return incident("damaged", "operator", facts["stage"], facts["bid"], says)
    if said["act"] == UNCHECKED:
        return incident("unchecked", "platform", "", "", NOT_ALL_READ)
    seen = WITNESS.get((said["act"], "close" if "close" in said["hashes"] else "report"))
    return incident(said["act"], "", "", "", seen) if seen else None


def stage_name(stage: str) -> str:
    """What a stage of a bid is called."""
    return STAGES.get(stage, stage)


def _away(facts: Said) -> str:
    since, until = (when(datetime.fromisoformat(facts[name])) for name in ("since", "until"))
    return f"平台自{since}至{until}停止服务，责任在平台，这段时间不计入解密和补救的期限，期限相应顺延"
