"""What a duty shows the regulator's hall: a case as it stands, and a thing that waits for his decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID

Fact = datetime | Decimal | int | str
"""The value of a measure: an instant, an amount in yuan, a count, or a word."""

Facts = Mapping[str, Fact]
"""Measure → value; what is not known yet is not in it."""


ENDED = "ended"
"""Fact of any case that came to nothing: the moment; what was still to be done on its road is done no more."""


@dataclass(frozen=True, slots=True)
class WatchedCase:
    """One case of a duty. `parties`: party → organisation. `open`: it still moves. `since`: when it began.

    `law`: the limits fixed for it, as `LawInForce.to_json`; None where there are none, or where the duty's records
    give them by a `laws(cases)` of their own, because they are long.
    """

    duty: str
    id: UUID
    code: str
    title: str
    region: str
    department: str
    procedure: str
    stage: str
    stage_name: str
    open: bool
    law: str | None
    since: datetime
    parties: Mapping[str, UUID]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something a regulator may decide: `kinds` are those of `kernel.decision`; `facts` go into the decision."""

    subject: UUID
    kinds: tuple[str, ...]
    title: str
    lines: tuple[tuple[str, str], ...]
    since: datetime
    region: str
    department: str
    facts: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
