"""A whole finished lot made in memory: officers, bidders, events, a log with its witness, and both packages of it."""

import hashlib
import io
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from kernel.proofs import age, dsse, evidence
from kernel.proofs.anchors import Anchors, build_anchors, read_anchors
from kernel.proofs.bid import Bid, SealedFile, SealedStage, build_bid, read_bid
from kernel.proofs.canonical import encode
from kernel.proofs.case_file import build_case
from kernel.proofs.chain import build_withdrawal
from kernel.proofs.checkpoints import Checkpoint, sign_checkpoint
from kernel.proofs.close import Close, build_close, build_receipt, read_close
from kernel.proofs.deadline import BEIJING, Deadline, build_deadline, read_deadline, write_moment
from kernel.proofs.envelope import StageSecret, public_of
from kernel.proofs.index import IndexedFile, build_index
from kernel.proofs.log_proof import LogProof
from kernel.proofs.merkle import At, Frontier, append, entry_hash, fold, inclusion_nodes
from kernel.proofs.note_keys import COSIGNATURE_V1
from kernel.proofs.note_keys import Signer as NoteSigner
from kernel.proofs.notes import cosign
from kernel.proofs.opening import build_attest, build_release, build_reveal
from kernel.proofs.packing import Contents, Happened, Material, Received, pack
from kernel.proofs.setup import ROLES, Setup, build_setup, read_setup
from kernel.proofs.signers import Ed25519Signer
from kernel.proofs.stage import new_secret, seal_stage, try_envelope

CASE = "01890a5d-ac96-774b-bcce-b302099a8057"
START = datetime(2026, 3, 2, 9, 0, tzinfo=BEIJING)
DEADLINE = datetime(2026, 4, 20, 9, 30, tzinfo=BEIJING)
PRICES = ("38000000.00", "37500000.00", "39900000.00", "38880000.00")
ORIGIN = "trading.example/log"


@dataclass
class Keys:
    """Everybody's keys: the officers' by role, the platform's, the regulator's process's, the log's, the witness's."""

    officers: dict[str, list[Ed25519Signer]] = field(
        default_factory=lambda: {role: [Ed25519Signer.generate() for _ in range(2)] for role in ROLES}
    )
    private: dict[str, list[bytes]] = field(
        default_factory=lambda: {
            role: [X25519PrivateKey.generate().private_bytes_raw() for _ in range(2)] for role in ROLES
        }
    )
    platform: Ed25519Signer = field(default_factory=Ed25519Signer.generate)
    process: Ed25519Signer = field(default_factory=Ed25519Signer.generate)
    log: NoteSigner = field(default_factory=lambda: NoteSigner.from_private(ORIGIN, Ed25519PrivateKey.generate()))
    witness: NoteSigner = field(
        default_factory=lambda: NoteSigner.from_private("witness.example", Ed25519PrivateKey.generate(), COSIGNATURE_V1)
    )

    def anchors(self) -> Anchors:
        officers = [(role, f"{role}{n}", s.public) for role in ROLES for n, s in enumerate(self.officers[role])]
        return read_anchors(
            build_anchors(
                issuer="某区住房和城乡建设局", issued=START - timedelta(days=30), officers=officers,
                receipts=[self.platform.public], processes=[self.process.public], packages=[self.platform.public],
                logs=[self.log.key], witnesses=[self.witness.key],
            )
        )  # fmt: skip


