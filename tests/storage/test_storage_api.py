"""The upload door: announced, sent in parts, resumed, given up; nobody else's business, and nothing too large."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from conftest import TestClock
from house_databases import Databases
from road import County
from trading_site import Site, trading_site

from storage.limits import MAX_FILE, PART_SIZE

CONTENT = bytes(range(256)) * 40_000


@pytest.fixture
async def site(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[Site]:
    county = await County.make(tmp_path, house)
    async with trading_site(county) as site:
        yield site


@pytest.fixture
async def sender(site: Site) -> httpx.AsyncClient:
    return await site.of(site.county.purchaser)


async def put(client: httpx.AsyncClient, upload: str, n: int, part: bytes) -> httpx.Response:
    headers = {"x-part-sha256": hashlib.sha256(part).hexdigest()}
    return await client.put(f"/uploads/{upload}/parts/{n}", content=part, headers=headers)


async def test_a_file_goes_on_where_it_was_cut(sender: httpx.AsyncClient) -> None:
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    asked = {"size": len(CONTENT), "purpose": "tender_document", "sha256": sha256}
    made = (await sender.post("/uploads", json=asked)).json()
    assert (made["parts"], made["missing"], made["part_size"]) == (2, [1, 2], PART_SIZE)
    second = CONTENT[PART_SIZE:]
    first = await put(sender, made["id"], 2, second)
    assert first.json() == {"n": 2, "sha256": hashlib.sha256(second).hexdigest(), "size": len(second)}
    assert (await put(sender, made["id"], 2, second)).json() == first.json()
    assert (await sender.get(f"/uploads/{made['id']}")).json()["missing"] == [1]
    differs = await put(sender, made["id"], 2, bytes(len(second)))
    assert (differs.status_code, differs.json()["code"]) == (409, "part_differs")


async def test_another_organisations_upload_does_not_exist(site: Site, sender: httpx.AsyncClient) -> None:
    made = (await sender.post("/uploads", json={"size": 3, "purpose": "tender_document"})).json()["id"]
    other = await site.of((await site.county.bidder(1)).actor)
    for answer in (
        await other.get(f"/uploads/{made}"),
        await put(other, made, 1, b"abc"),
        await other.delete(f"/uploads/{made}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "upload_missing")


async def test_an_upload_that_is_given_up_is_gone(sender: httpx.AsyncClient) -> None:
    made = (await sender.post("/uploads", json={"size": 3, "purpose": "tender_document"})).json()["id"]
    assert (await put(sender, made, 1, b"abc")).status_code == 200
    gone = await sender.delete(f"/uploads/{made}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await sender.get(f"/uploads/{made}")).status_code == 404


async def test_the_same_request_id_announces_one_upload(sender: httpx.AsyncClient) -> None:
    asked, key = {"size": 3, "purpose": "tender_document"}, {"idempotency-key": str(uuid4())}
    first = await sender.post("/uploads", json=asked, headers=key)
    assert (await sender.post("/uploads", json=asked, headers=key)).json() == first.json()


async def test_what_is_too_large_is_refused_before_a_byte_is_taken(sender: httpx.AsyncClient) -> None:
    answer = await sender.post("/uploads", json={"size": MAX_FILE + 1, "purpose": "tender_document"})
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
    made = (await sender.post("/uploads", json={"size": 3, "purpose": "tender_document"})).json()["id"]
    more = await put(sender, made, 1, bytes(17 * 1024 * 1024))
    assert (more.status_code, more.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    "asked",
    [
        {"size": 0, "purpose": "tender_document"},
        {"size": "three", "purpose": "tender_document"},
        {"size": 3, "purpose": "../../etc"},
        {"size": 3, "purpose": "tender_document", "sha256": "abc"},
        {"size": 3},
    ],
)
async def test_what_makes_no_sense_is_not_announced(sender: httpx.AsyncClient, asked: dict[str, object]) -> None:
    assert (await sender.post("/uploads", json=asked)).status_code == 422


@pytest.mark.parametrize(
    ("n", "headers", "content"),
    [
        ("0", {"x-part-sha256": "0" * 64}, b"abc"),
        ("2", {"x-part-sha256": "0" * 64}, b"abc"),
        ("1", {}, b"abc"),
        ("1", {"x-part-sha256": "0" * 64}, b"abc"),
        ("1", {"x-part-sha256": hashlib.sha256(b"ab").hexdigest()}, b"ab"),
    ],
)
async def test_a_part_that_is_not_what_it_says_is_refused(
    sender: httpx.AsyncClient, n: str, headers: dict[str, str], content: bytes
) -> None:
    made = (await sender.post("/uploads", json={"size": 3, "purpose": "tender_document"})).json()["id"]
    answer = await sender.put(f"/uploads/{made}/parts/{n}", content=content, headers=headers)
    assert answer.status_code == 422, answer.text
    assert (await sender.get(f"/uploads/{made}")).json()["missing"] == [1]
