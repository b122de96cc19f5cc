"""The rows of storage: what is kept, and what is on its way. Schema `storage`, in the trading database."""

from piccolo.columns import UUID, BigInt, ForeignKey, Integer, OnDelete, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from kernel.db import TRADING


class Blob(Table, schema="storage", tablename="blob", db=TRADING):
    """One object in the vault. Never removed; only `locked_until` changes, and only to later."""

    sha256 = Varchar(length=64, primary_key=True, default=None, null=False)
    size = BigInt(null=False, required=True, default=None)
    version = Varchar(length=200, null=False, default="")
    locked_until = Timestamptz(null=False, required=True, default=None)
    kept_at = Timestamptz(null=False, required=True, default=None)
    blob_digest = Check("sha256 ~ '^[0-9a-f]{64}$'")
    blob_size = Check("size >= 0")


class Upload(Table, schema="storage", tablename="upload", db=TRADING):
    """One file on its way: open → complete → claimed by an act → kept; or erasing, when no act wants it."""

    id = UUID(primary_key=True, default=None, null=False)
    owner_key = Varchar(length=80, null=False, required=True, default=None)
    purpose = Varchar(length=64, null=False, required=True, default=None)
    size = BigInt(null=False, required=True, default=None)
    expected = Varchar(length=64, null=True, default=None)
    sha256 = Varchar(length=64, null=True, default=None)
    state = Varchar(length=8, null=False, required=True, default=None)
    created_at = Timestamptz(null=False, required=True, default=None)
    expires_at = Timestamptz(null=False, required=True, default=None)
    upload_size = Check("size > 0")
    upload_state = Check("state in ('open', 'complete', 'claimed', 'kept', 'erasing')")
    upload_hashed = Check("(sha256 is null) = (state = 'open') or state = 'erasing'")


class UploadPart(Table, schema="storage", tablename="upload_part", db=TRADING):
    """A part that has arrived, whole and flushed: which bytes count as part `n`."""

    id = UUID(primary_key=True, default=None, null=False)
    upload = ForeignKey(Upload, null=False, required=True, default=None, on_delete=OnDelete.cascade)
    n = Integer(null=False, required=True, default=None)
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    size = Integer(null=False, required=True, default=None)
    upload_part_once = Unique(["upload", "n"])
    upload_part_sound = Check("n > 0 and size > 0 and sha256 ~ '^[0-9a-f]{64}$'")
