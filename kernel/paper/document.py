"""Fills a Typst template with plain data and prints it as PDF/A-3b: the same data give the same bytes.

Data go in as JSON and are set as text, never as markup. Dates, moments and amounts are written the Chinese
way. Each template in `templates/` says which data it takes; all of them take those of `shell.typ`: `title`,
and if wanted `platform`, `kind`, `number`, `issued_at`, `proof`, `proofs`.
"""

import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import as_file, files
from typing import Any, Final

import segno
import typst

from kernel.money import figures
from kernel.paper.typeface import Typeface, typeface
from kernel.workdays import in_chinese, local_date

PLATFORM: Final = "阳光交易平台"

Data = Mapping[str, Any]


def pdf(template: str, data: Data) -> bytes:
    """One document as PDF/A-3b. `template` is a name in `templates/`, without its ending.

    `issued_at` (date or moment) becomes the document's date; `proof` (an address) is printed with a QR code.
    `Unavailable` with `fonts_missing` on a machine without Chinese fonts.
    """
    made = _compile(template, data, format="pdf", pdf_standards=["a-3b"])
    return made[0]


def images(template: str, data: Data, ppi: float = 144.0) -> list[bytes]:
    """The pages as PNG, for previews on a screen."""
    return _compile(template, data, format="png", ppi=ppi)


def as_pdf_document(title: str, paragraphs: Sequence[str], *, issued_at: date | None = None) -> bytes:
    """A plain document of a title and paragraphs: what a bidder would have made in a word processor."""
    return pdf("sheet", {"title": title, "paragraphs": list(paragraphs), "issued_at": issued_at, "platform": ""})


def printed(template: str, data: Data, face: Typeface) -> dict[str, Any]:
    """The data as the template sees it: everything text, with its date and QR code."""
    issued = data.get("issued_at")
    day = local_date(issued) if issued is not None else date(1970, 1, 1)
    plain: dict[str, Any] = _plain({"platform": PLATFORM, **data}, face)
    plain["dated"] = [day.year, day.month, day.day]
    plain["qr"] = _qr(str(data["proof"])) if data.get("proof") else ""
    return plain


def _compile(template: str, data: Data, **options: Any) -> list[bytes]:
    face = typeface()
    text = json.dumps(printed(template, data, face), ensure_ascii=False)
    with as_file(files("kernel.paper") / "templates") as folder:
        made = typst.compile(
            str(folder / f"{template}.typ"),
            root=str(folder),
            font_paths=face.fonts,
            sys_inputs={"data": text},
            timestamp=datetime(1970, 1, 1, tzinfo=UTC),
            **options,
        )
    return made if isinstance(made, list) else [made]


def _plain(value: Any, face: Typeface) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item, face) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_plain(item, face) for item in value]
    if isinstance(value, date):
        return in_chinese(value)
    if isinstance(value, Decimal):
        return figures(value)
    if value is None or isinstance(value, bool):
        return value
    return face.settable(str(value))


def _qr(address: str) -> str:
    buffer = io.BytesIO()
    segno.make_qr(address, error="m").save(buffer, kind="svg", border=0, xmldecl=False, dark="#000")
    return buffer.getvalue().decode()
