"""Signed statements of a lot held against the anchors: whose signatures make them count.

Each takes the DSSE envelope and the anchors and returns what was signed, or raises `BadSignature`.
"""

from datetime import datetime

from kernel.proofs import dsse
from kernel.proofs.anchors import Anchors, OfficerAnchor
from kernel.proofs.close import Close, Receipt, read_close, read_receipt
from kernel.proofs.deadline import Deadline, read_deadline
from kernel.proofs.errors import BadSignature
from kernel.proofs.setup import Setup, read_setup

TITLES = {"operator": "交易中心", "regulator": "监督部门", "purchaser": "招标人"}


def signers_of(signed: dsse.Signed, anchors: Anchors, role: str, at: datetime) -> tuple[OfficerAnchor, ...]:
    """The anchored officers of `role`, in force at `at`, who have signed; each counts once."""
    known = anchors.officers(role, at)
    good = dsse.verify(signed, [officer.public for officer in known.values()])
    return tuple(known[keyid] for keyid in good)


def check_setup(signed: dsse.Signed, anchors: Anchors, at: datetime) -> Setup:
    """The set-up, if as many anchored officers of each role have signed it as the role has keys.

    An honest officer signs only a set-up that holds his own key under his own role: as many signatures as keys
    therefore mean that no key is anybody else's. In mode `bidder-only` there are no keys and nobody signs.
    """
    setup = read_setup(signed.payload)
    lacking = [
        f"{TITLES[role.role]}应有 {len(role.keys)} 人签署，可信的签名有 {found} 个"
        for role in setup.roles
        if (found := len(signers_of(signed, anchors, role.role, at))) < len(role.keys)
    ]
    if lacking:
        raise BadSignature("setup_unsigned", f"开标设定的签名与锚点不符：{'；'.join(lacking)}")
    return setup


def check_deadline(signed: dsse.Signed, anchors: Anchors, *, keyless: bool = False) -> Deadline:
    """The deadline, if an anchored holder of the purchaser has signed it.

    `keyless`: the purchaser holds no key (an owner in the supermarket may be a person with a telephone), and the set-up
    has no shares: then the platform's own anchored key counts, for it gives nobody anything to open.
    """
    deadline = read_deadline(signed.payload)
    if keyless and dsse.verify(signed, anchors.receipts(deadline.at)):
        return deadline
    if not signers_of(signed, anchors, "purchaser", deadline.at):
        raise BadSignature("deadline_unsigned", "截止时间没有锚点中招标人的有效签名")
    return deadline


def check_close(signed: dsse.Signed, anchors: Anchors) -> Close:
    """The close, if an anchored process of the regulator has countersigned it."""
    close = read_close(signed.payload)
    if not dsse.verify(signed, anchors.processes(close.at)):
        raise BadSignature("close_uncountersigned", "截标名单没有锚点中监督部门的会签")
    return close


def check_receipt(signed: dsse.Signed, anchors: Anchors) -> Receipt:
    """The receipt, if an anchored receipt key has signed it."""
    receipt = read_receipt(signed.payload)
    if not dsse.verify(signed, anchors.receipts(receipt.received)):
        raise BadSignature("receipt_unsigned", "回执没有锚点中平台回执密钥的有效签名")
    return receipt
