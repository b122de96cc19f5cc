"""An officer at the key page of a real browser: he unlocks, waits until all is done, and locks."""

from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from playwright.async_api import Page, expect
from road import Holder

from kernel.proofs import age
from kernel.proofs.canonical import encode, to_base64
from kernel.proofs.signers import Ed25519Signer

PASSPHRASE = "口令 of an officer"  # noqa: S105 - of a test
PATIENT = 60_000
"""Milliseconds to wait for what a slow machine does slowly."""


def key_file(holder: Holder, folder: Path) -> Path:
    """His officer.age, as the page or `yangguang trustee init` makes it; quickly opened."""
    signer = holder.officer.signer
    assert isinstance(signer, Ed25519Signer)
    key = load_pem_private_key(signer.to_pem(), password=None)
    assert isinstance(key, Ed25519PrivateKey)
    value = {"type": "etb.officer/1", "role": holder.actor.role, "name": holder.actor.name}
    value |= {"master": holder.officer.master, "seed": to_base64(key.private_bytes_raw())}
    path = folder / f"{holder.actor.role}-{signer.keyid}.age"
    path.write_bytes(age.lock(encode(value), age.Passphrase(PASSPHRASE, work=10)))
    return path


@dataclass
class KeyPage:
    """The key page of one officer, on his own side's site."""

    page: Page
    origin: str
    key: Path
    anchors: Path

    async def unlock(self, *words: str) -> str:
        """One unlock by keyboard; `words` must be told as done, each; locks, and gives what the page says then."""
        page = self.page
        await page.goto(f"{self.origin}/trustee")
        await page.set_input_files("#f-key", self.key)
        await page.set_input_files("#f-anchors", self.anchors)
        await page.focus("#f-passphrase")
        await page.keyboard.insert_text(PASSPHRASE)
        await page.keyboard.press("Enter")
        state = page.locator("[data-state]")
        await expect(state).to_contain_text("保持解锁", timeout=PATIENT)
        for word in words:
            await expect(page.locator("[data-done]")).to_contain_text(word)
        await page.focus("[data-lock]")
        await page.keyboard.press("Enter")
        await expect(state).to_contain_text("已上锁", timeout=PATIENT)
        return f"{await state.inner_text()} {await page.locator('[data-done]').inner_text()}"
