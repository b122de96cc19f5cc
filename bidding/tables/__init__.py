"""The rows of a tender, from its registration to its archive; schema `bidding`."""

from bidding.tables.evaluation import (
    Clarification,
    Evaluation,
    Report,
    Review,
    ScoreSheet,
    Signature,
    SignedReport,
    VoidSeat,
)
from bidding.tables.tenders import (
    Archive,
    Attendance,
    Contact,
    Document,
    FirstOpening,
    Lot,
    Notice,
    Objection,
    Opening,
    OpeningSignature,
    Paper,
    Project,
)

__all__ = [
    "Archive",
    "Attendance",
    "Clarification",
    "Contact",
    "Document",
    "Evaluation",
    "FirstOpening",
    "Lot",
    "Notice",
    "Objection",
    "Opening",
    "OpeningSignature",
    "Paper",
    "Project",
    "Report",
    "Review",
    "ScoreSheet",
    "Signature",
    "SignedReport",
    "VoidSeat",
]
