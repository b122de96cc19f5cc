"""The Chinese type that paper is set in, and which characters it can set.

The faces are Noto Serif CJK SC and Noto Sans CJK SC, out of the wheel `mplfonts` (found, never imported) or
out of the system's own fonts. The wheel comes first: pinned by hash, it gives every machine the same bytes.
Nothing else is ever used: fallback is off, and a character without a glyph becomes a geta mark (〓), because
PDF/A forbids the box that would stand in its place.
"""

import struct
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import typst

from kernel.errors import Problem, Unavailable

SERIF: Final = "Noto Serif CJK SC"
SANS: Final = "Noto Sans CJK SC"
GETA: Final = "〓"

_SYSTEM: Final = (
    Path("/usr/share/fonts/opentype/noto"),
    Path("/usr/share/fonts/noto-cjk"),
    Path("/usr/share/fonts/google-noto-cjk"),
)


@dataclass(frozen=True, slots=True)
class Typeface:
    """The loaded fonts and the code points of which they have a glyph."""

    fonts: typst.Fonts
    characters: frozenset[int]

    def settable(self, text: str) -> str:
        """The text as it can be set: composed, without control and direction marks, 〓 where no glyph is."""
        composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " "))
        return "".join(self._character(c) for c in composed)

    def _character(self, character: str) -> str:
        if character == "\n":
            return character
        # Marks of control and direction go first: some have glyphs, all can make a reader see other text.
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            return ""
        return character if ord(character) in self.characters else GETA


def folders() -> Iterator[Path]:
    """Where the faces may be, the best place first."""
    spec = find_spec("mplfonts")
    for place in (spec.submodule_search_locations or []) if spec else []:
        yield Path(place) / "fonts"
    yield from _SYSTEM


@cache
def typeface() -> Typeface:
    """The faces of this machine; `Unavailable` with `fonts_missing` when it has none."""
    return load(tuple(folders()))


def load(places: tuple[Path, ...]) -> Typeface:
    """The faces from the first of these folders that has both."""
    for place in places:
        if not place.is_dir():
            continue
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(place)])
        if {SERIF, SANS} <= set(fonts.families()):
            return Typeface(fonts, _characters(fonts))
    raise Unavailable(
        Problem(
            "fonts_missing",
            "服务器没有安装中文字体，暂时不能生成PDF文件",
            "请使用网页的打印功能；运维人员请安装 Python 包 mplfonts 或系统软件包 fonts-noto-cjk",
        )
    )


def _characters(fonts: typst.Fonts) -> frozenset[int]:
    found: set[int] = set()
    for face in fonts.fonts():
        if face.family in (SERIF, SANS) and face.path is not None:
            found.update(code_points(Path(face.path).read_bytes(), face.index))
    return frozenset(found)


def code_points(font: bytes, index: int = 0) -> Iterator[int]:
    """The code points a font file maps to glyphs: its `cmap` of format 12 (OpenType 1.9, cmap)."""
    start = struct.unpack_from(">I", font, 12 + 4 * index)[0] if font[:4] == b"ttcf" else 0
    (tables,) = struct.unpack_from(">H", font, start + 4)
    for entry in range(tables):
        tag, _, cmap, _ = struct.unpack_from(">4sIII", font, start + 12 + 16 * entry)
        if tag == b"cmap":
            yield from _of_cmap(font, cmap)


def _of_cmap(font: bytes, cmap: int) -> Iterator[int]:
    _, subtables = struct.unpack_from(">HH", font, cmap)
    for entry in range(subtables):
        _, _, offset = struct.unpack_from(">HHI", font, cmap + 4 + 8 * entry)
        (form,) = struct.unpack_from(">H", font, cmap + offset)
        if form != 12:
            continue
        (groups,) = struct.unpack_from(">I", font, cmap + offset + 12)
        for group in range(groups):
            first, last, glyph = struct.unpack_from(">III", font, cmap + offset + 16 + 12 * group)
            yield from range(first + (glyph == 0), last + 1)
        return
