"""Reads events back: each is what its entry commits to, in a whole chain, and has its place."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg

from kernel.clock import iso
from kernel.log import private_hash
from kernel.proofs.canonical import decode
from kernel.proofs.errors import ProofError
from kernel.proofs.merkle import entry_hash

_EVENTS = """
select e.id, e.case_key, e.n, e.act, e.body, e.salt, e.private, e.private_salt, e.leaf, e.at,
    h.n as head_n, h.leaf as head_leaf
from kernel.log_event e left join kernel.case_head h using (case_key) order by e.case_key, e.n
"""
_EMPTY_CASES = """
select h.case_key, h.n from kernel.case_head h
where not exists (select from kernel.log_event e where e.case_key = h.case_key)
"""
_MISPLACED = """
select e.id, e.case_key, e.n, l.event is not null as placed
from kernel.log_event e
    left join kernel.log_leaf l on l.event = e.id left join kernel.log_pending p on p.event = e.id
where (l.event is null) = (p.event is null)
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was written: a stable code, the row, and what is wrong with it."""

    code: str
    row: str
    says: str


Row = Mapping[str, Any]


async def check_events(connection: asyncpg.Connection) -> list[Finding]:
    """Every event and every chain, in one pass; the connection's transaction must see one state."""
    found: list[Finding] = []
    last: Row | None = None
    async for row in connection.cursor(_EVENTS, prefetch=2000):
        if last is not None and last["case_key"] != row["case_key"]:
            found += _end_of_case(last)
            last = None
        found += _contents(row)
        found += _chain(row, last)
        last = row
    if last is not None:
        found += _end_of_case(last)
    for row in await connection.fetch(_EMPTY_CASES):
        says = f"案卷应有 {row['n']} 条事件，一条也没有了"
        found.append(Finding("case_emptied", f"case_head {row['case_key']}", says))
    return found + await _misplaced(connection)


def name_of(row: Row) -> str:
    """How a finding names an event."""
    return f"log_event {row['id']} ({row['case_key']} #{row['n']})"


def _contents(row: Row) -> list[Finding]:
    if entry_hash(row["salt"], row["body"]) != row["leaf"]:
        return [Finding("event_altered", name_of(row), "事件内容与写入时的哈希不符")]
    try:
        event = decode(row["body"])
        columns = (event["case"], event["n"], event["act"], event["at"])
        private = event["private"]
    except (ProofError, KeyError, TypeError):
        return [Finding("event_unreadable", name_of(row), "事件不是规范的格式")]
    found = []
    if columns != (row["case_key"], row["n"], row["act"], iso(row["at"])):
        found.append(Finding("columns_altered", name_of(row), "行上的案卷、序号、操作或时间与事件内容不符"))
    if private != private_hash(row["private_salt"], row["private"]):
        found.append(Finding("private_altered", name_of(row), "操作人信息与写入时的哈希不符"))
    return found


def _chain(row: Row, last: Row | None) -> list[Finding]:
    expected = 1 if last is None else last["n"] + 1
    if row["n"] != expected:
        gone = f"log_event ({row['case_key']} #{expected}…#{row['n'] - 1})"
        return [Finding("event_missing", gone, f"缺少 {row['n'] - expected} 条事件")]
    try:
        prev = decode(row["body"])["prev"]
    except (ProofError, KeyError, TypeError):
        return []
    if prev != (b"" if last is None else last["leaf"]).hex():
        return [Finding("chain_broken", name_of(row), "没有接在上一条事件之后：它或上一条被改动、调换过")]
    return []


def _end_of_case(last: Row) -> list[Finding]:
    if (last["head_n"], last["head_leaf"]) == (last["n"], last["leaf"]):
        return []
    says = f"案卷登记的最后一条是第 {last['head_n']} 条，与现存的最后一条不符"
    return [Finding("case_end_differs", name_of(last), says)]


async def _misplaced(connection: asyncpg.Connection) -> list[Finding]:
    """An event is either in the tree or waits for it, and never both."""
    found = []
    for row in await connection.fetch(_MISPLACED):
        says = "已在树中，却又在等待入树" if row["placed"] else "既不在树中，也没有在等待入树：不是正常写入的"
        found.append(Finding("event_misplaced", name_of(row), says))
    return found
