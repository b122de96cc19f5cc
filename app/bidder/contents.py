"""Reads what a bidder wants to seal: a bid.toml, or a price form and a folder of documents."""

import json
import mimetypes
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernel.errors import BadInput, Problem, refuse_all
from kernel.proofs.sealing import Content, Document
from kernel.proofs.setup import Setup

HIDDEN = (".", "~$")  # what file managers and word processors leave lying about


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into which stage; the bidder's credit code, empty where only the command line gives it."""

    stages: Mapping[str, Content]
    bidder: str = ""


def from_toml(path: Path, setup: Setup) -> Contents:
    """bid.toml: `bidder`, and a table a stage with `form`, `files` and `folder`; paths relative to the file.

    Refuses with every problem: unknown stages and members, missing files, amounts that are not text.
    """
    try:
        value = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(Problem("bad_toml", f"{path.name} 写法有误：{error}", "请按 TOML 格式改正")) from None
    bidder = value.pop("bidder", "")
    known = [stage.id for stage in setup.stages]
    problems = [
        Problem("unknown_stage", f"{path.name} 中的 [{name}] 不是本标段的阶段", f"本标段的阶段：{'、'.join(known)}")
        for name in value
        if name not in known
    ]
    for name in set(value) & set(known):
        problems += _table_problems(name, value[name])
    refuse_all(problems, BadInput)
    stages = {name: _content(path.parent, value[name]) for name in known if name in value}
    refuse_all([p for name in stages for p in _problems(name, stages[name])], BadInput)
    return Contents(stages, bidder)


def from_parts(setup: Setup, price: Path | None, documents: Path | None) -> Contents:
    """A price form (JSON) for the first stage shown to the public, a folder for the first that is not."""
    stages: dict[str, Content] = {}
    public = next((stage.id for stage in setup.stages if stage.to == "public"), "")
    panel = next((stage.id for stage in setup.stages if stage.to != "public"), public)
    if price is not None:
        stages[public] = Content(form=_form(price))
    if documents is not None:
        form = stages[panel].form if panel in stages else None
        stages[panel] = Content(_folder(documents), form)
    refuse_all([p for name in stages for p in _problems(name, stages[name])], BadInput)
    return Contents(stages)


def missing(setup: Setup, contents: Mapping[str, Content]) -> list[str]:
    """Stages of the set-up for which nothing is given."""
    return [stage.id for stage in setup.stages if stage.id not in contents]


def _table_problems(stage: str, table: object) -> list[Problem]:
    shapes: dict[str, type] = {"form": dict, "files": list, "folder": str}
    if not isinstance(table, dict):
        return [Problem("bad_stage", f"[{stage}] 应是一张表", "请写成 [阶段名] 及其下各行")]
    return [
        Problem("bad_member", f"[{stage}] 中的 {name} 写法有误", "可写 form（表）、files（列表）、folder（文件夹名）")
        for name, given in table.items()
        if name not in shapes or not isinstance(given, shapes[name])
    ]


def _content(base: Path, table: Mapping[str, Any]) -> Content:
    documents = [_document(base / str(name)) for name in table.get("files", [])]
    if "folder" in table:
        documents += _folder(base / table["folder"])
    return Content(documents, table.get("form"))


def _form(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise BadInput(Problem("bad_price", f"{path.name} 不是 JSON 对象", '写作 {"price": "38000000.00"}'))
    return value


def _folder(path: Path) -> list[Document]:
    found = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith(HIDDEN))
    if not path.is_dir() or not found:
        raise BadInput(Problem("no_documents", f"文件夹 {path} 不存在或没有文件", "请核对路径"))
    return [_document(p, "－".join(p.relative_to(path).parts)) for p in found]


def _document(path: Path, name: str = "") -> Document:
    media, _ = mimetypes.guess_type(path.name)
    return Document(path, name or path.name, media or "application/octet-stream")


def _problems(stage: str, content: Content) -> list[Problem]:
    found = [Problem("no_file", f"没有文件 {d.path}", "请核对路径") for d in content.documents if not d.path.is_file()]
    found += [
        Problem("bad_amount", f"{stage} 中的 {name} 应写成文字或整数", '金额写作 "38000000.00"，带引号')
        for name, given in (content.form or {}).items()
        if isinstance(given, float)
    ]
    return found
