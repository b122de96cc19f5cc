"""A county's people for tests: a purchaser, an operator, bidders and share holders who act through the real steps."""

import asyncio
import base64
import hashlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import kept_county
from house_databases import Databases, login

from bidding import records, workbook
from bidding.case import Tools
from bidding.clockwork import turn
from bidding.detours.fail import end_case
from bidding.schemas import (
    EndCase,
    LotPlan,
    PublishedFile,
    PublishNotice,
    Receipt,
    RegisterProject,
    RevealBid,
    SignedObject,
    SubmitBid,
)
from bidding.steps.accept import accept_project
from bidding.steps.open import hold_share, reveal_bid
from bidding.steps.publish import publish_notice
from bidding.steps.register import register_project
from bidding.steps.submit import submit_bid, withdraw_bid
from kernel.box import close as box_close
from kernel.box import desk
from kernel.box import records as box_records
from kernel.box.setup import leave_wrap
from kernel.clock import CHINA
from kernel.identity import SIDES, Actor
from kernel.ids import new_id
from kernel.law import Law
from kernel.order import build_order
from kernel.proofs import age, dsse
from kernel.proofs.canonical import decode
from kernel.proofs.chain import build_withdrawal
from kernel.proofs.close import build_close
from kernel.proofs.sealing import Chain, Content, Document, Sealed, reveal_all, seal_bid
from kernel.proofs.setup import Setup
from kernel.proofs.signers import Ed25519Signer
from kernel.proofs.trustee import Officer, answer
from kernel.toss.hand import Hand
from storage import uploads
from storage.limits import PART_SIZE
from storage.vault import Store, VaultSettings, open_store

T = TypeVar("T")
REGION = "330106"
DEPARTMENT = "housing"
DEADLINE = datetime(2026, 4, 20, 9, 30, tzinfo=CHINA)
LAW = Law.load([Path(__file__).parent.parent / "bidding" / "law.toml"])
PROCESS = Ed25519Signer.generate()
"""The key of the regulator's process, which countersigns closes."""


async def vault(folder: Path) -> Store:
    return await open_store(VaultSettings(kind="folder", folder=folder))


async def tools(folder: Path) -> Tools:
    store = await vault(folder)
    receipts = Ed25519Signer.generate()
    return Tools(
        store=store,
        law=LAW,
        receipts=receipts,
        hand=Hand("operator", receipts, os.urandom(32)),
        regulator=PROCESS.public,
        contacts=b"c" * 32,
        origin="http://127.0.0.1:8000",
    )


ADMIN = ""
"""Where what the supervision side would write is written in tests that have no supervision site."""


async def as_admin(sql: str, *values: Any) -> Any:
    async with login(ADMIN) as connection:
        return await connection.fetchval(sql, *values)


async def actor(role: str, code: str, name: str) -> Actor:
    """Somebody of this role in an organisation of this code, known to the accounts."""
    person = new_id()
    organisation = await as_admin("select id from accounts.organisation where code = $1", code)
    if organisation is None:
        organisation = new_id()
        await as_admin(
            "insert into accounts.organisation (id, code, name, region, kind, created_at)"
            " values ($1, $2, $3, $4, 'enterprise', $5)",
            organisation,
            code,
            name,
            REGION,
            DEADLINE,
        )
    await as_admin(
        "insert into accounts.person (id, id_hash, id_sealed, name, phone, side, created_at)"
        " values ($1, $2, 'x', $3, '13800000000', $4, $5)",
        person,
        hashlib.sha256(person.bytes).digest(),
        f"{name}的人",
        SIDES[role],
        DEADLINE,
    )
    return Actor(
        role=role,
        person=person,
        name=f"{name}的人",
        organisation=organisation,
        organisation_code=code,
        organisation_name=name,
        region=REGION,
        departments=(DEPARTMENT,),
        door="api",
    )


