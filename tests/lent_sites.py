"""Sites that a process builds once and lends to one test at a time, each with a state as fresh as a new one's."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from litestar import Litestar

Fresh = Mapping[str, Callable[[], Any]]


class Shelf:
    """Built sites that nobody uses just now; when there is none, another is built.

    `fresh` names what of the state remembers what went on in a site, and makes it anew for every borrower.
    """

    def __init__(self, build: Callable[[], Litestar], fresh: Fresh) -> None:
        self._build = build
        self._fresh = fresh
        self._spare: list[tuple[Litestar, dict[str, Any]]] = []

    @contextmanager
    def lent(self) -> Iterator[Litestar]:
        """A site for as long as the block runs; what it leaves in the state is forgotten."""
        site, first = self._spare.pop() if self._spare else self._new()
        for name in set(site.state) - set(first):
            del site.state[name]
        site.state.update({**first, **{name: make() for name, make in self._fresh.items()}})
        try:
            yield site
        finally:
            self._spare.append((site, first))

    def _new(self) -> tuple[Litestar, dict[str, Any]]:
        site = self._build()
        return site, dict(site.state.items())