@dataclass
class Sealer:
    """A bidder at his own machine: his key, the seeds he keeps, his messages so far."""

    code: str
    price: str
    bid_id: str = field(default_factory=lambda: os.urandom(16).hex())
    signer: Ed25519Signer = field(default_factory=Ed25519Signer.generate)
    secrets: dict[str, StageSecret] = field(default_factory=dict)
    bid: Bid | None = None
    files: dict[str, bytes] = field(default_factory=dict)

    def seal(self, setup: Setup, notice: str, *, fallback: bool = True, price: str = "") -> dsse.Signed:
        """The first bid; with `price` the next, in which the price alone is sealed anew."""
        last, seq = self.bid, self.bid.seq + 1 if self.bid else 1
        self.price = price or self.price
        stages = [self._price(setup, seq), last.stage("documents") if last else self._documents(setup, seq)]
        data = build_bid(
            setup, bidder=self.code, bid_id=self.bid_id, seq=seq, prev=last.sha256 if last else "",
            notice=notice, fallback=fallback, stages=stages,
        )  # fmt: skip
        self.bid = read_bid(data, setup)
        return dsse.sign(data, self.signer)

    def _price(self, setup: Setup, seq: int) -> SealedStage:
        return self._sealed(setup, "price", seq, [build_index("price", [], {"price": self.price, "period_days": 180})])

    def _documents(self, setup: Setup, seq: int) -> SealedStage:
        paper = f"{self.code} 的技术方案".encode() * 300
        entry = IndexedFile("documents-1.age", "技术方案.txt", "text/plain", len(paper), _sha256(paper))
        return self._sealed(setup, "documents", seq, [build_index("documents", [entry]), paper])

    def _sealed(self, setup: Setup, stage: str, seq: int, plain: list[bytes]) -> SealedStage:
        secret = new_secret(setup, bidder=self.code, bid_id=self.bid_id, stage=stage, seq=seq)
        self.secrets[stage], files = secret, []
        for i, content in enumerate(plain):
            sealed = age.lock(content, secret.recipient)
            files.append(SealedFile(f"{stage}-{i}.age", len(sealed), _sha256(sealed)))
            self.files[files[-1].sha256] = sealed
        return seal_stage(setup, secret, files)


