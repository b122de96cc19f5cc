"""Serves the house's own style sheets, pictures and built scripts under names that carry their content's hash."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from litestar import HttpMethod, Request, Response, route
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from kernel.web.headers import WORKER_POLICY
from kernel.web.own_files import MANIFEST, STATIC, STYLE_ORDER

PREFIX = "/static/"
FOREVER = "public, max-age=31536000, immutable"

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
}


class UnknownAsset(LookupError):
    """A page names a file that is neither here nor in the browser build."""


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file held in memory, ready to be sent; `path` is what follows ``/static/``."""

    path: str
    body: bytes
    etag: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OfflineTool:
    """A tool in one HTML file (`kernel.web.offline_page`), to be downloaded, never opened on the site itself."""

    name: str
    body: bytes

    @property
    def sha256(self) -> str:
        """Hex; what stands in the log and is compared by hand."""
        return sha256(self.body).hexdigest()


def _file(path: str, body: bytes) -> StaticFile:
    headers = {
        "content-type": TYPES[Path(path).suffix],
        "cache-control": FOREVER,
        "x-content-type-options": "nosniff",
    }
    if ".worker" in path:
        headers["content-security-policy"] = WORKER_POLICY
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    return StaticFile(path, body, etag, {**headers, "etag": etag})


def _hashed(name: str, body: bytes) -> StaticFile:
    stem, _, suffix = name.rpartition(".")
    return _file(f"{stem}.{sha256(body).hexdigest()[:12]}.{suffix}", body)


def _own_files(root: Path) -> Iterator[tuple[str, StaticFile]]:
    sheet = b"\n".join((root / "css" / f"{name}.css").read_bytes() for name in STYLE_ORDER)
    yield "site.css", _hashed("site.css", sheet)
    for picture in sorted((root / "img").iterdir()):
        if picture.suffix in TYPES:
            yield picture.name, _hashed(picture.name, picture.read_bytes())


class Assets:
    """Every static file by the name templates use and by the address browsers ask for; `tools` by their names."""

    def __init__(
        self,
        named: Mapping[str, StaticFile],
        more: tuple[StaticFile, ...],
        built: bool,
        tools: Mapping[str, OfflineTool] | None = None,
    ) -> None:
        self.tools = tools or {}
        self._named = named
        self._by_path = {file.path: file for file in (*named.values(), *more)}
        self.built = built

    @classmethod
    def load(cls, root: Path = STATIC) -> "Assets":
        """Read everything into memory: some hundred kilobytes, read once at the start."""
        named = dict(_own_files(root))
        folder = root / "built"
        if not (folder / MANIFEST).exists():
            return cls(named, (), built=False)
        manifest = json.loads((folder / MANIFEST).read_text())
        files = {n: _file(f"built/{n}", (folder / n).read_bytes()) for n in manifest["files"]}
        named |= {name: files[target] for name, target in manifest["entries"].items()}
        tools = {name: OfflineTool(name, (folder / t["file"]).read_bytes()) for name, t in manifest["tools"].items()}
        return cls(named, tuple(files.values()), built=True, tools=tools)

    def url(self, name: str) -> str:
        """The address of a file by its plain name, ``site.css`` → ``/static/site.<hash>.css``."""
        if name not in self._named:
            raise UnknownAsset(f"no static file {name!r}; scripts are made by `python -m kernel.web.build`")
        return PREFIX + self._named[name].path

    def find(self, path: str) -> StaticFile | None:
        """The file at an address below ``/static/``."""
        return self._by_path.get(path)


def _unchanged(request: Request[Any, Any, Any], etag: str) -> bool:
    given = request.headers.get("if-none-match", "")
    return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in given.split(","))


def static_route(assets: Assets, **options: Any) -> HTTPRouteHandler:
    """The handler of ``/static/…``; `options` go to the route (its act for the guard).

    Answers 200 with an immutable cache, 304 to a matching ETag (Litestar's own file response never does),
    and 404 without a cache for any other name.
    """

    @route(
        "/static/{path:path}",
        http_method=[HttpMethod.GET, HttpMethod.HEAD],
        include_in_schema=False,
        sync_to_thread=False,
        **options,
    )
    def static_file(path: FromPath[Path], request: Request[Any, Any, Any]) -> Response[bytes | None]:
        file = assets.find(str(path).lstrip("/"))
        if file is None:
            return Response(None, status_code=404, headers={"cache-control": "no-store"})
        if _unchanged(request, file.etag):
            return Response(None, status_code=304, headers={"etag": file.etag, "cache-control": FOREVER})
        return Response(file.body, headers=dict(file.headers), media_type=file.headers["content-type"])

    return static_file
