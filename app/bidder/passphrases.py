"""Passphrases: made, asked for at the terminal, or read from a file; and the bidder's key under one."""

import getpass
import secrets
import sys
from pathlib import Path

from app.bidder.folder import write_whole
from kernel.errors import BadInput, Problem
from kernel.proofs.age import Passphrase
from kernel.proofs.signers import Ed25519Signer, lock_signer, unlock_signer

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another when copied by hand
_SHORTEST = 12


def new_passphrase() -> str:
    """Five groups of five letters: 123 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(5))


def ask_passphrase(file: Path | None, what: str, *, twice: bool = False) -> Passphrase:
    """The passphrase in `file`, else what is typed; `twice` for one that is being chosen."""
    if file is not None:
        return Passphrase(_read(file))
    if not sys.stdin.isatty():
        raise BadInput(Problem("no_passphrase", f"没有给出{what}", "请用相应的 --…-file 选项指明口令文件"))
    text = getpass.getpass(f"{what}：")
    if twice and (len(text) < _SHORTEST or getpass.getpass("再输一遍：") != text):
        raise BadInput(Problem("bad_passphrase", f"口令不足 {_SHORTEST} 个字，或两遍不同", "请重新输入"))
    return Passphrase(text)


def bidder_key(path: Path, passphrase_file: Path | None) -> Ed25519Signer:
    """The bidder's signing key: unlocked when the file is there, made and written when it is not."""
    if path.exists():
        return unlock_signer(path.read_bytes(), ask_passphrase(passphrase_file, "签名密钥的口令"))
    passphrase = ask_passphrase(passphrase_file, f"为新的签名密钥 {path.name} 设一个口令", twice=True)
    signer = Ed25519Signer.generate()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, lock_signer(signer, passphrase), private=True)
    print(f"已生成签名密钥 {path}（公钥编号 {signer.keyid}）。替换、撤回、解密都要用它，请备份。", file=sys.stderr)
    return signer


def _read(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(Problem("no_passphrase", f"口令文件 {file} 读不出：{error}", "请核对路径")) from None
    if not text:
        raise BadInput(Problem("no_passphrase", f"口令文件 {file} 是空的", "请写入口令"))
    return text
