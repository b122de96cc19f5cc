"""What is known of the supermarket, read only: views for pages, the API and supervision."""

from intermediaries.records.agencies import agency, agency_of, charges, owner, public_agency, waiting_agencies
from intermediaries.records.agency_rows import AgencyRow, CertificateView, ChargeView, OwnerRow, PromiseView
from intermediaries.records.draws import rebuild
from intermediaries.records.items import (
    ItemRow,
    ProposalView,
    catalogue,
    item,
    item_by_code,
    listed_item,
    proposal,
    versions,
    waiting_items,
)

__all__ = [
    "AgencyRow",
    "CertificateView",
    "ChargeView",
    "ItemRow",
    "OwnerRow",
    "PromiseView",
    "ProposalView",
    "agency",
    "agency_of",
    "catalogue",
    "charges",
    "item",
    "item_by_code",
    "listed_item",
    "owner",
    "proposal",
    "public_agency",
    "rebuild",
    "versions",
    "waiting_agencies",
    "waiting_items",
]
