"""The rows of the catalogue: items, their versions, what departments propose."""

from piccolo.columns import UUID, Bytea, ForeignKey, OnDelete, SmallInt, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from kernel.db import TRADING

SCHEMA = "intermediaries"


class Item(Table, schema=SCHEMA, tablename="item", db=TRADING):
    """A service item (服务事项) as it stands now; `body` is the whole row, canonical JSON."""

    id = UUID(primary_key=True, default=None, null=False)
    code = Varchar(length=16, null=False, required=True, default=None, unique=True)
    name = Varchar(length=80, null=False, required=True, default=None)
    category = Varchar(length=12, null=False, required=True, default=None, index=True)
    department = Varchar(length=20, null=False, required=True, default=None, index=True)
    state = Varchar(length=9, null=False, required=True, default=None, index=True)
    version = SmallInt(null=False, required=True, default=None)
    body = Bytea(null=False, required=True, default=None)
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    since = Timestamptz(null=False, required=True, default=None)
    known_item_state = Check("state in ('listed', 'withdrawn')")


class ItemVersion(Table, schema=SCHEMA, tablename="item_version", db=TRADING):
    """What an item was from a moment on, who decided it and why. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    item = ForeignKey(Item, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    n = SmallInt(null=False, required=True, default=None)
    kind = Varchar(length=8, null=False, required=True, default=None)
    body = Bytea(null=False, required=True, default=None)
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    decision = UUID(null=True, default=None)
    decided_by = Varchar(length=100, null=False, default="")
    says = Varchar(length=1000, null=False, default="")
    since = Timestamptz(null=False, required=True, default=None)
    item_version_once = Unique(["item", "n"])
    known_kind_of_version = Check("kind in ('founded', 'approved', 'ended')")


class ItemProposal(Table, schema=SCHEMA, tablename="item_proposal", db=TRADING):
    """What a department asks to have listed, changed or withdrawn; the regulator decides on his own site."""

    id = UUID(primary_key=True, default=None, null=False)
    item = UUID(null=False, required=True, default=None, index=True)
    code = Varchar(length=16, null=False, required=True, default=None)
    kind = Varchar(length=8, null=False, required=True, default=None)
    body = Bytea(null=False, required=True, default=None)
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    says = Varchar(length=1000, null=False, required=True, default=None)
    department = Varchar(length=20, null=False, required=True, default=None)
    region = Varchar(length=6, null=False, required=True, default=None)
    organisation = UUID(null=False, required=True, default=None)
    organisation_name = Varchar(length=200, null=False, required=True, default=None)
    proposed_by = UUID(null=False, required=True, default=None)
    proposed_at = Timestamptz(null=False, required=True, default=None)
    decided_at = Timestamptz(null=True, default=None)
    outcome = Varchar(length=400, null=False, default="")
    known_proposal_kind = Check("kind in ('approve', 'withdraw')")
