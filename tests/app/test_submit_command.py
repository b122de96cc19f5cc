"""Submitting, replacing, withdrawing and revealing over real HTTP, with cuts in between."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from conftest import TestClock
from house_databases import Databases
from live_site import PASSPHRASE, HttpBidder, anchors_of, close, listening
from road import DEADLINE, PROCESS, County, countersign, publish_empty_list

from app import cli
from app.bidder.after import closed_list, recovery_of, restore, reveal, turn_of, withdraw, withdrawal, write_reveals
from app.bidder.folder import PROGRESS, RECEIPT, SIGNED_RECEIPT, BidFolder
from app.bidder.submission import submit
from app.client import Client, Refused
from bidding.clockwork import turn
from kernel.box import close as box_close
from kernel.box import records as boxes
from kernel.errors import Unavailable, WrongStage
from kernel.proofs import dsse
from kernel.proofs.age import Passphrase
from kernel.proofs.anchored import check_receipt
from kernel.proofs.anchors import Anchors, read_anchors
from kernel.proofs.errors import BadSignature, Forged, NoMatch
from kernel.proofs.signers import Ed25519Signer

MIB = 1024 * 1024


class House:
    """A county with one lot that takes bids, its site, and its anchors."""

    def __init__(self, county: County, site: str, anchors: Anchors, lot: UUID) -> None:
        self.county, self.site, self.anchors, self.lot = county, site, anchors, lot

    async def bidder(self, n: int = 1) -> HttpBidder:
        return await HttpBidder.make(self.county, self.site, self.anchors, n)

    async def opened(self, clock: TestClock) -> None:
        await close(self.county, clock, self.lot)
        await countersign(self.lot)
        await turn(self.county.tools, self.lot)


@pytest.fixture
async def open_lot(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[House]:
    county = await County.make(tmp_path, house)
    lot = await county.announced()
    anchors = anchors_of(county, PROCESS)
    async with listening(county.tools, anchors.data) as site:
        yield House(county, site, anchors, lot)


async def run(act: Callable[..., Any], *arguments: Any) -> Any:
    """The tools are plain blocking programs: each runs in its own thread, as on the bidder's machine."""
    return await asyncio.to_thread(act, *arguments)


class Wire(httpx.BaseTransport):
    """The real wire, which breaks after some requests: before sending, or after the site has done it."""

    def __init__(self, breaks: Callable[[httpx.Request], str]) -> None:
        self._breaks, self._real, self.seen = breaks, httpx.HTTPTransport(), list[httpx.Request]()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        how = self._breaks(request)
        if how == "before":
            raise httpx.ConnectError("cut", request=request)
        answer = self._real.handle_request(request)
        if how == "after":
            answer.read()
            raise httpx.ReadError("cut", request=request)
        return answer


def over(bidder: HttpBidder, wire: Wire) -> Client:
    """The bidder's client on this wire."""
    client = Client(bidder.client.site, pause=lambda seconds: None)
    headers = bidder.client._http.headers
    client._http = httpx.Client(base_url=client.site, headers=headers, transport=wire, timeout=60)
    return client


async def test_a_sealed_bid_is_received_and_its_receipt_is_of_an_anchored_key(open_lot: House) -> None:
    bidder = await open_lot.bidder()
    folder = await bidder.seal(open_lot.lot, "38000000.00")
    answer = await run(submit, bidder.client, folder, open_lot.anchors)
    receipt = check_receipt(dsse.read((folder.path / SIGNED_RECEIPT).read_bytes()), open_lot.anchors)
    assert receipt.sha256 == folder.bid.sha256 == answer["sha256"]
    standing, _ = await boxes.standing(open_lot.lot)
    assert [bid.sha256 for bid in standing] == [folder.bid.sha256]


async def test_a_receipt_of_another_key_is_kept_as_evidence_and_refused(open_lot: House) -> None:
    bidder = await open_lot.bidder()
    folder = await bidder.seal(open_lot.lot, "38000000.00")
    other = anchors_of(open_lot.county, PROCESS).data.replace(
        open_lot.county.tools.receipts.public.hex().encode(), Ed25519Signer.generate().public.hex().encode()
    )
    with pytest.raises(BadSignature) as refused:
        await run(submit, bidder.client, folder, read_anchors(other))
    assert refused.value.code == "receipt_unsigned"
    assert (folder.path / SIGNED_RECEIPT).exists()


