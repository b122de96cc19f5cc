"""The rows of the supermarket; schema `intermediaries`."""

from intermediaries.tables.agencies import (
    Agency,
    Avoidance,
    Certificate,
    Charge,
    Owner,
    Practitioner,
    Promise,
    Tally,
)
from intermediaries.tables.items import Item, ItemProposal, ItemVersion

__all__ = [
    "Agency",
    "Avoidance",
    "Certificate",
    "Charge",
    "Item",
    "ItemProposal",
    "ItemVersion",
    "Owner",
    "Practitioner",
    "Promise",
    "Tally",
]
