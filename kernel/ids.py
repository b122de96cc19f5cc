"""Identifiers: time-ordered where order may be known, random where it may not."""

import os
import time
from uuid import UUID, uuid4


def new_id() -> UUID:
    """A version 7 UUID (RFC 9562 §5.7): sorts by creation, so indexes stay dense.

    Never for bids or uploads: it tells when the thing was made.
    """
    stamp = time.time_ns() // 1_000_000
    value = (stamp << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=value)


def secret_id() -> UUID:
    """A version 4 UUID: tells nothing, not even when it was made."""
    return uuid4()
