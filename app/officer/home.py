"""A share holder's home: his master and his signing key in one file under one passphrase, and what others may know.

officer.age    etb.officer/1 {role, name, master, seed} under the passphrase
officer.json   role, name, public key and recipient: nothing secret
"""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from app.bidder.folder import write_whole
from app.files import given
from kernel.errors import BadInput, Problem
from kernel.proofs import age, shape
from kernel.proofs.canonical import decode, encode, from_base64, to_base64
from kernel.proofs.setup import ROLES
from kernel.proofs.signers import Ed25519Signer
from kernel.proofs.trustee import Officer

SECRET = "officer.age"  # noqa: S105 - a file's name
PUBLIC = "officer.json"


@dataclass(frozen=True, slots=True)
class Card:
    """What others may know of a holder; `line` goes into anchors.json after somebody has looked at it."""

    role: str
    name: str
    public_key: bytes
    recipient: str

    def line(self, since: str) -> str:
        """His line of anchors.json, in force from `since`."""
        value = {"role": self.role, "name": self.name, "pk": self.public_key.hex(), "since": since, "until": ""}
        return json.dumps(value, ensure_ascii=False)

    def to_bytes(self) -> bytes:
        value = {"role": self.role, "name": self.name, "public_key": to_base64(self.public_key)}
        return json.dumps(value | {"recipient": self.recipient}, ensure_ascii=False, indent=1).encode()


@dataclass(frozen=True, slots=True)
class Home:
    """An unlocked home."""

    card: Card
    officer: Officer = field(repr=False)


def create(folder: Path, role: str, name: str, passphrase: age.Passphrase, backup: Path | None) -> Home:
    """Make both keys and write them; `backup` gets the same protected file. Never writes over a key."""
    if role not in ROLES:
        raise BadInput(Problem("bad_role", f"没有角色 {role}", f"可写 {'、'.join(ROLES)}"))
    taken = [path for path in (folder / SECRET, backup) if path is not None and path.exists()]
    if taken:
        raise BadInput(Problem("key_there", f"{taken[0]} 已经存在", "已有密钥不会被覆盖；请换一个位置"))
    if backup is not None and not backup.parent.is_dir():
        raise BadInput(Problem("no_backup_place", f"备份位置 {backup.parent} 不存在", "请先插好 U 盘或建好文件夹"))
    seed, master = os.urandom(32), age.new_identity()
    data = encode({"type": "etb.officer/1", "role": role, "name": name, "master": master, "seed": to_base64(seed)})
    locked = age.lock(data, passphrase)
    home = _home(data)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(folder / SECRET, locked, private=True)
    write_whole(folder / PUBLIC, home.card.to_bytes())
    if backup is not None:
        write_whole(backup, locked, private=True)
    return home


def unlock(folder: Path, passphrase: age.Passphrase) -> Home:
    """The keys in this folder; `NoMatch` for a wrong passphrase."""
    return _home(age.unlock(given(folder / SECRET), passphrase))


def read_back(backup: Path, passphrase: age.Passphrase) -> Home:
    """The keys in a backup file, wherever it lies; `NoMatch` for a wrong passphrase."""
    return _home(age.unlock(given(backup), passphrase))


def card(folder: Path) -> Card:
    """The public half, without a passphrase."""
    value = json.loads(given(folder / PUBLIC))
    return Card(value["role"], value["name"], from_base64(value["public_key"]), value["recipient"])


def _home(data: bytes) -> Home:
    value = decode(data)
    _OFFICER(value, "")
    signer = Ed25519Signer.from_seed(from_base64(value["seed"]))
    officer = Officer(signer, value["master"])
    return Home(Card(value["role"], value["name"], signer.public, age.recipient_of(value["master"])), officer)


_OFFICER = shape.record(
    type=shape.one_of("etb.officer/1"),
    role=shape.role,
    name=shape.name,
    master=shape.text(1, 100),
    seed=shape.base64_of(32),
)
