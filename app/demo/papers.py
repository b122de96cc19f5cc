"""The documents of a demonstration: real PDF and XLSX files with Chinese names, and one very large one."""

import os
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from kernel.paper import Column, as_pdf_document, xlsx
from kernel.proofs.sealing import Document

MIB = 1024 * 1024
PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_COLUMNS = (Column("项目名称"), Column("单位"), Column("工程量", "amount"), Column("综合单价（元）", "amount"))
_WORKS = (
    ("沥青混凝土面层", "平方米", Decimal("18420.00"), Decimal("96.50")),
    ("水泥稳定碎石基层", "立方米", Decimal("6830.50"), Decimal("412.00")),
    ("HDPE 双壁波纹管 DN600", "米", Decimal("2140.00"), Decimal("638.20")),
)


def tender_documents(folder: Path) -> list[Path]:
    """What the purchaser publishes: the tender document and the bill of quantities."""
    text = ("投标人须知、评标办法、合同条款、技术标准和要求见各章。", "工程量清单另附电子表格，以电子表格为准。")
    book = _write(folder / "招标文件.pdf", as_pdf_document("文二路道路及雨污水管网改造工程 招标文件", text))
    bill = _write(folder / "工程量清单.xlsx", xlsx("工程量清单", _COLUMNS[:3], [row[:3] for row in _WORKS]))
    return [book, bill]


def bid_documents(folder: Path, bidder: str, big: int = 0) -> list[Document]:
    """A bidder's technical documents; with `big` also drawings of so many MiB."""
    folder.mkdir(parents=True, exist_ok=True)
    plan = as_pdf_document(f"{bidder} 施工组织设计", ("一、工程概况", "二、施工部署", "三、质量和安全保证措施"))
    found = [Document(_write(folder / "施工组织设计.pdf", plan), "施工组织设计.pdf", PDF)]
    bill = xlsx("已标价工程量清单", _COLUMNS, _WORKS)
    found.append(Document(_write(folder / "已标价工程量清单.xlsx", bill), "已标价工程量清单.xlsx", XLSX))
    if big:
        drawings = _drawings(folder / "全套施工图（扫描件）.zip", big)
        found.append(Document(drawings, drawings.name, "application/zip"))
    return found


def size_of(documents: Sequence[Document]) -> int:
    """Bytes of all of them."""
    return sum(document.path.stat().st_size for document in documents)


def _drawings(path: Path, mib: int) -> Path:
    """Bytes that cannot be packed smaller, as scanned drawings are."""
    with path.open("wb") as file:
        for _ in range(mib):
            file.write(os.urandom(MIB))
    return path


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
