"""Signed statements: DSSE envelopes with Ed25519, over the exact stored bytes of the payload."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kernel.proofs import shape
from kernel.proofs.canonical import decode, encode, from_base64, to_base64
from kernel.proofs.errors import BadSignature, Malformed

PAYLOAD_TYPE = "application/vnd.etb+json"
_SIGNATURE = shape.record(keyid=shape.kid, sig=shape.base64_of(64))


class Signer(Protocol):
    """The signing port: a file today, a USB key or a PKCS#11 token behind the same three members."""

    @property
    def keyid(self) -> str:
        """`keyid_of(public)`."""

    @property
    def public(self) -> bytes:
        """The raw Ed25519 public key, 32 bytes."""

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature of exactly these bytes, 64 bytes."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature: who claims it, and its 64 bytes."""

    keyid: str
    sig: bytes


@dataclass(frozen=True, slots=True)
class Signed:
    """A payload and the signatures over it. Nothing is verified by holding one."""

    payload: bytes
    payload_type: str
    signatures: tuple[Signature, ...]

    @property
    def sha256(self) -> str:
        """SHA-256 of the payload: the name other documents call it by."""
        return hashlib.sha256(self.payload).hexdigest()

    def to_bytes(self) -> bytes:
        """The envelope as it is stored and sent: canonical JSON."""
        signatures = [{"keyid": s.keyid, "sig": to_base64(s.sig)} for s in self.signatures]
        return encode({"payload": to_base64(self.payload), "payloadType": self.payload_type, "signatures": signatures})


def keyid_of(public: bytes) -> str:
    """The number of a signing key: SHA-256("etb/1/signer\\0" ‖ raw public key)[:8] in hex."""
    return hashlib.sha256(b"etb/1/signer\0" + public).hexdigest()[:16]


def pre_authentication(payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """PAE of DSSE version 1: what is really signed, binding the type to the payload."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign(payload: bytes, *signers: Signer, payload_type: str = PAYLOAD_TYPE) -> Signed:
    """The payload signed by each of `signers`."""
    signed = Signed(payload, payload_type, ())
    for signer in signers:
        signed = add_signature(signed, signer)
    return signed


def add_signature(signed: Signed, signer: Signer) -> Signed:
    """The same payload with one more signature; an earlier one by the same key gives way."""
    sig = signer.sign(pre_authentication(signed.payload, signed.payload_type))
    others = tuple(s for s in signed.signatures if s.keyid != signer.keyid)
    return replace(signed, signatures=(*others, Signature(signer.keyid, sig)))


def read(data: bytes, payload_type: str = PAYLOAD_TYPE) -> Signed:
    """An envelope from its stored bytes; raises `Malformed` for any other spelling, type, or a key twice."""
    value = decode(data)
    _envelope(payload_type)(value, "")
    signatures = tuple(Signature(s["keyid"], from_base64(s["sig"])) for s in value["signatures"])
    if len({s.keyid for s in signatures}) != len(signatures):
        raise Malformed("signed_twice", "同一密钥签了两次", "signatures")
    return Signed(from_base64(value["payload"], "payload"), payload_type, signatures)


def verify(signed: Signed, keys: Iterable[bytes] | Mapping[str, bytes]) -> tuple[str, ...]:
    """The keyids, in the envelope's order, whose signature is good under one of these raw public keys.

    Unknown signers and wrong signatures are left out: what is enough is the caller's question.
    """
    publics = keys.values() if isinstance(keys, Mapping) else keys
    known = {keyid_of(public): public for public in publics}
    message = pre_authentication(signed.payload, signed.payload_type)
    claims = [s for s in signed.signatures if s.keyid in known]
    return tuple(s.keyid for s in claims if _good(known[s.keyid], s.sig, message))


def require(signed: Signed, keys: Iterable[bytes]) -> bytes:
    """The payload, if every one of `keys` has signed it; else `BadSignature`, naming those that have not."""
    wanted = list(keys)
    found = set(verify(signed, wanted))
    missing = [keyid for keyid in map(keyid_of, wanted) if keyid not in found]
    if missing or not wanted:
        raise BadSignature("signature_missing", f"缺少有效签名：{'、'.join(missing) or '未给出公钥'}")
    return signed.payload


def _good(public: bytes, sig: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(sig, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _envelope(payload_type: str) -> shape.Check:
    return shape.record(
        payload=shape.base64_of(None),
        payloadType=shape.one_of(payload_type),
        signatures=shape.listed(_SIGNATURE, 0, 64),
    )
