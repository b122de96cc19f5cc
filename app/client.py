"""Speaks to a site's JSON API: a token, retries where the same request may be sent again, refusals in Chinese.

Every POST carries an Idempotency-Key, so that each request may be repeated after a lost answer.
"""

import argparse
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID, uuid4

import httpx

from app.files import given
from app.site_options import TOKEN
from kernel.errors import BadInput, Problem, Refusal, Unavailable

API = "/api/v1"
TRIES = 6
_AGAIN = {429, 502, 503, 504}
_LONGEST_WAIT = 30.0  # seconds
_BLOCK = 1024 * 1024


class Refused(Refusal):
    """What the platform answered instead of doing it: its status, title and all problems."""

    def __init__(self, status: int, title: str, *problems: Problem) -> None:
        super().__init__(*problems)
        self.status = status
        self.title = title


class Client:
    """One site. `pause` waits the given seconds before a request is tried again."""

    def __init__(self, site: str, token: str = "", *, pause: Callable[[float], None] = time.sleep) -> None:
        self.site = site.rstrip("/")
        headers = {"authorization": f"Bearer {token}"} if token else {}
        limits = httpx.Timeout(connect=10, read=120, write=120, pool=10)
        self._http = httpx.Client(base_url=self.site, headers=headers, timeout=limits, trust_env=False)
        self._pause = pause

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def sign_in(self, login: str, password: str) -> None:
        """Go on as a signed-in person instead of by a token."""
        answer = self._send("POST", "/session", json={"login": login, "password": password})
        self._http.headers["x-csrftoken"] = str(answer.json()["csrf"])

    def take_seat(self, slip: str) -> dict[str, Any]:
        """Go on as the seat of a panel that this desk slip is for; its lot and seat."""
        seat = self.post("/desk", {"slip": slip})
        self._http.headers["x-csrftoken"] = str(seat["csrf"])
        return seat

    def get(self, path: str) -> dict[str, Any]:
        """The JSON object at this path below /api/v1."""
        return dict(self._send("GET", path).json())

    def get_raw(self, path: str) -> httpx.Response:
        """The answer as it came; a refusal raises."""
        return self._send("GET", path)

    def post(self, path: str, body: Mapping[str, Any], key: UUID | None = None) -> dict[str, Any]:
        """The answer to a command; the same `key` with the same body gets the same answer."""
        headers = {"idempotency-key": str(key or uuid4())}
        return dict(self._send("POST", path, json=dict(body), headers=headers).json())

    def post_bytes(self, path: str, content: bytes, media: str, key: UUID | None = None) -> dict[str, Any]:
        """The same for a command whose body is a file."""
        headers = {"idempotency-key": str(key or uuid4()), "content-type": media}
        return dict(self._send("POST", path, content=content, headers=headers).json())

    def put_json(self, path: str, body: Mapping[str, Any], key: UUID | None = None) -> dict[str, Any]:
        """The answer to a command that puts something in its place."""
        return dict(self._send("PUT", path, json=dict(body), headers={"idempotency-key": str(key or uuid4())}).json())

    def put(self, path: str, content: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
        """The answer to a part of a file."""
        return dict(self._send("PUT", path, content=content, headers=dict(headers)).json())

    def download(self, path: str, target: Path) -> int:
        """The file at this path written to `target`; its size in bytes."""
        with self._http.stream("GET", API + path) as answer:
            if answer.is_error:
                answer.read()
                raise _refused(answer)
            aside = target.with_name(f"{target.name}.part")
            with aside.open("wb") as file:
                for block in answer.iter_bytes(_BLOCK):
                    file.write(block)
        aside.replace(target)
        return target.stat().st_size

    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        for attempt in range(TRIES):
            last = attempt == TRIES - 1
            try:
                answer = self._http.request(method, API + path, **request)
            except httpx.TransportError as error:
                if last:
                    raise _unreachable(self.site, error) from error
                self._pause(_backoff(attempt))
                continue
            if not answer.is_error:
                return answer
            if answer.status_code not in _AGAIN or last:
                raise _refused(answer)
            self._pause(_asked_to_wait(answer, attempt))
        raise AssertionError("the last try has returned or raised")


def client_of(arguments: argparse.Namespace) -> Client:
    """A client for the options of `add_site`; `BadInput` when there is no token."""
    token = arguments.token or os.environ.get(TOKEN, "")
    if arguments.token_file:
        token = given(arguments.token_file).decode(errors="replace")
    if not token.strip():
        remedy = f"请登录网站，在“令牌”页面生成后用 --token-file 或 {TOKEN} 给出"
        raise BadInput(Problem("no_token", "没有访问令牌", remedy))
    return Client(arguments.site, token.strip())


def _backoff(attempt: int) -> float:
    return float(min(0.5 * 2**attempt, _LONGEST_WAIT))


def _asked_to_wait(answer: httpx.Response, attempt: int) -> float:
    asked = answer.headers.get("retry-after", "")
    return min(float(asked), _LONGEST_WAIT) if asked.isascii() and asked.isdigit() else _backoff(attempt)


def _unreachable(site: str, error: httpx.TransportError) -> Unavailable:
    kind = "超时" if isinstance(error, httpx.TimeoutException) else "中断或无法建立"
    return Unavailable(
        Problem("unreachable", f"与 {site} 的连接{kind}", "请检查网址和网络后再运行同一命令，会从断点继续")
    )


def _refused(answer: httpx.Response) -> Refused:
    """The refusal in problem details (RFC 9457), or what can be said of an answer that is none."""
    try:
        value = answer.json()
        problems = [Problem(**{name: str(p.get(name, "")) for name in _MEMBERS}) for p in value["problems"]]
        return Refused(answer.status_code, str(value["title"]), *problems)
    except (ValueError, TypeError, KeyError, AttributeError):
        says = f"平台给出了意外的答复（HTTP {answer.status_code}）"
        return Refused(answer.status_code, "不能办理", Problem("unexpected_answer", says, "请核对网址，或稍后再试"))


_MEMBERS = ("code", "says", "remedy", "article", "field")
