"""`yangguang demo`: the whole story over real HTTP, and evidence that an outsider verifies alone."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from kernel.proofs import age
from kernel.proofs.anchors import read_anchors
from kernel.proofs.index import read_index
from kernel.proofs.verify import verify

TOLD = (
    "六位持钥人登记公钥",
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


@pytest.mark.parametrize("name", ["evidence.zip", "evidence-2.zip", "archive.zip", "archive-2.zip"])
def test_an_outsider_verifies_each_package_with_the_anchors_alone(played: tuple[Path, str], name: str) -> None:
    folder, _ = played
    with (folder / name).open("rb") as file:
        report = verify(file, read_anchors((folder / "anchors.json").read_bytes()))
    assert report.good, report.text()
    assert report.anchored


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
