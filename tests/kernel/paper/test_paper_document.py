"""PDF/A on Chinese paper: the same bytes for the same data, text never markup, never a box."""

import re
import zlib
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.errors import Unavailable
from kernel.paper import as_pdf_document, images, pdf
from kernel.paper.document import printed
from kernel.paper.typeface import GETA, load, typeface
from kernel.workdays import CHINA

INJECTION = '#注入[*]$x$ = - @a <b> \\ // `c` #import "x"'
PNG = b"\x89PNG\r\n\x1a\n"
AT = datetime(2026, 3, 23, 9, 30, tzinfo=CHINA)
ADDRESS = "https://trade.example.org/verify/E3301060001000001001001"
FULL: dict[str, dict[str, Any]] = {
    "opening_record": {
        "facts": [
            ["项目名称", "社区综合服务中心新建工程"],
            ["开标时间", AT],
            ["最高投标限价", Decimal(41_000_000)],
        ],
        "attendance": [{"role": "投标人", "organisation": "甲公司", "name": "李**", "at": AT}],
        "bids": [
            {
                "no": 1,
                "bidder": "甲公司",
                "price": Decimal("38012345.67"),
                "period": "540日",
                "status": "已解密",
            }
        ],
        "verdicts": [{"bidder": "乙公司", "verdict": "视为撤销", "reason": "因投标人原因未解密"}],
        "objections": [{"bidder": "甲公司", "at": AT, "says": INJECTION, "answer": None}],
        "notes": ["价格同时公布。"],
    },
    "receipt": {"to": "甲公司", "says": ["已收到。"], "facts": [["摘要", "0" * 64]], "notes": ["可以撤回。"]},
    "notice": {
        "sections": [{"heading": "一、招标条件", "paragraphs": ["已批准。"], "pairs": [["地点", "杭州"]]}],
        "signed_by": "招标人",
    },
    "sheet": {
        "subtitle": "2026年3月",
        "paragraphs": ["说明。"],
        "columns": [{"title": "项目", "width": "wide"}, {"title": "金额", "align": "right"}],
        "rows": [["甲" * 300, Decimal(1)], ["A" * 300, None]],
        "notes": ["附注。"],
        "landscape": True,
    },
}
SHELL = {
    "title": "开标记录",
    "kind": "开标",
    "number": "E3301060001000001001001",
    "issued_at": AT,
    "proof": ADDRESS,
    "proofs": [["日志树根", "f" * 64]],
}


def unpacked(document: bytes) -> bytes:
    """The document with its compressed streams opened."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", document, re.DOTALL)
    opened = [document]
    for stream in streams:
        try:
            opened.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"".join(opened)


@pytest.mark.parametrize("template", sorted(FULL))
def test_every_template_prints_its_data_as_pdf_a_3b(template: str) -> None:
    document = pdf(template, SHELL | FULL[template])
    assert document.startswith(b"%PDF-1.7")
    assert b"<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>" in document
    assert "开标记录".encode() in document


@pytest.mark.parametrize("template", sorted(FULL))
def test_every_template_needs_nothing_but_a_title(template: str) -> None:
    assert pdf(template, {"title": "标题"}).startswith(b"%PDF")


def test_the_same_data_gives_the_same_bytes_and_other_data_others() -> None:
    data = SHELL | FULL["opening_record"]
    assert pdf("opening_record", data) == pdf("opening_record", data)
    assert pdf("opening_record", data) != pdf("opening_record", data | {"number": "E2"})


def test_what_looks_like_markup_is_printed_as_it_stands() -> None:
    document = pdf("sheet", {"title": INJECTION, "paragraphs": [INJECTION], "rows": [[INJECTION]]})
    title = re.search(rb"<dc:title>.*?<rdf:li[^>]*>(.*?)</rdf:li>", document, re.DOTALL)
    assert title is not None
    assert title[1].decode().replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"') == INJECTION


def test_the_document_is_dated_by_its_moment_in_china() -> None:
    midnight = datetime(2026, 3, 22, 16, 30, tzinfo=CHINA).astimezone(tz=None)
    document = pdf("sheet", {"title": "标题", "issued_at": midnight})
    assert b"2026-03-22" in document
    assert b"2026-03-23" in pdf("sheet", {"title": "标题", "issued_at": AT})


def test_the_proof_is_printed_as_a_code_and_as_a_link() -> None:
    with_proof = unpacked(pdf("receipt", SHELL | FULL["receipt"]))
    without = unpacked(pdf("receipt", FULL["receipt"] | {"title": "回执"}))
    assert ADDRESS.encode() in with_proof
    assert b"/URI" not in without
    assert printed("receipt", SHELL, typeface())["qr"].startswith("<svg")


def test_only_the_two_noto_faces_are_embedded() -> None:
    fonts = set(re.findall(rb"/FontName */([^ /\r\n>]+)", unpacked(pdf("sheet", SHELL | FULL["sheet"]))))
    assert fonts
    assert all(b"+NotoS" in font and b"CJK" in font for font in fonts)


def test_dates_and_amounts_are_written_the_chinese_way() -> None:
    plain = printed("sheet", {"title": "x", "rows": [[AT, date(2026, 3, 2), Decimal("1234.5"), 7, None]]}, typeface())
    assert plain["rows"] == [["2026年3月23日9时30分", "2026年3月2日", "1,234.50", "7", None]]


@pytest.mark.parametrize(
    ("typed", "printed_as"),
    [
        ("宁波甬城😀公司", f"宁波甬城{GETA}公司"),
        ("\ue000", GETA),
        ("甲\u202e乙\u200b丙\x07丁", "甲乙丙丁"),
        ("e\u0301", "é"),
        ("第一行\r\n第二行\t完", "第一行\n第二行 完"),
        ("𬭎〔2026〕①㎡￥", "𬭎〔2026〕①㎡￥"),
        ("\ud800", ""),
    ],
)
def test_what_has_no_glyph_is_marked_and_what_hides_is_dropped(typed: str, printed_as: str) -> None:
    assert typeface().settable(typed) == printed_as


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_no_text_whatever_stops_a_sheet_from_being_printed(text: str) -> None:
    assert pdf("sheet", {"title": text or "空", "paragraphs": [text], "number": text}).startswith(b"%PDF")


def test_a_long_table_runs_over_pages() -> None:
    columns = [{"title": "序号"}, {"title": "项目", "width": "wide"}]
    pages = images("sheet", {"title": "台账", "columns": columns, "rows": [[i, "项目"] for i in range(80)]}, ppi=40)
    assert len(pages) == 3
    assert all(page.startswith(PNG) for page in pages)


def test_a_bidders_own_document_carries_its_title() -> None:
    document = as_pdf_document("施工组织设计", ["第一段。" * 50, "第二段。"], issued_at=date(2026, 3, 10))
    assert "施工组织设计".encode() in document
    assert "阳光交易平台".encode() not in document


def test_a_machine_without_chinese_fonts_refuses_and_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        load((tmp_path, tmp_path / "missing"))
    assert refused.value.code == "fonts_missing"
    assert "mplfonts" in refused.value.problems[0].remedy
