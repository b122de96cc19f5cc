"""What a bidder's tools keep back when the platform asks, after the close, for more than the signed set-up gives it."""

import base64
import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from offline_lot import PASSPHRASE, Office, close_of, sealed
from report_in_log import LOG, REPORT, WITNESS, Shown, lies

from app.bidder.after import recovery_of, reveal, turn_of, write_reveals
from app.bidder.cure import prove
from app.bidder.folder import BidFolder
from app.client import Client
from kernel.errors import BadInput
from kernel.proofs import dsse
from kernel.proofs.anchors import Anchors
from kernel.proofs.close import Close, read_close
from kernel.proofs.errors import Forged, ProofError
from kernel.proofs.opening import read_cure, read_reveal
from kernel.proofs.recovery import Recovery
from kernel.proofs.signers import Ed25519Signer
from kernel.proofs.stage import check_cure


@dataclass
class Platform(httpx.BaseTransport):
    """Answers as it is told to, and keeps what it gets."""

    says: dict[str, Any]
    got: list[str] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.got += json.loads(request.read())["envelopes"]
            return httpx.Response(200, json={"revealed": len(self.got), "proved": len(self.got)})
        return httpx.Response(200, json=self.says)

    def client(self) -> Client:
        client = Client("http://127.0.0.1", pause=lambda seconds: None)
        client._http = httpx.Client(base_url=client.site, transport=self)
        return client

    def signed(self, signer: Ed25519Signer) -> list[bytes]:
        return [dsse.require(dsse.read(base64.b64decode(one)), [signer.public]) for one in self.got]


@dataclass
class Bidder:
    """His folder, his secrets, his key, and the close in which his bid stands."""

    folder: BidFolder
    recovery: Recovery
    signer: Ed25519Signer
    close: Close
    anchors: Anchors

    @classmethod
    def of(cls, path: Path, *, later: tuple[str, ...] = (), mode: str = "bidder") -> "Bidder":
        office, signer = Office(), Ed25519Signer.generate()
        folder = sealed(path, office.lot(later=later, mode=mode), signer)
        close = read_close(dsse.read(close_of(office, folder.lot, [folder.bid.sha256])).payload)
        anchors = office.anchors(logs=[LOG.key], witnesses=[WITNESS.key])
        return cls(folder, recovery_of(folder, PASSPHRASE), signer, close, anchors)

    def reveals(self, platform: Platform) -> int:
        turn = turn_of(platform.client(), self.folder, self.close, self.anchors)
        return reveal(platform.client(), self.folder, self.close, self.recovery, self.signer, turn)

    def shown(self) -> Shown:
        """The report as an honest platform's log holds it, half an hour after the close."""
        return Shown(self.folder.lot.setup.sha256, self.close.at + timedelta(minutes=30))

    def proves(self, platform: Platform) -> int:
        return prove(platform.client(), self.folder, self.close, self.recovery, self.signer, self.anchors)


def test_of_two_envelopes_only_the_first_leaves_the_machine_until_a_report_is_named(tmp_path: Path) -> None:
    bidder = Bidder.of(tmp_path / "bid", later=("price",))
    for says in (
        {"due": ["price"], "report": ""},
        {"due": ["price", "documents"], "report": ""},
        {"due": ["price", "documents"], "report": REPORT},
        {"due": [], "report": ""},
    ):
        platform = Platform(says)
        with pytest.raises(Forged, match="not_its_turn"):
            bidder.reveals(platform)
        assert platform.got == [], says
    for due, report in (("documents", ""), ("price", REPORT)):
        told = bidder.shown().told() if report else {"report": ""}
        platform = Platform({"due": [due], **told})
        assert bidder.reveals(platform) == 1
        (payload,) = platform.signed(bidder.signer)
        assert read_reveal(payload, close=bidder.close.sha256, stage=due).report == report
    written = write_reveals(bidder.folder, bidder.close, bidder.recovery, bidder.signer)
    assert [path.name for path in written] == ["reveal-documents.dsse.json"]


