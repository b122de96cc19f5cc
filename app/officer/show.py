"""出示密钥: the stage key of one lot, as a file for the auditor; only where its holder called envelopes bad."""

from dataclasses import dataclass
from pathlib import Path

from app.bidder.folder import write_whole
from app.client import Client
from app.officer.home import Home
from app.officer.words import describe
from app.officer.work import Ask
from kernel.errors import BadInput, Problem
from kernel.proofs.caution import Trust, check_task
from kernel.proofs.dsse import keyid_of
from kernel.proofs.showing import show_key


@dataclass(frozen=True, slots=True)
class Exported:
    """A key that now lies in `path`: `bad` of the envelopes called bad it does not open, `opens` it does."""

    path: Path
    bad: int
    opens: int


def show(client: Client, home: Home, trust: Trust, ask: Ask, folder: Path) -> list[Exported]:
    """Write the key of every lot in which this officer's word waits for a proof and he says yes; nothing is sent."""
    own = keyid_of(home.card.public_key)
    found = []
    for task in client.get("/box/contested")["tasks"]:
        if task["keyid"] != own:
            continue
        check_task(home.officer, task, trust)
        if not ask(describe(task)):
            continue
        key, bad, opens = show_key(home.officer, task)
        found.append(Exported(_path(folder, key.tender, key.lot), bad, opens))
        write_whole(found[-1].path, key.data, private=True)
    return found


def _path(folder: Path, tender: str, lot: str) -> Path:
    path = folder / f"shown-{''.join(sign if sign.isalnum() else '-' for sign in f'{tender}-{lot}')}.json"
    if path.exists():
        raise BadInput(Problem("key_there", f"{path} 已经存在", "请先交给监督部门并删除，或用 --out 换一个文件夹"))
    return path
