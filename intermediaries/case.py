"""One act on one agency or one request: the beats, who may, when; and the only place where their stages are written."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, cast
from uuid import UUID

from piccolo.columns import Column

from intermediaries.records import agencies as records
from intermediaries.records.agency_rows import AgencyRow
from intermediaries.stages import AGENCY_NAMES, AGENCY_WINDOWS, AgencyStage, next_agency_stage
from intermediaries.tables import Agency
from kernel import inbox
from kernel.accounts.rules import in_scope
from kernel.acts import Beat, acting
from kernel.clock import iso
from kernel.errors import Forbidden, NotFound, Problem, WrongStage
from kernel.identity import Actor
from kernel.jobs import schedule
from kernel.law import Law
from kernel.permissions import permission
from kernel.proofs.dsse import Signer
from kernel.toss.hand import Hand
from storage.vault import Store

CERTIFICATE = "certificate"
"""Purpose of the uploads of certificates."""


class Tools(Protocol):
    """What steps need and may not look for themselves; the site's one set of tools has it all."""

    @property
    def store(self) -> Store: ...
    @property
    def law(self) -> Law: ...
    @property
    def receipts(self) -> Signer: ...
    @property
    def regulator(self) -> bytes: ...
    @property
    def origin(self) -> str: ...
    @property
    def witnessed(self) -> bool: ...
    @property
    def steady(self) -> bool: ...
    @property
    def hand(self) -> Hand: ...
    @property
    def anchors(self) -> bytes: ...


@dataclass(slots=True)
class AgencyCase:
    """An agency under an act's lock."""

    beat: Beat
    agency: AgencyRow

    async def move(self, to: AgencyStage, **changes: Any) -> None:
        """Walk to the next stage, if the table of moves has it, and write what else changes with it."""
        next_agency_stage(self.agency.stage, to)
        await self.change(stage=str(to), **changes)
        self.agency = replace(self.agency, stage=to)

    async def change(self, **changes: Any) -> None:
        """Write columns of the agency."""
        await Agency.update(cast(dict[Column | str, Any], changes)).where(Agency.id == self.agency.id)

    async def tell(self, template: str, **fields: str) -> None:
        """A message to everybody who acts for the agency; it names the agency by itself."""
        about = {"agency": self.agency.name} | fields
        whom, link = self.agency.organisation, "/market/entry"
        await inbox.send(self.beat.connection, template, fields=about, organisation=whom, link=link)

    async def wake(self, at: datetime) -> None:
        """Have the agency's clockwork look at it at this moment of the law's clock."""
        dedup = f"agency:{self.agency.id}:{iso(at)}"
        await schedule(self.beat.connection, "agency", {"agency": str(self.agency.id)}, run_at=at, dedup=dedup)


@asynccontextmanager
async def agency_act(act: str, actor: Actor, agency: UUID, *, window: str = "") -> AsyncIterator[AgencyCase]:
    """Beats 1 to 3 for one agency: lock, directive, then this stage, this act, this actor.

    `window` where one act of the table of acts has several windows. Refuses with `Directed`, `WrongStage`,
    `Forbidden`; another's agency is `NotFound`.
    """
    async with acting(act, actor, agency) as beat:
        row = await records.agency(agency)
        check_agency_actor(act, actor, row)
        check_agency_stage(window or act, row)
        yield AgencyCase(beat, row)


def check_agency_stage(act: str, row: AgencyRow) -> None:
    """Beat 3, when: the table of windows."""
    allowed = AGENCY_WINDOWS.get(act)
    if allowed is not None and row.stage not in allowed:
        names = "、".join(AGENCY_NAMES[stage] for stage in AgencyStage if stage in allowed)
        says = f"机构现处于“{row.stage_name}”，不能办理此事项"
        raise WrongStage(Problem("wrong_agency_stage", says, f"可办理的状态：{names}"))


def check_agency_actor(act: str, actor: Actor, row: AgencyRow) -> None:
    """Beat 3, who: the table of acts, one's own agency only, officials within their region."""
    if actor.door == "clockwork":
        return
    granted = permission(act, actor.role)
    if not granted:
        raise Forbidden(Problem("not_your_act", "您的角色不能办理此事项", "请由有权的一方办理"))
    if actor.side in ("operate", "supervise") and not in_scope(actor, row.region):
        raise Forbidden(Problem("agency_out_of_region", "这家机构不在您的地区范围内", "请由机构所在地的单位办理"))
    if granted == "own" and row.organisation != actor.organisation:
        raise NotFound(Problem("no_agency", "没有这家机构", "请从机构名录或工作台进入"))
