"""What draws are asked for and how they are seen: plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

Record = Mapping[str, Any]
"""A candidate: at least `id` and `employer`; becomes public when its leaf is opened."""


@dataclass(frozen=True, slots=True)
class CallTerms:
    """All that an expert is told before he accepts: when, where, which trade; and how long he has to answer."""

    time: str
    place: str
    trade: str
    reply_minutes: int


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A list as the regulator's process finds it by itself."""

    candidates: Mapping[str, Sequence[Record]]
    avoided: Sequence[tuple[Record, str]] = ()
    pool_root: str = ""


@dataclass(frozen=True, slots=True)
class StratumView:
    """A group among whom `quota` are drawn; `size` candidates."""

    id: str
    quota: int
    size: int


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """What came of one leaf that was visited."""

    outcome: str
    code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat that was accepted; `withdrawn` when it was given up later and the next in the order was asked."""

    number: int
    stratum: str
    n: int
    leaf: str
    slip_sha256: str
    accepted_at: datetime
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """Whose turn it is."""

    stratum: str
    n: int
    leaf: str
    record: Record


@dataclass(frozen=True, slots=True)
class TossView:
    """One draw as it stands. `draws` counts the lists (D0) that its case has seen so far, void ones too."""

    id: UUID
    case: UUID
    kind: str
    attended: bool
    stage: str
    roles: tuple[str, ...]
    beacon_rule: str
    begun_at: datetime
    strata: tuple[StratumView, ...] = ()
    employer_cap: int = 0
    call: CallTerms | None = None
    draws: int = 0
    list_root: str = ""
    order: Mapping[str, Sequence[int]] = field(default_factory=dict)
    outcomes: Mapping[str, Mapping[int, OutcomeView]] = field(default_factory=dict)
    seats: Sequence[Seat] = ()
    opened: Mapping[str, Record] = field(default_factory=dict)
    exhausted: tuple[str, ...] = ()
    why: str = ""
    missing: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened in a draw and that its duty has not dealt with yet."""

    id: UUID
    toss: UUID
    case: UUID
    what: str
    facts: Mapping[str, Any]
