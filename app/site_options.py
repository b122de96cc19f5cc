"""The options of every subcommand that speaks to a site: its address and the token."""

import argparse
from pathlib import Path

TOKEN = "YANGGUANG_TOKEN"  # noqa: S105 - a variable's name


def add_site(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """The site's address and the token; not `required` where the command can also do without a site."""
    parser.add_argument("--site", required=required, default="", help="网址，如 http://127.0.0.1:8000")
    parser.add_argument("--token", default="", help="访问令牌（会留在命令历史中，建议改用 --token-file）")
    parser.add_argument("--token-file", type=Path, help=f"访问令牌所在文件；也可设环境变量 {TOKEN}")
