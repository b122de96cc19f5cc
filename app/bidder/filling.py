"""Fills in and checks a bid's price form and workbook by the rows its lot asks for, before anything is sealed."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.bidder.contents import Contents
from app.bidder.lot import Lot
from bidding import price_form, workbook
from kernel.errors import BadInput, refuse_all
from kernel.proofs.errors import Malformed
from kernel.proofs.sealing import Content


def filled(lot: Lot, contents: Contents) -> Contents:
    """The contents with what the machine writes by itself; `BadInput` with all that is wrong with the price form.

    A lot that hands out no rows (a request of the supermarket) takes any form.
    """
    asked, stage = _told(lot).get("price_form", []), _priced(lot)
    content = contents.stages.get(stage)
    if not asked or content is None or content.form is None:
        return contents
    form = price_form.completed(content.form, asked)
    refuse_all(price_form.problems(form, asked), BadInput)
    return replace(contents, stages={**contents.stages, stage: Content(content.documents, form)})


def warnings(lot: Lot, contents: Mapping[str, Content]) -> list[str]:
    """What a judge would stumble over: sums that do not agree, a price too high, items without a place."""
    told = _told(lot)
    content = contents.get(_priced(lot))
    found = []
    if told.get("price_form") and content is not None and content.form is not None:
        found += price_form.warnings(content.form, told["evaluation"], told["ceiling"])
    if told.get("workbook"):
        found += _gaps(lot, told["workbook"], contents)
    return found


def _gaps(lot: Lot, rows: list[dict[str, str]], contents: Mapping[str, Content]) -> list[str]:
    """Of the stages for the panel that are sealed now; one that is carried over was told before."""
    shown = [contents[stage.id] for stage in lot.setup.stages if stage.to != "public" and stage.id in contents]
    documents = [document for content in shown for document in content.documents]
    if not documents:
        return []
    index = next((document for document in documents if document.name == workbook.NAME), None)
    if index is None:
        return [f"没有 {workbook.NAME}：评标专家须自行查找 {len(rows)} 个评审项所在的页码"]
    try:
        pointers = workbook.read(index.path.read_bytes())
    except Malformed as wrong:
        return [f"{workbook.NAME} 读不出：{wrong.says}"]
    return workbook.gaps(rows, pointers, [document.name for document in documents])


def _priced(lot: Lot) -> str:
    """The stage of the price form: the first that is shown to the public."""
    return next((stage.id for stage in lot.setup.stages if stage.to == "public"), "")


def _told(lot: Lot) -> dict[str, Any]:
    return dict(json.loads(lot.data))
