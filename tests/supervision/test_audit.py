"""The auditor is shown a stage key: what he saw is signed and posted, the key is nowhere; cures are seen here."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from cheats import Opening, opening, prove, slandered, with_bad_envelopes
from conftest import TestClock
from house_databases import Databases
from house_faces import Faces
from road import DEPARTMENT, PROCESS, County, Holder, b64
from supervision_site import Watching, officer, supervision_site

from bidding.clockwork import turn
from kernel import log_records
from kernel.box import desk, showing
from kernel.box import records as box_records
from kernel.proofs import age
from kernel.proofs.caution import Trust, check_task
from kernel.proofs.errors import NoMatch
from kernel.proofs.showing import show_key


@pytest.fixture
async def watching(house: Databases, clock: TestClock, faces: Faces, tmp_path: Path) -> AsyncIterator[Watching]:
    county = await County.make(tmp_path, house)
    async with supervision_site(county, house, faces, tmp_path / "supervision") as site:
        site.app.state.own_keys = replace(site.app.state.own_keys, process=PROCESS)
        yield site


async def contested(watching: Watching, clock: TestClock) -> Opening:
    """Both of the regulator's holders call a bid bad that is bad; the engines stand at supervision again."""
    await watching.there()
    it = await opening(watching.county, clock, "roles", with_bad_envelopes("regulator"))
    await it.shut()
    await watching.county.work()
    await watching.here()
    return it


async def stage_key(it: Opening, holder: Holder) -> str:
    """What he brings to the auditor."""
    for wrapped in (await box_records.wraps(it.lot)).values():
        try:
            return b64(age.unlock(wrapped, holder.officer.master))
        except NoMatch:
            continue
    raise AssertionError("he holds no key of this lot")


async def test_what_the_auditor_saw_is_posted_and_the_key_is_not(watching: Watching, clock: TestClock) -> None:
    it = await contested(watching, clock)
    inspector = await watching.client(await officer("inspector", "区监察委"))
    assert it.cheat.sealed is not None
    assert "核实密封件" in (await inspector.get("/workbench")).text
    for holder in watching.officers():
        own = await watching.client(holder.actor)
        assert "出示本标段的密钥" in (await own.get("/trustee")).text
        assert "向监督部门出示密钥" in (await own.get("/workbench")).text
        [task] = (await own.get("/api/v1/box/contested")).json()["tasks"]
        assert [one["stage"] for one in task["said"]] == ["price", "documents"]
        check_task(holder.officer, task, Trust("regulator"))
        shown, bad, opens = show_key(holder.officer, task)
        assert (b64(shown.key), bad, opens) == (await stage_key(it, holder), 2, 0)
        key = await stage_key(it, holder)
        answer = await inspector.post(f"/api/v1/cases/{it.lot}/audits", json={"key": key})
        assert answer.status_code == 200, answer.text
        seen = [(one["bid"], one["stage"], one["opens"]) for one in answer.json()]
        assert seen == [(it.cheat.sealed.bid.sha256, stage, False) for stage in ("price", "documents")]
    assert len(await log_records.newest("audit_envelope")) == 4
    assert "核实密封件" not in (await inspector.get("/workbench")).text
    await watching.there()
    await turn(watching.county.tools, it.lot)
    assert len(await box_records.messages(it.lot, "audit")) == 4
    for holder in watching.officers():
        assert await showing.to_show(await desk.holders_of(holder.actor.person)) == [], "he has shown it"


async def test_a_wrong_key_and_a_key_with_nothing_contested_are_refused(watching: Watching, clock: TestClock) -> None:
    it = await contested(watching, clock)
    regulator = await watching.client(await officer("regulator", "区住建局", departments=(DEPARTMENT,)))
    other = next(holder for holder in watching.county.holders if holder.actor.role == "operator")
    for key, code in (
        ("AAAA", "bad_stage_key"),
        (b64(bytes(range(32))), "holder_not_in_setup"),
        (await stage_key(it, other), "nothing_to_audit"),
    ):
        answer = await regulator.post(f"/api/v1/cases/{it.lot}/audits", json={"key": key})
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    stranger = await watching.client(await officer("regulator", "外地住建局", region="330300"))
    assert (await stranger.post(f"/api/v1/cases/{it.lot}/audits", json={"key": "AAAA"})).status_code in (404, 422)


async def test_the_regulators_holder_sees_a_cure_at_once_and_releases_by_it(
    watching: Watching, clock: TestClock
) -> None:
    await watching.there()
    it = await opening(watching.county, clock, "roles")
    await it.shut()
    await slandered(it, "regulator")
    await watching.county.work()
    await prove(it, "regulator")
    for holder in (h for h in watching.county.holders if h.actor.role == "operator"):
        await holder.work(watching.county.tools)
    await watching.here()
    tasks = await desk.waiting(await desk.holders_of(watching.officers()[0].actor.person))
    assert it.cheat.sealed is not None
    assert [(task["do"], list(task["cures"]), len(task["bids"])) for task in tasks] == [
        ("release", [it.cheat.sealed.bid.sha256], 3)
    ] * 2
