"""The packages of a lot that went the whole road: complete, replayed by outsiders, refused where one byte lies."""

import io
import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from award_road import bidder_of, contracted, passed_over, publicised, reported, settled
from both_verifiers import verified
from conftest import TestClock
from house_databases import Databases
from package_office import Office, package
from road import County
from story import at

from bidding import records, results
from bidding.clockwork import turn
from bidding.detours.challenge import answer_result, object_result
from bidding.schemas import AnswerObjection, DecideAward, RaiseObjection
from bidding.stages import Stage
from bidding.steps.award import decide_award
from bidding.steps.publicise import candidates_of
from kernel.proofs import evidence
from kernel.proofs.canonical import encode
from kernel.proofs.package import Package
from kernel.proofs.verify import Report

KINDS_OF_X24 = {
    "招标公告": "notices/01.json",
    "招标文件及澄清": "documents/",
    "投标文件及澄清": "files/",
    "评标报告": "evaluation/1/report-",
    "中标结果公告": "notices/",
    "合同": "attachments/",
    "其他": "events/",
}
"""电子招标投标办法第四十条: what is archived, and where it lies in the archive."""


@pytest.fixture
async def county(house: Databases, clock: TestClock, tmp_path: Path) -> County:
    return await County.make(tmp_path, house)


@pytest.fixture
def office(county: County, tmp_path: Path) -> Office:
    office = Office(county, tmp_path)
    county.tools = replace(county.tools, anchors=office.anchors().data)
    return office


@pytest.fixture
async def packages(county: County, office: Office, clock: TestClock) -> dict[str, bytes]:
    """Both packages of a lot from notice to contract, settled and archived."""
    lot = await reported(county, clock, at("2026-05-06 16:00"))
    await contracted(county, clock, lot)
    await settled(county, lot)
    await office.publish()
    await turn(county.tools, lot)
    assert (await records.lot(lot)).stage == Stage.ARCHIVED
    return {kind: await package(county, lot, kind) for kind in ("public", "archive")}


def checked(data: bytes, office: Office) -> Report:
    return verified(data, office.anchors())


def rewritten(data: bytes, office: Office, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The package with other members, signed anew by the platform itself: only the replay can tell."""
    package = Package.open(io.BytesIO(data))
    members = {name: package.read(name) for name in package.names}
    change(members)
    out = io.BytesIO()
    manifest = package.manifest
    receipts = office.county.tools.receipts
    evidence.write(
        out, kind=manifest.kind, at=manifest.at, members=members, withheld=manifest.withheld, signer=receipts
    )
    return out.getvalue()


async def test_both_packages_verify_and_the_scores_are_replayed(packages: dict[str, bytes], office: Office) -> None:
    for data in packages.values():
        report = checked(data, office)
        assert report.failure is None, report.text()
        assert {"后续文件", "定标与合同", "评分与排序"} <= {passed.name for passed in report.passed}


async def test_the_archive_holds_all_seven_kinds_and_the_public_only_what_anybody_may_have(
    packages: dict[str, bytes],
) -> None:
    names = Package.open(io.BytesIO(packages["archive"])).names
    for kind, where in KINDS_OF_X24.items():
        assert [name for name in names if name.startswith(where)], kind
    public = Package.open(io.BytesIO(packages["public"]))
    assert [name for name in public.names if name.startswith("papers/")]
    assert [name for name in public.names if "/ranking-" in name]
    shut = [n for n in names if n.startswith(("documents/", "attachments/")) or "/report-" in n]
    assert shut
    assert not set(shut) & set(public.names)
    assert set(shut) <= set(public.manifest.withheld)


async def test_after_each_of_200_single_byte_changes_the_package_is_refused_and_the_place_named(
    packages: dict[str, bytes], office: Office
) -> None:
    data, dice = packages["public"], random.Random(20260506)
    for place in dice.sample(range(len(data)), 200):
        changed = bytearray(data)
        changed[place] ^= 1 << dice.randrange(8)
        report = checked(bytes(changed), office)
        assert report.failure is not None, place
        assert report.failure.where, place


def ranking(members: dict[str, bytes]) -> str:
    return next(name for name in members if "/ranking-" in name)


def swapped(members: dict[str, bytes]) -> None:
    """Rank two made first, and everything that names its hash put right but the marks."""
    said = json.loads(members[ranking(members)])
    said["ranking"][0]["rank"], said["ranking"][1]["rank"] = 2, 1
    members[ranking(members)] = encode(said)


def better_marks(members: dict[str, bytes]) -> None:
    said = json.loads(members[ranking(members)])
    seat = sorted(said["scores"])[0]
    bidder = sorted(said["scores"][seat])[0]
    item = sorted(said["scores"][seat][bidder])[0]
    said["scores"][seat][bidder][item] = "9"
    members[ranking(members)] = encode(said)


def other_price(members: dict[str, bytes]) -> None:
    name = next(name for name in members if name.endswith("-contract.json"))
    members[name] = encode(json.loads(members[name]) | {"price": "1.00"})


def no_paper(members: dict[str, bytes]) -> None:
    del members[next(name for name in members if name.endswith("-refund.json"))]


def one_more(members: dict[str, bytes]) -> None:
    members["papers/99-award.json"] = encode({"bidder": "somebody"})


@pytest.mark.parametrize("lie", [swapped, better_marks, other_price, no_paper, one_more])
async def test_a_platform_that_signs_a_lie_is_found_out(
    packages: dict[str, bytes], office: Office, lie: Callable[[dict[str, bytes]], None]
) -> None:
    for data in packages.values():
        report = checked(rewritten(data, office, lie), office)
        assert report.failure is not None


async def test_who_passed_rank_one_over_shows_the_reason_and_an_answered_objection(
    county: County, office: Office, clock: TestClock
) -> None:
    lot = await reported(county, clock, at("2026-05-06 16:00"))
    until = await publicised(county, lot)
    first, second = (await candidates_of(lot))[:2]
    objector = await bidder_of(county, second.bidder)
    objection = await object_result(objector, lot, RaiseObjection(text="第一名业绩不实"))
    await answer_result(county.purchaser, lot, AnswerObjection(objection=objection, answer="第一名已声明放弃"))
    await clock.freeze(until)
    reason = await passed_over(county, first.bidder)
    await decide_award(county.tools, county.purchaser, lot, DecideAward(bidder=second.bidder, passed_over=[reason]))
    await county.end(lot)
    await turn(county.tools, lot)
    await office.publish()
    await turn(county.tools, lot)
    for kind in ("public", "archive"):
        data = await package(county, lot, kind)
        assert checked(data, office).failure is None
        report = checked(rewritten(data, office, _unexcused), office)
        assert report.failure is not None
    award = await results.paper(lot, "award")
    assert award is not None
    assert (
        f"attachments/{award.content['passed_over'][0]['evidence']['sha256']}" in Package.open(io.BytesIO(data)).names
    )


def _unexcused(members: dict[str, bytes]) -> None:
    name = next(name for name in members if name.endswith("-award.json"))
    said: dict[str, Any] = json.loads(members[name])
    members[name] = encode(said | {"passed_over": []})