async def test_submitting_again_gives_the_same_receipt(open_lot: House) -> None:
    bidder = await open_lot.bidder()
    folder = await bidder.seal(open_lot.lot, "38000000.00")
    first = await run(submit, bidder.client, folder, open_lot.anchors)
    again = await run(submit, bidder.client, folder, open_lot.anchors)
    assert (again["receipt"], again["event"]) == (first["receipt"], first["event"])


async def test_a_lost_answer_is_asked_for_again_and_the_bid_is_taken_once(open_lot: House) -> None:
    bidder = await open_lot.bidder()
    folder = await bidder.seal(open_lot.lot, "38000000.00")
    lost = iter(["after"])
    wire = Wire(lambda request: next(lost, "") if request.url.path.endswith("/bids") else "")
    answer = await run(submit, over(bidder, wire), folder, open_lot.anchors)
    keys = [r.headers["idempotency-key"] for r in wire.seen if r.url.path.endswith("/bids")]
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert answer["seq"] == 1
    assert len(await boxes.chain(open_lot.lot, bidder.actor.organisation_code)) == 1


async def test_a_tool_killed_after_sending_finds_its_receipt_when_it_is_run_again(open_lot: House) -> None:
    bidder = await open_lot.bidder()
    folder = await bidder.seal(open_lot.lot, "38000000.00")
    wire = Wire(lambda request: "after" if request.url.path.endswith("/bids") else "")
    with pytest.raises(Unavailable):
        await run(submit, over(bidder, wire), folder, open_lot.anchors)
    assert not (folder.path / RECEIPT).exists()
    answer = await run(submit, bidder.client, folder, open_lot.anchors)
    assert answer["sha256"] == folder.bid.sha256
    assert len(await boxes.chain(open_lot.lot, bidder.actor.organisation_code)) == 1


async def test_a_cut_transfer_goes_on_with_the_parts_that_are_missing(open_lot: House) -> None:
    bidder = await open_lot.bidder()
    folder = await bidder.seal(open_lot.lot, "38000000.00", size=20 * MIB)
    parts = iter(["", "", "", "before", *["before"] * 20])
    wire = Wire(lambda request: next(parts) if request.method == "PUT" else "")
    with pytest.raises(Unavailable, match="中断"):
        await run(submit, over(bidder, wire), folder, open_lot.anchors)
    rest = Wire(lambda request: "")
    await run(submit, over(bidder, rest), folder, open_lot.anchors)
    sent = [request.url.path.rpartition("/")[2] for request in rest.seen if request.method == "PUT"]
    assert sent == ["2", "3"], "both indexes and the first part of the document had arrived"
    assert json.loads((folder.path / PROGRESS).read_text())["uploads"].keys() == folder.to_send().keys()


async def test_a_changed_price_sends_less_than_a_megabyte(open_lot: House) -> None:
    bidder = await open_lot.bidder()
    first = await bidder.seal(open_lot.lot, "38000000.00", size=9 * MIB)
    await run(submit, bidder.client, first, open_lot.anchors)
    again = await bidder.seal(open_lot.lot, "37500000.00", replacing=first)
    wire = Wire(lambda request: "")
    answer = await run(submit, over(bidder, wire), again, open_lot.anchors)
    assert sum(int(request.headers.get("content-length", 0)) for request in wire.seen) < 1_000_000
    assert answer["seq"] == 2


async def test_a_withdrawn_bid_can_be_followed_by_a_new_one(open_lot: House) -> None:
    bidder = await open_lot.bidder()
    first = await bidder.seal(open_lot.lot, "38000000.00")
    await run(submit, bidder.client, first, open_lot.anchors)
    taken = await run(withdraw, bidder.client, first, bidder.signer, open_lot.anchors)
    assert (taken["kind"], taken["seq"]) == ("withdraw", 2)
    assert (await run(withdraw, bidder.client, first, bidder.signer, open_lot.anchors))["event"] == taken["event"]
    again = await bidder.seal(open_lot.lot, "37000000.00", replacing=first, documents=True)
    assert (await run(submit, bidder.client, again, open_lot.anchors))["seq"] == 3
    standing, withdrawn = await boxes.standing(open_lot.lot)
    assert ([bid.sha256 for bid in standing], withdrawn) == ([again.bid.sha256], [])


