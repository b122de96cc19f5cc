"""Experts as they stand with the pool: one's own data, who waits for the pool's owner, how many there are."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg

from experts.avoidance import GROUNDS
from experts.professions import PROFESSIONS
from experts.rules import TITLES, age
from experts.schemas import ExpertView
from experts.stages import EXPERT_NAMES, ExpertStage
from kernel.clock import CHINA, now
from kernel.db import TRADING, reading
from kernel.regions import full_name
from kernel.watched import Waiting

_EXPERT = """
select e.id, e.person, e.born, e.applied_at, s.name, s.phone, s.region, s.title_level, s.title, s.years,
    s.employer_name, s.employer_code, s.stage, s.expires_on, s.says, s.known_from,
    (select array_agg(p.profession order by p.profession) from experts.practice p
        where p.expert = e.id and p.known_until is null) as professions
from experts.expert e join experts.standing s on s.expert = e.id and s.known_until is null
"""
_TIES = """
select id, kind, code, name, since, until from experts.tie
where expert = $1 and known_until is null order by since nulls last, id
"""
_SLOTS = """
select id, since, until, why from experts.slot
where expert = $1 and known_until is null and until > kernel.law_now() order by since
"""
_STATISTICS = """
select p.profession, count(*) filter (where s.stage = 'admitted') as admitted,
    count(*) filter (where s.stage = 'suspended') as suspended, count(*) filter (where s.stage = 'applied') as applied
from experts.practice p join experts.standing s on s.expert = p.expert and s.known_until is null
where p.known_until is null group by p.profession order by p.profession
"""
_TOTALS = "select stage, count(*) as n from experts.standing where known_until is null group by stage"


async def expert(connection: asyncpg.Connection, expert_id: UUID) -> ExpertView | None:
    """One expert with his ties, times and papers."""
    row = await connection.fetchrow(f"{_EXPERT} where e.id = $1", expert_id)
    return None if row is None else await _view(connection, row)


async def expert_of(connection: asyncpg.Connection, person: UUID) -> ExpertView | None:
    """The expert that this person is."""
    row = await connection.fetchrow(f"{_EXPERT} where e.person = $1", person)
    return None if row is None else await _view(connection, row)


async def _view(connection: asyncpg.Connection, row: asyncpg.Record) -> ExpertView:
    ties = [dict(tie) | {"kind_name": GROUNDS.ties.get(tie["kind"], tie["kind"])}
            for tie in await connection.fetch(_TIES, row["id"])]  # fmt: skip
    slots = [dict(slot) | {"since": slot["since"].astimezone(CHINA), "until": slot["until"].astimezone(CHINA)}
             for slot in await connection.fetch(_SLOTS, row["id"])]  # fmt: skip
    papers = await connection.fetch(
        "select label, media, size, sha256 from experts.evidence where expert = $1 order by at, id", row["id"]
    )
    values = {key: value for key, value in row.items() if key not in ("professions", "known_from", "applied_at")}
    return ExpertView(
        stage_name=EXPERT_NAMES[ExpertStage(row["stage"])],
        applied_at=row["applied_at"].astimezone(CHINA),
        professions=tuple(row["professions"] or ()),
        ties=tuple(ties),
        slots=tuple(slots),
        evidence=tuple(dict(paper) for paper in papers),
        **values,
    )


async def panels_of_expert(connection: asyncpg.Connection, expert_id: UUID) -> list[dict[str, Any]]:
    """The panels this expert has sat on, as far as their names are opened; the newest first."""
    rows = await connection.fetch(
        "select p.lot, p.code, p.title, p.evaluation_at, s.profession, s.left_at, s.why from experts.seat s"
        " join experts.panel p on p.id = s.panel where s.record->>'id' = $1 order by p.evaluation_at desc limit 100",
        str(expert_id),
    )
    return [dict(row) | {"evaluation_at": row["evaluation_at"].astimezone(CHINA)} for row in rows]


async def statistics() -> dict[str, Any]:
    """How many experts of which profession, and in which stage; nobody's name."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(_STATISTICS)
        totals = {row["stage"]: row["n"] for row in await connection.fetch(_TOTALS)}
        batches = await connection.fetch(
            "select id, region, people, at, decided from experts.batch order by at desc, id limit 20"
        )
    return {
        "totals": {EXPERT_NAMES[stage]: totals.get(str(stage), 0) for stage in ExpertStage},
        "professions": [dict(row) | {"name": PROFESSIONS.full_name(row["profession"])} for row in rows],
        "batches": [dict(row) | {"at": row["at"].astimezone(CHINA)} for row in batches],
    }


