"""The request id under which a repeat gets the same answer."""

from typing import Any
from uuid import UUID

import pytest
from litestar import Request

from kernel.errors import BadInput
from kernel.web.door import is_htmx, request_id

ID = "0192f000-0000-7000-8000-000000000001"


def _request(**headers: str) -> "Request[Any, Any, Any]":
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope: Any = {"type": "http", "headers": sent, "method": "POST", "path": "/", "state": {}}
    return Request(scope)


def test_a_program_names_its_request_in_the_header() -> None:
    assert request_id(_request(idempotency_key=ID)) == UUID(ID)
    assert request_id(_request(idempotency_key=f'"{ID}"')) == UUID(ID)


def test_a_form_names_it_in_a_hidden_field_and_the_header_goes_first() -> None:
    other = "0192f000-0000-7000-8000-000000000002"
    assert request_id(_request(), {"request_id": ID}) == UUID(ID)
    assert request_id(_request(idempotency_key=ID), {"request_id": other}) == UUID(ID)


@pytest.mark.parametrize("given", ["", "x", "1", "0" * 33, "你好", ID + "0"])
def test_what_is_no_uuid_is_refused_with_the_way_out(given: str) -> None:
    with pytest.raises(BadInput) as refused:
        request_id(_request(), {"request_id": given})
    assert refused.value.code == "request_id"
    assert "Idempotency-Key" in refused.value.problems[0].remedy


def test_where_none_is_needed_none_may_be_given() -> None:
    assert request_id(_request(), required=False) is None
    with pytest.raises(BadInput):
        request_id(_request(idempotency_key="x"), required=False)


def test_a_script_that_asks_for_a_part_is_known() -> None:
    assert is_htmx(_request(hx_request="true"))
    assert not is_htmx(_request())
