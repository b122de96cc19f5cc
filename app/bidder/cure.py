"""Proves envelopes of one's own bid well made that a holder calls bad (举证): what proves nothing stays here."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from app.bidder.after import turn_of
from app.bidder.folder import BidFolder
from app.bidder.lot import address
from app.client import Client
from kernel.errors import BadInput, Problem
from kernel.proofs import dsse
from kernel.proofs.anchors import Anchors
from kernel.proofs.close import Close
from kernel.proofs.envelope import StageSecret
from kernel.proofs.errors import Forged
from kernel.proofs.opening import read_cure
from kernel.proofs.recovery import Recovery
from kernel.proofs.stage import check_cure, prove_envelope

TELL = "不要交出证明，请立即向监督部门反映"


def prove(
    client: Client,
    folder: BidFolder,
    close: Close,
    recovery: Recovery,
    signer: dsse.Signer,
    anchors: Anchors | None,
) -> int:
    """Answer every envelope of this bid that a role calls bad; how many. What is sent opens nothing.

    `Forged` where the platform asks for what nobody may ask; `BadInput` where no envelope can be made again: then a
    proof would give a share away and help nobody.
    """
    asked = client.get(f"{address(folder.lot)}/cures")["contested"]
    if not asked:
        return 0
    _may_be_tried(folder)
    due = turn_of(client, folder, close, anchors).due
    wanted = [(recovery.secret(one["stage"]), kid) for one in asked for kid in _kids(folder, due, one)]
    bodies = [body for secret, kid in wanted if (body := _proof(folder, close, secret, kid))]
    if not bodies:
        says = "这些密封件确实不能由您的种子重现，证明不了"
        raise BadInput(Problem("nothing_proved", says, "请核对封装时所用的工具，并在开标会上说明"))
    envelopes = [base64.b64encode(dsse.sign(body, signer).to_bytes()).decode() for body in bodies]
    answer = client.post(f"{address(folder.lot)}/cures", {"envelopes": envelopes})
    return int(answer["proved"])


def _may_be_tried(folder: BidFolder) -> None:
    """Nobody but the bidder may open such a bid: whoever asks for its shares asks for too much."""
    mode = folder.lot.setup.mode
    if mode == "bidder-only" or (mode == "bidder" and not folder.bid.fallback):
        raise Forged("not_to_be_tried", f"您没有同意由三方代为开启，任何持钥人都不该试开您的密封件，{TELL}")


def _kids(folder: BidFolder, due: Sequence[str], asked: Mapping[str, Any]) -> list[str]:
    """The keys of one role that are said to open nothing; what is no key of that role is asked by nobody honest."""
    if asked["stage"] not in due:
        raise Forged("not_its_turn", f"平台要求证明的阶段还没有到开启的时间，{TELL}")
    known = {key.kid for key in folder.lot.setup.role(asked["role"]).keys}
    if not set(asked["kids"]) <= known:
        raise Forged("unknown_key", f"开标设定中没有这把密钥，{TELL}")
    return list(asked["kids"])


def _proof(folder: BidFolder, close: Close, secret: StageSecret, kid: str) -> bytes:
    """etb.cure/1, or nothing: an envelope that the seed does not make again is bad indeed, and no word helps it."""
    body = prove_envelope(folder.lot.setup, folder.bid, close.sha256, secret, kid)
    try:
        check_cure(folder.lot.setup, folder.bid, read_cure(body, close=close.sha256, stage=secret.context.stage))
    except Forged:
        return b""
    return body
