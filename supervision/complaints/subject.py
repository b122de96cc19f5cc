"""What a complaint can be about: a case of the trading side, found by its records, with its region and department."""

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from uuid import UUID

from bidding import records as bidding
from kernel.errors import NotFound, Problem
from supervision.complaints.tracks import Track, track_of


@dataclass(frozen=True, slots=True)
class Subject:
    """The case a complaint is about."""

    id: UUID
    code: str
    title: str
    region: str
    department: str
    track: Track


async def subject_of(case: UUID) -> Subject:
    """A tender's lot, or a request of the supermarket; `NotFound` for neither."""
    try:
        lot = await bidding.public_lot(case)
    except NotFound:
        return await _request(case)
    title = f"{lot.project_name}　{lot.name}"
    return Subject(lot.id, lot.code, title, lot.region, lot.department, track_of(lot.category))


async def subject_by_code(code: str) -> Subject:
    """The same by the printed code of a lot, for who stands at the counter with a notice in his hand."""
    lots, _ = await bidding.search({"q": code}, page=1, size=5)
    found = next((lot for lot in lots if lot.code == code), None)
    if found is None:
        raise NotFound(Problem("case_code_unknown", "没有这个编号的标段", "请按公告上的编号填写", field="case_code"))
    return await subject_of(found.id)


async def _request(case: UUID) -> Subject:
    # The supermarket is a duty of its own: a house without it has tenders alone.
    if not find_spec("intermediaries.records"):
        raise NotFound(Problem("no_case", "没有这个项目", "请从公告页面进入"))
    row = await import_module("intermediaries.records").public_request(case)
    return Subject(row.id, row.code, row.title, row.region, row.department, track_of(""))
