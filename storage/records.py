"""Read-only views of what is kept, for every side."""

from storage.schemas import BlobView
from storage.tables import Blob, Upload


async def blob(sha256: str) -> BlobView | None:
    """Where the vault holds these bytes; None while they are not in it."""
    row = await Blob.select().where(Blob.sha256 == sha256).first()
    return BlobView(**row) if row else None


async def ends(number: int) -> list[BlobView]:
    """What came into the vault first and last, at most `number` of each."""
    orders = [Blob.select().order_by(Blob.kept_at, ascending=way).limit(number) for way in (True, False)]
    return list({row["sha256"]: BlobView(**row) for order in orders for row in await order}.values())


async def has_claimed(owner_key: str, sha256: str) -> bool:
    """Whether an act of this owner already refers to these bytes, so that they need not be sent again."""
    return await Upload.exists().where(
        (Upload.owner_key == owner_key) & (Upload.sha256 == sha256) & (Upload.state.is_in(["claimed", "kept"]))
    )
