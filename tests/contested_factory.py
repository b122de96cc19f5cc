"""Lots in memory whose opening did not go straight: an envelope called bad, cured or audited; two envelopes in turn."""

from collections.abc import Callable
from datetime import timedelta

from evidence_factory import PRICES, Lot, Sealer

from kernel.proofs import dsse
from kernel.proofs.envelope import StageSecret
from kernel.proofs.opening import build_attest, build_audit, build_cure, build_release
from kernel.proofs.setup import ROLES
from kernel.proofs.stage import prove_envelope, try_envelope

STAGES = ("price", "documents")
BLAMED = "operator"
"""The role that calls the last bidder's envelopes bad."""
REPORT = "cd" * 32
Answer = Callable[[Lot, str], None]


def sealed_in(lot: Lot) -> Lot:
    """Three bidders, and the list countersigned."""
    lot.announce()
    lot.bidders = [Sealer(f"91330106MA0000000{n}", price) for n, price in enumerate(PRICES[:3], 1)]
    for bidder in lot.bidders:
        lot.submit(bidder)
    lot.shut()
    return lot


def sha_of(bidder: Sealer) -> str:
    assert bidder.bid is not None
    return bidder.bid.sha256


def contested(*answers: Answer, opens: bool = False, wait: timedelta = timedelta(minutes=31)) -> Lot:
    """Both of the blamed role's holders call the last bid bad; `answers` speak; after `wait` the roles release.

    `opens`: the last bid is released with the others, as after a cure.
    """
    lot = sealed_in(Lot(mode="roles"))
    given = lot.bidders if opens else lot.bidders[:-1]
    for stage in STAGES:
        _attest(lot, stage)
    for stage in STAGES:
        for answer in answers:
            answer(lot, stage)
    lot.at += wait
    for stage in STAGES:
        for role in ROLES:
            _release(lot, stage, role, given)
    for bidder in given:
        lot.seeds |= {(sha_of(bidder), stage): secret.seed for stage, secret in bidder.secrets.items()}
    return lot


def _attest(lot: Lot, stage: str) -> None:
    bids = sorted(sha_of(bidder) for bidder in lot.bidders)
    for role in ROLES:
        for n in (0, 1) if role == BLAMED else (0,):
            verdicts = {bid: role != BLAMED or bid != sha_of(lot.bidders[-1]) for bid in bids}
            lot.officer("attest", role, stage, build_attest(**lot.head(role, stage, n), verdicts=verdicts), n)


def _release(lot: Lot, stage: str, role: str, bidders: list[Sealer]) -> None:
    private, shares = lot.keys.private[role][0], {}
    for bid in sorted((b.bid for b in bidders if b.bid), key=lambda bid: bid.sha256):
        shares[bid.sha256] = try_envelope(lot.setup, bid, stage, private) or b""
    lot.officer("release", role, stage, build_release(**lot.head(role, stage), shares=shares))


def cure(
    lot: Lot, stage: str, *, body: Callable[[Lot, str], bytes] | None = None, subject: str = "", signed: bool = True
) -> None:
    """The bidder proves one of his envelopes; `body`, `subject` and `signed` make it another than the honest one."""
    bidder = lot.bidders[-1]
    data = (body or proof)(lot, stage)
    envelope = dsse.sign(data, *[bidder.signer] * signed)
    facts = {"role": "bidder", "author": bidder.signer.keyid, "stage": stage}
    named = subject or f"{sha_of(bidder)}:{BLAMED}"
    lot.cures.append((stage, envelope.to_bytes()))
    lot.happen("box_cure", {"cure": envelope.sha256}, facts, by=bidder.code, subject=named)


def proof(lot: Lot, stage: str) -> bytes:
    """What makes the envelope to the blamed role's first holder again."""
    bidder = lot.bidders[-1]
    assert bidder.bid is not None
    return prove_envelope(lot.setup, bidder.bid, lot.close.sha256, bidder.secrets[stage], lot.kid(BLAMED))


def false_proof(lot: Lot, stage: str) -> bytes:
    """A share of another seed, which makes no envelope of this bid."""
    bidder = lot.bidders[-1]
    other = StageSecret(bytes(range(32)), bidder.secrets[stage].context)
    key = next(key for key in lot.setup.role(BLAMED).keys if key.kid == lot.kid(BLAMED))
    return build_cure(
        close=lot.close.sha256, stage=stage, bidder=bidder.code, bid=sha_of(bidder), x=1, kid=key.kid,
        y=other.share(1), key_material=other.envelope_key(1, key.pk),
    )  # fmt: skip


def audit(lot: Lot, stage: str, *, opens: bool = False, by: str = "process") -> None:
    """The regulator's process was shown both keys of the blamed role."""
    signer = lot.keys.process if by == "process" else lot.keys.platform
    for n in (0, 1):
        data = build_audit(**lot.head(BLAMED, stage, n), bid=sha_of(lot.bidders[-1]), opens=opens)
        envelope = dsse.sign(data, signer)
        lot.audits.append((stage, envelope.to_bytes()))
        lot.message("audit", envelope.sha256, "regulator", stage=stage, author=signer.keyid)


def cured(body: Callable[[Lot, str], bytes] | None = None, subject: str = "", *, signed: bool = True) -> Lot:
    """The bidder proved his envelope well made: he is opened with the others."""
    lot = contested(lambda at, stage: cure(at, stage, body=body, subject=subject, signed=signed), opens=True)
    lot.record()
    return lot


def proved(by: str = "process", *, wait: timedelta = timedelta(minutes=31)) -> Lot:
    """The auditor saw that the envelopes do not open: the bidder's fault, the others are opened."""
    lot = contested(lambda at, stage: audit(at, stage, by=by), wait=wait)
    lot.shut_for = {(sha_of(lot.bidders[-1]), stage): ("revoked", "bad_envelope") for stage in STAGES}
    lot.record()
    return lot


def unproved(*answers: Answer, says: tuple[str, str] = ("withdrawn", "bad_unproved")) -> Lot:
    """Nobody has proved what was said of the bid: it is dropped, and the role is at fault; the record `says` so."""
    lot = contested(*answers)
    lot.shut_for = {(sha_of(lot.bidders[-1]), stage): says for stage in STAGES}
    lot.record()
    return lot


def two_envelopes(*, report: str = REPORT, signs_first: bool = True, again: tuple[str, str] | None = None) -> Lot:
    """The documents are opened and judged; then the prices of all but the last bidder.

    `report` is what the second reveals name; without `signs_first` the report is signed when the prices are due
    already; with `again` the last record says this of the documents, which the first record called opened.
    """
    lot = sealed_in(Lot(later=("price",)))
    for bidder in lot.bidders:
        lot.reveal(bidder)
    lot.record(stages=("documents",))
    lot.first_opening = lot.opening
    going_on = sorted(sha_of(bidder) for bidder in lot.bidders[:-1])
    if signs_first:
        lot.happen("close_report", {"signed": REPORT})
    lot.happen("box_next", facts={"report": REPORT, "stages": ["price"], "bids": going_on})
    if not signs_first:
        lot.happen("close_report", {"signed": REPORT})
    for bidder in lot.bidders[:-1]:
        lot.reveal(bidder, report)
    lot.shut_for = {(sha_of(lot.bidders[-1]), "price"): ("kept_shut", "not_going_on")}

    def lie(record: dict[str, object]) -> None:
        for line in record["bids"] if again else ():  # type: ignore[attr-defined]
            line["stages"][0] |= dict(zip(("outcome", "code"), again or (), strict=True))

    lot.record(lie)
    return lot
