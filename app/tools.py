"""What the trading site's steps are given: the bytes, the law, the keys; made once a process from the settings."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bidding.case import Tools
from kernel.accounts.keys import Keys
from kernel.anchor_file import read_anchor_file
from kernel.clock import now
from kernel.db import HOME
from kernel.errors import Problem
from kernel.law import Law
from kernel.settings import Settings, UnsafeStart
from kernel.signing_keys import site_signer
from kernel.toss.hand import site_hand
from storage.vault import Store

DUTIES = ("bidding", "experts", "intermediaries")


@dataclass(frozen=True, slots=True)
class Equipment:
    """The tools of the steps, and the anchors' exact bytes as the site shows them."""

    tools: Tools
    anchors: bytes


async def equip(settings: Settings, store: Store) -> Equipment:
    """Read keys, law and anchors; UnsafeStart when the anchors name no process of the regulator's.

    Without that key no close could ever be countersigned: better no start than a case that stands still.
    """
    anchors = read_anchor_file(settings.anchors)
    processes = anchors.processes(await now(HOME))
    if not processes:
        says = f"信任锚文件 {settings.anchors} 中没有现时有效的监督进程公钥"
        raise UnsafeStart(Problem("no_regulator_process", says, "请换用监督部门现行的信任锚文件"))
    tools = Tools(
        store=store,
        law=read_law(),
        receipts=site_signer(settings.keys, "receipts"),
        regulator=processes[-1],
        contacts=derived(settings, "contacts"),
        origin=settings.trading_origin,
        hand=site_hand(settings.keys, "operator"),
        anchors=anchors.data,
        witnessed=bool(settings.witness_url),
        steady=settings.mode == "production",  # a demonstration's house is put out and lit again at will
    )
    return Equipment(tools, anchors.data)


def read_law() -> Law:
    """Every duty's law.toml as one law."""
    found = [find_spec(duty) for duty in DUTIES]
    folders = [Path(spec.submodule_search_locations[0]) for spec in found if spec and spec.submodule_search_locations]
    return Law.load([folder / "law.toml" for folder in folders if (folder / "law.toml").exists()])


def keys_of(settings: Settings) -> Keys:
    """The site's keys for people's data."""
    identity = settings.identity_secret.encode() or None
    return Keys.derive(settings.secret.encode(), identity_secret=identity)


def derived(settings: Settings, purpose: str) -> bytes:
    """A 32-byte key of this purpose, from the site's secret (HKDF-SHA256, RFC 5869)."""
    return HKDF(SHA256(), 32, salt=None, info=b"yangguang site " + purpose.encode()).derive(settings.secret.encode())
