"""The stores under test: a folder always, an S3 server when the environment names one."""

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from kernel.settings import Settings
from storage.vault import Store, VaultSettings, open_store


def s3_settings(folder: Path) -> VaultSettings:
    """The server named by YANGGUANG_S3_*, with a bucket of its own; skips without one."""
    named = VaultSettings.of(Settings.read(os.environ))
    if not named.endpoint:
        pytest.skip("no S3 server: YANGGUANG_S3_ENDPOINT is not set (run `make s3`)")
    return replace(named, kind="s3", folder=folder, bucket=f"test-{uuid4().hex[:12]}")


@pytest.fixture(scope="module")
def module_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def s3(module_folder: Path) -> VaultSettings:
    return s3_settings(module_folder)


@pytest.fixture(scope="module", params=["folder", "s3"])
def settings(request: pytest.FixtureRequest, module_folder: Path) -> VaultSettings:
    if request.param == "s3":
        return s3_settings(module_folder)
    return VaultSettings(folder=module_folder)


@pytest.fixture(scope="module")
async def store(settings: VaultSettings) -> AsyncIterator[Store]:
    opened = await open_store(settings)
    yield opened
    await opened.close()
