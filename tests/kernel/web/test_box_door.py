"""The holders' door: keys are registered, tasks are listed with all they need, answers open the box."""

from collections.abc import AsyncIterator
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
from kernel.proofs import age
from kernel.proofs.dsse import keyid_of
from kernel.proofs.signers import Ed25519Signer
from kernel.proofs.trustee import Officer, answer

CODE, NAME = "12330106MB0000002X", "某区公共资源交易中心"


@pytest.fixture
async def site(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[Site]:
    county = await County.make(tmp_path, house)
    async with trading_site(county, tmp_path) as site:
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


async def test_an_officer_registers_his_keys_once(site: Site) -> None:
    someone = await actor("operator", CODE, NAME)
    client, signer = await site.of(someone), Ed25519Signer.generate()
    keys = {"public_key": b64(signer.public), "recipient": age.recipient_of(age.new_identity())}
    made = await client.post("/box/holders", json=keys)
    assert (made.status_code, made.json()["keyid"]) == (201, keyid_of(signer.public))
    again = await client.post("/box/holders", json=keys)
    assert (again.status_code, again.json()["code"]) == (409, "key_known")
    shown = (await client.get("/box/waiting")).json()["holders"]
    assert [(h["keyid"], h["role"]) for h in shown] == [(keyid_of(signer.public), "operator")]


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
    answer = await client.post("/box/holders", json={"public_key": public_key, "recipient": recipient})
    assert answer.status_code == 422


async def test_a_bidder_holds_no_share(site: Site) -> None:
    client = await site.of((await site.county.bidder(1)).actor)
    assert (await client.get("/box/waiting")).status_code == 403