async def test_a_bid_that_a_stale_list_omits_is_restored_by_command(
    open_lot: House, clock: TestClock, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bidder = await open_lot.bidder()
    folder = await bidder.seal(open_lot.lot, "38000000.00")
    await run(submit, bidder.client, folder, open_lot.anchors)
    with pytest.raises(Refused) as early:
        await run(restore, bidder.client, folder)
    assert early.value.status == 404, "there is no list before the deadline"
    await clock.freeze(DEADLINE)
    await turn(open_lot.county.tools, open_lot.lot)
    assert await run(restore, bidder.client, folder) is False, "it is on the list"
    await publish_empty_list(open_lot.lot)
    await clock.freeze(DEADLINE + timedelta(minutes=1))
    token = tmp_path / "token"
    token.write_text(bidder.client._http.headers["authorization"].removeprefix("Bearer "))
    command = ["restore", str(folder.path), "--site", open_lot.site, "--token-file", str(token)]
    assert await run(cli.main, command) == 0
    assert "已凭回执补入" in capsys.readouterr().out
    assert (await box_close.current_list(await boxes.box(open_lot.lot))).bids == (folder.bid.sha256,)
    assert await run(cli.main, command) == 0
    assert "无需办理" in capsys.readouterr().out


async def test_what_the_platform_refuses_is_told_with_every_problem(open_lot: House, clock: TestClock) -> None:
    bidder = await open_lot.bidder()
    folder = await bidder.seal(open_lot.lot, "38000000.00")
    await close(open_lot.county, clock, open_lot.lot)
    with pytest.raises(Refused) as refused:
        await run(submit, bidder.client, folder, open_lot.anchors)
    assert refused.value.status == 409
    assert refused.value.problems[0].remedy
    assert not (folder.path / RECEIPT).exists()


async def test_nothing_is_revealed_before_the_close_is_countersigned(open_lot: House, clock: TestClock) -> None:
    bidder = await open_lot.bidder()
    folder = await bidder.seal(open_lot.lot, "38000000.00")
    await run(submit, bidder.client, folder, open_lot.anchors)
    others = [await open_lot.bidder(n) for n in (2, 3)]
    for other in others:
        await run(submit, other.client, await other.seal(open_lot.lot, "39000000.00"), open_lot.anchors)
    await close(open_lot.county, clock, open_lot.lot)
    with pytest.raises(WrongStage, match="尚未由监督部门会签"):
        await run(closed_list, bidder.client, folder, open_lot.anchors)
    await countersign(open_lot.lot)
    await turn(open_lot.county.tools, open_lot.lot)
    listed = await run(closed_list, bidder.client, folder, open_lot.anchors)
    with pytest.raises(BadSignature):
        await run(closed_list, bidder.client, folder, anchors_of(open_lot.county, Ed25519Signer.generate()))
    recovery = recovery_of(folder, PASSPHRASE)
    due = await run(turn_of, bidder.client, folder, listed, open_lot.anchors)
    assert await run(reveal, bidder.client, folder, listed, recovery, bidder.signer, due) == 2
    seeds = await boxes.seeds(open_lot.lot)
    assert {sha256 for sha256, _ in seeds} == {folder.bid.sha256}


async def test_a_bid_that_is_not_in_the_close_is_never_revealed(open_lot: House, clock: TestClock) -> None:
    bidders = [await open_lot.bidder(n) for n in (1, 2, 3)]
    folders = [await b.seal(open_lot.lot, "38000000.00") for b in bidders]
    for bidder, folder in zip(bidders, folders, strict=True):
        await run(submit, bidder.client, folder, open_lot.anchors)
    unsent: BidFolder = await bidders[0].seal(open_lot.lot, "1.00", replacing=folders[0])
    await open_lot.opened(clock)
    with pytest.raises(WrongStage, match="没有这份标书"):
        await run(closed_list, bidders[0].client, unsent, open_lot.anchors)


async def test_the_recovery_file_of_another_bid_and_a_wrong_passphrase_are_found_out_before_sending(
    open_lot: House,
) -> None:
    bidder, rival = await open_lot.bidder(1), await open_lot.bidder(2)
    folder = await bidder.seal(open_lot.lot, "38000000.00")
    other = await rival.seal(open_lot.lot, "38000000.00")
    with pytest.raises(Forged, match="恢复文件不是这份标书的"):
        recovery_of(folder, PASSPHRASE, other.path / "recovery.json.age")
    with pytest.raises(NoMatch):
        recovery_of(folder, Passphrase("wrong"))


async def test_a_bidder_who_has_only_the_command_line_comes_to_the_opening(
    open_lot: House, clock: TestClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bidder, others = await open_lot.bidder(1), [await open_lot.bidder(n) for n in (2, 3)]
    desk = CommandLine(tmp_path / "desk", open_lot, bidder)
    assert await run(desk.yangguang, "lot", "--site", open_lot.site, str(open_lot.lot)) == 0
    (desk.folder / "lot.json").write_text(capsys.readouterr().out)
    (desk.folder / "price.json").write_text('{"price": "38000000.00", "period_days": 180}')
    (desk.folder / "docs").mkdir()
    (desk.folder / "docs" / "技术方案.txt").write_text("施工组织设计")
    key = ["--key", "bidder.key", "--passphrase-file", "key.pass"]
    given = ["--price", "price.json", "--documents", "docs", "--bidder", bidder.actor.organisation_code]
    sealed = ["seal", "--lot", "lot.json", *given, "--out", "bid", "--passphrase-out", "recovery.pass", *key]
    assert await run(desk.yangguang, *sealed, *desk.trusting) == 0
    assert await run(desk.yangguang, "submit", "bid", *desk.trusting, *desk.site) == 0
    for other in others:
        await run(submit, other.client, await other.seal(open_lot.lot, "39000000.00"), open_lot.anchors)
    await open_lot.opened(clock)
    opening = ["reveal", "bid", "--recovery-passphrase-file", "recovery.pass", *key]
    assert await run(desk.yangguang, *opening, *desk.trusting, *desk.site) == 0
    assert "已解密 2 个阶段" in capsys.readouterr().out
    assert len(await boxes.seeds(open_lot.lot)) == 2


async def test_offline_the_tools_only_write_what_the_pages_take(open_lot: House, clock: TestClock) -> None:
    bidders = [await open_lot.bidder(n) for n in (1, 2, 3)]
    folders = [await bidder.seal(open_lot.lot, "38000000.00") for bidder in bidders]
    for bidder, folder in zip(bidders, folders, strict=True):
        await run(submit, bidder.client, folder, open_lot.anchors)
    signed = withdrawal(folders[2], bidders[2].signer)
    assert (folders[2].path / "withdraw.dsse.json").read_bytes() == signed.to_bytes()
    assert len((await boxes.standing(open_lot.lot))[0]) == 3, "nothing was sent"
    await open_lot.opened(clock)
    listed = await run(closed_list, Client(open_lot.site), folders[0], open_lot.anchors)
    recovery = recovery_of(folders[0], PASSPHRASE)
    written = write_reveals(folders[0], listed, recovery, bidders[0].signer)
    assert [path.name for path in written] == ["reveal-price.dsse.json", "reveal-documents.dsse.json"]
    assert await boxes.seeds(open_lot.lot) == {}, "nothing was sent"
    for path in written:
        dsse.require(dsse.read(path.read_bytes()), [bidders[0].signer.public])


async def test_without_a_token_the_command_says_where_to_get_one(
    open_lot: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bidder = await open_lot.bidder()
    folder = await bidder.seal(open_lot.lot, "38000000.00")
    assert await run(cli.main, ["submit", str(folder.path), "--site", open_lot.site]) == 2
    assert "没有访问令牌" in capsys.readouterr().err


class CommandLine:
    """A bidder's desk: a folder with his token, the anchors and a passphrase; every path is in it."""

    def __init__(self, folder: Path, house: House, bidder: HttpBidder) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "anchors.json").write_bytes(house.anchors.data)
        (folder / "key.pass").write_text("a long enough passphrase")
        (folder / "token").write_text(bidder.token)
        self.trusting = ["--anchors", "anchors.json"]
        self.site = ["--site", house.site, "--token-file", "token"]

    def yangguang(self, *words: str) -> int:
        """Run the command with its paths below the folder."""
        names = {
            "lot.json",
            "price.json",
            "docs",
            "bid",
            "bidder.key",
            "key.pass",
            "recovery.pass",
            "anchors.json",
            "token",
        }
        return cli.main([str(self.folder / word) if word in names else word for word in words])