@dataclass
class Lot:
    """One lot on its way, as the platform keeps it: what was signed, and what happened, in order."""

    keys: Keys = field(default_factory=Keys)
    mode: str = "bidder"
    minimum: int = 3
    at: datetime = START
    events: list[Happened] = field(default_factory=list)
    bidders: list[Sealer] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    arrived: dict[str, datetime] = field(default_factory=dict)
    attests: list[tuple[str, str, bytes]] = field(default_factory=list)
    releases: list[tuple[str, str, bytes]] = field(default_factory=list)
    reveals: list[tuple[str, str, bytes]] = field(default_factory=list)
    seeds: dict[tuple[str, str], bytes] = field(default_factory=dict)
    cures: list[tuple[str, bytes]] = field(default_factory=list)
    audits: list[tuple[str, bytes]] = field(default_factory=list)
    shut_for: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    later: tuple[str, ...] = ()
    first_opening: bytes = b""
    lists: list[bytes] = field(default_factory=list)
    countersigned: bytes = b""
    opening: bytes = b""
    ready: bool = True
    is_ended: bool = False
    papers: dict[str, bytes] = field(default_factory=dict)
    setup: Setup = field(init=False)
    deadline: Deadline = field(init=False)
    close: Close = field(init=False)

    def happen(
        self, act: str, hashes: Mapping[str, str] | None = None, facts: Mapping[str, Any] | None = None,
        *, by: str = "", subject: str = "", step: timedelta = timedelta(minutes=1),
    ) -> Happened:  # fmt: skip
        """The next event of the case, as kernel/log.py writes it."""
        self.at += step
        salt, prev = os.urandom(32), self.events[-1].leaf.hex() if self.events else ""
        body = encode({
            "type": "etb.event/1", "case": CASE, "n": len(self.events) + 1, "prev": prev, "act": act, "role": "",
            "organisation": by, "subject": subject, "at": write_moment(self.at), "directive": "",
            "hashes": dict(hashes or {}), "facts": dict(facts or {}), "private": os.urandom(32).hex(),
        })  # fmt: skip
        self.events.append(Happened(act, by, body, salt, entry_hash(salt, body), b""))
        return self.events[-1]

    def message(self, kind: str, sha256: str, role: str, *, stage: str = "", author: str = "", by: str = "") -> None:
        facts = {"role": role, "author": author, "stage": stage}
        self.happen(f"box_{kind}", {kind: sha256}, facts, by=by)

    def announce(self) -> None:
        """Project taken, set-up made and signed, notice and deadline published, somebody asks to be told."""
        keys = {role: [public_of(p) for p in self.keys.private[role]] for role in ROLES}
        keys = {} if self.mode == "bidder-only" else keys
        self.setup = read_setup(build_setup(mode=self.mode, tender="T-2026-1", lot="01", keys=keys, later=self.later))
        self.happen("register_project")
        self.message("setup", self.setup.sha256, "platform")
        if keys and self.ready:
            self.happen("box_ready", {"setup": self.setup.sha256})
        self.notices = [encode({"title": "招标公告", "n": 1}), encode({"title": "变更公告", "n": 2})]
        self.law = encode({"limits": [], "day": "2026-03-02"})
        self.deadlines: list[bytes] = []
        self.set_deadline(DEADLINE - timedelta(days=5))
        self.happen("publish_notice", {"notice": _sha256(self.notices[0]), "law": _sha256(self.law)})
        self.happen("leave_contact", by="91330106MA00ASKS01")
        self.set_deadline(DEADLINE, "答疑")
        self.happen("amend_notice", {"notice": _sha256(self.notices[1])})

    def set_deadline(self, at: datetime, reason: str = "", *, signs: bool = True) -> None:
        """The first deadline or a later one, signed by a holder of the purchaser."""
        prev = self.deadline.sha256 if self.deadlines else ""
        data = build_deadline(tender="T-2026-1", lot="01", at=at, prev=prev, reason=reason)
        self.deadline = read_deadline(data)
        self.message("deadline", self.deadline.sha256, "platform")
        signer = self.keys.officers["purchaser"][0]
        self.deadlines.append(dsse.sign(data, *[signer] * signs).to_bytes())
        if signs:
            self.message("deadline", self.deadline.sha256, "purchaser", author=signer.keyid)

    def submit(self, bidder: Sealer, *, fallback: bool = True, price: str = "", at: datetime | None = None) -> None:
        signed = bidder.seal(self.setup, _sha256(self.notices[1]), fallback=fallback, price=price)
        assert bidder.bid is not None
        self._receive(bidder, signed, bidder.bid.seq, "bid", at)

    def withdraw(self, bidder: Sealer) -> None:
        bid = bidder.bid
        assert bid is not None
        data = build_withdrawal(self.setup, bidder=bidder.code, bid_id=bidder.bid_id, seq=bid.seq + 1, prev=bid.sha256)
        self._receive(bidder, dsse.sign(data, bidder.signer), bid.seq + 1, "withdraw", None)

    def _receive(self, bidder: Sealer, signed: dsse.Signed, seq: int, kind: str, at: datetime | None) -> None:
        if at is not None:
            self.at = at - timedelta(minutes=1)
        facts = {"seq": seq, "key": bidder.signer.public.hex()}
        event = self.happen(
            f"{'submit' if kind == 'bid' else 'withdraw'}_bid", {kind: signed.sha256}, facts, by=bidder.code
        )
        receipt = build_receipt(
            tender="T-2026-1", lot="01", bidder=bidder.code, seq=seq, sha256=signed.sha256,
            received=self.at, salt=event.salt,
        )  # fmt: skip
        self.arrived[signed.sha256] = self.at
        sealed = dsse.sign(receipt, self.keys.platform).to_bytes()
        self.received.append(Received(bidder.code, signed.sha256, signed.to_bytes(), sealed))

    def shut(
        self, *, at: datetime | None = None, countersigned: bool = True, restored: Sealer | None = None
    ) -> None:  # fmt: skip
        """The list stands, is fixed, and, if enough bids stand, countersigned; `restored` has shown his receipt."""
        self.at = (at or DEADLINE) - timedelta(minutes=1)
        chains: dict[str, str] = {r.bidder: r.sha256 for r in self.received}
        standing = {b.bid.sha256 for b in self.bidders if b.bid is not None} & set(chains.values())
        lists = {"bids": standing, "withdrawn": set(chains.values()) - standing}
        for kind, by in (("list", ""), *([("list", restored.code)] if restored else []), ("close", "")):
            self.at += timedelta(minutes=1)
            data = build_close(
                tender="T-2026-1", lot="01", setup=self.setup.sha256, deadline=self.deadline.sha256,
                at=self.at, **lists,
            )  # fmt: skip
            self.at -= timedelta(minutes=1)
            self.close = read_close(data)
            self.message(kind, self.close.sha256, "platform", by=by)
            if kind == "list":
                self.lists.append(dsse.sign(data).to_bytes())
        self.happen("close_lot")
        if len(self.close.bids) < self.minimum:
            self.happen("fail_lot")
            return
        if not countersigned:
            return
        self.countersigned = dsse.sign(self.close.data, self.keys.process).to_bytes()
        self.message("countersign", self.close.sha256, "regulator", author=self.keys.process.keyid)
        self.happen("begin_opening")

    def reveal(self, bidder: Sealer, report: str = "") -> None:
        """The seeds of the stages whose turn it is."""
        assert bidder.bid is not None
        for stage in self.setup.turn(report):
            secret = bidder.secrets[stage]
            data = build_reveal(
                close=self.close.sha256, stage=stage, bidder=bidder.code, bid=bidder.bid.sha256, seed=secret.seed,
                report=report,
            )  # fmt: skip
            signed = dsse.sign(data, bidder.signer)
            self.reveals.append((stage, bidder.bid.sha256, signed.to_bytes()))
            self.seeds[(bidder.bid.sha256, stage)] = secret.seed
            self.message("reveal", signed.sha256, "bidder", stage=stage, author=bidder.signer.keyid, by=bidder.code)

    def release(self, bidders: list[Sealer]) -> None:
        """All three roles attest and release these bids, both stages."""
        bids = sorted((b.bid for b in bidders if b.bid), key=lambda bid: bid.sha256)
        for stage in ("price", "documents"):
            for role in ROLES:
                verdicts = {bid.sha256: True for bid in bids}
                self.officer("attest", role, stage, build_attest(**self.head(role, stage), verdicts=verdicts))
            for role in ROLES:
                private = self.keys.private[role][0]
                shares = {bid.sha256: try_envelope(self.setup, bid, stage, private) or b"" for bid in bids}
                self.officer("release", role, stage, build_release(**self.head(role, stage), shares=shares))
        for bidder in bidders:
            for stage, secret in bidder.secrets.items():
                assert bidder.bid is not None
                self.seeds[(bidder.bid.sha256, stage)] = secret.seed

    def kid(self, role: str, n: int = 0) -> str:
        """The number of the stage key of a role's holder."""
        return next(k for k in self.setup.role(role).keys if k.pk == public_of(self.keys.private[role][n])).kid

    def head(self, role: str, stage: str, n: int = 0) -> dict[str, str]:
        """What begins every statement of a role's holder about a stage."""
        return {"close": self.close.sha256, "stage": stage, "role": role, "kid": self.kid(role, n)}

    def officer(self, kind: str, role: str, stage: str, data: bytes, n: int = 0) -> None:
        """A holder signs an attestation or a release."""
        signer = self.keys.officers[role][n]
        signed = dsse.sign(data, signer)
        kept = self.attests if kind == "attest" else self.releases
        kept.append((stage, role, signed.to_bytes()))
        self.message(kind, signed.sha256, role, stage=stage, author=signer.keyid)

    def end(self) -> None:
        """The purchaser ends the case: nothing of it has been opened."""
        self.notices.append(encode({"title": "终止公告", "kind": "failure", "n": len(self.notices) + 1}))
        self.is_ended = True
        self.happen("end_case", {"notice": _sha256(self.notices[-1])})

    def refund(self, bidder: Sealer) -> None:
        """His deposit goes back."""
        paper = encode({"type": "yangguang.refund/1", "bidder": bidder.code, "n": len(self.papers) + 1})
        self.papers[f"papers/{len(self.papers) + 1:02}-refund.json"] = paper
        self.happen("refund_deposit", {"refund": _sha256(paper)}, subject=bidder.code)

    def record(
        self, lie: Callable[[dict[str, Any]], None] = lambda _: None, stages: tuple[str, ...] = ("documents", "price")
    ) -> None:
        """The opening record of these stages; `lie` may change it before it is published."""
        self.happen("box_opened", {"close": self.close.sha256})
        value: dict[str, Any] = {
            "type": "yangguang.opening/1", "tender": "T-2026-1", "lot": "01", "mode": self.mode,
            "setup": self.setup.sha256, "close": self.close.sha256, "deadline": write_moment(DEADLINE),
            "withdrawn": len(self.close.withdrawn), "bids": [self._line(sha256, stages) for sha256 in self.close.bids],
        }  # fmt: skip
        lie(value)
        self.opening = encode(value)
        self.happen("conclude_opening", {"opening": _sha256(self.opening)})

    def _line(self, sha256: str, stages: tuple[str, ...]) -> dict[str, Any]:
        bidder = next(b for b in self.bidders if b.bid and b.bid.sha256 == sha256)
        rows = [dict(zip(("stage", "outcome", "code"), (s, *self._outcome(bidder, s)), strict=True)) for s in stages]
        shut = [row["outcome"] for row in rows if row["outcome"] != "opened"]
        is_shown = (sha256, "price") in self.seeds and "price" in stages
        return {
            "bidder": bidder.code, "name": f"浙江{bidder.code[-2:]}建设有限公司", "sha256": sha256,
            "received": write_moment(self.arrived[sha256]), "outcome": shut[0] if shut else "opened",
            "form": {"price": bidder.price, "period_days": 180} if is_shown else {}, "stages": rows,
        }  # fmt: skip

    def _outcome(self, bidder: Sealer, stage: str) -> tuple[str, str]:
        assert bidder.bid is not None
        place = (bidder.bid.sha256, stage)
        if place in self.seeds:
            return "opened", "opened"
        late = ("withdrawn", "not_released") if bidder.bid.fallback else ("revoked", "not_revealed")
        return self.shut_for.get(place, late)

    def material(self) -> Material:
        """All of it, its events put into the log and covered by a cosigned checkpoint."""
        self.happen("archive_case", facts={"last": len(self.events) + 1})
        events, checkpoint = logged(self.keys, self.events)
        case = build_case(
            tender="T-2026-1", lot="01", case=CASE, project="文二路道路改造", name="一标段", purchaser="某中心",
            procedure="construction_open_tender", mode=self.mode, minimum=self.minimum,
            outcome="opened" if self.opening else "ended" if self.is_ended else "failed", later=self.later,
        )  # fmt: skip
        everybody = [s for role in ROLES for s in self.keys.officers[role]] if self.setup.roles else []
        return Material(
            case=case, law=self.law, notices=self.notices, deadlines=self.deadlines, received=self.received,
            setup=dsse.sign(self.setup.data, *everybody).to_bytes() if self.ready else b"", lists=self.lists,
            close=dsse.sign(self.close.data).to_bytes() if hasattr(self, "close") else b"",
            countersign=self.countersigned, events=events,
            checkpoint=checkpoint, attests=self.attests, releases=self.releases, reveals=self.reveals,
            cures=self.cures, audits=self.audits, first_opening=self.first_opening,
            seeds=self.seeds, opening=self.opening, paper=b"%PDF-1.7 record" if self.opening else b"",
            anchors=self.keys.anchors().data, papers=self.papers, private=frozenset(self.papers),
        )  # fmt: skip

    def files(self) -> dict[str, bytes]:
        """SHA-256 → ciphertext, as the store has them."""
        return {sha256: content for bidder in self.bidders for sha256, content in bidder.files.items()}


