"""A holder proves, before his keys count, that he can read them back: he opens a challenge and signs what was in it.

The site seals 32 bytes (age) to the recipient of his master; he answers, from the backup he has in his hand, with
etb.holder/1 {type, public_key (hex), recipient, opened (hex)}, DSSE by the signing key he registers.
"""

from kernel.proofs import age, dsse, shape
from kernel.proofs.canonical import decode, encode
from kernel.proofs.errors import Forged, Malformed
from kernel.proofs.trustee import Officer


def challenge(recipient: str, secret: bytes) -> bytes:
    """The sealed challenge (age): what only the owner of the recipient's master can read."""
    return age.lock(secret, recipient)


def prove(officer: Officer, sealed: bytes) -> dsse.Signed:
    """The holder's answer, by the keys he read back; `NoMatch` when his master does not open the challenge."""
    opened = age.unlock(sealed, officer.master)
    value = {"type": "etb.holder/1", "public_key": officer.signer.public.hex(), "opened": opened.hex()}
    return dsse.sign(encode(value | {"recipient": age.recipient_of(officer.master)}), officer.signer)


def check(signed: dsse.Signed, public_key: bytes, recipient: str, secret: bytes) -> None:
    """Raise `BadSignature`, `Malformed` or `Forged` unless both keys were in his hand when he answered."""
    value = decode(dsse.require(signed, [public_key]))
    _HOLDER(value, "")
    if (value["public_key"], value["recipient"]) != (public_key.hex(), recipient):
        raise Malformed("other_keys", "答复的不是这两把公钥")
    if value["opened"] != secret.hex():
        raise Forged("backup_not_read", "没有用备份里的主密钥打开验证信封，请重新读回备份")


_HOLDER = shape.record(
    type=shape.one_of("etb.holder/1"),
    public_key=shape.sha256,
    recipient=shape.text(1, 80),
    opened=shape.sha256,
)