@dataclass
class Holder:
    """A share holder with his keys, at his own machine."""

    actor: Actor
    officer: Officer

    @classmethod
    async def make(cls, role: str, code: str, name: str, like: Actor | None = None) -> "Holder":
        someone = await actor(role, code, name)
        officer = Officer(Ed25519Signer.generate(), age.new_identity())
        if role == "regulator":
            await as_admin(
                "insert into box.holder (id, person, name, role, organisation, region, public_key, recipient, since)"
                " values ($1, $2, $3, 'regulator', $4, $5, $6, $7, kernel.law_now())",
                new_id(),
                someone.person,
                someone.name,
                someone.organisation,
                REGION,
                officer.signer.public,
                age.recipient_of(officer.master),
            )
        else:
            await desk.register(someone, officer.signer.public, age.recipient_of(officer.master))
        return cls(someone, officer)

    async def work(self, tools: Tools, only: str = "") -> list[str]:
        """One unlock: do all that waits (or `only` such), and again until nothing waits; what was done."""
        done: list[str] = []
        while just_done := await self.round(tools, only):
            done += just_done
        return done

    async def round(self, tools: Tools, only: str = "") -> list[str]:
        """Do all that waits now (or `only` such); what was done. For who asks everybody again until nothing waits."""
        done: list[str] = []
        for task in await self.waiting(only):
            answered = answer(self.officer, task)
            lot = UUID(task["case"])
            if self.actor.role == "regulator":
                if answered.wrap:
                    await leave_wrap(lot, answered.signed, answered.wrap)
                await post_as_regulator(lot, task["do"], answered.stage, answered.signed)
                await turn(tools, lot)
            else:
                command = SignedObject(envelope=b64(answered.signed.to_bytes()), wrap=b64(answered.wrap))
                await hold_share(tools, self.actor, lot, task["do"], answered.stage, command)
            done.append(task["do"])
        return done

    async def waiting(self, only: str = "") -> list[dict[str, Any]]:
        """What waits for his keys."""
        found = await desk.waiting(await desk.holders_of(self.actor.person))
        return [task for task in found if only in ("", task["do"])]


async def post_as_regulator(lot: UUID, kind: str, stage: str, signed: dsse.Signed) -> None:
    """What the supervision site does: insert the exact bytes, nothing else."""
    await as_admin(
        'insert into box.message (id, "case", kind, role, stage, author, sha256, body, envelope, at)'
        " values ($1, $2, $3, 'regulator', $4, $5, $6, $7, $8, kernel.law_now())",
        new_id(),
        lot,
        kind,
        stage,
        signed.signatures[0].keyid,
        signed.sha256,
        signed.payload,
        signed.to_bytes(),
    )


async def give_order(lot: UUID, kind: str, says: str, until: datetime | None = None) -> None:
    """What the supervision site does: one row in the mailbox."""
    number = new_id()
    order = build_order(id=number, case=lot, kind=kind, says=says, issued_by="某区住房和城乡建设局", until=until)
    await as_admin(
        'insert into kernel.directive (id, "case", kind, body, envelope, until, posted_at)'
        " values ($1, $2, $3, $4, $5, $6, kernel.law_now())",
        number, lot, kind, order, dsse.sign(order, PROCESS).to_bytes(), until,
    )  # fmt: skip


async def publish_empty_list(case: UUID) -> None:
    """As if the platform had published a list that was drafted before any bid came in."""
    box = await box_records.box(case)
    assert box.deadline_at is not None
    place = {"tender": box.tender, "lot": box.lot, "setup": box.setup, "deadline": box.deadline}
    stale, signed = new_id(), dsse.sign(build_close(**place, at=box.deadline_at, bids=[], withdrawn=[]))
    await as_admin(
        'insert into box.message (id, "case", kind, role, sha256, body, envelope, at)'
        " values ($1, $2, 'list', 'platform', $3, $4, $5, $6)",
        stale, case, signed.sha256, signed.payload, signed.to_bytes(), box.deadline_at,
    )  # fmt: skip
    await as_admin("insert into box.taken (message, event) values ($1, $1)", stale)


async def countersign(lot: UUID) -> None:
    """The regulator's process has seen the close."""
    close = await box_close.fixed(await box_records.box(lot))
    await post_as_regulator(lot, "countersign", "", dsse.sign(close.data, PROCESS))


