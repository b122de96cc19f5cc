"""`yangguang trustee`: keys that are never lost or written over, and what an officer's machine will not sign."""

import asyncio
import json
from base64 import b64decode
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import TestClock
from house_databases import Databases
from live_site import anchors_of, listening, token_of
from offline_lot import AT, CASE, Office, b64, close_of, public, sealed
from road import DEADLINE, PROCESS, County

from app import cli
from app.bidder.lot import check_lot, read_lot
from app.client import Client
from app.officer import home as homes
from app.officer.home import Card, Home
from app.officer.words import describe
from app.officer.work import Done, waiting, work
from bidding.steps.accept import accept_project
from kernel.box import records as boxes
from kernel.errors import BadInput
from kernel.proofs import age, dsse
from kernel.proofs.age import Passphrase
from kernel.proofs.anchors import Anchors
from kernel.proofs.bid import Bid
from kernel.proofs.caution import Trust, check_task
from kernel.proofs.deadline import build_deadline
from kernel.proofs.errors import BadSignature, Forged, Malformed, NoMatch
from kernel.proofs.holding import read_key
from kernel.proofs.opening import read_attest, read_release
from kernel.proofs.setup import build_setup
from kernel.proofs.signers import Ed25519Signer
from kernel.proofs.trustee import Officer, answer

SECRET = Passphrase("a long enough passphrase", work=10)


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def home(office: Office, tmp_path: Path) -> Home:
    """The first holder of the operator's side; his signing key is the one that the anchors name."""
    made = homes.create(tmp_path / "home", "operator", "张三", SECRET, None)
    officer = Officer(office.signers["operator"][0], made.officer.master)
    return Home(made.card, officer)


def place(do: str, **rest: Any) -> dict[str, Any]:
    head = {"do": do, "case": CASE, "tender": "T-2026-1", "lot": "01", "role": "operator", "keyid": "0" * 16}
    return head | rest


def opening_task(office: Office, home: Home, folder: Path, do: str = "attest", **changed: Any) -> dict[str, Any]:
    """What waits for him once a close with one bid in it is countersigned."""
    lot = office.lot(mode="roles")
    bid = sealed(folder / "bid", lot, Ed25519Signer.generate()).bid
    wrap = age.lock(office.private["operator"][0], age.recipient_of(home.officer.master))
    close = close_of(office, lot, [bid.sha256])
    task = place(
        do, stage="price", close=dsse.read(close).sha256, countersigned=b64(close),
        deadline=b64(lot.signed_deadline.to_bytes()), setup=b64(lot.setup.data), wrap=b64(wrap), bids=[b64(bid.data)],
    )  # fmt: skip
    return task | changed


def trust(office: Office, **changed: Any) -> Trust:
    return Trust(**({"role": "operator", "anchors": office.anchors(), "now": AT + timedelta(hours=1)} | changed))


def test_the_key_file_opens_with_its_passphrase_alone(tmp_path: Path) -> None:
    (tmp_path / "usb").mkdir()
    made = homes.create(tmp_path / "home", "regulator", "李四", SECRET, tmp_path / "usb" / "officer.age")
    assert homes.unlock(tmp_path / "home", SECRET).card == made.card == homes.card(tmp_path / "home")
    assert (tmp_path / "usb" / "officer.age").read_bytes() == (tmp_path / "home" / homes.SECRET).read_bytes()
    with pytest.raises(NoMatch):
        homes.unlock(tmp_path / "home", Passphrase("a long enough passphrasf"))


def test_no_key_is_made_when_its_backup_has_no_place_to_go(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="不存在"):
        homes.create(tmp_path / "home", "regulator", "李四", SECRET, tmp_path / "usb" / "officer.age")
    assert not (tmp_path / "home").exists()


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    homes.create(tmp_path / "home", "regulator", "李四", SECRET, None)
    before = (tmp_path / "home" / homes.SECRET).read_bytes()
    with pytest.raises(BadInput, match="已经存在"):
        homes.create(tmp_path / "home", "regulator", "李四", SECRET, None)
    assert (tmp_path / "home" / homes.SECRET).read_bytes() == before


