"""HPKE base mode (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.

The library opens; the sealing is ours because it must be repeatable from a given ephemeral.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from kernel.proofs import hkdf
from kernel.proofs.errors import Forged, Malformed

OVERHEAD = 32 + 16  # encapsulated key and tag
_KEM_ID = b"KEM\x00\x20"
_SUITE_ID = b"HPKE\x00\x20\x00\x01\x00\x02"
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def derive_key_pair(key_material: bytes) -> X25519PrivateKey:
    """DeriveKeyPair of RFC 9180 §7.1.3: the same key for the same `key_material` (at least 32 bytes)."""
    prk = _extract(_KEM_ID, b"", b"dkp_prk", key_material)
    return X25519PrivateKey.from_private_bytes(_expand(_KEM_ID, prk, b"sk", b"", 32))


def seal(public: bytes, key_material: bytes, info: bytes, plaintext: bytes, aad: bytes = b"") -> bytes:
    """`enc[32] ‖ ciphertext`, with the ephemeral key derived from `key_material` (ikmE).

    Sealing different plaintexts with the same `key_material` would reuse a nonce: it must be bound to
    recipient and plaintext, as envelope.py does by deriving it from the seed and the context.
    Raises `Malformed` for a public key that no secret can be agreed with.
    """
    ephemeral = derive_key_pair(key_material)
    enc = ephemeral.public_key().public_bytes_raw()
    key, nonce = _key_schedule(_encapsulate(ephemeral, enc, public), info)
    return enc + AESGCM(key).encrypt(nonce, plaintext, aad)


def open_sealed(private: bytes, sealed: bytes, info: bytes) -> bytes:
    """The plaintext of `enc ‖ ciphertext`; raises `Forged` unless key, info and every byte are right."""
    try:
        return _SUITE.decrypt(sealed, X25519PrivateKey.from_private_bytes(private), info)
    except (InvalidTag, ValueError):
        raise Forged("envelope_not_opened", "密封件打不开：密钥或所属标书不符，或内容被改动") from None


def _encapsulate(ephemeral: X25519PrivateKey, enc: bytes, public: bytes) -> bytes:
    try:
        shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:
        raise Malformed("weak_key", "公钥不可用") from None
    prk = _extract(_KEM_ID, b"", b"eae_prk", shared)
    return _expand(_KEM_ID, prk, b"shared_secret", enc + public, 32)


def _key_schedule(shared: bytes, info: bytes) -> tuple[bytes, bytes]:
    info_hash = _extract(_SUITE_ID, b"", b"info_hash", info)
    context = b"\x00" + _NO_PSK + info_hash
    secret = _extract(_SUITE_ID, shared, b"secret", b"")
    return (
        _expand(_SUITE_ID, secret, b"key", context, 32),
        _expand(_SUITE_ID, secret, b"base_nonce", context, 12),
    )


def _extract(suite: bytes, salt: bytes, label: bytes, key_material: bytes) -> bytes:
    return hkdf.extract(salt, b"HPKE-v1" + suite + label + key_material)


def _expand(suite: bytes, prk: bytes, label: bytes, info: bytes, size: int) -> bytes:
    return hkdf.expand(prk, size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, size)


_NO_PSK = _extract(_SUITE_ID, b"", b"psk_id_hash", b"")
