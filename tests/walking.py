"""Walks every route of a site as every role, and tells where two walks differ: for attacks on what is kept secret.

What only shows is asked for (`walk_site`); at what acts one knocks with the least that its form takes (`knock`).

What differs by nature is taken out first: form tokens, fresh ids, the machine's own time.
"""

import asyncio
import contextlib
import hashlib
import io
import json
import re
import secrets
import zipfile
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
from litestar import Litestar
from road import DEADLINE, as_admin
from road import actor as somebody
from trading_site import token_of

from kernel.accounts.mandates import give_mandate
from kernel.accounts.schemas import GiveMandate
from kernel.clock import CHINA
from kernel.db import HOME, transaction
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.web.openapi import document

HERE = {"host": "127.0.0.1:8000"}
PAGES = {"accept": "text/html,*/*;q=0.1"}
JSON = "application/json"
WALKED_ONCE = re.compile(r"/static/|/schema|/openapi\.json")
"""What is made from the source alone."""
OWN_READING = "/reads"
"""Tells inspectors what was looked at, this walk included; looked at for names alone."""
MACHINES = "/metrics"
"""Counts this walk's own requests and looks at nobody: asked for once, and compared before and after each bid."""
UNSEEN = {"set-cookie", "date"}
LEAST = {"uuid": str(UUID(int=7)), "date": "2026-04-20", "date-time": "2026-04-20T09:30:00+08:00"}
"""Text of a format that an act's form asks for."""
Walked = dict[str, tuple[int, tuple[tuple[str, str], ...], str]]
"""(site, role, address) → status, headers and body."""
ASKED_FOR = ("event", "upload", "bid", "receipt", "file")
"""Values that a walk asks for: taken out of what it is answered."""
FRESH = [
    (re.compile(r'(name="(?:_csrf_token|request_id)" value=")[^"]*'), r"\1-"),
    (re.compile(r'("csrf": ?")[^"]*'), r"\1-"),
    (re.compile(r'(<meta name="csrf[^>]*content=")[^"]*'), r"\1-"),
]


