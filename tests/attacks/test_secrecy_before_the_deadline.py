"""Whoever holds the databases, the vault and some of the keys still cannot read a price."""

from itertools import product
from pathlib import Path

import asyncpg
import pytest
from conftest import TestClock
from house_databases import Databases
from road import County

from kernel.box import records as box_records
from kernel.proofs import age, shamir
from kernel.proofs.bid import read_bid
from kernel.proofs.envelope import StageSecret
from kernel.proofs.errors import NoMatch
from kernel.proofs.stage import open_stage, try_envelope

PRICE = "38123456.78"


@pytest.fixture
async def county(house: Databases, clock: TestClock, tmp_path: Path) -> County:
    return await County.make(tmp_path, house)


def files_of(vault: Path) -> list[bytes]:
    return [path.read_bytes() for path in vault.rglob("*") if path.is_file()]


async def everything_stored(house: Databases, vault: Path) -> bytes:
    """Every row of both databases as text and bytes, and every file of the vault."""
    found = files_of(vault)
    for url in (house.admin, house.supervision_admin):
        connection = await asyncpg.connect(url)
        try:
            tables = await connection.fetch(
                "select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables"
                " where schemaname not in ('pg_catalog', 'information_schema')"
            )
            for table in tables:
                for row in await connection.fetch(f"select * from {table['name']}"):  # noqa: S608
                    found += [v if isinstance(v, bytes) else str(v).encode() for v in row.values()]
        finally:
            await connection.close()
    return b"\n".join(found)


async def test_both_databases_and_the_vault_hold_no_price_and_no_file_name(
    county: County, house: Databases, tmp_path: Path
) -> None:
    lot = await county.announced()
    await county.sealed_in(lot, [PRICE, "37500000.00", "39900000.00"])
    stored = await everything_stored(house, tmp_path / "vault")
    assert len(stored) > 100_000, "something was looked at"
    for secret in (PRICE, "3812345678", "技术方案"):
        assert secret.encode() not in stored


@pytest.mark.parametrize(
    ("mode", "roles"),
    [("bidder", ("operator",)), ("roles", ("operator", "regulator")), ("bidder", ("operator", "purchaser"))],
)
async def test_fewer_than_three_roles_with_all_their_keys_open_nothing(
    county: County, mode: str, roles: tuple[str, ...]
) -> None:
    """They hold the databases and the vault as well: whatever lies there is tried with every key they have."""
    lot = await county.announced(mode)
    await county.sealed_in(lot, [PRICE])
    setup, wraps = await county.setup(lot), await box_records.wraps(lot)
    bid = read_bid((await box_records.standing(lot))[0][0].body, setup)
    shares: dict[int, list[bytes]] = {role.x: [] for role in setup.roles}
    held = [holder for holder in county.holders if holder.actor.role in roles]
    for holder in held:
        for wrapped in wraps.values():
            share = _share(setup, bid, wrapped, holder.officer.master)
            if share is not None:
                shares[setup.role(holder.actor.role).x].append(share)
    sealed = [file for file in files_of(county.folder / "vault") if file.startswith(b"age-encryption.org/")]
    assert len(sealed) >= 3, "the index, the price and the documents"
    for file, holder in product(sealed, held):
        with pytest.raises(NoMatch):
            age.unlock(file, holder.officer.master)
    assert all(shares[setup.role(role).x] for role in roles), "they do open their own envelopes"
    for guess in product(*[shares[x] or [bytes(32), b"\xff" * 32] for x in sorted(shares)]):
        combined = shamir.combine(dict(zip(sorted(shares), guess, strict=True)))
        assert StageSecret(combined, bid.context(setup, "price")).commit != bid.stage("price").commit


async def test_the_three_roles_together_are_what_it_takes(county: County) -> None:
    """The check above would be worth nothing if nobody could open."""
    lot = await county.announced()
    await county.sealed_in(lot, [PRICE])
    setup, wraps = await county.setup(lot), await box_records.wraps(lot)
    bid = read_bid((await box_records.standing(lot))[0][0].body, setup)
    shares = {}
    for holder in county.holders:
        for wrapped in wraps.values():
            share = _share(setup, bid, wrapped, holder.officer.master)
            if share is not None:
                shares[setup.role(holder.actor.role).x] = share
    assert open_stage(setup, bid, "price", shares=shares).secret is not None


def _share(setup, bid, wrapped: bytes, master: str) -> bytes | None:  # type: ignore[no-untyped-def]
    try:
        private = age.unlock(wrapped, master)
    except NoMatch:
        return None
    return try_envelope(setup, bid, "price", private)
