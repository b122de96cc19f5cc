"""The pages of a tender's people: each handler decodes, calls, and shows."""

from bidding.pages import bids, cases, hall, mandates, notices, receipts, workbench

HANDLERS = [
    *workbench.HANDLERS,
    *cases.HANDLERS,
    *notices.HANDLERS,
    *bids.HANDLERS,
    *receipts.HANDLERS,
    *hall.HANDLERS,
    *mandates.HANDLERS,
]
