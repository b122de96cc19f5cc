"""A letter of introduction (etb.introduction/1): the trading site tells the supervision site who comes to complain.

The complaint itself never touches the trading site: the person carries this signed letter over and files there.
It tells who he is and about which case, nothing about bids; it lives for `LIVES` and is worth nothing to another.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kernel.clock import CHINA, iso
from kernel.errors import BadInput, Forbidden, Problem
from kernel.identity import Actor
from kernel.proofs import dsse, shape
from kernel.proofs.canonical import decode, encode
from kernel.proofs.errors import ProofError

LIVES = timedelta(hours=2)
"""Long enough to write a complaint; whoever needs longer asks for another letter."""

_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_LONGEST = 8192


@dataclass(frozen=True, slots=True)
class Introduction:
    """Who comes: the person, the role and organisation he acts for, and the case he names."""

    case: UUID
    person: UUID
    name: str
    role: str
    organisation: UUID
    organisation_code: str
    organisation_name: str
    until: datetime
    sha256: str


def introduce(actor: Actor, case: UUID, at: datetime, signer: dsse.Signer) -> str:
    """The letter, as it stands in an address: base64url without padding of the DSSE envelope.

    `Forbidden` for one who acts for no organisation.
    """
    if actor.person is None or actor.organisation is None:
        raise Forbidden(Problem("not_introduced", "请先以所代表的单位登录", "登录后再从项目页面进入投诉"))
    data = encode({
        "type": "etb.introduction/1", "case": str(case), "person": str(actor.person), "name": actor.name,
        "role": actor.role, "organisation": str(actor.organisation), "organisation_code": actor.organisation_code,
        "organisation_name": actor.organisation_name, "until": iso(at + LIVES),
    })  # fmt: skip
    return base64.urlsafe_b64encode(dsse.sign(data, signer).to_bytes()).decode().rstrip("=")


def read_introduction(text: str, keys: Sequence[bytes], at: datetime) -> Introduction:
    """The letter in this address, signed by one of the trading site's raw Ed25519 `keys` and not yet lapsed.

    `BadInput` for what is no letter, `Forbidden` for one that is not the trading site's or has lapsed.
    """
    signed, value = _opened(text)
    if not dsse.verify(signed, keys):
        raise Forbidden(Problem("introduction_unsigned", "介绍信不是交易平台签发的", "请回到交易平台重新进入"))
    until = datetime.fromisoformat(value["until"]).astimezone(CHINA)
    if at >= until:
        raise Forbidden(Problem("introduction_lapsed", f"介绍信已于 {until:%H:%M} 失效", "请回到交易平台重新进入"))
    return Introduction(
        case=UUID(value["case"]),
        person=UUID(value["person"]),
        name=value["name"],
        role=value["role"],
        organisation=UUID(value["organisation"]),
        organisation_code=value["organisation_code"],
        organisation_name=value["organisation_name"],
        until=until,
        sha256=signed.sha256,
    )


def _opened(text: str) -> tuple[dsse.Signed, dict[str, str]]:
    try:
        if len(text) > _LONGEST:
            raise ValueError("too long")
        signed = dsse.read(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        value = decode(signed.payload)
        _LETTER(value, "")
    except (ProofError, binascii.Error, ValueError) as wrong:
        raise BadInput(Problem("introduction_malformed", "介绍信不合格式", "请回到交易平台重新进入")) from wrong
    return signed, value


_LETTER = shape.record(
    type=shape.one_of("etb.introduction/1"),
    case=shape.matching(_UUID, "应为项目编号"),
    person=shape.matching(_UUID, "应为人员编号"),
    name=shape.text(1, 80),
    role=shape.one_of("purchaser", "agent", "bidder", "intermediary"),
    organisation=shape.matching(_UUID, "应为单位编号"),
    organisation_code=shape.text(0, 18),
    organisation_name=shape.text(1, 200),
    until=shape.moment,
)
