"""How large a file, a bid and a part of an upload may be; refused before any byte is taken."""

from collections.abc import Sequence

from kernel.errors import Problem

MIB = 1024 * 1024
PART_SIZE = 8 * MIB  # bytes; the last part of a file is shorter
MAX_PLAIN_FILE = 2048 * MIB  # bytes, one file before it is sealed
MAX_PLAIN_BID = 5 * 1024 * MIB  # bytes, all files of one bid before they are sealed
# Sealing adds 16 bytes to each 64 KiB, and a header: the largest file must still be taken when it is sealed.
MAX_FILE = MAX_PLAIN_FILE + MIB  # bytes, one file as it is sent
MAX_BID_BYTES = MAX_PLAIN_BID + 4 * MIB  # bytes, all files of one bid as they are sent
MAX_BID_FILES = 200
MAX_OPEN_BYTES = 2 * MAX_BID_BYTES  # bytes one owner may have under way: a whole bid and its replacement
MAX_OPEN_UPLOADS = 2 * MAX_BID_FILES


def part_count(size: int) -> int:
    """How many parts a file of `size` bytes is sent in; an empty file has none."""
    return -(-size // PART_SIZE)


def part_length(size: int, n: int) -> int:
    """Bytes in part `n` (from 1) of a file of `size` bytes; ValueError when there is no such part."""
    if not 1 <= n <= part_count(size):
        raise ValueError(f"a file of {size} bytes has no part {n}")
    return min(PART_SIZE, size - (n - 1) * PART_SIZE)


def file_problems(size: int, field: str = "") -> list[Problem]:
    """What is wrong with a file of `size` bytes: empty, or over 2 GiB."""
    if size <= 0:
        return [Problem("file_empty", "文件是空的", "请检查所选文件后重新上传", field=field)]
    if size > MAX_FILE:
        return [Problem("file_too_large", "单个文件超过2 GiB", "请拆分或压缩后上传", field=field)]
    return []


def bid_problems(sizes: Sequence[int]) -> list[Problem]:
    """What is wrong with the files of one bid, given their sizes in bytes; all problems at once."""
    found = [p for i, size in enumerate(sizes) for p in file_problems(size, f"/files/{i}")]
    if len(sizes) > MAX_BID_FILES:
        found.append(Problem("too_many_files", f"文件超过{MAX_BID_FILES}个", "请合并文件后上传", field="/files"))
    if sum(sizes) > MAX_BID_BYTES:
        found.append(Problem("bid_too_large", "全部文件合计超过5 GiB", "请压缩或减少文件后上传", field="/files"))
    return found
