"""The pages of a tender's people: each handler decodes, calls, and shows."""

from bidding.pages import (
    award,
    bids,
    cases,
    cures,
    ending,
    evaluation,
    hall,
    mandates,
    notices,
    publicity,
    receipts,
    rehearsals,
    seal,
    seat,
    session,
    workbench,
)

HANDLERS = [
    *workbench.HANDLERS,
    *cases.HANDLERS,
    *notices.HANDLERS,
    *bids.HANDLERS,
    *cures.HANDLERS,
    *seal.HANDLERS,
    *receipts.HANDLERS,
    *hall.HANDLERS,
    *session.HANDLERS,
    *rehearsals.HANDLERS,
    *seat.HANDLERS,
    *evaluation.HANDLERS,
    *publicity.HANDLERS,
    *award.HANDLERS,
    *ending.HANDLERS,
    *mandates.HANDLERS,
]