@dataclass
class Bidder:
    """A bidder at his own machine: his key, his sealed bids, his recovery."""

    actor: Actor
    folder: Path
    signer: Ed25519Signer = field(default_factory=Ed25519Signer.generate)
    sealed: Sealed | None = None

    async def seal(
        self,
        setup: Setup,
        notice: str,
        price: str,
        *,
        documents: bool = True,
        fallback: bool = True,
        form: Any = None,
        book: bytes = b"",
    ) -> Sealed:
        """Seal a bid, or the next of the chain; without documents they are carried over.

        `form`: more than a price; `book`: a workbook beside the one document.
        """
        self.folder.mkdir(exist_ok=True)
        paper = self.folder / "技术方案.txt"
        paper.write_text(f"{self.actor.organisation_name}的技术方案，报价 {price}")
        contents = {"price": Content(form=form or {"price": price, "period_days": 180})}
        if documents:
            contents["documents"] = Content([Document(paper, "技术方案.txt", "text/plain"), *self._workbook(book)])
        last = self.sealed
        self.sealed = await asyncio.to_thread(
            seal_bid,
            setup,
            contents,
            bidder=self.actor.organisation_code,
            notice=notice,
            fallback=fallback,
            signer=self.signer,
            folder=self.folder,
            chain=Chain(last.bid.bid_id, last.bid) if last else None,
            kept=last.seeds if last else None,
        )
        return self.sealed

    def _workbook(self, book: bytes) -> list[Document]:
        if not book:
            return []
        (self.folder / workbook.NAME).write_bytes(book)
        return [Document(self.folder / workbook.NAME, workbook.NAME, workbook.MEDIA)]

    async def submit(self, tools: Tools, lot: UUID, request: UUID | None = None) -> Receipt:
        assert self.sealed is not None
        return await submit_bid(tools, self.actor, lot, await self.command(tools, lot), request)

    async def command(self, tools: Tools, lot: UUID) -> SubmitBid:
        """Send the files that are not carried over, and make the command."""
        assert self.sealed is not None
        bid = self.sealed.bid
        sent = {}
        for stage in bid.stages:
            if stage.seq == bid.seq:
                for file in stage.files:
                    sent[file.sha256] = await upload(
                        tools, self.actor, f"sealed_bid:{lot}", (self.folder / file.n).read_bytes()
                    )
        return SubmitBid(envelope=b64(self.sealed.signed.to_bytes()), public_key=b64(self.signer.public), uploads=sent)

    async def withdraw(self, tools: Tools, lot: UUID, setup: Setup) -> Receipt:
        assert self.sealed is not None
        bid = self.sealed.bid
        data = build_withdrawal(setup, bidder=bid.bidder, bid_id=bid.bid_id, seq=bid.seq + 1, prev=bid.sha256)
        command = SignedObject(envelope=b64(dsse.sign(data, self.signer).to_bytes()))
        return await withdraw_bid(tools, self.actor, lot, command)

    async def reveal(self, tools: Tools, lot: UUID, stages: tuple[str, ...] = ()) -> None:
        assert self.sealed is not None
        box = await box_records.box(lot)
        signed = reveal_all(self.sealed.bid, box.close, self.sealed.seeds, self.signer, due=box.due, report=box.report)
        await reveal_bid(
            tools,
            self.actor,
            lot,
            RevealBid(
                envelopes=[b64(s.to_bytes()) for s in signed if not stages or decode(s.payload)["stage"] in stages]
            ),
        )


