"""The anchors as a site reads them at its start: a file made outside the platform."""

from pathlib import Path

from kernel.errors import Problem
from kernel.proofs.anchors import Anchors, read_anchors
from kernel.proofs.errors import ProofError
from kernel.settings import UnsafeStart


def read_anchor_file(path: Path) -> Anchors:
    """The anchors in this file; UnsafeStart when it is not there, or cannot be read."""
    try:
        return read_anchors(path.read_bytes())
    except OSError:
        says = f"没有信任锚文件 {path}"
        raise UnsafeStart(Problem("anchors_missing", says, "请用 YANGGUANG_ANCHORS 指明各方共同制作的文件")) from None
    except ProofError as wrong:
        says = f"信任锚文件 {path} 不合格式：{wrong.says}"
        raise UnsafeStart(Problem("anchors_malformed", says, "请换用正确的文件")) from wrong
