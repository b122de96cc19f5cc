"""到场抽取: the third role at its own machine goes through the draw's steps, from commitment to shown pieces."""

import time
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from app.client import Client
from app.officer.home import Home
from kernel.errors import Forbidden, Problem, Refusal
from kernel.proofs import hkdf
from kernel.proofs.anchors import Anchors
from kernel.proofs.canonical import from_base64, to_base64
from kernel.proofs.draw_role import Party
from kernel.proofs.draw_state import Ceremony
from kernel.proofs.dsse import Signed
from kernel.proofs.errors import Malformed

ENDS = ("ordered", "walked", "void")
"""Stages in which there is nothing left to attend."""


def party_of(home: Home) -> Party:
    """The officer's hand: its pieces follow from his master key, so that nothing has to be kept in between."""
    secret = hkdf.extract(b"etb/1/draw-officer\0", home.officer.master.encode())
    return Party(home.card.role, home.officer.signer, secret)


def attend(
    client: Client,
    home: Home,
    lot: UUID,
    anchors: Anchors | None,
    tell: Callable[[str], None],
    pause: Callable[[float], None] = time.sleep,
) -> str:
    """Say what is due until the order stands or the draw is void; the stage it ended in."""
    party, path, last = party_of(home), f"/lots/{lot}/panel/attendance", ""
    while True:
        found = client.get(path)
        if found["stage"] in ENDS:
            return str(found["stage"])
        if found["stage"] != last:
            last = str(found["stage"])
            tell(last)
        ceremony = Ceremony.read(from_base64(one) for one in found["messages"])
        check_draw(ceremony, party, anchors)
        signed = party.next(ceremony)
        if signed is None:
            pause(1.0)
            continue
        if _posted(client, path, signed):
            tell(f"已提交：{ceremony.due(party.role)}")


def _posted(client: Client, path: str, signed: Signed) -> bool:
    """False when the draw has gone on meanwhile, so that this is no longer due."""
    try:
        client.post(path, {"envelope": to_base64(signed.to_bytes())})
    except Refusal as refused:
        if refused.code not in ("not_now", "wrong_stage"):
            raise
        return False
    return True


def check_draw(ceremony: Ceremony, party: Party, anchors: Anchors | None) -> None:
    """Take part only as oneself, beside keys that the anchors know."""
    if ceremony.keys.get(party.role) != party.signer.public:
        says = "这次抽取登记的公钥不是您的"
        raise Forbidden(Problem("other_key", says, "请核对登记的公钥后重新申请抽取"))
    if anchors is None:
        return
    at = _begun(ceremony)
    known = {"operator": anchors.receipts(at), "regulator": anchors.processes(at)}
    strange = [role for role, keys in known.items() if ceremony.keys.get(role) not in keys]
    if strange:
        raise Malformed("key_unknown", f"{'、'.join(strange)}一方的公钥不在锚点中，不能参加")


def _begun(ceremony: Ceremony) -> datetime:
    return datetime.fromisoformat(ceremony.begin.value["at"])
