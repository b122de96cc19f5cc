"""The people of a demonstration: each with a client of his own, bidders with a folder and a key of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from app.bidder.folder import BidFolder
from app.bidder.lot import Lot, check_lot, read_lot
from app.bidder.passphrases import new_passphrase
from app.bidder.seal import Order, Previous, seal_into
from app.client import Client
from app.demo_people import CODE_OF, DEPARTMENT, PASSWORD, REGION
from app.officer.home import Home
from app.officer.work import Done, register, work
from app.uploading import send_whole
from kernel.proofs.age import Passphrase
from kernel.proofs.anchors import Anchors
from kernel.proofs.caution import Trust
from kernel.proofs.sealing import Content, Document
from kernel.proofs.signers import Ed25519Signer

_WORK = 12  # scrypt of the demonstration's recovery files


@dataclass(frozen=True, slots=True)
class Holder:
    """A share holder at his own side's site."""

    client: Client
    home: Home

    def register(self) -> None:
        register(self.client, self.home)

    def unlock(self, anchors: Anchors) -> list[Done]:
        """One unlock; he looks at the anchors, not at his own clock, which no demonstration sets."""
        return work(self.client, self.home, Trust(self.home.card.role, anchors), lambda words: True)


@dataclass
class Bidder:
    """A bidder on his own machine; `bids` by lot, the last is the one that stands."""

    name: str
    code: str
    client: Client
    folder: Path
    signer: Ed25519Signer = field(default_factory=Ed25519Signer.generate)
    passphrase: Passphrase = field(default_factory=lambda: Passphrase(new_passphrase(), work=_WORK))
    bids: dict[str, list[BidFolder]] = field(default_factory=dict)

    def seal(self, lot: Lot, price: str, documents: Sequence[Document] | None) -> BidFolder:
        """Seal the first bid for a lot; without documents the one that changes the last one's price alone."""
        earlier = self.bids.setdefault(lot.case, [])
        contents = {"price": Content(form={"price": price, "period_days": 180})}
        if documents is not None:
            contents["documents"] = Content(documents)
        previous = Previous.open(earlier[-1].path, self.passphrase) if documents is None else None
        out = self.folder / f"{lot.setup.lot}-{len(earlier) + 1}"
        seal_into(out, Order(lot, self.code, contents, True, previous), self.signer, self.passphrase)
        earlier.append(BidFolder.open(out))
        return earlier[-1]

    def standing(self, lot: Lot) -> BidFolder:
        return self.bids[lot.case][-1]


@dataclass(frozen=True, slots=True)
class Purchaser:
    """The purchaser's clerk."""

    client: Client

    def register(self, modes: Mapping[str, str]) -> tuple[str, list[str]]:
        """(project, its lots): one lot a mode; `modes` name → mode."""
        lot: dict[str, Any] = {"estimate": "40000000", "ceiling": "40000000", "deposit": "500000"}
        project = self.client.post(
            "/projects",
            {
                "name": "文二路道路及雨污水管网改造工程", "region": REGION, "department": DEPARTMENT,
                "approval": "西发改〔2026〕18号", "investment_code": "2602-330106-04-01-123456",
                "funding": "区财政资金，已落实", "scope": "道路、雨污水管网及附属工程",
                "lots": [{"name": name, "mode": mode, **lot} for name, mode in modes.items()],
            },
        )  # fmt: skip
        return project["project"], [lot["id"] for lot in project["lots"]]

    def publish(self, lot: str, deadline: str, documents: Sequence[Path]) -> None:
        """The notice of a lot with its documents."""
        send = partial(send_whole, self.client, purpose="tender_document")
        files = [{"label": path.name, "upload": send(path)} for path in documents]
        notice = {
            "deadline": deadline, "documents_until": deadline, "period_days": 180, "documents": files,
            "requirements": "具备市政公用工程施工总承包三级及以上资质",
        }  # fmt: skip
        self.client.post(f"/lots/{lot}/notice", notice)


def fetch(client: Client, lot: str, anchors: Anchors) -> Lot:
    """lot.json, checked against the anchors as `yangguang seal` does."""
    found = read_lot(client.get_raw(f"/lots/{UUID(lot)}/sealing").content)
    check_lot(found, anchors, now=found.deadline.at, rehearsal=False)
    return found


def signed_in(site: str, login: str) -> Client:
    client = Client(site)
    client.sign_in(login, PASSWORD)
    return client


def bidder_of(site: str, login: str, name: str, folder: Path) -> Bidder:
    folder.mkdir(parents=True, exist_ok=True)
    return Bidder(name, CODE_OF[login], signed_in(site, login), folder)
