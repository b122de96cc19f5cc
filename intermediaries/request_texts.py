"""Publishing a numbered text of a request: notice, withdrawal, opening, selection, failure, suspension, resumption."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from intermediaries.tables.requests import RequestText
from kernel.clock import iso
from kernel.ids import new_id
from kernel.proofs.canonical import encode

TYPE = "yangguang.request/1"
TITLES = {
    "notice": "采购公告",
    "withdrawn": "撤回公告",
    "opening": "报价开启记录",
    "selection": "选取结果公告",
    "failure": "流标公告",
    "suspended": "暂停公告",
    "resumed": "恢复公告",
}


async def write_text(
    case: UUID, code: str, name: str, kind: str, content: Mapping[str, Any], at: datetime
) -> tuple[str, bytes]:
    """Append a text; (SHA-256 of its exact bytes, the bytes). Nothing published is ever edited."""
    n = await RequestText.count().where(RequestText.request == case) + 1
    title = f"{name}{TITLES[kind]}"[:240]
    head = {"type": TYPE, "request": code, "n": n, "kind": kind, "title": title, "at": iso(at)}
    body = encode(head | {"content": dict(content)})
    sha256 = hashlib.sha256(body).hexdigest()
    await RequestText.insert(
        RequestText(id=new_id(), request=case, n=n, kind=kind, title=title, body=body, sha256=sha256, at=at)
    )
    return sha256, body
