"""Who of the pool may be drawn: the filters in SQL, the grounds of avoidance in `rules`, as of one instant.

Both sides of a draw call `listed`: the trading site when it fixes a list, the regulator's process when it makes the
list again. The same rows at the same instant give the same answer to both.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from experts.avoidance import GROUNDS, Ground, Table
from experts.rules import OLDEST, Judged, Mark, Party, Tie, assigned, avoided, years_before
from kernel.clock import CHINA
from kernel.regions import level

_KNOWN = "{0}.known_from <= $1 and ({0}.known_until is null or {0}.known_until > $1)"
_POOL = f"""
from experts.practice p
join experts.expert e on e.id = p.expert
join experts.standing s on s.expert = p.expert and {_KNOWN.format("s")}
where p.profession = any($2) and {_KNOWN.format("p")} and s.region like $3
"""
_BUSY = f"""
exists (select from experts.slot o where o.expert = e.id and o.until > $6 and o.since < $7 and {_KNOWN.format("o")})
"""
# One row is one record as it is drawn, and shown when the names are opened: no telephone, no identity number.
_CANDIDATES = f"""
select e.id::text as id, p.profession, s.name, s.title,
    coalesce(nullif(s.employer_code, ''), s.employer_name) as employer, s.employer_name, s.region {_POOL}
and s.stage = 'admitted' and s.expires_on >= $4 and e.born > $5 and not {_BUSY}
"""
_COUNTS = f"""
select p.profession, count(*) as pool,
    count(*) filter (where s.stage = 'suspended') as suspended,
    count(*) filter (where s.expires_on < $4) as expired,
    count(*) filter (where e.born <= $5) as over_age,
    count(*) filter (where {_BUSY}) as busy
{_POOL} and s.stage in ('admitted', 'suspended') group by p.profession
"""
_TIES = f"""
select t.expert, t.kind, t.code, t.name, t.since, t.until from experts.tie t
where (t.code = any($2) or t.name = any($3)) and {_KNOWN.format("t")}
"""  # noqa: S608 - our own text
_MARKS = f"select m.expert, m.kind, m.on from experts.mark m where m.kind = any($2) and {_KNOWN.format('m')}"  # noqa: S608
_ROOT = f"""
select encode(sha256(coalesce(string_agg(uuid_send(s.id), '' order by s.id), '')), 'hex')
from experts.standing s where {_KNOWN.format("s")}
"""  # noqa: S608 - our own text
_STANDS = f"""
select s.stage, s.expires_on, e.born from experts.standing s join experts.expert e on e.id = s.expert
where s.expert = $2 and {_KNOWN.format("s")}
"""  # noqa: S608 - our own text


@dataclass(frozen=True, slots=True)
class Terms:
    """What a list is made by. `at`: the instant as of which the pool is read; `since`–`until`: the evaluation."""

    at: datetime
    professions: tuple[str, ...]
    scope: str
    category: str
    since: datetime
    until: datetime
    parties: tuple[Party, ...] = ()

    @property
    def day(self) -> date:
        """The day of the evaluation, in China: age, expiry and years are counted to it."""
        return self.since.astimezone(CHINA).date()

    def values(self) -> tuple[Any, ...]:
        """The placeholders of the statements above."""
        return (
            self.at, list(self.professions), _prefix(self.scope), self.day,
            years_before(self.day, OLDEST), self.since, self.until,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """Who may be drawn, by profession; who must avoid, with the ground's code; the digest of the whole pool."""

    candidates: Mapping[str, Sequence[Mapping[str, Any]]]
    avoided: Sequence[tuple[Mapping[str, Any], str]]
    root: str


async def listed(connection: asyncpg.Connection, terms: Terms, table: Table = GROUNDS) -> Listed:
    """The list of these terms: everybody on it once."""
    found: dict[str, dict[str, Mapping[str, Any]]] = {profession: {} for profession in terms.professions}
    for row in await connection.fetch(_CANDIDATES, *terms.values()):
        found[row["profession"]][row["id"]] = dict(row)
    given = assigned(found, terms.professions)
    codes = await _avoiding(connection, terms, given.keys(), table)
    candidates: dict[str, list[Mapping[str, Any]]] = {profession: [] for profession in terms.professions}
    for one, profession in given.items():
        if one not in codes:
            candidates[profession].append(found[profession][one])
    out = [(found[given[one]][one], code) for one, code in sorted(codes.items())]
    return Listed(candidates, out, str(await connection.fetchval(_ROOT, terms.at)))


