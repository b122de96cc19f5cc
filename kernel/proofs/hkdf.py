"""HKDF with SHA-256 (RFC 5869)."""

import hmac

_BLOCK = 32


def extract(salt: bytes, key_material: bytes) -> bytes:
    """The 32-byte pseudorandom key of `key_material`."""
    return hmac.digest(salt, key_material, "sha256")


def expand(prk: bytes, info: bytes, size: int) -> bytes:
    """`size` bytes (at most 8,160) derived from `prk` for the purpose `info`."""
    if size > 255 * _BLOCK:
        raise ValueError("HKDF-SHA256 gives at most 8160 bytes")
    output, block = b"", b""
    for counter in range(1, -(-size // _BLOCK) + 1):
        block = hmac.digest(prk, block + info + bytes([counter]), "sha256")
        output += block
    return output[:size]
