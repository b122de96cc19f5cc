"""A list as both sides compare it: canonical JSON, in which the order of what came in says nothing."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from kernel.errors import BadInput, Problem, refuse_all
from kernel.proofs.canonical import decode, encode
from kernel.toss.schemas import CallTerms, Rebuilt, Record

Strata = Sequence[tuple[str, int]]


def build_listing(nonce: bytes, strata: Strata, found: Rebuilt, employer_cap: int, terms: CallTerms | None) -> bytes:
    """The list's bytes; the nonce keeps its hash from being guessed."""
    return encode({
        "nonce": nonce.hex(), "strata": [{"id": s, "quota": quota} for s, quota in strata], **parts(found),
        "employer_cap": employer_cap, "call": asdict(terms) if terms else {},
    })  # fmt: skip


def parts(found: Rebuilt) -> dict[str, Any]:
    """What must be the same on both sides."""
    avoided = sorted(({"record": dict(record), "code": code} for record, code in found.avoided), key=encode)
    return {
        "candidates": {s: sorted(map(dict, records), key=encode) for s, records in found.candidates.items()},
        "avoided": avoided,
        "pool_root": found.pool_root,
    }


def read_listing(body: bytes) -> tuple[list[tuple[str, int]], Rebuilt, int]:
    """(strata with quotas, who, the employer cap) of a list's bytes."""
    value = decode(body)
    strata = [(one["id"], one["quota"]) for one in value["strata"]]
    avoided = [(one["record"], one["code"]) for one in value["avoided"]]
    return strata, Rebuilt(value["candidates"], avoided, value["pool_root"]), value["employer_cap"]


def terms_of(body: bytes) -> CallTerms | None:
    """What those on the list are told when they are called."""
    call = decode(body)["call"]
    return CallTerms(**call) if call else None


def digest_of(candidates: Mapping[str, Sequence[Record]]) -> str:
    """What makes two lists the same: the same people in the same groups."""
    return hashlib.sha256(
        encode({s: sorted(r["id"] for r in records) for s, records in candidates.items()})
    ).hexdigest()


def check_listing(strata: Strata, found: Rebuilt) -> None:
    """Refuse a list that cannot be drawn from, with all that is wrong."""
    problems = []
    named = [s for s, _ in strata]
    if not named or len(set(named)) != len(named) or set(named) != set(found.candidates):
        problems.append(Problem("strata_differ", "名单的组别与抽取的组别不一致", "请核对组别"))
    for s, quota in strata:
        size = len(found.candidates.get(s, ()))
        if not 1 <= quota <= size:
            says = f"“{s}”组需抽取 {quota} 人，符合条件的只有 {size} 人"
            problems.append(Problem("quota_out_of_range", says, "请扩大范围或调整条件", field=s))
    ids = [record.get("id") for records in found.candidates.values() for record in records]
    if not all(isinstance(one, str) and one for one in ids):
        problems.append(Problem("candidate_without_id", "名单中有候选人没有编号", "请核对名单"))
    elif len(set(ids)) != len(ids):
        problems.append(Problem("candidate_twice", "同一候选人在名单中出现两次", "请核对名单"))
    refuse_all(problems, BadInput)
