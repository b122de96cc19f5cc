"""Builds the Jinja environment of a site: strict, escaping, with the house's formats and components."""

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import CodeType
from typing import Any
from uuid import uuid4

from jinja2 import BytecodeCache, ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from kernel.web.formats import FILTERS
from kernel.web.sites import Site, Viewer
from kernel.web.static import Assets

TEMPLATES = Path(__file__).parent / "templates"


def _script(assets: Assets, name: str) -> Markup:
    """A module script, or nothing when no browser build was made: public pages work without."""
    if not assets.built:
        return Markup("")
    return Markup('<script type="module" src="{}"></script>').format(assets.url(name))


class Compiled(BytecodeCache):
    """What a process has compiled once: two sites in it share their components, and those take the longest."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


_COMPILED = Compiled()


def build_environment(site: Site, assets: Assets, folders: Mapping[str, Path] | None = None) -> Environment:
    """The environment of one site; `folders` maps a duty to its templates, found as ``duty/name.html``.

    An undefined name stops the page: a blank where a deadline belongs is worse than a failure.
    """
    duties = {duty: FileSystemLoader(folder) for duty, folder in (folders or {}).items()}
    env = Environment(
        loader=ChoiceLoader([PrefixLoader(duties), FileSystemLoader(TEMPLATES)]),
        bytecode_cache=_COMPILED,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(FILTERS)
    env.globals.update(
        site=site,
        asset=assets.url,
        script=lambda name: _script(assets, name),
        fresh_id=lambda: str(uuid4()),
        viewer=None,
        csrf="",
        directives=(),
        problems=(),
        values={},
        flash=None,
        nav_key="",
    )
    return env


class FieldLabels:
    """Lets the list of problems above a form name fields whose labels are only written below it.

    The list leaves a slot, the field tells its label, and when the page is whole the slots are filled.
    """

    def __init__(self) -> None:
        self._mark = f"slot-{uuid4().hex}-"
        self._labels: dict[str, str] = {}

    def slot(self, name: str) -> Markup:
        """Where the label of this field will stand; unguessable, so that nothing typed can be taken for one."""
        return Markup("<!--{}{}-->").format(self._mark, name)

    def learn(self, name: str, label: str) -> str:
        """The field's label; nothing is written here."""
        self._labels[name] = label
        return ""

    def fill(self, html: str) -> str:
        """The page with every slot filled, or empty where no field has the name."""
        if self._mark not in html:
            return html
        for name, label in self._labels.items():
            html = html.replace(str(self.slot(name)), str(Markup("{}：").format(label)))
        return re.sub(f"<!--{self._mark}.*?-->", "", html)


class Renderer:
    """Renders a site's pages; every page is told what time it is."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment

    def render(
        self, template: str, *, now: datetime, viewer: Viewer | None = None, csrf: str = "", **context: Any
    ) -> str:
        """The page as HTML.

        `now` is the law's clock, `csrf` the token for hidden fields and scripts; `problems`, `values`,
        `directives` and `flash` may be among the context and are empty otherwise.
        """
        page, labels = self.environment.get_template(template), FieldLabels()
        html = page.render(now=now, viewer=viewer, csrf=csrf, field_labels=labels, **context)
        return labels.fill(html)
