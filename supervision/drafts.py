"""Two officers for what weighs: one drafts, a second of the same scope confirms; until then it has no effect."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg

from kernel import inbox
from kernel.accounts import records as accounts
from kernel.clock import CHINA
from kernel.db import HOME, reading, transaction
from kernel.errors import Forbidden, NotFound, Problem, WrongStage
from kernel.identity import Actor
from kernel.ids import new_id
from supervision.scope import covers, watches

Kind = Literal["directive", "card", "lift", "decision"]
KIND_NAMES: Mapping[str, str] = {"directive": "监督指令", "card": "发牌", "lift": "解除红牌", "decision": "审批决定"}
_SEEN = """
select d.*, e.outcome, e.name as ended_by, e.says as ended_says, e.at as ended_at
from supervision.draft d left join supervision.draft_end e on e.draft = d.id
"""


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft with its end; `outcome` is empty while it waits, else confirmed or refused."""

    id: UUID
    kind: str
    case: UUID | None
    subject: UUID
    region: str
    department: str
    title: str
    command: dict[str, Any]
    person: UUID
    name: str
    organisation_name: str
    at: datetime
    outcome: str
    ended_by: str
    ended_says: str
    ended_at: datetime | None

    @property
    def kind_name(self) -> str:
        return KIND_NAMES[self.kind]


@dataclass(frozen=True, slots=True)
class Place:
    """Whose matter it is: the case if there is one, the region and the department."""

    case: UUID | None
    region: str
    department: str


async def write(
    actor: Actor, kind: Kind, place: Place, subject: UUID, title: str, command: Mapping[str, Any], draft: UUID | None
) -> UUID:
    """Write a draft and tell those who can confirm it; of one subject and kind one draft waits at a time."""
    number = draft or new_id()
    check_scope(actor, place.region, place.department)
    async with transaction(HOME) as connection:
        await connection.execute("select pg_advisory_xact_lock(hashtext($1))", f"draft {kind} {subject}")
        if await connection.fetchval(
            "select exists (select from supervision.draft d where kind = $1 and subject = $2 and id <> $3 and not"
            " exists (select from supervision.draft_end e where e.draft = d.id))", kind, subject, number,
        ):  # fmt: skip
            raise WrongStage(Problem("draft_waits", "同一事项已有一份草稿等待复核", "请先复核或退回那一份"))
        await connection.execute(
            'insert into supervision.draft (id, kind, "case", subject, region, department, title, command, person,'
            " name, organisation_name, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, kernel.law_now())"
            " on conflict (id) do nothing",
            number, kind, place.case, subject, place.region, place.department, title[:200],
            json.dumps(dict(command), ensure_ascii=False), actor.person, actor.name, actor.organisation_name,
        )  # fmt: skip
        fields = {"title": title, "drafted_by": actor.name, "says": str(command.get("says", ""))}
        for officer in await _others(actor, place):
            await inbox.send(connection, "draft_waiting", fields=fields, person=officer, link=f"/drafts/{number}")
    return number


async def end(
    connection: asyncpg.Connection, actor: Actor, draft: UUID, outcome: Literal["confirmed", "refused"], says: str
) -> DraftView:
    """End a draft, once; who drafted it may take it back, never confirm it (`Forbidden`, `WrongStage`)."""
    view = await one(actor, draft)
    if outcome == "confirmed" and view.person == actor.person:
        raise Forbidden(Problem("drafted_yourself", "起草人不能复核自己的草稿", "请由另一名监督人员复核"))
    row = await connection.fetchval(
        "insert into supervision.draft_end (draft, outcome, person, name, says, at)"
        " values ($1, $2, $3, $4, $5, kernel.law_now()) on conflict (draft) do nothing returning draft",
        draft, outcome, actor.person, actor.name, says,
    )  # fmt: skip
    if row is None:
        raise WrongStage(Problem("draft_ended", "这份草稿已经复核过", "请刷新页面查看结果"))
    return view


async def one(actor: Actor, draft: UUID) -> DraftView:
    """A draft of the officer's scope; `NotFound` for none, `Forbidden` outside."""
    found = await _drafts("where d.id = $1", draft)
    if not found:
        raise NotFound(Problem("no_draft", "没有这份草稿", "请从待复核列表进入"))
    check_scope(actor, found[0].region, found[0].department)
    return found[0]


async def waiting(actor: Actor) -> list[DraftView]:
    """What waits for a second officer in this one's scope, the oldest first."""
    found = await _drafts("where e.draft is null order by d.at, d.id limit 500")
    return [view for view in found if covers(actor, view.region, view.department)]


async def ended(actor: Actor, limit: int = 50) -> list[DraftView]:
    """What was confirmed or refused, the newest first."""
    found = await _drafts("where e.draft is not null order by e.at desc, d.id limit $1", limit)
    return [view for view in found if covers(actor, view.region, view.department)]


def check_scope(actor: Actor, region: str, department: str) -> None:
    """`Forbidden` outside the officer's region and department."""
    if not covers(actor, region, department):
        raise Forbidden(Problem("out_of_region", "不在您的地区或部门范围内", "请由项目的监督部门办理"))


async def _others(actor: Actor, place: Place) -> set[UUID]:
    held = await accounts.memberships_in("held", ["supervise"], region=place.region)
    fit = {m.person for m in held if m.role == "regulator" and watches(m.departments, place.department)}
    return fit - {actor.person}


async def _drafts(where: str, *values: Any) -> list[DraftView]:
    async with reading(HOME) as connection:
        rows = await connection.fetch(f"{_SEEN} {where}", *values)
    return [
        DraftView(
            **{
                **row,
                "command": json.loads(row["command"]),
                "at": row["at"].astimezone(CHINA),
                "outcome": row["outcome"] or "",
                "ended_by": row["ended_by"] or "",
                "ended_says": row["ended_says"] or "",
                "ended_at": row["ended_at"].astimezone(CHINA) if row["ended_at"] else None,
            }
        )
        for row in rows
    ]
