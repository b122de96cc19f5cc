"""HMAC_DRBG with SHA-256 (NIST SP 800-90A Rev. 1 §10.1.2), without prediction resistance."""

from hashlib import sha256

from kernel.proofs.errors import Malformed

SEED_LIFE = 2**48
MOST_BYTES = 2**16
LEAST_ENTROPY = 32
LEAST_NONCE = 16
_INNER = bytes(number ^ 0x36 for number in range(256))
_OUTER = bytes(number ^ 0x5C for number in range(256))
_REST = bytes(32)  # a key has half a block


class HmacDrbg:
    """One deterministic stream of bytes.

    Deterministic on purpose: whoever knows the entropy input knows the stream, so a draw can be replayed.
    Never take keys from it. The stream depends on how the requests are cut: two 8-byte requests give other
    bytes than one of 16.
    """

    def __init__(self, entropy: bytes, nonce: bytes, personalization: bytes = b"") -> None:
        """Instantiate (§10.1.2.3): at least 32 bytes of entropy and 16 of nonce for 256-bit strength."""
        if len(entropy) < LEAST_ENTROPY or len(nonce) < LEAST_NONCE:
            raise Malformed("drbg_seed_length", "熵输入至少 32 字节，随机数至少 16 字节")
        self._value = b"\x01" * 32
        self._rekey(bytes(32))
        self._update(entropy + nonce + personalization)
        self._requests = 1

    def reseed(self, entropy: bytes, additional: bytes = b"") -> None:
        """Mix in fresh entropy (§10.1.2.4)."""
        if len(entropy) < LEAST_ENTROPY:
            raise Malformed("drbg_seed_length", "熵输入至少 32 字节")
        self._update(entropy + additional)
        self._requests = 1

    def generate(self, count: int, additional: bytes = b"") -> bytes:
        """The next `count` bytes (§10.1.2.5), at most 65,536 a request and 2^48 requests a seed."""
        if not 0 <= count <= MOST_BYTES:
            raise Malformed("drbg_request_size", f"一次最多 {MOST_BYTES} 字节")
        if self._requests > SEED_LIFE:
            raise Malformed("drbg_reseed_required", "须重新输入熵")
        if additional:
            self._update(additional)
        output = b""
        while len(output) < count:
            self._value = self._mac(self._value)
            output += self._value
        self._update(additional)
        self._requests += 1
        return output[:count]

    def _update(self, provided: bytes) -> None:
        for round_byte in (b"\x00", b"\x01") if provided else (b"\x00",):
            self._rekey(self._mac(self._value + round_byte + provided))
            self._value = self._mac(self._value)

    def _rekey(self, key: bytes) -> None:
        """Keep the two blocks that HMAC makes of a key: three messages are authenticated with each."""
        padded = key + _REST
        self._inner, self._outer = padded.translate(_INNER), padded.translate(_OUTER)

    def _mac(self, message: bytes) -> bytes:
        """HMAC-SHA-256 (RFC 2104), spelled out.

        A draw takes three of them a candidate, each over a few bytes: `hmac.digest` needs twice as long.
        """
        return sha256(self._outer + sha256(self._inner + message).digest()).digest()