def test_no_price_leaves_the_machine_for_a_report_that_the_witnessed_log_does_not_hold(tmp_path: Path) -> None:
    bidder = Bidder.of(tmp_path / "bid", later=("price",))
    for what, (shown, code) in lies(bidder.shown()).items():
        platform = Platform({"due": ["price"], **shown.told(), "contested": [{"stage": "price", "role": "regulator"}]})
        for act in (bidder.reveals, bidder.proves):
            with pytest.raises(ProofError) as refused:
                act(platform)
            assert refused.value.code == code, what
        assert platform.got == [], what


def contested(bidder: Bidder, **more: Any) -> dict[str, Any]:
    role = bidder.folder.lot.setup.role("regulator") if bidder.folder.lot.setup.roles else None
    kids = [key.kid for key in role.keys] if role else ["00" * 8]
    return {"due": ["price", "documents"], "contested": [{"stage": "price", "role": "regulator", "kids": kids} | more]}


def test_a_proof_is_made_of_every_envelope_that_the_seed_makes_again(tmp_path: Path) -> None:
    bidder = Bidder.of(tmp_path / "bid")
    platform = Platform(contested(bidder))
    assert bidder.proves(platform) == 2
    for payload in platform.signed(bidder.signer):
        cure = read_cure(payload, close=bidder.close.sha256, stage="price")
        assert check_cure(bidder.folder.lot.setup, bidder.folder.bid, cure) == bidder.recovery.secret("price").share(2)
    assert Bidder.proves(bidder, Platform({"contested": []})) == 0


def test_what_cannot_be_proved_is_not_sent_and_the_rest_is(tmp_path: Path) -> None:
    bidder = Bidder.of(tmp_path / "bid")
    bad = bidder.folder.bid.stage("price").shares[1].env
    for count in (1, 2):
        folder = with_bad_envelopes(bidder.folder, [kid for kid, _ in bad[:count]])
        platform, cheat = Platform(contested(bidder)), replace(bidder, folder=folder)
        if count == 1:
            assert cheat.proves(platform) == 1
            (payload,) = platform.signed(bidder.signer)
            assert read_cure(payload, close=bidder.close.sha256, stage="price").kid == bad[1][0]
        else:
            with pytest.raises(BadInput, match="证明不了"):
                cheat.proves(platform)
            assert platform.got == []


def with_bad_envelopes(folder: BidFolder, kids: list[str]) -> BidFolder:
    """The same bid as if these envelopes had been logged as other bytes."""
    price = folder.bid.stage("price")
    shares = [replace(s, env=tuple((k, bytes(81) if k in kids else e) for k, e in s.env)) for s in price.shares]
    stages = [replace(s, shares=tuple(shares)) if s.id == "price" else s for s in folder.bid.stages]
    return replace(folder, bid=replace(folder.bid, stages=tuple(stages)))


@pytest.mark.parametrize(
    ("more", "code"),
    [({"stage": "price", "kids": ["00" * 8]}, "unknown_key"), ({"role": "operator"}, "unknown_key")],
)
def test_proofs_of_keys_that_the_role_does_not_hold_are_not_given(
    tmp_path: Path, more: dict[str, Any], code: str
) -> None:
    bidder = Bidder.of(tmp_path / "bid")
    platform = Platform(contested(bidder, **more))
    with pytest.raises(Forged, match=code):
        bidder.proves(platform)
    assert platform.got == []


def test_proofs_before_a_stages_turn_or_where_nobody_may_try_are_not_given(tmp_path: Path) -> None:
    two = Bidder.of(tmp_path / "two", later=("price",))
    platform = Platform(contested(two) | {"due": ["documents"]})
    with pytest.raises(Forged, match="not_its_turn"):
        two.proves(platform)
    alone = Bidder.of(tmp_path / "alone", mode="bidder-only")
    lone = Platform(contested(alone))
    with pytest.raises(Forged, match="not_to_be_tried"):
        alone.proves(lone)
    assert platform.got == lone.got == []
