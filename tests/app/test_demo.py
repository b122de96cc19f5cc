"""`yangguang demo`: the whole story over real HTTP, and evidence that an outsider verifies alone."""

import base64
import io
import json
import os
import random
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from both_verifiers import verified
from changed_bytes import member_at

from bidding.score_check import CHECKS
from kernel.proofs import age
from kernel.proofs.anchors import Anchors, read_anchors
from kernel.proofs.index import read_index
from kernel.proofs.verify import Report, verify

PACKAGES = ("evidence.zip", "evidence-2.zip", "archive.zip", "archive-2.zip", "evidence-request.zip")

TOLD = (
    "六位持钥人登记公钥",
    "监督部门批准入库",
    "交易中心形式核验",
    "签署开标设定",
    "发布招标公告",
    "四家投标人离线封装并递交",
    "技术文件沿用",
    "迟到的标书被拒收",
    "平台答复：",
    "监督方会签",
    "三家投标人在线解密",
    "三方核验并交出份额",
    "三方补救开启一份",
    "开标记录自动生成",
    "成为最终证明",
    "招标人到场",
    "一位专家谢绝",
    "申请回避",
    "其评分作废",
    "全体成员签署",
    "公示中标候选人",
    "公布评标专家名单",
    "中标人确认",
    "退还保证金",
    "截止后随机选取",
    "业主评价",
    "核验全部通过",
    "合计",
)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Where the demonstration left its packages, and what it said."""
    folder = tmp_path_factory.mktemp("demo")
    names = {"--out": "evidence.zip", "--archive": "archive.zip", "--anchors": "anchors.json"}
    options = [part for option, name in names.items() for part in (option, str(folder / name))]
    command = [sys.executable, "-m", "app.cli", "demo", *options, "--big", "9", "--keep", str(folder / "house")]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=dict(os.environ), timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout


def test_the_whole_story_is_told(played: tuple[Path, str]) -> None:
    _, said = played
    assert [words for words in TOLD if words not in said] == []


@pytest.fixture(scope="module")
def anchors(played: tuple[Path, str]) -> Anchors:
    return read_anchors((played[0] / "anchors.json").read_bytes())


def checked(package: io.BytesIO, anchors: Anchors) -> Report:
    """As `yangguang verify` does."""
    package.seek(0)
    return verify(package, anchors, CHECKS)


@pytest.mark.parametrize("name", PACKAGES)
def test_an_outsider_verifies_each_package_with_the_anchors_alone(
    played: tuple[Path, str], anchors: Anchors, name: str
) -> None:
    report = verified((played[0] / name).read_bytes(), anchors)
    assert report.good, report.text()
    assert report.anchored


@pytest.mark.parametrize("name", ["evidence.zip", "archive.zip", "evidence-request.zip"])
def test_after_each_of_200_single_byte_changes_the_package_is_refused_and_the_place_named(
    played: tuple[Path, str], anchors: Anchors, name: str
) -> None:
    sound = (played[0] / name).read_bytes()
    package, dice = io.BytesIO(sound), random.Random(name)
    for place in places(package, dice):
        bit = 1 << dice.randrange(8)
        flip(package, place, bit)
        report = checked(package, anchors)
        flip(package, place, bit)
        assert report.failure is not None, place
        assert report.failure.where == member_at(sound, place), (place, report.text())
    assert checked(package, anchors).good


def places(package: io.BytesIO, dice: random.Random) -> list[int]:
    """A hundred bytes of the whole, and a hundred members' own: else the largest file would take nearly all."""
    with zipfile.ZipFile(package) as opened:
        members = [dice.choice(opened.infolist()) for _ in range(100)]
        own = [m.header_offset + dice.randrange(30 + len(m.filename) + m.file_size) for m in members]
    return dice.sample(range(len(package.getbuffer())), 100) + own


def flip(package: io.BytesIO, place: int, bit: int) -> None:
    with package.getbuffer() as view:
        view[place] ^= bit


def test_a_package_with_one_byte_altered_is_found_out(played: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = played
    altered = tmp_path / "altered.zip"
    with zipfile.ZipFile(folder / "evidence.zip") as source, zipfile.ZipFile(altered, "w") as target:
        for entry in source.infolist():
            data = source.read(entry)
            if entry.filename == "opening.json":
                data = data.replace(b"37880000.00", b"37880000.01")
                assert data != source.read(entry)
            target.writestr(entry, data)
    with altered.open("rb") as file:
        assert not verify(file, read_anchors((folder / "anchors.json").read_bytes())).good


def test_the_lowered_price_stands_and_the_late_one_does_not(played: tuple[Path, str]) -> None:
    folder, _ = played
    with zipfile.ZipFile(folder / "evidence.zip") as package:
        record = json.loads(package.read("opening.json"))
    prices = sorted(bid["form"]["price"] for bid in record["bids"])
    assert prices == ["37880000.00", "37980000.00", "38450000.00", "39120000.00"]


def test_the_archive_opens_the_panel_s_documents_and_the_public_package_does_not(played: tuple[Path, str]) -> None:
    folder, _ = played
    with zipfile.ZipFile(folder / "archive.zip") as archive, zipfile.ZipFile(folder / "evidence.zip") as public:
        keys = [name for name in archive.namelist() if name.startswith("keys/documents/")]
        known = b"".join(public.read(name) for name in public.namelist())
        for name in keys:
            identity = archive.read(name).decode().strip().splitlines()[-1]
            sealed = archive.read(f"files/documents/{Path(name).stem}/documents-0.age")
            files = [file.name for file in read_index(age.unlock(sealed, identity), "documents").files]
            assert {"施工组织设计.pdf", "已标价工程量清单.xlsx"} <= set(files)
            assert identity.encode() not in known
    assert len(keys) == 4


def members(package: Path, part: str) -> list[dict[str, Any]]:
    """The JSON members of a package whose names hold this part."""
    with zipfile.ZipFile(package) as opened:
        return [json.loads(opened.read(name)) for name in opened.namelist() if part in name]


def test_who_declined_and_who_gave_his_seat_up_stand_in_the_draw(played: tuple[Path, str]) -> None:
    folder, _ = played
    (transcript,) = members(folder / "evidence.zip", "draws/01/transcript.json")
    outcomes = Counter(outcome for group in transcript["outcomes"].values() for outcome in group.values())
    assert outcomes == {"accept": 5, "declined": 1, "withdrawn": 2}
    assert transcript["roles"] == ["operator", "regulator", "purchaser"], "the purchaser attended"


def test_the_marks_of_the_member_who_left_are_void_and_five_others_count(played: tuple[Path, str]) -> None:
    folder, _ = played
    report = next(one for one in members(folder / "archive.zip", "evaluation/1/report-") if "ranking" in one)
    assert sorted(len(void["sheets"]) for void in report["void"]) == [0, 1], "one avoided, one left after his marks"
    voided = {sheet for void in report["void"] for sheet in void["sheets"]}
    assert len(report["sheets"]) == 5
    assert not voided & set(report["sheets"].values())


def test_the_request_s_package_holds_its_draw_and_its_rating(played: tuple[Path, str]) -> None:
    folder, _ = played
    (request,) = members(folder / "evidence-request.zip", "request.json")
    assert (request["mode"], request["outcome"]) == ("draw", "served")
    events = [event for event in members(folder / "evidence-request.zip", "events/") if "body" in event]
    acts = [json.loads(base64.b64decode(event["body"]))["act"] for event in events]
    assert acts.count("rate_service") == 1
    assert "toss_show" in acts
