"""One act on one complaint: who may, when, by whom not; and the only place where its stage is written."""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from kernel.accounts.rules import in_scope
from kernel.box import records as boxes
from kernel.clock import CHINA
from kernel.db import HOME, lock_case, transaction
from kernel.errors import Forbidden, NotFound, Problem, WrongStage
from kernel.identity import Actor
from kernel.ids import new_id
from supervision.acts import record
from supervision.complaints import records
from supervision.complaints.records import ComplaintView
from supervision.complaints.stages import NAMES, WINDOWS, Stage, next_stage

Value = str | UUID | datetime | None
_COLUMNS = frozenset(
    {"admitted_at", "first", "first_name", "second", "second_name", "drafted_by", "outcome", "decision"}
)


@dataclass(slots=True)
class Handling:
    """A complaint under an act's lock, in a transaction on supervision's own database."""

    connection: asyncpg.Connection
    view: ComplaintView
    actor: Actor
    at: datetime
    act: str

    async def move(self, to: Stage, **changes: Value) -> None:
        """Walk to the next stage and write what changes with it."""
        await self.change(stage=str(next_stage(self.view.stage, to)), **changes)

    async def change(self, **changes: Value) -> None:
        """Write columns of the complaint that are not of the filing."""
        if not changes.keys() <= _COLUMNS | {"stage"}:
            raise ValueError("what was filed stands as it was filed")
        names = ", ".join(f"{name} = ${n}" for n, name in enumerate(changes, 2))
        statement = f"update complaints.complaint set {names} where id = $1"  # noqa: S608 - names from the set above
        await self.connection.execute(statement, self.view.id, *changes.values())

    async def enter(self, says: str, facts: Mapping[str, str] | None = None) -> None:
        """Say what was done, in the complaint's own book and in supervision's log."""
        await enter(self.connection, self.view.id, self.act, self.actor, says, self.at, facts)
        said = {"act": self.act, "complaint": self.view.number, **(facts or {})}
        await record("handle_complaint", self.actor, self.view.case, self.view.number, facts=said)

    async def keep(self, kind: str, label: str, body: bytes, media: str = "application/pdf") -> str:
        """Keep a paper; its SHA-256."""
        return await keep(self.connection, self.view.id, kind, label, body, media, self.at)


@asynccontextmanager
async def handling(act: str, actor: Actor, complaint: UUID) -> AsyncIterator[Handling]:
    """Lock, stage, scope, and no conflict of interest; refuses with `WrongStage`, `Forbidden`, `NotFound`."""
    async with transaction(HOME) as connection:
        await lock_case(connection, complaint, exclusive=True)
        view = await records.complaint(complaint)
        check_scope(actor, view)
        if view.stage not in WINDOWS[act]:
            raise WrongStage(Problem("wrong_stage", f"投诉现处于“{view.stage_name}”，不能办理此事项", _allowed(act)))
        await check_conflict(actor, view)
        at = (await connection.fetchval("select kernel.law_now()")).astimezone(CHINA)
        yield Handling(connection, view, actor, at, act)


def check_scope(actor: Actor, view: ComplaintView) -> None:
    """`Forbidden` outside the officer's region and department; the platform's clock is everywhere."""
    if actor.door != "clockwork" and not in_scope(actor, view.region, view.department):
        raise Forbidden(Problem("out_of_region", "不在您的地区或部门范围内", "请由项目的监督部门办理"))


async def check_conflict(actor: Actor, view: ComplaintView) -> None:
    """Whoever held, or withheld, a share of the case's box, or is a party, keeps his hands off."""
    if actor.person is not None and actor.person == view.person:
        raise _conflict(view, "您是投诉人")
    if actor.person in await shareholders(view.case):
        raise _conflict(view, "您是本案的持钥人")


async def shareholders(case: UUID) -> set[UUID]:
    """The persons whose keys the case's box names, whether they gave their share or not; none without a box."""
    try:
        holders = await boxes.holders(await boxes.box(case))
    except NotFound:
        return set()
    gave_keys = {message.author for message in await boxes.messages(case, "key")}
    return {holder.person for holder in holders if holder.keyid in gave_keys}


async def enter(
    connection: asyncpg.Connection,
    complaint: UUID,
    act: str,
    actor: Actor,
    says: str,
    at: datetime,
    facts: Mapping[str, str] | None = None,
) -> None:
    """A line in the complaint's own book."""
    await connection.execute(
        "insert into complaints.entry (id, complaint, act, person, name, says, facts, at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8)",
        new_id(), complaint, act, actor.person, actor.name, says, json.dumps(dict(facts or {})), at,
    )  # fmt: skip


async def keep(
    connection: asyncpg.Connection, complaint: UUID, kind: str, label: str, body: bytes, media: str, at: datetime
) -> str:
    """A paper of the complaint, with its SHA-256, which is given back."""

    sha256 = hashlib.sha256(body).hexdigest()
    await connection.execute(
        "insert into complaints.paper (id, complaint, kind, label, media, body, sha256, at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8)",
        new_id(), complaint, kind, label, media, body, sha256, at,
    )  # fmt: skip
    return sha256


def _conflict(view: ComplaintView, why: str) -> Forbidden:
    return Forbidden(Problem("must_avoid", f"{why}，应当回避", "请由其他监督人员办理", view.track.conflict_article))


def _allowed(act: str) -> str:
    return "可办理的环节：" + "、".join(NAMES[stage] for stage in sorted(WINDOWS[act]))
