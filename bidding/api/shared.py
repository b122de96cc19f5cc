"""What every door of a tender takes from the site that it stands in."""

from typing import Any
from uuid import UUID

from litestar import Request
from litestar.params import FromPath

from bidding.case import Tools

AnyRequest = Request[Any, Any, Any]
LotId = FromPath[UUID]
LARGEST = 16 * 1024 * 1024
"""Bytes of a command that carries signed objects: a bid of 200 files with every envelope is below a tenth of it."""


def tools_of(request: AnyRequest) -> Tools:
    """What the steps need."""
    tools: Tools = request.app.state.tools
    return tools
