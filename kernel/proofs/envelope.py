"""What follows from one stage's seed: age identity, shares, commitments, envelopes (etb/1, suite 1).

All of it is deterministic, so that whoever holds the seed can make every committed byte again.
"""

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from kernel.proofs import bech32, hkdf, hpke, shamir
from kernel.proofs.age_keys import X25519Identity
from kernel.proofs.canonical import lp, u8, u16, u32
from kernel.proofs.errors import Forged, Malformed

SUITE = 1
ENVELOPE_SIZE = hpke.OVERHEAD + 33


@dataclass(frozen=True, slots=True)
class Context:
    """What a stage of a bid is bound to. `seq` is the sequence at which this stage was sealed; `bid_id` has
    16 bytes, `setup` is the SHA-256 of setup.json (32 bytes); k of the n roles open it (0 of 0: the bidder).
    """

    tender: str
    lot: str
    bidder: str
    seq: int
    bid_id: bytes
    stage: str
    setup: bytes
    k: int
    n: int

    def hash(self) -> bytes:
        """ctxh, 32 bytes."""
        if len(self.bid_id) != 16 or len(self.setup) != 32:
            raise Malformed("bad_context", "标书编号应为 16 字节，设定摘要应为 32 字节")
        names = lp(self.tender) + lp(self.lot) + lp(self.bidder)
        place = u32(self.seq) + self.bid_id + lp(self.stage) + self.setup
        return _sha256(b"etb/1/ctx\0", u16(SUITE), names, place, u8(self.k), u8(self.n))

    def at(self, stage: str, seq: int) -> "Context":
        """The same bid's context of another stage."""
        return replace(self, stage=stage, seq=seq)


@dataclass(frozen=True)
class StageSecret:
    """A seed of 32 random bytes in its context, and all that is derived from the two."""

    seed: bytes = field(repr=False)  # never in a log
    context: Context

    def __post_init__(self) -> None:
        if len(self.seed) != 32:
            raise Malformed("bad_seed", "种子应为 32 字节")

    @cached_property
    def ctxh(self) -> bytes:
        """The context's hash."""
        return self.context.hash()

    @cached_property
    def _prk(self) -> bytes:
        return hkdf.extract(b"etb/1/seed", self.seed)

    def derive(self, label: bytes) -> bytes:
        """D(label): 32 bytes for one purpose."""
        return hkdf.expand(self._prk, b"etb/1/" + label + b"\0" + self.ctxh, 32)

    @property
    def commit(self) -> bytes:
        """The commitment to the seed that bid.json carries."""
        return _sha256(b"etb/1/commit\0", self.ctxh, self.seed)

    @cached_property
    def identity(self) -> str:
        """The age identity (``AGE-SECRET-KEY-1…``) that opens this stage's files."""
        return bech32.encode("age-secret-key-", self.derive(b"age-identity")).upper()

    @cached_property
    def opener(self) -> X25519Identity:
        """The same identity, ready to open many files."""
        return X25519Identity(self.derive(b"age-identity"))

    @property
    def recipient(self) -> str:
        """The age recipient (``age1…``) that this stage's files are sealed to."""
        return bech32.encode("age", self.opener.public)

    @cached_property
    def _shares(self) -> list[bytes]:
        coefficients = [self.derive(b"shamir" + u8(j)) for j in range(1, self.context.k)]
        return [shamir.split(self.seed, coefficients, x) for x in range(1, self.context.n + 1)]

    def share(self, x: int) -> bytes:
        """y_x: the share of the role at `x`, 32 bytes."""
        if not 1 <= x <= self.context.n:
            raise Malformed("bad_share", f"没有编号为 {x} 的份额")
        return self._shares[x - 1]

    def share_commit(self, x: int) -> bytes:
        """c_x: the commitment to the share at `x`."""
        return share_commit(self.ctxh, x, self.share(x))

    def envelope_key(self, x: int, public: bytes) -> bytes:
        """ikmE of the envelope to this officer: what a bidder shows to prove an envelope well made (cure)."""
        return self.derive(b"hpke-ikmE" + u8(x) + kid(public))

    def envelope(self, x: int, public: bytes) -> bytes:
        """The share at `x` sealed to one officer's stage key, 81 bytes."""
        return seal_share(self.ctxh, x, self.share(x), public, self.envelope_key(x, public))


def kid(public: bytes) -> bytes:
    """The 8-byte number of an officer's X25519 stage key."""
    return _sha256(b"etb/1/kid\0", public)[:8]


def public_of(private: bytes) -> bytes:
    """The raw X25519 public key of a raw private key (32 bytes each)."""
    if len(private) != 32:
        raise Malformed("bad_key", "私钥应为 32 字节")
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def share_commit(ctxh: bytes, x: int, share: bytes) -> bytes:
    """The commitment c_x to a share, bound to its bid and stage."""
    return _sha256(b"etb/1/share-commit\0", ctxh, u8(x), share)


def seal_share(ctxh: bytes, x: int, share: bytes, public: bytes, key_material: bytes) -> bytes:
    """The envelope made from its parts, as in a cure, where the seed stays hidden."""
    return hpke.seal(public, key_material, _info(ctxh, x, public), u8(x) + share)


def open_envelope(ctxh: bytes, x: int, private: bytes, sealed: bytes) -> bytes:
    """The share y_x in an envelope, by the officer's X25519 private key (32 bytes).

    Raises `Forged` for another bid's, lot's, tender's, stage's or set-up's envelope, or another role's share.
    It is not yet compared with c_x: `share_commit` does that.
    """
    if len(sealed) != ENVELOPE_SIZE:
        raise Malformed("bad_envelope", f"密封件应为 {ENVELOPE_SIZE} 字节")
    content = hpke.open_sealed(private, sealed, _info(ctxh, x, public_of(private)))
    if content[0] != x:
        raise Forged("share_of_another_role", "密封件里的份额属于另一方")
    return content[1:]


def _info(ctxh: bytes, x: int, public: bytes) -> bytes:
    return b"etb/1/share\0" + ctxh + u8(x) + kid(public)


def _sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()
