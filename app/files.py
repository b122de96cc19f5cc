"""Reading a file that a user has named."""

from pathlib import Path

from kernel.errors import BadInput, Problem


def given(path: Path) -> bytes:
    """The file's bytes; `BadInput` when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(Problem("no_file", f"读不出文件 {path}：{error.strerror}", "请核对路径")) from None