async def waiting_decisions() -> list[Waiting]:
    """Everybody, and every sheet, that waits for the pool's owner; the oldest first."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(
            f"{_EXPERT} where s.stage = 'applied' and e.batch is null order by s.known_from, e.id limit 200"
        )
        people = [await _view(connection, row) for row in rows]
        batches = await connection.fetch("select * from experts.batch where decided = '' order by at, id limit 50")
    today = (await now()).date()
    sheets = [_of_batch(row) for row in batches]
    return sorted([_of_expert(one, age(one.born, today)) for one in people] + sheets, key=lambda each: each.since)


def _of_expert(view: ExpertView, years_old: int) -> Waiting:
    lines = [
        ("姓名", view.name), ("年龄", f"{years_old} 周岁"),
        ("职称", f"{view.title}（{TITLES.get(view.title_level, '')}）"),
        ("从业年限", f"{view.years} 年"), ("工作单位", view.employer_name), ("地区", full_name(view.region)),
        ("申请专业", "、".join(PROFESSIONS.full_name(code) for code in view.professions)),
        ("申报的利害关系", "；".join(f"{tie['kind_name']}：{tie['name']}" for tie in view.ties) or "无"),
        ("证明材料", "；".join(f"{paper['label']}（{paper['sha256'][:16]}）" for paper in view.evidence)),
    ]  # fmt: skip
    facts = {"evidence": [paper["sha256"] for paper in view.evidence]}
    kinds = ("admit_expert", "refuse_expert")
    return Waiting(view.id, kinds, f"专家入库：{view.name}", tuple(lines), view.applied_at, view.region, "", facts)


def _of_batch(row: Mapping[str, Any]) -> Waiting:
    lines = (("人数", str(row["people"])), ("名册摘要", row["sha256"]), ("地区", full_name(row["region"])))
    facts = {"sha256": row["sha256"], "people": row["people"]}
    since = row["at"].astimezone(CHINA)
    title = f"专家批量入库：{row['people']} 人"
    return Waiting(row["id"], ("admit_expert", "refuse_expert"), title, lines, since, row["region"], "", facts)


async def removable(words: str, limit: int = 20) -> list[Waiting]:
    """Experts who stand, or stand suspended, found by name or employer: what the pool's owner may change."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(
            f"{_EXPERT} where s.stage in ('admitted', 'suspended') and (s.name like $1 or s.employer_name like $1)"
            " order by s.name, e.id limit $2",
            f"%{words.replace('%', '').replace('_', '')}%", limit,
        )  # fmt: skip
    return [_standing(row) for row in rows]


def _standing(row: Mapping[str, Any]) -> Waiting:
    suspended = row["stage"] == ExpertStage.SUSPENDED
    professions = "、".join(PROFESSIONS.full_name(code) for code in row["professions"] or ())
    lines = (("工作单位", row["employer_name"]), ("专业", professions), ("现状", "暂停" if suspended else "在库"))
    kinds = ("restore_expert",) if suspended else ("suspend_expert",)
    since = row["known_from"].astimezone(CHINA)
    return Waiting(row["id"], kinds, f"专家：{row['name']}", lines, since, row["region"], "")
