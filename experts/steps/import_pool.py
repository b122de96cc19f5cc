"""批量导入: the centre brings a sheet of experts in; wrong rows are reported, the pool's owner decides on the rest."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar
from uuid import UUID

from experts.case import Tools, touch_pool
from experts.sheets import COLUMNS, IDENTITY, Line, cell, lines_of
from experts.tables import Batch
from kernel.accounts.enrolment import Enrolling, enrol, known_sides
from kernel.acts import Beat, acting, answer, answered_before
from kernel.clock import now
from kernel.errors import Forbidden, Problem
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.paper.workbook import read_rows
from kernel.permissions import permission

PART = 4_000
"""People written by one statement."""
Row = TypeVar("Row")
_EXPERTS = """
insert into experts.expert (id, person, born, batch, applied_at)
select u.id, u.person, u.born, $4, $5 from unnest($1::uuid[], $2::uuid[], $3::date[]) as u(id, person, born)
"""
_STANDINGS = """
insert into experts.standing (id, expert, name, phone, region, title_level, title, years, employer_code, employer_name,
    expires_on, stage, says, known_from)
select gen_random_uuid(), u.*, 'applied', '', $11 from unnest($1::uuid[], $2::text[], $3::text[], $4::text[],
    $5::text[], $6::text[], $7::int[], $8::text[], $9::text[], $10::date[]) as u
"""
_PRACTICES = """
insert into experts.practice (id, expert, profession, known_from)
select gen_random_uuid(), u.expert, u.profession, $3 from unnest($1::uuid[], $2::text[]) as u(expert, profession)
"""
_TIES = """
insert into experts.tie (id, expert, kind, code, name, since, known_from)
select gen_random_uuid(), u.*, $5 from unnest($1::uuid[], array_fill('staff'::text, array[cardinality($1)]), $2::text[],
    $3::text[], $4::date[]) as u
"""
_KNOWN = "select person from experts.expert where person = any($1)"
_KEYS = ("name", "phone", "region", "title_level", "title", "years", "employer_code", "employer_name", "expires_on")


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a sheet: how many are in and wait for the pool's owner, and every problem of the other rows."""

    batch: UUID | None
    count: int
    problems: Sequence[Problem]


async def import_experts(tools: Tools, actor: Actor, content: bytes, request: UUID | None = None) -> Imported:
    """Take in a sheet; nobody on it may be drawn before the regulator has admitted it."""
    digest = sha256(content).hexdigest()
    asked = {"sha256": digest}
    if not permission("import_experts", actor.role):
        raise Forbidden(Problem("not_your_act", "您的角色不能导入名册", "请由交易中心办理"))
    day = (await now()).date()
    lines, problems = await asyncio.to_thread(lambda: lines_of(read_rows(content, COLUMNS), day, tools.professions))
    if (known := await answered_before("import_experts", actor, request, asked)) is not None:
        return Imported(UUID(known["batch"]) if known["batch"] else None, known["count"], problems)
    if not lines:
        return Imported(None, 0, problems)
    batch = new_id()
    async with acting("import_experts", actor, batch) as beat:
        await touch_pool(beat)
        people, wrong = await _people(tools, beat, lines, actor.person)
        if people:
            await _write(beat, batch, actor, digest, people)
        facts = {"count": len(people), "refused": len(problems) + len(wrong)}
        await beat.record(str(batch), hashes={"sheet": digest}, facts=facts)
        answered = {"batch": str(batch) if people else "", "count": len(people)}
        await answer(beat, request, asked, answered)
    return Imported(batch if people else None, len(people), [*problems, *wrong])


async def _people(
    tools: Tools, beat: Beat, lines: Sequence[Line], by: UUID | None
) -> tuple[list[tuple[Line, UUID]], list[Problem]]:
    """The persons behind the lines: those who stand on another side, or are in the pool, are problems of their rows."""
    known = await known_sides(beat.connection, [line.identity for line in lines], tools.keys)
    there = [person for person, side in known.values() if side == "judge"]
    pooled = {row["person"] for row in await beat.connection.fetch(_KNOWN, there)}
    good, wrong, fresh = [], [], []
    for line in lines:
        person, side = known.get(line.identity, (None, "judge"))
        if side != "judge":
            says, remedy = "此人已在交易、运营或监督一方登记", "一人只能站在一方，不能入库"
            wrong.append(cell(line.number, IDENTITY, "on_another_side", says, remedy))
        elif person in pooled:
            wrong.append(cell(line.number, IDENTITY, "in_pool_already", "此人已在专家库", "请删除本行"))
        elif person is not None:
            good.append((line, person))
        else:
            fresh.append(line)
    people = [Enrolling(line.identity, line.values["name"], line.values["phone"]) for line in fresh]
    enrolled: dict[str, UUID] = {}
    for part in _parts(people):
        enrolled |= await enrol(beat.connection, part, "judge", tools.keys, by)
    return good + [(line, enrolled[line.identity]) for line in fresh], wrong


async def _write(beat: Beat, batch: UUID, actor: Actor, digest: str, people: Sequence[tuple[Line, UUID]]) -> None:
    """Every row of every table, some thousands by a statement."""
    await Batch.insert(Batch(id=batch, region=actor.region or "000000", sha256=digest, people=len(people), at=beat.at))
    for part in _parts(people):
        await _write_part(beat, batch, part)


def _parts(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """So many that a statement stays far from its time limit on a busy machine."""
    return (rows[at : at + PART] for at in range(0, len(rows), PART))


async def _write_part(beat: Beat, batch: UUID, people: Sequence[tuple[Line, UUID]]) -> None:
    connection, ids = beat.connection, [new_id() for _ in people]
    lines = [line for line, _ in people]
    await connection.execute(_EXPERTS, ids, [p for _, p in people], [line.born for line in lines], batch, beat.at)
    columns = [[line.values[key] for line in lines] for key in _KEYS]
    await connection.execute(_STANDINGS, ids, *columns, beat.at)
    judged = [(one, code) for one, line in zip(ids, lines, strict=True) for code in line.professions]
    await connection.execute(_PRACTICES, [one for one, _ in judged], [code for _, code in judged], beat.at)
    units = [[line.values[key] for line in lines] for key in ("employer_code", "employer_name")]
    await connection.execute(_TIES, ids, *units, [line.employed_since for line in lines], beat.at)
