"""A store that accepts a lock and deletes anyway, as some do, may not call itself write-once."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from minio import Minio

from storage.write_once import keeps_what_it_locks


class Store(ThreadingHTTPServer):
    """As much of S3 as the proof uses, with versions; `deletes`, `refuses` and `names_versions` vary."""

    daemon_threads = True

    def __init__(self, *, deletes: bool, refuses: bool, names_versions: bool = True) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.deletes, self.refuses, self.names_versions = deletes, refuses, names_versions
        self.objects: dict[str, bytes] = {}


class Answer(BaseHTTPRequestHandler):
    """One request; retention is accepted and forgotten."""

    server: Store

    def log_message(self, format: str, *args: object) -> None:
        return

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def do_PUT(self) -> None:
        body, split = self.body(), urlsplit(self.path)
        if "retention" in parse_qs(split.query, keep_blank_values=True):
            return self.reply(200)
        self.server.objects[split.path] = body
        if self.server.names_versions:
            return self.reply(200, ETag='"e"', x_amz_version_id="v1")
        return self.reply(200, ETag='"e"')

    def do_POST(self) -> None:
        self.body()
        self.refuse_or_delete(b"<DeleteResult></DeleteResult>")

    def do_DELETE(self) -> None:
        self.refuse_or_delete(b"")

    def refuse_or_delete(self, answer: bytes) -> None:
        if self.server.deletes:
            self.server.objects.clear()
        if self.server.refuses:
            return self.reply(403, b"<Error><Code>AccessDenied</Code></Error>", Content_Type="application/xml")
        return self.reply(200, answer, Content_Type="application/xml")

    def do_GET(self) -> None:
        found = self.server.objects.get(urlsplit(self.path).path)
        if found is None:
            missing = b"<Error><Code>NoSuchKey</Code></Error>"
            return self.reply(404, missing, Content_Type="application/xml")
        return self.reply(200, found, ETag='"e"')


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Store]:
    running = Store(**request.param)
    thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


def proven(server: Store) -> bool:
    client = Minio(f"127.0.0.1:{server.server_port}", "a" * 8, "b" * 8, secure=False, region="us-east-1")
    return keeps_what_it_locks(client, "bucket")


@pytest.mark.parametrize(
    "server",
    [
        {"deletes": True, "refuses": False},
        {"deletes": True, "refuses": True},
        {"deletes": False, "refuses": True, "names_versions": False},
    ],
    indirect=True,
    ids=["accepts the lock and deletes", "says no and deletes", "names no version"],
)
def test_a_store_that_lets_a_locked_object_go_is_found_out(server: Store) -> None:
    assert not proven(server)


@pytest.mark.parametrize(
    "server",
    [{"deletes": False, "refuses": True}, {"deletes": False, "refuses": False}],
    indirect=True,
    ids=["refuses", "pretends to delete"],
)
def test_only_the_object_being_there_counts_not_what_the_store_says(server: Store) -> None:
    assert proven(server)
