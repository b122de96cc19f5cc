"""An election of `belenios-tool` (Debian package of that name): ballots, and its opening by two of three trustees."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

_GROUP = ["--group", "BELENIOS-2048"]
_QUESTIONS = {
    "description": "bench",
    "name": "bench",
    "questions": [{"answers": ["yes", "no"], "min": 1, "max": 1, "question": "?"}],
    "administrator": "bench",
    "credential_authority": "bench",
}


class Election:
    """Ballots in a box that two of three trustees open; each opening begins from the same closed box."""

    def __init__(self, folder: Path, ballots: int) -> None:
        self._tool = str(shutil.which("belenios-tool"))
        self._source, self._folder = folder / "closed", folder / "opened"
        self._source.mkdir()
        self._keys = self._trustees()
        self._vote(ballots)

    @staticmethod
    def there() -> bool:
        """Whether this machine has the tool."""
        return shutil.which("belenios-tool") is not None

    def reset(self) -> None:
        """The closed box again, as it was before anybody opened it; not timed."""
        shutil.rmtree(self._folder, ignore_errors=True)
        shutil.copytree(self._source, self._folder)

    def open(self) -> None:
        """Tally, two partial decryptions, the result, and its verification."""
        here = self._folder
        self._event(here, "EncryptedTally", self._run(here, "election", "compute-encrypted-tally"))
        for number, key in enumerate(self._keys[:2], 1):
            mine = ["--key", f"{key}.key", "--decryption-key", f"{key}.dkey", "--trustee-id", str(number)]
            self._event(here, "PartialDecryption", self._run(here, "election", "decrypt-threshold", *mine))
        self._event(here, "Result", self._run(here, "election", "compute-result"))
        self._run(here, "election", "verify")

    def _trustees(self) -> list[str]:
        """Three trustees' keys by the tool's own ceremony, any two of whom open."""
        here, certs = self._source, ["--certs", "certs.jsons"]
        for _ in range(3):
            self._key("1")
        _join(here, "*.cert", "certs.jsons")
        names = sorted(path.stem for path in here.glob("*.key"))
        self._key("2", *certs)
        said = [self._key("3", *certs, "--key", f"{name}.key", "--threshold", "2") for name in names]
        (here / "polynomials.jsons").write_bytes(b"".join(said))
        polynomials = ["--polynomials", "polynomials.jsons"]
        self._key("4", *certs, *polynomials)
        inputs = [(here / f"{name}.vinput").read_bytes() for name in names]
        given = [
            self._key("5", *certs, "--key", f"{name}.key", given=content)
            for name, content in zip(names, inputs, strict=True)
        ]
        (here / "threshold.json").write_bytes(self._key("6", *certs, *polynomials, given=b"".join(given)))
        return names

    def _vote(self, ballots: int) -> None:
        here = self._source
        election = ["--uuid", self._run(here, "setup", "generate-token").decode().strip(), *_GROUP]
        self._run(here, "setup", "generate-credentials", *election, "--count", str(ballots))
        next(here.glob("*.pubcreds")).rename(here / "public_creds.json")
        next(here.glob("*.privcreds")).rename(here / "private_creds.txt")
        (here / "public_keys.jsons").touch()
        (here / "questions.json").write_text(json.dumps(_QUESTIONS))
        self._run(here, "setup", "make-trustees")
        self._run(here, "setup", "make-election", *election, "--template", "questions.json")
        self._run(here, "archive", "init")
        for name in ("election.json", "trustees.json", "public_creds.json", "threshold.json"):
            (here / name).unlink(missing_ok=True)
        for line in (here / "private_creds.txt").read_text().splitlines():
            (here / "credential").write_text(line.split()[1])
            (here / "vote").write_text("[[1,0]]")
            said = ["--privcred", "credential", "--ballot", "vote"]
            self._event(here, "Ballot", self._run(here, "election", "generate-ballot", *said))
        self._event(here, "EndBallots", b"")

    def _key(self, step: str, *more: str, given: bytes = b"") -> bytes:
        options = [*_GROUP, "--step", step, *more]
        return self._run(self._source, "setup", "generate-trustee-key-threshold", *options, given=given)

    def _event(self, here: Path, kind: str, content: bytes) -> None:
        self._run(here, "archive", "add-event", f"--type={kind}", given=content)

    def _run(self, here: Path, *arguments: str, given: bytes = b"") -> bytes:
        command: Sequence[str] = [self._tool, *arguments]
        environment = {**os.environ, "BELENIOS_USE_URANDOM": "1"}
        done = subprocess.run(command, cwd=here, input=given, capture_output=True, check=True, env=environment)  # noqa: S603
        return done.stdout


def _join(folder: Path, pattern: str, name: str) -> None:
    (folder / name).write_bytes(b"".join(path.read_bytes() for path in sorted(folder.glob(pattern))))