async def counted(connection: asyncpg.Connection, terms: Terms) -> dict[str, dict[str, int]]:
    """Profession → how many are in the pool there, and how many of them are left out for which reason."""
    rows = await connection.fetch(_COUNTS, *terms.values())
    return {row["profession"]: {key: n for key, n in row.items() if key != "profession"} for row in rows}


async def screened(connection: asyncpg.Connection, terms: Terms, expert: UUID, table: Table = GROUNDS) -> str:
    """Why this one may not judge now, as a code; the empty string when he may."""
    row = await connection.fetchrow(_STANDS, terms.at, expert)
    if row is None or row["stage"] != "admitted":
        return "suspended"
    if row["expires_on"] is None or row["expires_on"] < terms.day or row["born"] <= years_before(terms.day, OLDEST):
        return "expired"
    return (await _avoiding(connection, terms, {str(expert)}, table)).get(str(expert), "")


async def _avoiding(
    connection: asyncpg.Connection, terms: Terms, among: Collection[str], table: Table
) -> dict[str, str]:
    """Expert → the code of the ground on which he must avoid; only rows that could matter are read."""
    grounds = table.of("expert", terms.category)
    ties, marks = await _ties(connection, terms, grounds), await _marks(connection, terms, grounds)
    concerned = [one for one in ties.keys() | marks.keys() if one in among]
    judged = {one: Judged(ties[one], marks[one], terms.parties, terms.day) for one in concerned}
    return {one: code for one, each in judged.items() if (code := avoided(each, grounds))}


async def _ties(connection: asyncpg.Connection, terms: Terms, grounds: Iterable[Ground]) -> dict[str, list[Tie]]:
    roles = {role for ground in grounds for role in ground.against}
    parties = [party for party in terms.parties if party.role in roles]
    codes = {code for party in parties for code in (party.code, *party.group) if code}
    found: dict[str, list[Tie]] = defaultdict(list)
    if parties:
        rows = await connection.fetch(_TIES, terms.at, list(codes), [party.name for party in parties])
        for row in rows:
            found[str(row["expert"])].append(Tie(*(row[k] for k in ("kind", "code", "name", "since", "until"))))
    return found


async def _marks(connection: asyncpg.Connection, terms: Terms, grounds: Iterable[Ground]) -> dict[str, list[Mark]]:
    kinds = {kind for ground in grounds if ground.test == "marked" for kind in ground.kinds}
    found: dict[str, list[Mark]] = defaultdict(list)
    for row in await connection.fetch(_MARKS, terms.at, list(kinds)) if kinds else []:
        found[str(row["expert"])].append(Mark(row["kind"], row["on"]))
    return found


def _prefix(region: str) -> str:
    """The pattern that the codes of a region and of all below it have (GB/T 2260)."""
    return region[: {"province": 2, "city": 4, "county": 6, "nation": 0}[level(region)]] + "%"


_TERMS = """
select p.id, p.category, p.scope, p.evaluation_at, p.evaluation_until, p.fixed_at,
    (select array_agg(s.profession order by s.place) from experts.stratum s where s.panel = p.id) as professions
from experts.panel p where p.id = $1
"""
_PARTIES = "select role, code, name, controllers from experts.party where panel = $1 and known_at <= $2 order by id"


async def terms_of(connection: asyncpg.Connection, panel: UUID, at: datetime | None = None) -> Terms:
    """The terms of a panel's list: as it was fixed, or as the pool and the parties stand at another instant."""
    row = await connection.fetchrow(_TERMS, panel)
    moment = at or row["fixed_at"]
    if moment is None:
        raise ValueError("a list that is not fixed has no instant")
    parties = await connection.fetch(_PARTIES, panel, moment)
    return Terms(
        at=moment,
        professions=tuple(row["professions"]),
        scope=row["scope"],
        category=row["category"],
        since=row["evaluation_at"],
        until=row["evaluation_until"],
        parties=tuple(party_of(party) for party in parties),
    )


def party_of(row: Mapping[str, Any]) -> Party:
    """A party as the rules take it."""
    return Party(row["role"], row["code"], row["name"], frozenset(json.loads(row["controllers"])))


def at_instant(terms: Terms, at: datetime) -> Terms:
    """The same terms as of another instant."""
    return replace(terms, at=at)
