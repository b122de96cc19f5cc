"""To which member of an evidence package a byte belongs, found by another ZIP reader than ours."""

import io
import zipfile


def member_at(data: bytes, at: int) -> str:
    """The member that this byte belongs to: its header, content or directory entry."""
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        infos = opened.infolist()
        entry = opened.start_dir
    if at < entry:
        return [info.filename for info in infos if info.header_offset <= at][-1]
    for info in infos:
        entry += 46 + len(info.filename)
        if at < entry:
            return info.filename
    return "ZIP 目录末尾"
