"""Signed successors of anchors.json: whoever holds an old one follows the chain to the one in force, on his own.

A successor is the next anchors.json with one member more, ``prev``: the SHA-256 of the exact bytes it follows. It comes
as DSSE, signed by keys of the one it follows that are in force when it is issued: one process of the regulator's, one
officer of the regulator's and one of the operator's. So no side alone can hand its own keys to the holders of old
anchors, and a stolen process key alone neither.
"""

import json
from collections.abc import Iterable

from kernel.proofs import dsse
from kernel.proofs.anchors import Anchors, read_anchors
from kernel.proofs.canonical import encode
from kernel.proofs.errors import BadSignature, Forged, ProofError

ROLES = ("regulator", "operator")


def build_successor(old: Anchors, new: bytes) -> bytes:
    """The payload to be signed: the new anchors.json naming what it follows. Refuses one that is no later."""
    read_anchors(new)
    data = encode({**json.loads(new), "prev": old.sha256})
    _check_order(old, read_anchors(data))
    return data


def follow(anchors: Anchors, envelopes: Iterable[bytes]) -> Anchors:
    """The anchors at the end of the chain; every link is held to the keys of the one before it.

    Raises Forged where a link does not follow the one before, BadSignature where its signatures do not suffice.
    """
    for n, envelope in enumerate(envelopes, 1):
        try:
            anchors = _next(anchors, dsse.read(envelope))
        except ProofError as wrong:
            wrong.where = f"第 {n} 份后继锚点"
            raise
    return anchors


def _next(old: Anchors, signed: dsse.Signed) -> Anchors:
    new = read_anchors(signed.payload)
    if new.prev != old.sha256:
        raise Forged("successor_of_another", "这份后继锚点接续的不是您手中的锚点文件")
    _check_order(old, new)
    lacking = _lacking(old, new, signed)
    if lacking:
        raise BadSignature("successor_unsigned", f"后继锚点缺少前一份锚点中{'、'.join(lacking)}的有效签名")
    return new


def _check_order(old: Anchors, new: Anchors) -> None:
    if new.issued <= old.issued:
        raise Forged("successor_not_later", "后继锚点的签发时间不晚于前一份")


def _lacking(old: Anchors, new: Anchors, signed: dsse.Signed) -> list[str]:
    """Which of the parties of the old anchors have not signed, by the keys in force when the new ones were issued."""
    at = new.issued
    found = [] if dsse.verify(signed, old.processes(at)) else ["监督进程"]
    names = {"regulator": "监督部门持钥人", "operator": "交易中心持钥人"}
    for role in ROLES:
        keys = {keyid: officer.public for keyid, officer in old.officers(role, at).items()}
        if not dsse.verify(signed, keys):
            found.append(names[role])
    return found
