"""Draws in an evidence package: which member each message becomes, and the transcript that follows from them.

draws/01/0001-begin-operator.dsse.json …   every message of the case's first draw, signed, in the order of the log
draws/01/transcript.json                   etb.draw/1: list, pieces, order, outcomes; only where there was an order
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kernel.proofs.canonical import encode
from kernel.proofs.draw_state import Ceremony
from kernel.proofs.draw_transcript import Transcript, transcript

FOLDER = "draws"
HIDDEN = "audit"
"""The kind of message that names everybody on the list: for the auditor only."""


@dataclass(frozen=True, slots=True)
class DrawMaterial:
    """One draw: its messages as (kind, role, DSSE bytes), in the order in which they were logged."""

    messages: Sequence[tuple[str, str, bytes]]
    transcript: bytes = b""


def transcript_of(ceremony: Ceremony) -> Transcript | None:
    """The public record of a draw from its messages; None while there is no order.

    Outcomes behind somebody who has not answered yet are left out: they belong to nobody's turn so far.
    """
    if ceremony.drawn is None or ceremony.draw_list is None:
        return None
    settled, outcomes = ceremony.settled(), {}
    for stratum, order in ceremony.drawn.orders.items():
        row = settled[stratum]
        upto = next((i for i, n in enumerate(order) if n not in row), len(order))
        outcomes[stratum] = {n: row[n].outcome for n in order[:upto]}
    return transcript(ceremony.draw_list, ceremony.contributions, outcomes, ceremony.beacon)


def draw_members(draws: Sequence[DrawMaterial], *, everyone: bool = False) -> dict[str, bytes]:
    """The members of a package; `everyone` with what names the whole list."""
    found = {}
    for i, draw in enumerate(draws, 1):
        for name, (kind, _, envelope) in zip(message_names(i, draw), draw.messages, strict=True):
            if everyone or kind != HIDDEN:
                found[name] = envelope
        if draw.transcript:
            found[f"{FOLDER}/{i:02}/transcript.json"] = draw.transcript
    return found


def hidden_members(draws: Sequence[DrawMaterial]) -> frozenset[str]:
    """The members that the public package withholds."""
    return frozenset(
        name
        for i, draw in enumerate(draws, 1)
        for name, (kind, _, _) in zip(message_names(i, draw), draw.messages, strict=True)
        if kind == HIDDEN
    )


def message_names(i: int, draw: DrawMaterial) -> list[str]:
    """The members' names of the i-th draw's messages."""
    return [f"{FOLDER}/{i:02}/{n:04}-{kind}-{role}.dsse.json" for n, (kind, role, _) in enumerate(draw.messages, 1)]


def build_transcript(ceremony: Ceremony) -> bytes:
    """transcript.json, or nothing where there is no order."""
    found = transcript_of(ceremony)
    return encode(found) if found else b""
