"""What a package needs beside its lot: the log published and cosigned, the anchors that name all keys."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from conftest import START
from road import PROCESS, County
from small_witness import SmallWitness

from bidding import records
from kernel.checkpoints import log_signer, publish
from kernel.db import TRADING
from kernel.posting import post_to_witness
from kernel.proofs.anchors import Anchors, build_anchors, read_anchors
from storage import keeping


class Office:
    """What publishes the log and has it cosigned, and the anchors that name all keys."""

    def __init__(self, county: County, folder: Path) -> None:
        self.county = county
        self.signer = log_signer(folder, "trading.example/log")
        self.witness = SmallWitness(self.signer.key)

    def anchors(self) -> Anchors:
        receipts = self.county.tools.receipts.public
        officers = [
            (h.actor.role, f"{h.actor.role}{n}", h.officer.signer.public) for n, h in enumerate(self.county.holders)
        ]
        return read_anchors(
            build_anchors(
                issuer="某区住房和城乡建设局",
                issued=START - timedelta(days=1),
                officers=officers,
                receipts=[receipts],
                packages=[receipts],
                processes=[PROCESS.public],
                logs=[self.signer.key],
                witnesses=[self.witness.signer.key],
            )
        )

    async def publish(self) -> None:
        await publish(TRADING, self.signer)
        async with self.witness.client() as client:
            await post_to_witness(TRADING, client, self.witness.address)


async def package(county: County, lot: UUID, kind: str) -> bytes:
    found = await records.archive(lot)
    assert found is not None
    return b"".join([step async for step in keeping.read(county.tools.store, found[f"{kind}_sha256"])])
