"""`yangguang`: one command, its subcommands found in `app/commands`.

A subcommand's module is light to import; what it needs it imports when it runs, so that `yangguang verify`
works without a database or a web library.
"""

import argparse
import pkgutil
import sys
from collections.abc import Sequence
from importlib import import_module

from app import commands
from kernel.errors import BadInput, Refusal
from kernel.proofs.errors import ProofError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; 0 done, 1 refused, 2 asked wrongly."""
    arguments = _parser().parse_args(argv)
    try:
        return int(import_module(arguments.module).main(arguments))
    except Refusal as refusal:
        _say(refusal)
        return 2 if isinstance(refusal, BadInput) else 1
    except ProofError as error:
        print(f"核验不通过：{error.says}" + (f"（{error.where}）" if error.where else ""), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="yangguang", description="阳光交易：公共资源交易平台")
    subcommands = parser.add_subparsers(title="子命令", metavar="子命令", required=True)
    for found in pkgutil.iter_modules(commands.__path__):
        name = f"{commands.__name__}.{found.name}"
        added: argparse.ArgumentParser = import_module(name).add(subcommands)
        added.set_defaults(module=name)
    return parser


def _say(refusal: Refusal) -> None:
    print(f"{refusal.title}：", file=sys.stderr)
    for problem in refusal.problems:
        article = f"（{problem.article}）" if problem.article else ""
        print(f"  - {problem.says}{article}。{problem.remedy}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