async def upload(tools: Tools, owner: Actor, purpose: str, content: bytes) -> UUID:
    """Send a file in parts, as a client does."""
    view = await uploads.register(str(owner.organisation), purpose, len(content))
    for n in range(1, view.parts + 1):
        part = content[(n - 1) * PART_SIZE : n * PART_SIZE]

        async def body(part: bytes = part) -> AsyncIterator[bytes]:
            yield part

        sha256 = hashlib.sha256(part).hexdigest()
        await uploads.receive(tools.store, view.id, str(owner.organisation), n, body(), sha256=sha256)
    return view.id


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@dataclass
class County:
    """One county on the road: its officials, its purchaser, its share holders."""

    tools: Tools
    purchaser: Actor
    operator: Actor
    holders: list[Holder]
    folder: Path
    house: Databases | None = None
    standing: kept_county.Standing | None = None
    """What has been done in it by steps that are kept; None in a house where it was not the first."""

    @classmethod
    async def make(cls, folder: Path, house: Databases) -> "County":
        """A county in this house; in an empty one always the same people, each with his keys."""
        global ADMIN  # noqa: PLW0603 - one database a test process
        ADMIN = house.admin
        fresh = await tools(folder / "vault")
        if not kept_county.untouched(await kept_county.trace(ADMIN)):
            return cls(fresh, *await _people(), folder)
        known, *people = await kept_county.lived(house, folder, "county", lambda: _known(fresh))
        purchaser, operator, holders = people
        county = cls(replace(known, store=fresh.store), purchaser, operator, list(holders), folder, house)
        county.standing = await county._stands(("county",))
        return county

    async def lived(self, step: Hashable, play: Callable[[], Awaitable[T]]) -> T:
        """What `play` gives, played or put back; in a house in which anything else was done, played.

        `step` names what is done, with everything by which it may differ.
        """
        here = self.standing
        if here is None or self.house is None or here != await self._stands(here.steps):
            return await play()
        steps = (*here.steps, step)
        gave = await kept_county.lived(self.house, self.folder, steps, play)
        self.standing = await self._stands(steps)
        return gave

    async def _stands(self, steps: tuple[Hashable, ...]) -> kept_county.Standing:
        tools = replace(self.tools, anchors=b"")  # which go into packages alone, and no step that is kept makes one
        return kept_county.Standing(steps, await kept_county.trace(ADMIN), (tools, tuple(self.holders)))

    async def register(self, mode: str = "bidder", lots: int = 1) -> list[records.LotRow]:
        project = await register_project(
            self.purchaser,
            RegisterProject(
                name="文二路道路改造工程",
                region=REGION,
                department=DEPARTMENT,
                approval="杭发改〔2026〕12号",
                investment_code="2602-330106-04-01-123456",
                funding="区财政资金",
                scope="道路、雨污水管网及附属工程",
                lots=[
                    LotPlan(
                        name=f"{n} 标段",
                        estimate=Decimal(40_000_000),
                        deposit=Decimal(500_000),
                        ceiling=Decimal(40_000_000),
                        mode=mode,
                    )
                    for n in range(1, lots + 1)
                ],
            ),
        )
        return await records.lots_of(project)

    async def work(self) -> None:
        """Every holder unlocks once, in turn, until nobody has anything left to do."""
        while any([await holder.round(self.tools) for holder in self.holders]):
            pass

    async def publish(self, lot: UUID, deadline: datetime = DEADLINE) -> dict[str, Any]:
        document = await upload(self.tools, self.purchaser, "tender_document", "招标文件正文".encode() * 200)
        return await publish_notice(
            self.tools,
            self.purchaser,
            lot,
            PublishNotice(
                deadline=deadline,
                documents_until=deadline,
                requirements="市政公用工程施工总承包三级及以上",
                period_days=180,
                documents=[PublishedFile(label="招标文件.pdf", upload=document)],
            ),
        )

    async def announced(self, mode: str = "bidder") -> UUID:
        """A lot that takes sealed bids: registered, accepted, set up, published, signed."""
        return await self.lived(("lot", mode), lambda: self._announce(mode))

    async def _announce(self, mode: str) -> UUID:
        lot = (await self.register(mode))[0]
        await accept_project(self.operator, lot.project)
        await self.work()
        await self.publish(lot.id)
        await self.work()
        return lot.id

    async def bidder(self, n: int) -> Bidder:
        someone = await actor("bidder", f"9133010600000{n:03}XX", f"浙江第{n}建设有限公司")
        return Bidder(someone, self.folder / f"bidder{n}")

    async def sealed_in(self, lot: UUID, prices: list[str], **how: bool) -> list[Bidder]:
        """Bidders with their sealed bids received."""
        step = ("sealed", lot, *prices, *sorted(how.items()))
        return self.at_home(await self.lived(step, lambda: self._sealed_in(lot, prices, how)))

    def at_home(self, bidders: Iterable[Bidder]) -> list[Bidder]:
        """Bidders of a kept step as they work in this county's folder."""
        return [replace(bidder, folder=self.folder / bidder.folder.name) for bidder in bidders]

    async def _sealed_in(self, lot: UUID, prices: list[str], how: dict[str, bool]) -> list[Bidder]:
        setup = await self.setup(lot)
        bidders = []
        for n, price in enumerate(prices, 1):
            bidder = await self.bidder(n)
            await bidder.seal(setup, (await box_records.box(lot)).notice, price, **how)
            await bidder.submit(self.tools, lot)
            bidders.append(bidder)
        return bidders

    async def end(self, lot: UUID) -> None:
        """The purchaser ends an opened case lawfully, for stories that only need its archive."""
        await end_case(self.tools, self.purchaser, lot, EndCase(ground="terminated", reason="项目规划调整，不再建设"))

    async def setup(self, lot: UUID) -> Setup:
        return await box_records.setup(await box_records.box(lot))


async def _known(tools: Tools) -> tuple[Tools, Actor, Actor, list[Holder]]:
    return tools, *await _people()


async def _people() -> tuple[Actor, Actor, list[Holder]]:
    """The purchaser, the operator, and two holders of a share for each of the three roles."""
    purchaser = await actor("purchaser", "12330106MB0000001X", "某区城市建设中心")
    operator = await actor("operator", "12330106MB0000002X", "某区公共资源交易中心")
    holders = []
    for role, code, name in (
        ("operator", "12330106MB0000002X", "某区公共资源交易中心"),
        ("regulator", "11330106MB0000003X", "某区住房和城乡建设局"),
        ("purchaser", "12330106MB0000001X", "某区城市建设中心"),
    ):
        holders += [await Holder.make(role, code, name) for _ in range(2)]
    return purchaser, operator, holders


def form_of(record: dict[str, Any]) -> dict[str, str]:
    """bidder → price of an opening record."""
    return {bid["bidder"]: bid["form"].get("price", "") for bid in record["bids"]}
