"""Where the files lie that browsers get from the house itself, and in which order its style sheets are put together."""

from pathlib import Path

STATIC = Path(__file__).parent / "static"
MANIFEST = "manifest.json"

# One sheet in this order: later files may refine earlier ones, print has the last word.
STYLE_ORDER = (
    "tokens", "base", "layout", "navigation", "parts", "tables", "forms", "upload", "sealing", "case", "evidence",
    "notice", "search", "hall", "evaluation", "sealed", "check", "print",
)  # fmt: skip
