"""The stored files of an opened stage: who is at fault when one does not open."""

import dataclasses
import hashlib
import io

import pytest
from sealed_lot import lot_setup, sealed_bid

from kernel.proofs import age
from kernel.proofs.age_stream import CHUNK
from kernel.proofs.bid import SealedFile, SealedStage
from kernel.proofs.index import IndexedFile, build_index
from kernel.proofs.opened_file import OpenedFile, check_plain, open_file, open_index

SEALED = sealed_bid(lot_setup())
SECRET = SEALED.secrets["price"]
PLAIN = "报价 1234567.89".encode() * 20_000
DOCUMENT = IndexedFile(
    "price-1.age", "报价.xlsx", "application/vnd.ms-excel", len(PLAIN), hashlib.sha256(PLAIN).hexdigest()
)


def stored(plain: bytes, n: str = "price-1.age", recipient: str = SECRET.recipient) -> tuple[bytes, SealedFile]:
    content = age.lock(plain, recipient)
    return content, SealedFile(n, len(content), hashlib.sha256(content).hexdigest())


def stage_with(index: bytes) -> tuple[bytes, SealedStage]:
    content, file = stored(index, "price-0.age")
    return content, dataclasses.replace(SEALED.bid.stage("price"), files=(file, stored(PLAIN)[1]))


def test_a_true_file_opens_and_is_the_document_of_the_index() -> None:
    content, file = stored(PLAIN)
    dst = io.BytesIO()
    opened = open_file(SECRET, file, io.BytesIO(content), dst)
    assert opened == OpenedFile(len(PLAIN), DOCUMENT.sha256, None)
    assert dst.getvalue() == PLAIN
    assert check_plain(DOCUMENT, opened) is None


@pytest.mark.parametrize("place", [0, 100, 190, CHUNK, -1])
def test_a_stored_file_that_was_altered_is_the_operators_fault(place: int) -> None:
    content, file = stored(PLAIN)
    altered = bytearray(content)
    altered[place] ^= 1
    for bad in (bytes(altered), content[:-1], content + b"\0", b"", stored(PLAIN)[0]):
        finding = open_file(SECRET, file, io.BytesIO(bad), io.BytesIO()).finding
        assert finding is not None
        assert (finding.code, finding.fault, finding.fatal) == ("ciphertext_differs", "operator", True)


def test_a_file_sealed_to_another_key_is_the_bidders_fault() -> None:
    content, file = stored(PLAIN, recipient=SEALED.secrets["documents"].recipient)
    finding = open_file(SECRET, file, io.BytesIO(content), io.BytesIO()).finding
    assert finding is not None
    assert (finding.code, finding.fault) == ("file_not_opened", "bidder")


def test_a_file_that_was_broken_before_it_was_hashed_is_the_bidders_fault() -> None:
    content = age.lock(PLAIN, SECRET.recipient)[:-5]
    file = SealedFile("price-1.age", len(content), hashlib.sha256(content).hexdigest())
    finding = open_file(SECRET, file, io.BytesIO(content), io.BytesIO()).finding
    assert finding is not None
    assert (finding.code, finding.fault) == ("file_not_opened", "bidder")


def test_an_index_opens_with_its_form() -> None:
    content, sealed = stage_with(build_index("price", [DOCUMENT], {"total": "1234567.89"}))
    opened = open_index(SECRET, sealed, io.BytesIO(content))
    assert opened.finding is None
    assert opened.index is not None
    assert opened.index.form == {"total": "1234567.89"}


@pytest.mark.parametrize("index", [b"", b"not an index", build_index("documents", [])])
def test_an_index_that_is_no_index_is_the_bidders_fault(index: bytes) -> None:
    content, sealed = stage_with(index)
    opened = open_index(SECRET, sealed, io.BytesIO(content))
    assert opened.index is None
    assert opened.finding is not None
    assert (opened.finding.code, opened.finding.fault) == ("bad_index", "bidder")


def test_an_index_of_another_number_of_files_is_noted_and_read() -> None:
    content, sealed = stage_with(build_index("price", []))
    opened = open_index(SECRET, sealed, io.BytesIO(content))
    assert opened.index is not None
    assert opened.finding is not None
    assert (opened.finding.code, opened.finding.fatal) == ("index_differs", False)


def test_a_stored_index_that_was_altered_is_the_operators_fault() -> None:
    content, sealed = stage_with(build_index("price", [DOCUMENT]))
    opened = open_index(SECRET, sealed, io.BytesIO(content[:-1]))
    assert opened.index is None
    assert opened.finding is not None
    assert opened.finding.fault == "operator"


def test_a_document_other_than_the_index_says_is_noted() -> None:
    content, file = stored(b"another document")
    finding = check_plain(DOCUMENT, open_file(SECRET, file, io.BytesIO(content), io.BytesIO()))
    assert finding is not None
    assert (finding.code, finding.fault, finding.fatal) == ("document_differs", "bidder", False)