def test_init_insists_on_a_backup_or_on_a_clear_no(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pass").write_text("a long enough passphrase")
    head = ["trustee", "init", "--home", f"{tmp_path}/home", "--role", "purchaser", "--name", "王五"]
    assert cli.main([*head, "--passphrase-file", f"{tmp_path}/pass"]) == 2
    assert "没有说明备份" in capsys.readouterr().err
    assert not (tmp_path / "home").exists()
    code = cli.main([*head, "--passphrase-file", f"{tmp_path}/pass", "--backup", f"{tmp_path}/backup.age"])
    line = json.loads(capsys.readouterr().out)
    assert (code, line["role"], line["name"], line["until"]) == (0, "purchaser", "王五", "")
    assert line["pk"] == homes.card(tmp_path / "home").public_key.hex()
    assert (tmp_path / "backup.age").exists()


def test_his_stage_key_is_wrapped_to_his_own_master(office: Office, home: Home) -> None:
    task = place("key", recipient=home.card.recipient)
    check_task(home.officer, task, trust(office))
    given = answer(home.officer, task)
    assert public(age.unlock(given.wrap, home.officer.master)) == read_key(given.signed.payload).pk


def test_a_master_that_is_not_his_is_refused(office: Office, home: Home) -> None:
    other = age.recipient_of(age.new_identity())
    with pytest.raises(Forged) as refused:
        check_task(home.officer, place("key", recipient=other), trust(office))
    assert refused.value.code == "other_master"


def test_he_signs_a_set_up_that_holds_his_own_key_and_no_other(office: Office, home: Home) -> None:
    task = place("key", recipient=home.card.recipient)
    given = answer(home.officer, task).signed
    keys = {role: [public(private) for private in office.private[role]] for role in office.private}
    without = build_setup(mode="bidder", tender="T-2026-1", lot="01", keys=keys)
    with pytest.raises(Forged) as refused:
        check_task(home.officer, place("setup", body=b64(without), key=b64(given.to_bytes())), trust(office))
    assert refused.value.code == "own_key_missing"
    keys["operator"][0] = read_key(given.payload).pk
    with_his = build_setup(mode="bidder", tender="T-2026-1", lot="01", keys=keys)
    task = place("setup", body=b64(with_his), key=b64(given.to_bytes()))
    check_task(home.officer, task, trust(office))
    assert "三方取 3" in describe(task)


def test_a_key_that_another_signed_does_not_pass_for_his(office: Office, home: Home) -> None:
    stranger = Officer(Ed25519Signer.generate(), age.new_identity())
    given = answer(stranger, place("key")).signed
    keys = {role: [public(private) for private in office.private[role]] for role in office.private}
    keys["operator"][0] = read_key(given.payload).pk
    body = build_setup(mode="bidder", tender="T-2026-1", lot="01", keys=keys)
    with pytest.raises(BadSignature):
        check_task(home.officer, place("setup", body=b64(body), key=b64(given.to_bytes())), trust(office))


@pytest.mark.parametrize("do", ["setup", "deadline"])
def test_nothing_of_another_lot_is_signed(office: Office, home: Home, do: str) -> None:
    keys = {role: [public(private) for private in office.private[role]] for role in office.private}
    body = {
        "setup": build_setup(mode="bidder", tender="T-2026-1", lot="02", keys=keys),
        "deadline": build_deadline(tender="T-2026-2", lot="01", at=AT),
    }[do]
    task = place(do, body=b64(body), key=b64(answer(home.officer, place("key")).signed.to_bytes()))
    with pytest.raises(Malformed) as refused:
        check_task(home.officer, task, trust(office))
    assert refused.value.code == "other_context"


def test_the_deadline_is_told_in_chinese(office: Office, home: Home) -> None:
    task = place("deadline", body=b64(build_deadline(tender="T-2026-1", lot="01", at=AT)))
    check_task(home.officer, task, trust(office))
    assert "2036年04月20日 09:30:00（北京时间）" in describe(task)


def test_he_attests_and_releases_what_a_countersigned_close_holds(office: Office, home: Home, tmp_path: Path) -> None:
    task = opening_task(office, home, tmp_path)
    check_task(home.officer, task, trust(office))
    listed = close_bids(task)
    attest = read_attest(answer(home.officer, task).signed.payload, close=task["close"], stage="price", bids=listed)
    assert list(attest.verdicts.values()) == [True]
    task |= {"do": "release"}
    check_task(home.officer, task, trust(office))
    release = read_release(answer(home.officer, task).signed.payload, close=task["close"], stage="price", bids=listed)
    assert [len(share) for share in release.shares.values()] == [32]


def test_a_close_that_the_regulator_has_not_countersigned_opens_nothing(
    office: Office, home: Home, tmp_path: Path
) -> None:
    forger = Office()
    task = opening_task(office, home, tmp_path)
    forged = dsse.sign(dsse.read(close_bytes(task)).payload, forger.process).to_bytes()
    with pytest.raises(BadSignature) as refused:
        check_task(home.officer, task | {"countersigned": b64(forged)}, trust(office))
    assert refused.value.code == "close_uncountersigned"


def test_a_bid_that_the_close_does_not_list_is_not_opened(office: Office, home: Home, tmp_path: Path) -> None:
    task = opening_task(office, home, tmp_path)
    other: Bid = sealed(tmp_path / "other", office.lot(mode="roles"), Ed25519Signer.generate()).bid
    with pytest.raises(Forged) as refused:
        check_task(home.officer, task | {"bids": [b64(other.data)]}, trust(office))
    assert refused.value.code == "not_in_close"


def test_nothing_is_opened_before_the_deadline_by_his_own_clock(office: Office, home: Home, tmp_path: Path) -> None:
    task = opening_task(office, home, tmp_path)
    with pytest.raises(Forged, match="还没有到"):
        check_task(home.officer, task, trust(office, now=AT - timedelta(seconds=1)))


def test_a_deadline_signed_by_a_stranger_opens_nothing(office: Office, home: Home, tmp_path: Path) -> None:
    task = opening_task(office, home, tmp_path)
    until = dsse.sign(office.lot().signed_deadline.payload, Ed25519Signer.generate())
    with pytest.raises(BadSignature) as refused:
        check_task(home.officer, task | {"deadline": b64(until.to_bytes())}, trust(office))
    assert refused.value.code == "deadline_unsigned"


@pytest.mark.parametrize("gone", ["countersigned", "deadline", "setup", "wrap", "bids"])
def test_material_that_is_left_out_is_asked_for(office: Office, home: Home, tmp_path: Path, gone: str) -> None:
    with pytest.raises(Malformed) as refused:
        check_task(home.officer, opening_task(office, home, tmp_path) | {gone: ""}, trust(office))
    assert refused.value.code == "task_incomplete"


def test_a_task_of_another_role_is_not_done(office: Office, home: Home, tmp_path: Path) -> None:
    with pytest.raises(Malformed) as refused:
        check_task(home.officer, opening_task(office, home, tmp_path) | {"role": "regulator"}, trust(office))
    assert refused.value.code == "other_role"


def close_bytes(task: dict[str, Any]) -> bytes:
    return b64decode(task["countersigned"])


def close_bids(task: dict[str, Any]) -> list[str]:
    return list(json.loads(dsse.read(close_bytes(task)).payload)["bids"])


HOLDING = ["hold_key"]


@pytest.fixture
async def county(house: Databases, clock: TestClock, tmp_path: Path) -> County:
    return await County.make(tmp_path, house)


async def at_home(county: County, site: str) -> list[tuple[Client, Home]]:
    """The four holders of the trading side, each with his own client and home."""
    found = []
    for holder in county.holders:
        if holder.actor.role != "regulator":
            card = Card(
                holder.actor.role,
                holder.actor.name,
                holder.officer.signer.public,
                age.recipient_of(holder.officer.master),
            )
            found.append((Client(site, await token_of(holder.actor, HOLDING)), Home(card, holder.officer)))
    return found


async def test_one_unlock_each_makes_a_lot_ready_over_http(county: County) -> None:
    anchors = anchors_of(county, PROCESS)
    lot = (await county.register())[0]
    await accept_project(county.operator, lot.project)
    async with listening(county.tools, anchors.data) as site:
        holders = await at_home(county, site)
        regulators = [holder for holder in county.holders if holder.actor.role == "regulator"]
        for published in (False, True):
            if published:
                await county.publish(lot.id)
            for regulator in regulators:
                await regulator.work(county.tools)
            results = [await unlocked(client, home, anchors) for client, home in holders]
            assert [done.says for result in results for done in result if done.says] == []
        for regulator in regulators:
            await regulator.work(county.tools)
        for client, home in holders:
            assert await asyncio.to_thread(waiting, client, home.card) == []
        fetched = await asyncio.to_thread(holders[0][0].get_raw, f"/lots/{lot.id}/sealing")
    box = await boxes.box(lot.id)
    assert (box.state, box.deadline_signed) == ("ready", True)
    assert check_lot(read_lot(fetched.content), anchors, now=DEADLINE - timedelta(days=1), rehearsal=False) == []


async def unlocked(client: Client, home: Home, anchors: Anchors) -> list[Done]:
    """One unlock of one officer who says yes to everything."""
    believed = Trust(home.card.role, anchors, None)
    return await asyncio.to_thread(work, client, home, believed, lambda words: True)


async def test_what_he_says_no_to_stays_undone_and_the_rest_goes_on(county: County) -> None:
    lots = await county.register(lots=2)
    await accept_project(county.operator, lots[0].project)
    async with listening(county.tools, b"{}") as site:
        client, home = (await at_home(county, site))[0]
        believed, asked = Trust(home.card.role), list[str]()

        def first_alone(words: str) -> bool:
            asked.append(words)
            return len(asked) == 1

        results = await asyncio.to_thread(work, client, home, believed, first_alone)
        left = await asyncio.to_thread(waiting, client, home.card)
    assert [done.says for done in results] == ["", "您选择了不办理"]
    assert [task["case"] for task in left] == [results[1].task["case"]]


async def test_a_task_of_a_dishonest_platform_is_not_signed(county: County, tmp_path: Path) -> None:
    """The registered master is another's: whoever holds that could read the officer's share."""
    lot = (await county.register())[0]
    await accept_project(county.operator, lot.project)
    async with listening(county.tools, b"{}") as site:
        client, home = (await at_home(county, site))[0]
        other = Home(home.card, Officer(home.officer.signer, age.new_identity()))
        results = await unlocked(client, other, anchors_of(county, PROCESS))
    assert [done.says for done in results] == ["平台登记的主公钥不是您的，请重新登记并查明原因"]
    assert await boxes.messages(lot.id, "key") == []
