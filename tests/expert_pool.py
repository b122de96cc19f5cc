"""A pool of experts and one invented lot for tests: its purchaser, its draws, and a keeper that calls and seats."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import road
from house_databases import Databases
from road import LAW, PROCESS, REGION, County, as_admin
from seeded_people import KEYS
from small_keeper import SmallKeeper, settle

from app.panel_facts import judging_tools, lot_facts
from experts import clockwork, records
from experts.case import Tools
from experts.rules import Party
from experts.schemas import LotFacts, Panel, Quota, RequestPanel, Seat, SignInDesk
from experts.steps.request import request_panel
from experts.steps.sign_in import sign_in_desk
from kernel.clock import CHINA
from kernel.codes import make_credit_code
from kernel.db import TRADING, reading
from kernel.decision import build_decision
from kernel.errors import NotFound, Problem
from kernel.identity import PUBLIC, Actor
from kernel.ids import new_id
from kernel.law import Law
from kernel.proofs import dsse
from kernel.proofs.signers import Ed25519Signer
from kernel.toss.hand import Hand
from storage.vault import VaultSettings, open_store

ROOT = Path(__file__).resolve().parent.parent
EVALUATION = datetime(2026, 4, 21, 9, 0, tzinfo=CHINA)
DRAWING = EVALUATION - timedelta(hours=24)
BUILD, COST = "A080104", "A060201"
KNOWN_SINCE = datetime(2025, 1, 1, tzinfo=CHINA)
OWNER_CODE, AGENT_CODE = "12330106MB0000001X", "91330106MA0000009X"


def unit(serial: int) -> str:
    """The credit code of the n-th employer."""
    return make_credit_code("91", "330106", f"{serial:08}")


def seat_actor(seat: Seat) -> Actor:
    """What a session of a seat makes."""
    return Actor(role="expert", person=seat.id, name="评标席位")


@dataclass
class Row:
    """An expert to put in: who he is, what he knows, for whom he works."""

    professions: tuple[str, ...] = (BUILD,)
    employer: str = ""
    born: date = date(1975, 5, 17)
    stage: str = "admitted"
    region: str = REGION
    expires_on: date = date(2028, 1, 1)
    id: UUID = field(default_factory=new_id)


async def put_in(admin_url: str, rows: Iterable[Row]) -> list[UUID]:
    """The rows as they would stand after their admission; one statement a table."""
    rows = list(rows)
    ids = [row.id for row in rows]
    units = [row.employer or unit(n) for n, row in enumerate(rows, 1000)]
    judged = [(row.id, code) for row in rows for code in row.professions]
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute(
            "insert into experts.expert (id, person, born, applied_at)"
            " select u.id, gen_random_uuid(), u.born, $3 from unnest($1::uuid[], $2::date[]) as u(id, born)",
            ids, [row.born for row in rows], KNOWN_SINCE,
        )  # fmt: skip
        await connection.execute(
            "insert into experts.standing (id, expert, name, phone, region, title_level, title, years, employer_code,"
            " employer_name, stage, expires_on, says, known_from) select gen_random_uuid(), u.id, '专家' || u.n,"
            " '138' || lpad(u.n::text, 8, '0'), u.region, 'senior', '高级工程师', 20, u.unit, '单位' || u.unit,"
            " u.stage, u.expires, '', $6 from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::date[])"
            " with ordinality as u(id, region, unit, stage, expires, n)",
            ids, [row.region for row in rows], units, [row.stage for row in rows], [row.expires_on for row in rows],
            KNOWN_SINCE,
        )  # fmt: skip
        await connection.execute(
            "insert into experts.practice (id, expert, profession, known_from)"
            " select gen_random_uuid(), u.id, u.code, $3 from unnest($1::uuid[], $2::text[]) as u(id, code)",
            [one for one, _ in judged], [code for _, code in judged], KNOWN_SINCE,
        )  # fmt: skip
        await connection.execute(
            "insert into experts.tie (id, expert, kind, code, name, known_from)"
            " select gen_random_uuid(), u.id, 'staff', u.unit, '单位' || u.unit, $3"
            " from unnest($1::uuid[], $2::text[]) as u(id, unit)",
            ids, units, KNOWN_SINCE,
        )  # fmt: skip
        # As the server does by itself a minute later: without it the planner goes by the tables as they were erased.
        await connection.execute("analyze experts.expert, experts.standing, experts.practice, experts.tie")
    finally:
        await connection.close()
    return ids


async def tie(expert: UUID, kind: str, code: str, *, since: date | None = None, until: date | None = None) -> None:
    """One more tie of an expert."""
    await as_admin(
        "insert into experts.tie (id, expert, kind, code, name, since, until, known_from)"
        " values (gen_random_uuid(), $1, $2, $3, '', $4, $5, $6)",
        expert, kind, code, since, until, KNOWN_SINCE,
    )  # fmt: skip


async def busy(expert: UUID, since: datetime, until: datetime) -> None:
    """A time an expert has none."""
    await as_admin(
        "insert into experts.slot (id, expert, since, until, why, known_from)"
        " values (gen_random_uuid(), $1, $2, $3, 'own', $4)",
        expert, since, until, KNOWN_SINCE,
    )  # fmt: skip


async def decide(
    kind: str, subject: UUID, says: str = "材料齐全", *, signer: Ed25519Signer = PROCESS, **facts: Any
) -> UUID:
    """What the supervision site does: one signed row in the mailbox."""
    decision = new_id()
    body = build_decision(
        id=decision, kind=kind, subject=subject, says=says, facts=facts, decided_by="某区发展和改革局"
    )
    await as_admin(
        "insert into kernel.decision (id, kind, subject, body, envelope, posted_at)"
        " values ($1, $2, $3, $4, $5, kernel.law_now())",
        decision, kind, subject, body, dsse.sign(body, signer).to_bytes(),
    )  # fmt: skip
    return decision


@dataclass
class Court:
    """One lot whose panel is drawn: what is known of it, who asks, and the tools of the steps."""

    house: Databases
    tools: Tools
    purchaser: Actor
    facts: LotFacts

    @classmethod
    async def make(cls, house: Databases, folder: Path, **changes: Any) -> "Court":
        road.ADMIN = house.admin
        purchaser = await road.actor("purchaser", OWNER_CODE, "某区城市建设中心")
        court = cls.__new__(cls)
        store = await open_store(VaultSettings(kind="folder", folder=folder))
        law = Law((*LAW.limits, *Law.load([ROOT / "experts" / "law.toml"]).limits))
        hand = Hand("operator", Ed25519Signer.generate(), b"o" * 32)
        court.tools = Tools(store, law, KEYS, hand, PROCESS.public, court.lots)
        court.house, court.purchaser = house, purchaser
        assert purchaser.organisation is not None
        court.facts = replace(_facts(purchaser.organisation), **changes)
        return court

    @classmethod
    async def of_county(cls, county: County, house: Databases, lot: UUID) -> "Court":
        """The same for a lot of a county's road, with the tools that the roof makes."""
        law = Law((*LAW.limits, *Law.load([ROOT / "experts" / "law.toml"]).limits))
        tools = replace(judging_tools(county.tools, KEYS), law=law)
        return cls(house, tools, county.purchaser, await lot_facts(lot))

    def beside(self) -> "Court":
        """Another lot of the same house, with the same people at work."""
        other = Court(self.house, self.tools, self.purchaser, replace(self.facts, lot=new_id(), code=f"{new_id()}"))
        other.tools = replace(self.tools, lots=other.lots)
        return other

    async def lots(self, lot: UUID) -> LotFacts:
        if lot != self.facts.lot:
            raise NotFound(Problem("no_lot", "没有这个标段", "请核对编号"))
        return self.facts

    @asynccontextmanager
    async def keeper(self) -> AsyncIterator[SmallKeeper]:
        """The regulator's process, reading the pool by its own restricted login."""
        keeper = SmallKeeper(
            self.house.supervision_trading, PROCESS, self.tools.hand.signer.public, kind="panel",
            rebuild=records.rebuild, screen=records.screen, contact=records.contact, recheck=records.recheck,
            meanwhile=records.meanwhile,
        )  # fmt: skip
        async with keeper:
            yield keeper

    def command(self, **changes: Any) -> RequestPanel:
        """Five members: one of the owner's, four builders, no spare."""
        values: dict[str, Any] = {
            "size": 5, "owners": 1, "professions": [Quota(profession=BUILD, quota=4)], "evaluation_at": EVALUATION,
            "place": "三楼评标室", **changes,
        }  # fmt: skip
        return RequestPanel(**values)

    async def request(self, **changes: Any) -> UUID:
        return await request_panel(self.tools, self.purchaser, self.facts.lot, self.command(**changes))

    async def go_round(self, keeper: SmallKeeper) -> None:
        """Everybody's worker until nothing moves."""
        for _ in range(40):
            await settle(self.tools.hand, keeper)
            if not await clockwork.turn(self.tools):
                await clockwork.sweep(self.tools)
                if not await clockwork.turn(self.tools) + await keeper.round():
                    return
        raise AssertionError("the panel never comes to rest")

    async def answer_all(self, keeper: SmallKeeper, answer: str = "accept") -> None:
        """Everybody who is called says the same, and who is called after them."""
        for _ in range(40):
            await self.go_round(keeper)
            if not keeper.waiting:
                return
            for call in keeper.waiting:
                await keeper.reply(call, answer)
        raise AssertionError("somebody is called for ever")

    async def seated(self, keeper: SmallKeeper, clock: Any, **changes: Any) -> Panel:
        """A panel drawn, called and seated; nobody has signed in yet."""
        await clock.freeze(DRAWING)
        await self.request(**changes)
        await self.answer_all(keeper)
        return await self.panel()

    async def panel(self) -> Panel:
        async with reading(TRADING) as connection:
            found = await records.panel_of(connection, self.facts.lot)
        assert found is not None
        return found

    async def sign_in(self, keeper: SmallKeeper) -> list[Seat]:
        """Every drawn member who has not, with his slip, at the desk."""
        known = {seat.toss_seat for seat in (await self.panel()).seats if seat.signed_in_at or seat.left_at}
        for call in sorted(keeper.book.asked.values(), key=lambda each: each.seat):
            if call.slip and call.seat not in known:
                await sign_in_desk(PUBLIC, SignInDesk(slip=call.slip))
        return list((await self.panel()).seats)


def _facts(purchaser: UUID) -> LotFacts:
    return LotFacts(
        lot=new_id(),
        code="E3301060001000017001001",
        title="清江大桥加固工程　第一标段",
        trade="房屋建筑工程施工",
        procedure="construction_open_tender",
        category="A01",
        region=REGION,
        department="某区住房和城乡建设局",
        purchaser=purchaser,
        agent=None,
        project=new_id(),
        law_day=date(2026, 3, 2),
        least=5,
        share=Fraction(2, 3),
        owner_may_chair=True,
        open_for_panel=True,
        parties=(
            Party("purchaser", OWNER_CODE, "某区城市建设中心"),
            Party("department", "某区住房和城乡建设局", "某区住房和城乡建设局"),
        ),
    )