async def walk_site(
    app: Litestar,
    people: Mapping[str, Mapping[str, str]],
    values: Mapping[str, str],
    *,
    questions: Mapping[str, Collection[str]],
    endless: Collection[str] = (),
    holding: str = "",
) -> Walked:
    """Status, headers and body of every GET route; `questions` are what somebody curious asks of one.

    With `holding` only of those whose address holds this; a zip is read as the texts that it holds.
    """
    found: Walked = {}
    addresses = [(pattern, path) for pattern, path in _addresses(app, values, questions, endless) if holding in pattern]
    for role, cookies in people.items():
        asking = PAGES | {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        for pattern, path in addresses:
            if pattern == MACHINES and found:
                continue
            answer = await ask(app, "GET", path, asking)
            headers = tuple((k, v) for k, v in answer.headers if k not in UNSEEN)
            body = normalised(readable(answer.content), values)
            if pattern in (OWN_READING, MACHINES):
                headers, body = (), "" if pattern == MACHINES else body.partition("<main")[0]
            found[f"{role} {pattern}"] = (answer.status, headers, body)
    return found


@dataclass
class Answer:
    """What a site answered."""

    status: int = 500
    headers: list[tuple[str, str]] = field(default_factory=list)
    content: bytes = b""


async def ask(app: Litestar, method: str, address: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
    """One request to a site, without the client library, which would take a third of a walk's time."""
    path, _, query = address.partition("?")
    answer, complete = Answer(), asyncio.Event()
    sent = iter([{"type": "http.request", "body": body, "more_body": False}])
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": quote(path).encode(), "scheme": "http",
        "query_string": quote(query, safe="=&").encode(), "root_path": "", "http_version": "1.1",
        "headers": [(name.encode(), value.encode()) for name, value in (HERE | headers).items() if value],
        "client": ("127.0.0.1", 123), "server": ("127.0.0.1", 8000), "asgi": {"version": "3.0"},
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        if message := next(sent, None):
            return message
        await complete.wait()
        return {"type": "http.disconnect"}

    async def send(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = [(name.decode().lower(), value.decode()) for name, value in message["headers"]]
        else:
            answer.content += message.get("body", b"")
            if not message.get("more_body"):
                complete.set()

    with contextlib.suppress(Exception):  # whoever stumbles has answered 500, or nothing at all
        await app(scope, receive, send)  # type: ignore[arg-type]
    return answer


def _value(values: Mapping[str, str], name: str, kind: str | None) -> str:
    """What stands in an address: what the test says, or something that is nobody's."""
    nothing = {"uuid": str(UUID(int=7)), "int": "1"}
    return values.get(name, nothing.get(kind or "", "none"))


def _addresses(
    app: Litestar, values: Mapping[str, str], questions: Mapping[str, Collection[str]], endless: Collection[str]
) -> Iterable[tuple[str, str]]:
    """(pattern, address) of every GET route, and of those that can be asked for something."""
    for route in app.routes:
        handlers = getattr(route, "route_handlers", None) or [route.route_handler]
        gets = any("GET" in getattr(handler, "http_methods", ()) for handler in handlers)
        if gets and route.path not in endless and not WALKED_ONCE.search(route.path):
            path = re.sub(r"\{(\w+)(?::(\w+))?\}", lambda named: _value(values, *named.groups()), route.path)
            yield route.path, path
            for question in questions.get(route.path, ()):
                yield f"{route.path}?{question}", f"{path}?{question.format_map(values)}"


def readable(content: bytes) -> str:
    """The text of an answer; of a zip, its names and all the texts in it."""
    if not content.startswith(b"PK\x03\x04"):
        return content.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return "\n".join(f"{name}\n{package.read(name).decode('utf-8', 'replace')}" for name in package.namelist())


def normalised(body: str, values: Mapping[str, str]) -> str:
    """Without what is fresh in every answer, and with what was asked for taken out again."""
    for pattern, instead in FRESH:
        body = pattern.sub(instead, body)
    now = datetime.now(UTC)
    for day in {(now + shift).astimezone(CHINA) for shift in (timedelta(), timedelta(hours=-9))}:
        body = re.sub(rf"{day:%Y-%m-%d}[T ][\d:.]+(?:Z|[+-][\d:]+)?", "-", body)
        body = re.sub(rf"{day.year}年{day.month}月{day.day}日[^<]*", "-", body)
    for name in ASKED_FOR:
        if name in values:
            body = body.replace(values[name], f"[{name}]")
    return body


async def knock(
    app: Litestar,
    people: Mapping[str, Mapping[str, str]],
    values: Mapping[str, str],
    *,
    holding: str,
    but: tuple[str, ...],
) -> Walked:
    """Status and body of every act of the API whose address holds this and does not end so, tried as everybody.

    `people` are the headers of each role. What is sent is the least that the act's schema takes, so that an answer
    tells what the act itself says and not only that something was missing. Nobody may succeed: it would be another case
    afterwards.
    """
    told = document(app)
    found: Walked = {}
    for role, headers in people.items():
        for pattern, method, body in _acts(told):
            if holding not in pattern or pattern.endswith(but):
                continue
            path = re.sub(r"\{(\w+)\}", lambda named: _value(values, named[1], "uuid"), pattern)
            sent = b"" if body is None else json.dumps(body).encode()
            says = {"content-type": JSON, "content-length": str(len(sent))} if sent else {}
            answer = await ask(app, method, path, {**headers, **says, "accept": JSON}, sent)
            assert answer.status >= 400, f"{role} {method} {pattern} was taken"
            found[f"{role} {method} {pattern}"] = (answer.status, (), normalised(readable(answer.content), values))
    return found


def _acts(told: Mapping[str, Any]) -> Iterable[tuple[str, str, Any]]:
    """(address, method, the least body) of everything in the document that is not only shown."""
    for pattern, item in told["paths"].items():
        for method in item.keys() & {"post", "put", "patch", "delete"}:
            kinds = item[method].get("requestBody", {}).get("content", {})
            schema = kinds.get(JSON, {}).get("schema")
            yield pattern, method.upper(), None if schema is None else _least(schema, told["components"]["schemas"])


def _least(schema: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
    """A value that a schema takes: required members alone, nought, empty, the first of what is offered."""
    if "$ref" in schema:
        return _least(known[schema["$ref"].rpartition("/")[2]], known)
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            return _least(next(one for one in schema[choice] if one.get("type") != "null"), known)
    if "enum" in schema or "const" in schema:
        return schema.get("const", [*schema.get("enum", ()), None][0])
    made: dict[str, Callable[[], Any]] = {
        "object": lambda: {name: _least(schema["properties"][name], known) for name in schema.get("required", ())},
        "array": lambda: [_least(schema["items"], known) for _ in range(schema.get("minItems", 0))],
        "string": lambda: LEAST.get(schema.get("format", ""), "0" * max(schema.get("minLength", 0), 4)),
        "integer": lambda: schema.get("minimum", 1),
        "number": lambda: schema.get("minimum", 1),
        "boolean": lambda: False,
    }
    return made[schema["type"]]() if "type" in schema else None


def differing(one: Walked, other: Walked) -> list[str]:
    """Where the answers are not the same."""
    return [place for place in one if one[place] != other[place]]


def told(found: Walked, secrets_: Iterable[str]) -> list[str]:
    """Where one of these words stands."""
    return [
        f"{place}: {word}"
        for place, (_, headers, body) in found.items()
        for word in secrets_
        if word in body or any(word in value for _, value in headers)
    ]


def client_of(app: Litestar, cookies: Mapping[str, str]) -> httpx.AsyncClient:
    """A browser with these cookies."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1:8000", headers=PAGES, cookies=dict(cookies)
    )


async def signed_in(app: Litestar, person: Actor) -> dict[str, str]:
    """The cookie of a session of this person in his role."""
    await token_of(person)
    membership = await as_admin("select id from accounts.membership where person = $1", person.person)
    token = secrets.token_urlsafe(32)
    async with transaction(HOME) as connection:
        await connection.execute(
            "insert into accounts.session (id, digest, person, membership, csrf, created_at, last_seen, expires_at,"
            " address, client) values ($1, $2, $3, $4, $5, clock_timestamp(), clock_timestamp(),"
            " clock_timestamp() + interval '1 hour', '', '')",
            new_id(), hashlib.sha256(token.encode()).digest(), person.person, membership, secrets.token_urlsafe(32),
        )  # fmt: skip
    return {app.state.gate.cookie: token}


async def mandated_agent(purchaser: Actor, project: UUID, *acts: str) -> Actor:
    """An agency that may do these acts for the purchaser, and acts for him in this very project."""
    agent = await somebody("agent", "91330106MB0000007X", "公正招标代理有限公司")
    await token_of(agent)
    year = timedelta(days=400)
    asked = GiveMandate(
        agent=agent.organisation, acts=acts, since=DEADLINE - year, until=DEADLINE + year, document="d" * 64
    )
    await give_mandate(purchaser, asked)
    await as_admin(
        "update bidding.project set agent = $2, agent_name = $3 where id = $1",
        project, agent.organisation, agent.organisation_name,
    )  # fmt: skip
    return agent


def levels(metrics: str) -> set[str]:
    """The lines that count requests or things, without what only measures time."""
    return {line for line in metrics.splitlines() if not line.startswith("#") and "_age" not in line}
