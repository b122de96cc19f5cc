"""The sealed index: names inside the seal, a size that tells nothing."""

import pytest
from sealed_lot import altered

from kernel.proofs.errors import Malformed
from kernel.proofs.index import BLOCK, Index, IndexedFile, build_index, read_index

FILE = IndexedFile("price-1.age", "投标报价表.xlsx", "application/vnd.ms-excel", 12345, "ab" * 32)
FORM = {"total": "1234567.89", "currency": "CNY", "lines": [{"item": "土建", "price": "1234567.89"}]}


def test_an_index_reads_back_with_its_form() -> None:
    assert read_index(build_index("price", [FILE], FORM), "price") == Index("price", (FILE,), FORM)
    assert read_index(build_index("documents", []), "documents") == Index("documents", (), None)


@pytest.mark.parametrize("names", [1, 20, 200])
def test_its_size_is_a_multiple_of_16_kibibytes(names: int) -> None:
    files = [IndexedFile(f"price-{i + 1}.age", "名" * 100, "application/pdf", i, "ab" * 32) for i in range(names)]
    data = build_index("price", files)
    assert len(data) % BLOCK == 0
    assert read_index(data, "price").files == tuple(files)


def test_other_padding_is_refused() -> None:
    data = build_index("price", [FILE])
    for wrong in (data.rstrip(), data + b" ", data + b" " * BLOCK, data[:-1] + b"\n", b" " * BLOCK, b""):
        with pytest.raises(Malformed):
            read_index(wrong, "price")


def test_the_index_of_another_stage_is_refused() -> None:
    with pytest.raises(Malformed, match="other_stage"):
        read_index(build_index("price", [FILE]), "documents")


@pytest.mark.parametrize("name", ["../etc/passwd", "a\\b", "", "a\nb", "名" * 256, "\x00"])
def test_a_name_that_could_be_a_path_is_refused(name: str) -> None:
    with pytest.raises(Malformed):
        build_index("price", [IndexedFile("price-1.age", name, "text/plain", 1, "ab" * 32)])


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("files", 0, "n"), "price-2.age"),
        (("files", 0, "media"), "text"),
        (("files", 0, "media"), "Text/HTML; x"),
        (("files", 0, "more"), 1),
        (("form",), []),
        (("more",), 1),
    ],
)
def test_an_index_of_another_shape_is_refused(path: tuple[str | int, ...], to: object) -> None:
    plain = altered(build_index("price", [FILE]).rstrip(b" "), *path, to=to)
    with pytest.raises(Malformed):
        read_index(plain + b" " * (-len(plain) % BLOCK), "price")


def test_an_amount_as_a_float_is_refused() -> None:
    with pytest.raises(Malformed, match="bad_kind"):
        build_index("price", [FILE], {"total": 0.1})
