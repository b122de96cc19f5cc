"""A letter of the supervision side to one of the traded side on paper (etb.letter/1): its bytes."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from kernel.clock import CHINA, iso
from kernel.proofs import shape
from kernel.proofs.canonical import decode, encode

KINDS = {"card": "督办通知", "inquiry": "要求说明", "notice": "监督告知"}
"""Kind → its name."""

_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@dataclass(frozen=True, slots=True)
class Paper:
    """A checked letter. `matter`: the card it is about, or its own id; `until`: by when an answer is asked for."""

    id: UUID
    case: UUID
    matter: UUID
    kind: str
    to: UUID
    title: str
    says: str
    article: str
    written_by: str
    until: datetime | None
    data: bytes = field(repr=False)


def build_letter(
    *,
    id: UUID,
    case: UUID,
    kind: str,
    to: UUID,
    title: str,
    says: str,
    written_by: str,
    article: str = "",
    matter: UUID | None = None,
    until: datetime | None = None,
) -> bytes:
    """The bytes to be signed (DSSE) by the regulator's process; `Malformed` when they would not be read back."""
    data = encode({
        "type": "etb.letter/1", "id": str(id), "case": str(case), "matter": str(matter or id), "kind": kind,
        "to": str(to), "title": title, "says": says, "article": article, "written_by": written_by,
        "until": iso(until) if until else "",
    })  # fmt: skip
    read_letter(data)
    return data


def read_letter(data: bytes) -> Paper:
    """The letter in these bytes; `Malformed` for any other shape."""
    value = decode(data)
    _LETTER(value, "")
    until = datetime.fromisoformat(value["until"]).astimezone(CHINA) if value["until"] else None
    ids = UUID(value["id"]), UUID(value["case"]), UUID(value["matter"])
    words = value["title"], value["says"], value["article"], value["written_by"]
    return Paper(*ids, value["kind"], UUID(value["to"]), *words, until, data)


_LETTER = shape.record(
    type=shape.one_of("etb.letter/1"),
    id=shape.matching(_UUID, "应为来函编号"),
    case=shape.matching(_UUID, "应为项目编号"),
    matter=shape.matching(_UUID, "应为事项编号"),
    kind=shape.one_of(*KINDS),
    to=shape.matching(_UUID, "应为收件单位编号"),
    title=shape.text(1, 200),
    says=shape.text(1, 2000),
    article=shape.text(0, 200),
    written_by=shape.text(1, 100),
    until=lambda value, where: None if value == "" else shape.moment(value, where),
)
