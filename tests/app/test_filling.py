"""`yangguang seal` and a lot's price form and workbook: filled in, refused, warned of, before anything is sealed."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from offline_lot import BIDDER, Office

from app import cli
from app.bidder.contents import Contents, from_parts
from app.bidder.filling import filled, warnings
from app.bidder.lot import Lot, read_lot
from bidding import price_form, workbook
from bidding.methods import build
from bidding.procedures import PROCEDURES
from bidding.workbook import Pointer
from kernel.errors import BadInput

WORKS = build(PROCEDURES["construction_open_tender"], "A01", Decimal(40_000_000), {})
GOOD = {"price": "38000000.00", "period_days": 180}


@pytest.fixture
def office() -> Office:
    return Office()


def kit(office: Office) -> bytes:
    """The lot file as the platform hands it out for a tender."""
    rows = {"price_form": price_form.fields(WORKS), "workbook": workbook.rows(WORKS)}
    told = {"evaluation": WORKS, "ceiling": WORKS["ceiling"], **rows}
    return json.dumps({**json.loads(office.lot_file()), **told}).encode()


def given(lot: Lot, folder: Path, form: dict[str, Any], *pointers: Pointer) -> Contents:
    papers = folder / "papers"
    papers.mkdir()
    (papers / "技术标.pdf").write_bytes(b"%PDF")
    if pointers:
        (papers / workbook.NAME).write_bytes(workbook.build("", pointers))
    price = folder / "price.json"
    price.write_text(json.dumps(form))
    return from_parts(lot.setup, price, papers)


def test_the_capitals_are_written_by_the_machine(office: Office, tmp_path: Path) -> None:
    lot = read_lot(kit(office))
    form = filled(lot, given(lot, tmp_path, GOOD)).stages["price"].form
    assert form == {**GOOD, "price_words": "叁仟捌佰万元整"}


def test_all_that_is_wrong_with_the_form_is_refused_at_once(office: Office, tmp_path: Path) -> None:
    lot = read_lot(kit(office))
    with pytest.raises(BadInput) as refused:
        filled(lot, given(lot, tmp_path, {"price": "3800万", "折扣": "0.9"}))
    assert {p.field for p in refused.value.problems} == {"price", "price_words", "period_days", "折扣"}


def test_a_lot_without_rows_takes_any_form(office: Office, tmp_path: Path) -> None:
    lot = read_lot(office.lot_file())
    contents = given(lot, tmp_path, {"quote": "1"})
    assert filled(lot, contents) == contents
    assert warnings(lot, contents.stages) == []


def test_a_price_above_the_ceiling_and_a_missing_workbook_are_warned_of(office: Office, tmp_path: Path) -> None:
    lot = read_lot(kit(office))
    contents = filled(lot, given(lot, tmp_path, {**GOOD, "price": "41000000"}))
    above, missing = warnings(lot, contents.stages)
    assert "高于最高投标限价" in above
    assert "没有 响应索引.json" in missing


def test_items_without_a_place_are_warned_of_one_by_one(office: Office, tmp_path: Path) -> None:
    lot = read_lot(kit(office))
    pointers = [Pointer(row["id"], "技术标.pdf", 1) for row in workbook.rows(WORKS)[1:]]
    contents = filled(lot, given(lot, tmp_path, GOOD, *pointers))
    assert warnings(lot, contents.stages) == ["“投标文件经投标单位盖章和单位负责人签字”没有指明在哪个文件"]


def test_a_workbook_that_cannot_be_read_is_told_before_it_is_sealed(office: Office, tmp_path: Path) -> None:
    lot = read_lot(kit(office))
    contents = given(lot, tmp_path, GOOD, Pointer("signed", "技术标.pdf", 1))
    (tmp_path / "papers" / workbook.NAME).write_text("第 3 页")
    (said,) = [one for one in warnings(lot, contents.stages) if workbook.NAME in one]
    assert "读不出" in said


def test_the_command_refuses_before_it_makes_a_key(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lot.json").write_bytes(kit(office))
    (tmp_path / "price.json").write_text('{"price": "0"}')
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "技术标.pdf").write_bytes(b"%PDF")
    (tmp_path / "phrase").write_text("correct horse battery")
    code = cli.main([
        "seal", "--lot", str(tmp_path / "lot.json"), "--price", str(tmp_path / "price.json"),
        "--documents", str(tmp_path / "papers"), "--bidder", BIDDER, "--key", str(tmp_path / "key"),
        "--passphrase-file", str(tmp_path / "phrase"), "--out", str(tmp_path / "out"),
    ])  # fmt: skip
    assert code != 0
    assert "投标总价" in capsys.readouterr().err
    assert not (tmp_path / "key").exists()
    assert not (tmp_path / "out").exists()
