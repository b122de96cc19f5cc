"""The report of a rehearsal: who did what when, what opened, and the checkpoint of its own little log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kernel.box import records
from kernel.box.records import BoxView
from kernel.box.tables import Rehearsed
from kernel.clock import iso
from kernel.proofs.canonical import encode
from kernel.proofs.checkpoints import Checkpoint, sign_checkpoint
from kernel.proofs.merkle import entry_hash, root_of
from kernel.proofs.note_keys import Signer

DUTIES = ("key", "setup", "deadline", "attest", "release")
"""What a holder does in an opening, in its order."""


async def draw_up(box: BoxView, of: UUID, played: Mapping[str, Any], at: datetime, origin: str) -> tuple[bytes, str]:
    """The exact bytes of the report (etb.rehearsal/1), and the signed checkpoint over all events of the rehearsal."""
    bids = await _bids(box, played)
    note, key = await _checkpoint(box.case, origin)
    report = {
        "type": "etb.rehearsal/1",
        "tender": box.tender,
        "lot": box.lot,
        "of": str(of),
        "mode": box.mode,
        "ended": iso(at),
        "setup": box.setup,
        "close": box.close,
        "good": box.state == "opened" and all(bid["good"] for bid in bids),
        "bids": bids,
        "holders": await _holders(box),
        "log": {"origin": _name(origin, box.case), "vkey": key},
    }
    return encode(report), note


async def _bids(box: BoxView, played: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every played bid: what was sealed, what came out, and on which way."""
    ways, found = await records.seeded(box.case), await records.verdicts(box.case)
    said = {one["bid"]: one for one in found if one["index"]}
    rows = []
    for bidder, kept in played.items():
        view = (await records.chain(box.case, bidder))[-1]
        opened = said.get(view.sha256, {}).get("index") or {"form": {}}
        price = str(opened["form"].get("price", ""))
        way = {way for (bid, _), way in ways.items() if bid == view.sha256}
        rows.append(
            {"bidder": bidder, "sealed": kept["price"], "opened": price, "good": price == kept["price"]}
            | {"way": "release" if "release" in way else "reveal" if way else ""}
        )
    return rows


async def _holders(box: BoxView) -> list[dict[str, Any]]:
    """Every holder with the moments at which he did what; empty where he did not, or another of his role had."""
    done: dict[str, dict[str, str]] = {}
    for message in await records.messages(box.case, *DUTIES):
        done.setdefault(message.author, {}).setdefault(message.kind, iso(message.at))
    return [
        {"role": h.role, "name": h.name, "keyid": h.keyid}
        | {duty: done.get(h.keyid, {}).get(duty, "") for duty in DUTIES}
        for h in await records.holders(box)
    ]


async def _checkpoint(case: UUID, origin: str) -> tuple[str, str]:
    """A key of its own, used once: nobody can take a rehearsal's log for the real one."""
    rows = await Rehearsed.select(Rehearsed.salt, Rehearsed.body).where(Rehearsed.case == case).order_by(Rehearsed.n)
    leaves = [entry_hash(row["salt"], row["body"]) for row in rows]
    signer = Signer.from_private(_name(origin, case), Ed25519PrivateKey.generate())
    checkpoint = Checkpoint(signer.key.name, len(leaves), root_of(leaves))
    return sign_checkpoint(checkpoint, signer).to_bytes().decode(), str(signer.key)


def _name(origin: str, case: UUID) -> str:
    """The rehearsal's own log, named after the site and the rehearsal."""
    return f"{origin.partition('//')[2] or origin}/rehearsal/{case}"
