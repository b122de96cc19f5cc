"""A browser without scripts for tests: follows links, fills in forms as they stand, keeps its cookies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx
from litestar import Litestar
from road import as_admin
from seeded_people import PASSWORD

from kernel.accounts.credentials import hash_password
from kernel.accounts.keys import Keys
from kernel.identity import SIDES, Actor
from kernel.ids import new_id

ORIGIN = "http://127.0.0.1:8000"
Fields = Mapping[str, str | Sequence[str]]


@dataclass
class Form:
    """One form of a page with what stands in its fields."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def put(self, name: str, value: str) -> None:
        self.fields.setdefault(name, []).append(value)


class _Reader(HTMLParser):
    """Collects the forms, and the words of the page's main part."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.words: list[str] = []
        self._area = ""
        self._select = ""
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name, form = given.get("name", ""), self.forms[-1] if self.forms else None
        if tag in ("script", "style"):
            self._unseen += 1
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif form is None:
            return
        elif tag == "textarea":
            self._area = name
            form.names.add(name)
            form.put(name, "")
        elif tag == "select":
            self._select = name
            form.names.add(name)
        elif tag == "option" and self._select and "selected" in given:
            form.put(self._select, given.get("value", ""))
        elif tag == "input" and name:
            self._input(form, name, given)

    def _input(self, form: Form, name: str, given: dict[str, str]) -> None:
        form.names.add(name)
        kind = given.get("type", "text")
        if (kind in ("radio", "checkbox") and "checked" not in given) or kind == "file":
            return
        form.put(name, given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._unseen -= 1
        if tag == "textarea":
            self._area = ""
        if tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1].fields[self._area][-1] += data.removeprefix("\n")
        if not self._unseen and data.strip():
            self.words.append(data.strip())


@dataclass(frozen=True)
class Page:
    """A page as it came."""

    answer: httpx.Response

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def html(self) -> str:
        return self.answer.text

    @property
    def words(self) -> str:
        """Everything a reader reads, in order."""
        return " ".join(self._read().words)

    @property
    def place(self) -> str:
        """Where a redirect leads, or where the page lies."""
        return str(self.answer.headers.get("location", self.answer.request.url.raw_path.decode()))

    def form(self, action: str) -> Form:
        """The form with this action."""
        found = [form for form in self._read().forms if form.action == action]
        assert found, f"no form for {action} in {self.answer.request.url}, status {self.status}"
        return found[0]

    def problem_beside(self, name: str) -> str:
        """What stands beside this field; empty where nothing is wrong."""
        mark = f'id="e-{name}"'
        at = self.html.find(mark)
        return self.html[at : self.html.find("</p>", at)] if at >= 0 else ""

    def _read(self) -> _Reader:
        reader = _Reader()
        reader.feed(self.html)
        return reader


@dataclass
class Browser:
    """One person's browser, or the public's."""

    client: httpx.AsyncClient

    async def get(self, path: str) -> Page:
        return Page(await self.client.get(path, headers={"accept": "text/html"}))

    async def send(self, page: Page, action: str, fields: Fields | None = None) -> Page:
        """Fill in a form of a page and send it; a redirect is not followed."""
        form = page.form(action)
        unknown = set(fields or {}) - form.names
        assert not unknown - {"documents", "documents_label", "more", "back"}, f"the form has no {unknown}"
        filled: dict[str, Any] = form.fields | dict(fields or {})
        headers = {"accept": "text/html", "origin": ORIGIN}
        return Page(await self.client.post(action, data=filled, headers=headers))

    async def fill(self, path: str, action: str, fields: Fields | None = None) -> Page:
        """Open a page and send its form."""
        page = await self.get(path)
        assert page.status == 200, f"{path}: {page.status} {page.words[:300]}"
        return await self.send(page, action, fields)


def browser(app: Litestar) -> Browser:
    """Somebody who has not signed in."""
    transport = httpx.ASGITransport(app=app, client=("203.0.113.9", 4711))
    return Browser(httpx.AsyncClient(transport=transport, base_url=ORIGIN))


async def signed_in(app: Litestar, actor: Actor, keys: Keys) -> Browser:
    """The browser of this person, who signs in on the sign-in page."""
    login = await account(actor, keys)
    found = browser(app)
    done = await found.fill("/signin", "/signin", {"login": login, "password": PASSWORD})
    assert done.status == 303, done.words
    return found


async def account(actor: Actor, keys: Keys) -> str:
    """A login name for this person, made on the way with his role."""
    assert actor.person is not None
    login = f"p{actor.person.hex[:20]}"
    if await as_admin("select 1 from accounts.credential where login = $1", login):
        return login
    await as_admin(
        "insert into accounts.membership (id, person, side, organisation, role, departments, asked_at, since)"
        " values ($1, $2, $3, $4, $5, $6, clock_timestamp(), clock_timestamp()) returning id",
        new_id(), actor.person, SIDES[actor.role], actor.organisation, actor.role, list(actor.departments),
    )  # fmt: skip
    await as_admin(
        "insert into accounts.credential (person, login, phc, created_at, changed_at, totp_step, failed)"
        " values ($1, $2, $3, clock_timestamp(), clock_timestamp(), 0, 0)",
        actor.person,
        login,
        await hash_password(PASSWORD, keys),
    )
    return login
