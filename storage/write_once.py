"""Does this store really keep what it locked? Asked by trying to destroy it, believed by looking."""

import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import BytesIO
from uuid import uuid4

from minio import Minio
from minio.commonconfig import COMPLIANCE, GOVERNANCE
from minio.deleteobjects import DeleteObject
from minio.error import MinioException
from minio.retention import Retention

HELD = timedelta(minutes=20)  # longer than the clocks of signer and store may differ (15 min in S3)
PREFIX = "probe/"


def keeps_what_it_locks(client: Minio, bucket: str) -> bool:
    """Lock a small object for 20 minutes, try every way to be rid of it, and see whether it is still there.

    The answers to the attempts prove nothing: stores refuse with different codes, and one that ignores the
    lock may refuse and another may promise and delete. Only reading the bytes back decides.
    """
    name, body = f"{PREFIX}{uuid4()}", os.urandom(32)
    held = Retention(COMPLIANCE, datetime.now(UTC) + HELD)
    try:
        version = client.put_object(bucket, name, BytesIO(body), len(body), retention=held).version_id
    except MinioException:  # the store, or this bucket, knows no lock
        return False
    if not version:
        return False
    _destroy(client, bucket, name, version)
    return _still_reads(client, bucket, name, version, body)


def _destroy(client: Minio, bucket: str, name: str, version: str) -> None:
    weaker = Retention(GOVERNANCE, datetime.now(UTC) + timedelta(seconds=1))
    with suppress(MinioException):
        client.set_object_retention(bucket, name, weaker, version_id=version)
    with suppress(MinioException):
        for _refusal in client.remove_objects(bucket, [DeleteObject(name, version)], bypass_governance_mode=True):
            continue
    with suppress(MinioException):
        client.remove_object(bucket, name, version_id=version)


def _still_reads(client: Minio, bucket: str, name: str, version: str, body: bytes) -> bool:
    try:
        response = client.get_object(bucket, name, version_id=version)
    except MinioException:
        return False
    try:
        return response.read() == body
    finally:
        response.close()
        response.release_conn()


def forget_old_probes(client: Minio, bucket: str) -> None:
    """Drop the probes of earlier starts whose lock has ended."""
    ended = datetime.now(UTC) - HELD
    for probe in client.list_objects(bucket, prefix=PREFIX, recursive=True, include_version=True):
        if probe.object_name and probe.last_modified and probe.last_modified < ended:
            with suppress(MinioException):
                client.remove_object(bucket, probe.object_name, version_id=probe.version_id)
