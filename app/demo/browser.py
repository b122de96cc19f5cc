"""A browser without scripts: reads a page and sends its form with the hidden fields, as a person's own would."""

import html
import re
from html.parser import HTMLParser

import httpx

from app.demo.steps import DemoFailed
from app.demo_people import PASSWORD

_WORDS = re.compile(r"<[^>]+>")


class Browser:
    """One person at one site; with a `login` signed in there."""

    def __init__(self, site: str, login: str = "") -> None:
        self._http = httpx.Client(base_url=site, timeout=60, trust_env=False, follow_redirects=True)
        if login:
            answer = self._http.post("/api/v1/session", json={"login": login, "password": PASSWORD})
            _checked(answer)

    def read(self, path: str) -> str:
        """The page at this path."""
        return _checked(self._http.get(path))

    def send(self, path: str, /, **fields: str) -> str:
        """Fill in the form that this page has for itself; the page that is shown afterwards."""
        form = _Form(path)
        form.feed(self.read(path))
        if not form.found:
            raise DemoFailed(f"{path} 没有表单")
        return _checked(self._http.post(path, data={**form.hidden, **fields}))


class _Form(HTMLParser):
    """The hidden fields of the form that is sent to `action`."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action, self.found, self.hidden = action, False, dict[str, str]()
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._inside = given.get("action") == self.action
            self.found = self.found or self._inside
        elif tag == "input" and self._inside and given.get("type") == "hidden":
            self.hidden[str(given.get("name"))] = given.get("value") or ""


def _checked(answer: httpx.Response) -> str:
    if answer.is_error:
        words = html.unescape(_WORDS.sub(" ", answer.text))
        raise DemoFailed(f"{answer.url} 答复 {answer.status_code}：{' '.join(words.split())[:600]}")
    return answer.text
