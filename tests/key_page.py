"""An officer at the key page of a real browser, by keyboard alone: he unlocks, waits until all is done, and locks."""

from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from keyboard import choose, press, write
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

    async def unlock(self) -> None:
        """His key file, his anchors, his passphrase: once; from then on the page does whatever comes."""
        await self.page.goto(f"{self.origin}/trustee")
        await choose(self.page, "#f-key", self.key)
        await write(self.page, "#f-passphrase", PASSPHRASE)
        await choose(self.page, "#f-anchors", self.anchors)
        await press(self.page, "form[data-trustee=unlock] button[type=submit]")

    async def did(self, *words: str) -> None:
        """All that has come by now is done, each of these among it, and the page waits for more."""
        for word in words:
            await expect(self.page.locator("[data-done]")).to_contain_text(word, timeout=PATIENT)
        await expect(self.page.locator("[data-state]")).to_contain_text("保持解锁", timeout=PATIENT)

    async def cut(self) -> None:
        """The line to his site is down; what his page asks meanwhile is asked again."""
        await self.page.context.set_offline(True)

    async def back(self) -> None:
        """The line is there again."""
        await self.page.context.set_offline(False)

    async def lock(self) -> str:
        """What the page says of all that was done under this one unlock."""
        await press(self.page, "[data-lock]")
        state = self.page.locator("[data-state]")
        await expect(state).to_contain_text("已上锁", timeout=PATIENT)
        return await state.inner_text()
