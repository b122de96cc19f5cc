"""The synchronous S3 client in threads of its own, its faults turned into ours."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from io import BufferedIOBase
from typing import ParamSpec, TypeVar

import urllib3
from minio import Minio
from minio.commonconfig import COMPLIANCE
from minio.datatypes import Object
from minio.deleteobjects import DeleteObject
from minio.error import MinioException, S3Error

from kernel.errors import Unavailable
from storage.limits import PART_SIZE
from storage.vault import STEP, Bytes, VaultSettings, away, missing

P = ParamSpec("P")
T = TypeVar("T")
LOG = logging.getLogger(__name__)
THREADS = 16  # each holds at most one part in memory
ABSENT = ("NoSuchKey", "NoSuchVersion", "MethodNotAllowed")  # the last: the version is a delete marker
TAKEN = ("BucketAlreadyOwnedByYou", "BucketAlreadyExists")


class Calls:
    """One client and its threads. The library is thread-safe, and waits; so it never waits on the loop."""

    def __init__(self, settings: VaultSettings) -> None:
        http = urllib3.PoolManager(
            maxsize=THREADS,
            timeout=urllib3.Timeout(connect=3, read=30),
            retries=urllib3.Retry(2, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504)),
        )
        self.client = Minio(
            settings.endpoint,
            settings.access,
            settings.secret,
            secure=settings.secure,
            region=settings.region,
            http_client=http,
        )
        self.pool = ThreadPoolExecutor(THREADS, "s3")

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do one call in a thread: NotFound for what is absent, Unavailable for every other fault."""
        work = partial(_translated, call, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self.pool, work)

    async def read(
        self, bucket: str, name: str, version: str | None, start: int = 0, length: int | None = None
    ) -> Bytes:
        """An object's bytes; none when `start` lies at or past its end."""
        if length == 0:
            return
        get = partial(self.client.get_object, offset=start, length=length or 0, version_id=version)
        response = await self.run(_unless_past_end, get, bucket, name)
        if response is None:
            return
        try:
            while step := await self.run(response.read, STEP):
                yield step
        finally:
            await self.run(_release, response)

    def close(self) -> None:
        self.pool.shutdown(wait=True)
        self.client._http.clear()


def upload(client: Minio, bucket: str, name: str, body: BufferedIOBase, size: int, **kept: object) -> str:
    """Put one object, in parts when it is large; returns its version id, empty when the store names none."""
    result = client.put_object(
        bucket,
        name,
        body,  # type: ignore[arg-type]  # a reader is enough
        size,
        part_size=PART_SIZE,
        num_parallel_uploads=1,  # the threads are ours; more here would multiply the parts in memory
        **kept,  # type: ignore[arg-type]
    )
    return result.version_id or ""


def ensure_bucket(client: Minio, bucket: str, *, lock: bool) -> None:
    """Make the bucket unless it is there; two processes may start at once."""
    if client.bucket_exists(bucket):
        return
    try:
        client.make_bucket(bucket, object_lock=lock)
    except S3Error as error:
        if error.code not in TAKEN:
            raise


def erase_all(client: Minio, bucket: str, names: Iterable[str]) -> None:
    for error in client.remove_objects(bucket, [DeleteObject(name) for name in names]):
        raise OSError(f"not erased: {error.code}")


def versions(client: Minio, bucket: str, name: str) -> list[Object]:
    """Every version under exactly this name, oldest first, without the marks that hide it."""
    newest_first = client.list_objects(bucket, prefix=name, recursive=True, include_version=True)
    found = [o for o in newest_first if o.object_name == name and not o.is_delete_marker]
    found.reverse()
    return sorted(found, key=lambda o: o.last_modified.timestamp() if o.last_modified else 0.0)


def locked_until(found: Object) -> datetime | None:
    """Until when a stat'ed version is held in COMPLIANCE; None when nothing holds it.

    Read from the headers: Ceph states nanoseconds, at which the library's own retention call fails.
    """
    headers = found.metadata or {}
    until = headers.get("x-amz-object-lock-retain-until-date")
    if not until or headers.get("x-amz-object-lock-mode") != COMPLIANCE:
        return None
    return datetime.fromisoformat(until)


def _unless_past_end(get: Callable[[str, str], T], bucket: str, name: str) -> T | None:
    try:
        return get(bucket, name)
    except S3Error as error:
        if error.code == "InvalidRange":
            return None
        raise


def _release(response: urllib3.BaseHTTPResponse) -> None:
    response.close()
    response.release_conn()


def _translated(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return call(*args, **kwargs)
    except S3Error as error:
        if error.code in ABSENT:
            raise missing() from None
        raise _away(error) from error
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
        raise _away(error) from error


def _away(error: Exception) -> Unavailable:
    LOG.warning("object store: %s", error)
    return away()
