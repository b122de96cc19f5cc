"""The site's keys for people's data: hashes that match without telling, copies only the site opens."""

import hashlib
import hmac
import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12


@dataclass(frozen=True, slots=True)
class Keys:
    """Four independent 32-byte keys; `light` chooses the cheap password hash of a test database."""

    identity_hash: bytes = field(repr=False)
    identity_seal: bytes = field(repr=False)
    totp_seal: bytes = field(repr=False)
    form: bytes = field(repr=False)
    light: bool = False

    @classmethod
    def derive(cls, secret: bytes, *, identity_secret: bytes | None = None, light: bool = False) -> "Keys":
        """From the site's secret (HKDF-SHA256, RFC 5869).

        `identity_secret` must be the same on both sites: with two of them one person would have two hashes
        and could stand on two sides unseen. Left out, it is the site's secret.
        """
        shared = secret if identity_secret is None else identity_secret
        if len(secret) < 32 or len(shared) < 32:
            raise ValueError("a secret has at least 32 bytes")
        return cls(
            identity_hash=_derived(shared, b"identity hash"),
            identity_seal=_derived(shared, b"identity seal"),
            totp_seal=_derived(secret, b"one-time code seal"),
            form=_derived(secret, b"anonymous form"),
            light=light,
        )

    def identity(self, number: str) -> bytes:
        """The keyed hash by which an identity number is matched: 32 bytes, the same for 11…x and 11…X."""
        return hmac.digest(self.identity_hash, number.strip().upper().encode(), hashlib.sha256)

    def challenge(self, *parts: bytes) -> bytes:
        """32 bytes that only this site can make, always the same for the same parts: nothing need be kept."""
        content = b"".join(hashlib.sha256(part).digest() for part in parts)
        return hmac.digest(self.form, b"challenge\0" + content, hashlib.sha256)

    def fingerprint(self, command: bytes) -> str:
        """By which a repeated command with a password in it is known; a plain hash could be guessed at."""
        return hmac.new(self.form, b"command\0" + command, hashlib.sha256).hexdigest()

    def seal_answer(self, secret: str, person: bytes) -> str:
        """A secret that must be told again to who repeats his request, as text for the kept answer."""
        return _seal(self.totp_seal, secret.encode(), b"answer" + person).hex()

    def open_answer(self, sealed: str, person: bytes) -> str:
        return _open(self.totp_seal, bytes.fromhex(sealed), b"answer" + person).decode()

    def seal_identity(self, number: str) -> bytes:
        return _seal(self.identity_seal, number.strip().upper().encode(), b"identity")

    def open_identity(self, sealed: bytes) -> str:
        return _open(self.identity_seal, sealed, b"identity").decode()

    def seal_totp(self, key: bytes, person: bytes) -> bytes:
        """Bound to the person: one row's sealed key is of no use in another's."""
        return _seal(self.totp_seal, key, b"totp" + person)

    def seal_enrolment(self, pending: bytes, person: bytes) -> bytes:
        """A one-time-code key that waits to be confirmed; of no use as a kept one."""
        return _seal(self.totp_seal, pending, b"enrolment" + person)

    def open_enrolment(self, sealed: bytes, person: bytes) -> bytes:
        return _open(self.totp_seal, sealed, b"enrolment" + person)

    def open_totp(self, sealed: bytes, person: bytes) -> bytes:
        return _open(self.totp_seal, sealed, b"totp" + person)


class WrongKey(ValueError):
    """A sealed copy that this key does not open: another secret, or a changed row."""


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"yangguang accounts " + purpose).derive(secret)


def _seal(key: bytes, plain: bytes, bound: bytes) -> bytes:
    # A random 96-bit nonce a seal is safe far beyond the number of people there are (NIST SP 800-38D §8.3).
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound)


def _open(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], bound)
    except (InvalidTag, ValueError) as error:
        raise WrongKey("a sealed copy does not open") from error
