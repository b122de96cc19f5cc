"""The site's own private keys: one file each of 32 raw bytes, made when absent, never written over."""

import contextlib
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kernel.proofs.signers import Ed25519Signer


def site_key(folder: Path, name: str) -> Ed25519PrivateKey:
    """The Ed25519 key `name`.key of this site; whoever reads the file can sign as the site."""
    path = folder / f"{name}.key"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(FileExistsError):
        write_once(path, Ed25519PrivateKey.generate().private_bytes_raw())
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


def site_signer(folder: Path, name: str) -> Ed25519Signer:
    """The same key, for DSSE."""
    return Ed25519Signer.from_seed(site_key(folder, name).private_bytes_raw())


def write_once(path: Path, content: bytes) -> None:
    """The file whole or not at all, and never over another one: linking fails when the name is taken."""
    aside = path.with_name(f"{path.name}.{os.urandom(8).hex()}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(aside, path)
    finally:
        aside.unlink()
