"""The holders' door: keys are registered, tasks are listed with all they need, answers open the box."""

from base64 import b64decode
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from conftest import TestClock
from house_databases import Databases
from road import County, Holder, actor, b64
from trading_site import Site, trading_site

from bidding.steps.accept import accept_project
from kernel.box import records as box_records
from kernel.box.duty import on_duty
from kernel.clock import CHINA
from kernel.proofs import age
from kernel.proofs.dsse import keyid_of
from kernel.proofs.errors import NoMatch
from kernel.proofs.possession import prove
from kernel.proofs.signers import Ed25519Signer
from kernel.proofs.trustee import Officer, answer

CODE, NAME = "12330106MB0000002X", "某区公共资源交易中心"


@pytest.fixture
async def site(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[Site]:
    county = await County.make(tmp_path, house)
    async with trading_site(county) as site:
        yield site


async def accepted(site: Site) -> UUID:
    """A lot whose box waits for its holders' keys."""
    lot = (await site.county.register())[0]
    await accept_project(site.county.operator, lot.project)
    return lot.id


async def do_all(client: httpx.AsyncClient, officer: Officer) -> list[str]:
    """What `yangguang trustee` does: fetch, answer on one's own machine, post."""
    done = []
    for task in (await client.get("/box/waiting")).json()["tasks"]:
        given = answer(officer, task)
        posted = await client.post(f"/box/{task['case']}/messages", json=given.message())
        assert posted.status_code == 201, posted.text
        assert posted.json()["sha256"] == given.signed.sha256
        done.append(task["do"])
    return done


def new_officer() -> Officer:
    return Officer(Ed25519Signer.generate(), age.new_identity())


def public_of(officer: Officer) -> dict[str, str]:
    return {"public_key": b64(officer.signer.public), "recipient": age.recipient_of(officer.master)}


async def proved(client: httpx.AsyncClient, officer: Officer) -> dict[str, str]:
    """What his machine sends once it has read the backup back."""
    sealed = (await client.post("/box/holders/challenge", json=public_of(officer))).json()["sealed"]
    return public_of(officer) | {"proof": b64(prove(officer, b64decode(sealed)).to_bytes())}


async def test_an_officer_registers_his_keys_once(site: Site) -> None:
    client, officer = await site.of(await actor("operator", CODE, NAME)), new_officer()
    keys = await proved(client, officer)
    made = await client.post("/box/holders", json=keys)
    assert (made.status_code, made.json()["keyid"]) == (201, keyid_of(officer.signer.public))
    again = await client.post("/box/holders", json=keys)
    assert (again.status_code, again.json()["code"]) == (409, "key_known")
    shown = (await client.get("/box/waiting")).json()["holders"]
    assert [(h["keyid"], h["role"]) for h in shown] == [(keyid_of(officer.signer.public), "operator")]


async def test_keys_that_were_not_read_back_from_the_backup_do_not_count(site: Site) -> None:
    client, officer = await site.of(await actor("operator", CODE, NAME)), new_officer()
    assert (await client.post("/box/holders", json=public_of(officer))).status_code == 422
    lost = Officer(officer.signer, age.new_identity())
    sealed = (await client.post("/box/holders/challenge", json=public_of(officer))).json()["sealed"]
    with pytest.raises(NoMatch):
        prove(lost, b64decode(sealed))
    guessed = public_of(officer) | {"proof": b64(prove(officer, age.lock(bytes(32), recipient(officer))).to_bytes())}
    refused = await client.post("/box/holders", json=guessed)
    assert (refused.status_code, refused.json()["code"]) == (422, "backup_not_read")
    assert (await client.get("/box/waiting")).json()["holders"] == []


async def test_the_proof_of_one_officer_registers_nothing_for_another(site: Site) -> None:
    first, second = [await site.of(await actor("operator", CODE, NAME)) for _ in range(2)]
    keys = await proved(first, new_officer())
    refused = await second.post("/box/holders", json=keys)
    assert (refused.status_code, refused.json()["code"]) == (422, "backup_not_read")


def recipient(officer: Officer) -> str:
    return age.recipient_of(officer.master)


async def test_a_colleague_of_the_same_role_enters_an_absence_and_nobody_else_does(site: Site) -> None:
    lot = await accepted(site)
    first, second = (h for h in site.county.holders if h.actor.role == "operator")
    purchaser = next(h for h in site.county.holders if h.actor.role == "purchaser")
    ill = (await (await site.of(second.actor)).get("/box/waiting")).json()["holders"][0]["id"]
    until = {"until": "2026-03-09T09:00:00+08:00"}
    stranger = await site.of(purchaser.actor)
    assert (await stranger.post(f"/box/holders/{ill}/away", json=until)).status_code == 404
    colleague = await site.of(first.actor)
    past = {"until": "2026-01-01T09:00:00+08:00"}
    assert (await colleague.post(f"/box/holders/{ill}/away", json=past)).json()["code"] == "away_in_past"
    assert (await colleague.post(f"/box/holders/{ill}/away", json=until)).status_code == 200
    duty_now = await on_duty(await box_records.box(lot), datetime(2026, 3, 3, tzinfo=CHINA))
    assert second.actor.person not in {h.person for h in duty_now}
    assert (await colleague.post(f"/box/holders/{ill}/away", json={})).status_code == 200
    duty_now = await on_duty(await box_records.box(lot), datetime(2026, 3, 3, tzinfo=CHINA))
    assert second.actor.person in {h.person for h in duty_now}


async def test_holders_answers_make_the_box_ready(site: Site) -> None:
    lot = await accepted(site)
    mine: list[Holder] = [h for h in site.county.holders if h.actor.role != "regulator"]
    clients = [(await site.of(h.actor), h.officer) for h in mine]
    assert [await do_all(client, officer) for client, officer in clients] == [["key"]] * 4
    await site.county.work()
    assert (await box_records.box(lot)).state == "ready"
    assert [await do_all(client, officer) for client, officer in clients] == [[]] * 4


async def test_what_is_not_ones_own_is_refused(site: Site) -> None:
    lot = await accepted(site)
    first, second = (h for h in site.county.holders if h.actor.role == "operator")
    client = await site.of(first.actor)
    task = (await client.get("/box/waiting")).json()["tasks"][0]
    others = answer(second.officer, task)
    refused = await client.post(f"/box/{lot}/messages", json=others.message())
    assert (refused.status_code, refused.json()["code"]) == (403, "not_a_holder")
    own = answer(first.officer, task)
    unknown = {"kind": "poem", "stage": "", "envelope": b64(own.signed.to_bytes())}
    assert (await client.post(f"/box/{lot}/messages", json=unknown)).json()["code"] == "unknown_kind"
    assert await box_records.messages(lot, "key") == []


@pytest.mark.parametrize(
    ("public_key", "recipient"),
    [
        ("AAAA", "age1qqqq"),
        ("not base64", "age1qqqq"),
        (b64(bytes(32)), "ssh-ed25519 AAAA"),
        (b64(bytes(32)), "age1" + "q" * 90),
    ],
)
async def test_keys_that_are_none_are_bad_input(site: Site, public_key: str, recipient: str) -> None:
    client = await site.of(await actor("operator", CODE, NAME))
    answer = await client.post("/box/holders/challenge", json={"public_key": public_key, "recipient": recipient})
    assert answer.status_code == 422


async def test_a_bidder_holds_no_share(site: Site) -> None:
    client = await site.of((await site.county.bidder(1)).actor)
    assert (await client.get("/box/waiting")).status_code == 403
