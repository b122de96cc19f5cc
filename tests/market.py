"""A market for tests: agencies that enter through the real steps, the centre that checks them, a deciding regulator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import kept_county
import road
from house_databases import Databases
from road import PROCESS, REGION, actor, as_admin, tools, upload

import intermediaries
from bidding.case import Tools
from intermediaries.catalogue import item_id
from intermediaries.clockwork import ACTOR, take_decisions
from intermediaries.records import agencies as records
from intermediaries.records.agency_rows import AgencyRow
from intermediaries.schemas.agencies import AddCertificate, CheckEntry, DescribeAgency, FileEntry, PromiseItem
from intermediaries.steps.check import check_entry
from intermediaries.steps.enter import enter_market, file_entry
from intermediaries.steps.found import found_catalogue
from intermediaries.steps.papers import add_certificate, promise_item
from kernel.codes import make_credit_code
from kernel.decision import build_decision
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.law import Law
from kernel.proofs import dsse
from storage.vault import Store

LAW = Law.load([Path(intermediaries.__file__).parent / "law.toml"])
SURVEY = item_id("SUR-02")
"""竣工规划核实测绘: needs 测绘资质 乙级."""
IMPACT = item_id("EIA-01")
"""环境影响报告书编制: needs no licence; approved by 生态环境."""
SCAN = b"%PDF-1.7 scan of a certificate"


def code(serial: int, kind: str = "91", region: str = REGION) -> str:
    return make_credit_code(kind, region, f"{serial:08}")


def described(**changes: str) -> DescribeAgency:
    said = {"legal_rep": "王明", "office": "西湖区文三路 1 号", "phone": "0571-88880000", "bank_account": "3301 0001"}
    return DescribeAgency(**(said | changes))


def survey(through: date | None = date(2029, 3, 1), **changes: Any) -> dict[str, Any]:
    """A 测绘资质证书 as it is typed in."""
    return {
        "kind": "survey",
        "grade": "乙级",
        "number": "乙测资字3310001",
        "issuer": "浙江省自然资源厅",
        "issued_on": date(2024, 3, 1),
        "valid_through": through,
    } | changes


@dataclass
class Market:
    """One county's market: its centre, the tools of the steps."""

    tools: Tools
    operator: Actor
    serial: int = 100

    @classmethod
    async def make(cls, folder: Path, house: Databases) -> "Market":
        road.ADMIN = house.admin
        fresh = replace(await tools(folder / "vault"), law=LAW)
        return (await kept_county.begun(house, folder, "market", lambda: _founded(fresh))).over(fresh.store)

    def over(self, store: Store) -> "Market":
        """The same market at work over this vault."""
        return replace(self, tools=replace(self.tools, store=store))

    async def person(self, role: str, name: str, *, kind: str = "enterprise", region: str = REGION) -> Actor:
        """Somebody of this role in a unit of its own."""
        self.serial += 1
        number = code(self.serial, "11" if kind == "government" else "91", region)
        someone = await actor(role, number, name)
        await as_admin("update accounts.organisation set kind = $2, region = $3 where code = $1", number, kind, region)
        return replace(someone, region=region)

    async def opened(self, name: str = "精准测绘有限公司", *, region: str = REGION, **said: str) -> tuple[Actor, UUID]:
        """An agency that has described itself and filed nothing yet."""
        someone = await self.person("intermediary", name, region=region)
        return someone, await enter_market(someone, described(**said))

    async def certificate(self, someone: Actor, agency: UUID, typed: Mapping[str, Any]) -> UUID:
        scan = await upload(self.tools, someone, "certificate", SCAN)
        return await add_certificate(self.tools, someone, agency, AddCertificate(upload=scan, **typed))

    async def filed(
        self, name: str = "精准测绘有限公司", *, papers: Sequence[Mapping[str, Any]] = (), **how: Any
    ) -> tuple[Actor, UUID]:
        """An agency that offers the survey with its licence and has filed."""
        someone, agency = await self.opened(name, **how)
        for typed in papers or [survey(number=f"乙测资字{self.serial}")]:
            await self.certificate(someone, agency, typed)
        await promise_item(someone, agency, PromiseItem(item=SURVEY, price=Decimal(30_000), days=7))
        await file_entry(self.tools, someone, agency, FileEntry(accepted=True))
        return someone, agency

    async def active(self, name: str = "精准测绘有限公司", **how: Any) -> tuple[Actor, UUID]:
        """An agency in the market, serving the survey."""
        someone, agency = await self.filed(name, **how)
        operator = replace(self.operator, region=how.get("region", REGION))
        await check_entry(operator, agency, CheckEntry(decision="pass"))
        return someone, agency

    async def decide(self, kind: str, subject: UUID, says: str = "经查属实", **facts: Any) -> None:
        """The regulator posts a decision on his own site, and this one carries it out."""
        number = new_id()
        made = {"subject": subject, "says": says, "facts": facts, "decided_by": "某区政务服务管理办公室"}
        body = build_decision(id=number, kind=kind, **made)
        await as_admin(
            "insert into kernel.decision (id, kind, subject, body, envelope, posted_at)"
            " values ($1, $2, $3, $4, $5, kernel.law_now())",
            number,
            kind,
            subject,
            body,
            dsse.sign(body, PROCESS).to_bytes(),
        )
        await take_decisions(self.tools)

    async def row(self, agency: UUID) -> AgencyRow:
        return await records.agency(agency)


async def _founded(tools: Tools) -> Market:
    operator = await actor("operator", code(1, "12"), "某区公共资源交易中心")
    await found_catalogue(ACTOR)
    return Market(tools, operator)


async def messages(organisation: UUID | None) -> list[str]:
    """The templates of what an organisation was told, oldest first."""
    rows = await as_admin(
        "select coalesce(array_agg(template order by sent_at, id), '{}') from kernel.message where organisation = $1",
        organisation,
    )
    return list(rows)


async def acts(case: UUID) -> list[str]:
    """What the log says happened to a case, oldest first."""
    sql = "select coalesce(array_agg(act order by n), '{}') from kernel.log_event where case_key = $1"
    return list(await as_admin(sql, str(case)))
