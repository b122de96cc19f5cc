"""How fast a bid file is sealed and opened, beside the `age` command on the same file in the same run.

    python bench/seal.py [--size MiB] [--rounds N] [--dir DIRECTORY]

Ours includes the SHA-256 of the ciphertext, which `age` does not make. Runs alternate, medians are compared;
both write to the same directory, and each run's output is removed before the next. Without `age` on the path
the peer's column stays empty and nothing is claimed.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from kernel.proofs import age

GOAL = 1.2


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        here = Path(folder)
        identity = age.new_identity()
        (here / "key").write_text(identity + "\n")
        _random_file(here / "plain", options.size)
        rows = [
            _row("seal", _ours_seal(here, identity), _peer_seal(here, identity), options.rounds, here / "sealed"),
            _row("open", _ours_open(here, identity), _peer_open(here), options.rounds, here / "opened"),
        ]
    for row in rows:
        print(f"{row[0]} {options.size} MiB | " + " | ".join(row[1:]))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="sealing and opening beside the age command")
    parser.add_argument("--size", type=int, default=1024, help="MiB of random plaintext")
    parser.add_argument("--rounds", type=int, default=5, help="timed runs of each, after one untimed")
    parser.add_argument("--dir", default=None, help="where to write; the system's temporary directory if left out")
    return parser.parse_args()


def _row(
    name: str, ours: Callable[[], None], peer: Callable[[], None] | None, rounds: int, output: Path
) -> tuple[str, ...]:
    mine: list[float] = []
    theirs: list[float] = []
    for turn in range(rounds + 1):
        for act, times in ((ours, mine), (peer, theirs)):
            output.unlink(missing_ok=True)
            if act and (seconds := _timed(act)) and turn:
                times.append(seconds)
    if name == "seal":
        output.unlink(missing_ok=True)
        ours()
    ours_median = statistics.median(mine)
    if not theirs:
        return name, f"{ours_median:.3f} s", "age not installed", "-", f"≥ {GOAL}"
    peer_median = statistics.median(theirs)
    ratio = f"{peer_median / ours_median:.2f}×"
    return name, f"{ours_median:.3f} s", f"{peer_median:.3f} s", ratio, f"≥ {GOAL}×"


def _timed(act: Callable[[], None]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _random_file(path: Path, mebibytes: int) -> None:
    with path.open("wb") as file:
        for _ in range(mebibytes):
            file.write(os.urandom(1 << 20))


def _ours_seal(here: Path, identity: str) -> Callable[[], None]:
    def act() -> None:
        with (here / "plain").open("rb") as src, (here / "sealed").open("wb") as dst:
            age.seal(src, dst, age.recipient_of(identity))

    return act


def _ours_open(here: Path, identity: str) -> Callable[[], None]:
    def act() -> None:
        with (here / "sealed").open("rb") as src, (here / "opened").open("wb") as dst:
            age.unseal(src, dst, identity)

    return act


def _peer_seal(here: Path, identity: str) -> Callable[[], None] | None:
    return _age("-r", age.recipient_of(identity), "-o", str(here / "sealed"), str(here / "plain"))


def _peer_open(here: Path) -> Callable[[], None] | None:
    return _age("-d", "-i", str(here / "key"), "-o", str(here / "opened"), str(here / "sealed"))


def _age(*arguments: str) -> Callable[[], None] | None:
    command = shutil.which("age")
    if not command:
        return None

    def act() -> None:
        subprocess.run([command, *arguments], check=True)  # noqa: S603

    return act


if __name__ == "__main__":
    main()
