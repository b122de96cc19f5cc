"""How files are cut into parts, and what is too much."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.proofs.age import sealed_size
from storage.limits import (
    MAX_BID_BYTES,
    MAX_BID_FILES,
    MAX_FILE,
    MAX_PLAIN_BID,
    MAX_PLAIN_FILE,
    PART_SIZE,
    bid_problems,
    file_problems,
    part_count,
    part_length,
)


@given(st.integers(min_value=1, max_value=MAX_FILE))
def test_the_parts_of_a_file_add_up_to_it(size: int) -> None:
    lengths = [part_length(size, n) for n in range(1, part_count(size) + 1)]
    assert sum(lengths) == size
    assert all(length == PART_SIZE for length in lengths[:-1])
    assert 0 < lengths[-1] <= PART_SIZE


@pytest.mark.parametrize(("size", "n"), [(10, 0), (10, 2), (10, -1), (PART_SIZE, 2), (0, 1)])
def test_a_part_outside_the_file_does_not_exist(size: int, n: int) -> None:
    with pytest.raises(ValueError, match="no part"):
        part_length(size, n)


@pytest.mark.parametrize(
    ("size", "codes"),
    [(1, []), (MAX_FILE, []), (MAX_FILE + 1, ["file_too_large"]), (0, ["file_empty"]), (-1, ["file_empty"])],
)
def test_a_file_is_from_one_byte_to_two_gibibytes(size: int, codes: list[str]) -> None:
    assert [p.code for p in file_problems(size)] == codes


def test_the_largest_file_and_the_largest_bid_are_still_taken_when_they_are_sealed() -> None:
    assert file_problems(sealed_size(MAX_PLAIN_FILE)) == []
    share = MAX_PLAIN_BID // MAX_BID_FILES
    assert bid_problems([sealed_size(share)] * MAX_BID_FILES) == []


def test_a_bid_at_its_limits_is_accepted() -> None:
    assert bid_problems([1] * 200) == []
    assert bid_problems([MAX_FILE, MAX_FILE, MAX_BID_BYTES - 2 * MAX_FILE]) == []


def test_everything_wrong_with_a_bid_is_said_at_once() -> None:
    problems = bid_problems([0, MAX_FILE + 1, MAX_FILE, MAX_FILE] + [1] * 197)
    assert [p.code for p in problems] == ["file_empty", "file_too_large", "too_many_files", "bid_too_large"]
    assert [p.field for p in problems] == ["/files/0", "/files/1", "/files", "/files"]
