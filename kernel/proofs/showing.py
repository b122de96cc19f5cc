"""出示密钥: a holder who called envelopes bad shows the auditor his stage key of that one lot, as a file he hands over.

The file (etb.shown/1) holds a secret: whoever has it opens every envelope that was sealed to this key. It opens no
bid by itself, and no other lot's envelopes.
"""

from dataclasses import dataclass, field

from kernel.proofs import age, shape
from kernel.proofs.bid import read_bid
from kernel.proofs.canonical import decode, encode, from_base64, to_base64
from kernel.proofs.envelope import kid, public_of
from kernel.proofs.errors import Forged, Malformed
from kernel.proofs.setup import read_setup
from kernel.proofs.stage import try_envelope
from kernel.proofs.trustee import Officer, Task


@dataclass(frozen=True, slots=True)
class Shown:
    """A stage key as its holder shows it: `key` are its 32 bytes, `kid` (hex) is its number in the set-up."""

    tender: str
    lot: str
    role: str
    kid: str
    key: bytes = field(repr=False)
    data: bytes = field(repr=False)


def show_key(officer: Officer, task: Task) -> tuple[Shown, int, int]:
    """(his key, envelopes called bad that it does not open, those that it does open after all).

    `caution.check_task` goes before. `Forged` where the wrapped key is not the one that the set-up names.
    """
    setup = read_setup(from_base64(task["setup"]))
    if (setup.tender, setup.lot) != (task["tender"], task["lot"]):
        raise Malformed("other_context", "内容不是这个标段的")
    private = age.unlock(from_base64(task["wrap"]), officer.master)
    own = kid(public_of(private)).hex()
    if own not in {key.kid for key in setup.role(task["role"]).keys}:
        raise Forged("own_key_missing", "平台给出的不是您在本标段的密钥")
    bids = {bid.sha256: bid for bid in (read_bid(from_base64(body), setup) for body in task["bids"])}
    said = [(one["bid"], one["stage"]) for one in task["said"]]
    opens = sum(try_envelope(setup, bids[bid], stage, private) is not None for bid, stage in said if bid in bids)
    data = encode(
        {"type": "etb.shown/1", "tender": setup.tender, "lot": setup.lot, "role": task["role"]}
        | {"kid": own, "key": to_base64(private)}
    )
    return read_shown(data), len(said) - opens, opens


def read_shown(data: bytes) -> Shown:
    """The key in such a file; `Malformed` for any other shape, or where the number is another key's."""
    value = decode(data)
    _SHOWN(value, "")
    key = from_base64(value["key"])
    if kid(public_of(key)).hex() != value["kid"]:
        raise Malformed("other_key", "密钥与其编号不符", "kid")
    return Shown(value["tender"], value["lot"], value["role"], value["kid"], key, data)


_SHOWN = shape.record(
    type=shape.one_of("etb.shown/1"),
    tender=shape.name,
    lot=shape.name,
    role=shape.role,
    kid=shape.kid,
    key=shape.base64_of(32),
)