def logged(keys: Keys, events: list[Happened]) -> tuple[list[Happened], bytes]:
    """The events among others in a log of one block, each with its proof; and the cosigned checkpoint."""
    entries = [os.urandom(32) for _ in range(7)] + [event.leaf for event in events]
    entries += [os.urandom(32) for _ in range(-len(entries) % 64)]
    frontier, made = append(Frontier(), entries)
    nodes: dict[At, bytes] = {node.at: node.hash for node in made}
    note = sign_checkpoint(Checkpoint(ORIGIN, frontier.size, frontier.root()), keys.log)
    raw = note.adding([cosign(note.text, keys.witness, int(DEADLINE.timestamp()))]).to_bytes()
    proofs = [
        LogProof(i, tuple(fold(inclusion_nodes(i, frontier.size), nodes)), raw).to_bytes()
        for i in range(7, 7 + len(events))
    ]
    return [replace(event, proof=proof) for event, proof in zip(events, proofs, strict=True)], raw


def finished(
    mode: str = "bidder", *, keys: Keys | None = None, lie: Callable[[dict[str, Any]], None] = lambda _: None
) -> Lot:
    """Four bidders, one of whom changed his price; a fifth withdrew. In mode `bidder` one lost his recovery and was
    opened by the fallback, in `bidder-only` he is shut out."""
    lot = Lot(keys=keys or Keys(), mode=mode)
    lot.announce()
    lot.bidders = [Sealer(f"91330106MA0000000{n}", price) for n, price in enumerate(PRICES, 1)]
    for bidder in lot.bidders:
        lot.submit(bidder, fallback=mode != "bidder-only")
    lot.submit(lot.bidders[0], price="37000000.00", fallback=mode != "bidder-only")
    gone = Sealer("91330106MA00000009", "1.00")
    lot.submit(gone)
    lot.withdraw(gone)
    lot.shut()
    if mode == "roles":
        lot.release(lot.bidders)
    else:
        for bidder in lot.bidders[:3]:
            lot.reveal(bidder)
        if mode == "bidder":
            lot.release(lot.bidders[3:])
    lot.record(lie)
    return lot


def failed(*, restored: bool = False) -> Lot:
    """Two bids: too few, nothing is opened. `restored`: the second had been left off the first list."""
    lot = Lot()
    lot.announce()
    lot.bidders = [Sealer(f"91330106MA0000000{n}", price) for n, price in enumerate(PRICES[:2], 1)]
    for bidder in lot.bidders:
        lot.submit(bidder)
    lot.shut(restored=lot.bidders[1] if restored else None)
    return lot


def ended(*, fixed: bool = False) -> Lot:
    """Three bids came, and the purchaser ended the case.

    `fixed`: the list was fixed already, and not countersigned.
    """
    lot = Lot()
    lot.announce()
    lot.bidders = [Sealer(f"91330106MA0000000{n}", price) for n, price in enumerate(PRICES[:3], 1)]
    for bidder in lot.bidders:
        lot.submit(bidder)
    if fixed:
        lot.shut(countersigned=False)
    lot.end()
    return lot


def members_of(material: Material, files: Mapping[str, bytes], kind: str) -> tuple[dict[str, bytes], Contents]:
    """Every member of the package with its bytes, and what it withholds."""
    contents = pack(material, kind)
    return contents.members | {name: files[file.sha256] for name, file in contents.files.items()}, contents


def written(
    members: Mapping[str, bytes], kind: str, signer: Ed25519Signer, *,
    at: datetime, withheld: Mapping[str, str] | None = None,
) -> bytes:  # fmt: skip
    """The package's bytes."""
    out = io.BytesIO()
    evidence.write(out, kind=kind, at=at, members=members, withheld=withheld, signer=signer)
    return out.getvalue()


def packaged(lot: Lot, kind: str = "archive") -> bytes:
    """A lot's package of this kind."""
    members, contents = members_of(lot.material(), lot.files(), kind)
    return written(members, kind, lot.keys.platform, at=lot.at, withheld=contents.withheld)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
