"""age files as streams: what is sealed opens, here and with the `age` command, and nothing altered passes."""

import hashlib
import io
import os
import shlex
import shutil
import subprocess
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.proofs import age
from kernel.proofs.age_stream import CHUNK, PLAIN_BATCH, SEALED_BATCH, TAG
from kernel.proofs.errors import Forged, Malformed, NoMatch

IDENTITY = "AGE-SECRET-KEY-1AT25EGPSRDW2KAS42G9CPA0K4UU22Y4G8QCTQ9GE0SMY408Q5FWQQ6P7G5"  # of the vectors
RECIPIENT = age.recipient_of(IDENTITY)
EDGES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, PLAIN_BATCH - 1, PLAIN_BATCH, PLAIN_BATCH + 1, 2 * PLAIN_BATCH]
EDGES += [5 * CHUNK, 5 * CHUNK + 1, 21 * CHUNK - 1, 21 * CHUNK, 21 * CHUNK + 1, 37 * CHUNK, 37 * CHUNK + 1]
"""Batches grow: one chunk, four, then sixteen at a time."""
HEAD = age.HEAD_SIZE + 16


def sealed_bytes(plain: bytes) -> bytes:
    return age.lock(plain, RECIPIENT)


@pytest.mark.parametrize("size", EDGES)
def test_every_length_opens_to_the_same_bytes_and_is_described_truly(size: int) -> None:
    plain, sealed, opened = os.urandom(size), io.BytesIO(), io.BytesIO()
    told: list[int] = []
    written = age.seal(io.BytesIO(plain), sealed, RECIPIENT, told.append)
    assert written == age.Sealed(len(sealed.getvalue()), hashlib.sha256(sealed.getvalue()).hexdigest())
    assert written.size == age.sealed_size(size)
    assert told[-1] == size
    age.check_sealed(sealed.getvalue()[: age.HEAD_SIZE], written.size)
    assert age.unseal(io.BytesIO(sealed.getvalue()), opened, IDENTITY, progress=told.append) == size
    assert opened.getvalue() == plain
    assert told[-1] == size


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=200_000), st.integers(1, 70_000))
def test_a_source_that_gives_little_at_a_time_makes_no_difference(plain: bytes, most: int) -> None:
    class Trickle(io.BytesIO):
        def readinto(self, buffer: object, /) -> int:
            view = memoryview(buffer)[:most]  # type: ignore[arg-type]
            return super().readinto(view)

    sealed, opened = io.BytesIO(), io.BytesIO()
    age.seal(Trickle(plain), sealed, RECIPIENT)
    age.unseal(Trickle(sealed.getvalue()), opened, IDENTITY)
    assert opened.getvalue() == plain


@pytest.mark.parametrize("cut", [1, TAG, TAG + 1, CHUNK, CHUNK + TAG, CHUNK + TAG + 1, SEALED_BATCH])
def test_a_cut_file_is_refused_and_only_true_bytes_came_out(cut: int) -> None:
    plain, opened = os.urandom(PLAIN_BATCH + 3 * CHUNK), io.BytesIO()
    with pytest.raises(Forged):
        age.unseal(io.BytesIO(sealed_bytes(plain)[:-cut]), opened, IDENTITY)
    assert plain.startswith(opened.getvalue())


@pytest.mark.parametrize("size", EDGES)
@pytest.mark.parametrize("more", [b"\0", bytes(TAG), bytes(CHUNK + TAG)])
def test_an_extended_file_is_refused(size: int, more: bytes) -> None:
    with pytest.raises(Forged):
        age.unlock(sealed_bytes(bytes(size)) + more, IDENTITY)


def test_chunks_in_another_order_or_from_another_file_are_refused() -> None:
    one, two = sealed_bytes(bytes(3 * CHUNK)), sealed_bytes(bytes(3 * CHUNK))
    whole = CHUNK + TAG
    first, second = one[HEAD : HEAD + whole], one[HEAD + whole : HEAD + 2 * whole]
    rest = one[HEAD + 2 * whole :]
    for mixed in (second + first + rest, first + first + rest, second + rest, first + two[HEAD + whole :]):
        with pytest.raises(Forged):
            age.unlock(one[:HEAD] + mixed, IDENTITY)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, HEAD + 40), st.integers(0, 7))
def test_one_changed_bit_anywhere_is_refused(place: int, bit: int) -> None:
    sealed = bytearray(sealed_bytes(b"x" * 25))
    sealed[place % len(sealed)] ^= 1 << bit
    with pytest.raises((Forged, Malformed, NoMatch)):
        age.unlock(bytes(sealed), IDENTITY)


def test_a_stanza_added_to_the_header_is_found_out_by_its_mac() -> None:
    sealed = sealed_bytes(b"price")
    at = sealed.index(b"\n--- ") + 1
    with pytest.raises(Forged, match="header_altered"):
        age.unlock(sealed[:at] + b"-> more of-it\nAAAA\n" + sealed[at:], IDENTITY)


def test_another_identity_does_not_open_and_the_right_one_among_several_does() -> None:
    sealed = sealed_bytes(b"price")
    with pytest.raises(NoMatch):
        age.unlock(sealed, age.new_identity())
    with pytest.raises(NoMatch):
        age.unlock(sealed)
    assert age.unlock(sealed, age.new_identity(), age.Passphrase("x", work=4), IDENTITY) == b"price"


def test_a_passphrase_opens_only_its_own_file() -> None:
    sealed = age.lock(b"seeds", age.Passphrase("芝麻开门", work=4))
    assert age.unlock(sealed, age.Passphrase("芝麻开门")) == b"seeds"
    for other in (age.Passphrase("芝麻关门"), IDENTITY):
        with pytest.raises(NoMatch):
            age.unlock(sealed, other)


def test_two_sealings_of_the_same_thing_have_nothing_in_common() -> None:
    one, two = sealed_bytes(bytes(64)), sealed_bytes(bytes(64))
    assert one[40:80] != two[40:80]
    assert one[age.HEAD_SIZE :] != two[age.HEAD_SIZE :]


@pytest.mark.parametrize(
    "size", [0, 183, 184 + 15, 184 + 17 - 1 + CHUNK + TAG, 184 + CHUNK + TAG + 1, 184 + CHUNK + TAG + TAG]
)
def test_a_size_that_no_stream_has_is_refused_without_any_key(size: int) -> None:
    with pytest.raises(Malformed, match="bad_size"):
        age.check_sealed(sealed_bytes(b""), size)


@pytest.mark.parametrize("size", [184 + 16, 184 + 17, 184 + CHUNK + TAG, 184 + CHUNK + TAG + 17])
def test_sizes_that_streams_have_pass(size: int) -> None:
    age.check_sealed(sealed_bytes(b""), size)


def test_a_file_not_sealed_to_exactly_one_key_is_refused_without_any_key() -> None:
    good = sealed_bytes(b"")
    stanza = good[22:120]
    for head in (
        age.lock(b"", age.Passphrase("x", work=4)),
        good[:22] + stanza + stanza + good[120:],
        good[:22] + b"-> grease\n\n" + good[22:],
        good[:22] + good[120:],
        good.replace(b"X25519", b"x25519"),
        good[:100],
        b"%PDF-1.7\n",
        b"",
    ):
        with pytest.raises(Malformed):
            age.check_sealed(head, 1000)


@pytest.mark.parametrize(
    "text", ["", "age1", RECIPIENT[:-1] + "q", RECIPIENT.upper(), IDENTITY, "AGE-SECRET-KEY-1"], ids=range(6)
)
def test_what_is_no_recipient_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        age.lock(b"", text)


@pytest.mark.parametrize("text", ["", RECIPIENT, IDENTITY.lower(), IDENTITY[:-1] + "Q"], ids=range(4))
def test_what_is_no_identity_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        age.unlock(sealed_bytes(b""), text)


def test_an_endless_header_is_refused_and_not_read_to_its_end() -> None:
    class Endless(io.RawIOBase):
        served = 0

        def readinto(self, buffer: object, /) -> int:
            view = memoryview(buffer)  # type: ignore[arg-type]
            start = b"age-encryption.org/v1\n-> x\n" if not self.served else b""
            view[: len(start)] = start
            view[len(start) :] = b"A" * (len(view) - len(start))
            self.served += len(view)
            return len(view)

    source = Endless()
    with pytest.raises(Malformed):
        age.unseal(source, io.BytesIO(), IDENTITY)
    assert source.served < 4 << 20


def test_a_large_file_is_sealed_and_opened_in_little_memory(tmp_path: Path) -> None:
    large = 96 << 20
    with (tmp_path / "plain").open("wb") as file:
        file.truncate(large)
    tracemalloc.start()
    with (tmp_path / "plain").open("rb") as src, (tmp_path / "sealed").open("wb") as dst:
        age.seal(src, dst, RECIPIENT)
    with (tmp_path / "sealed").open("rb") as src, (tmp_path / "opened").open("wb") as dst:
        assert age.unseal(src, dst, IDENTITY) == large
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < large / 4


def test_a_small_file_needs_little_memory_however_many_there_are() -> None:
    sealed = sealed_bytes(os.urandom(16 * 1024))
    tracemalloc.start()
    assert len(age.unlock(sealed, IDENTITY)) == 16 * 1024
    sealed_bytes(bytes(16 * 1024))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * CHUNK


def test_a_disk_that_is_full_is_an_error_and_not_a_short_file() -> None:
    class Full(io.BytesIO):
        def write(self, content: object, /) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        age.seal(io.BytesIO(bytes(5 * PLAIN_BATCH)), Full(), RECIPIENT)


def test_a_destination_that_takes_little_at_a_time_gets_all() -> None:
    class Narrow(io.BytesIO):
        def write(self, content: object, /) -> int:
            return super().write(memoryview(content)[:1000])  # type: ignore[arg-type]

    sealed = Narrow()
    age.seal(io.BytesIO(b"p" * 200_000), sealed, RECIPIENT)
    assert age.unlock(sealed.getvalue(), IDENTITY) == b"p" * 200_000


AGE = shutil.which("age")
needs_age = pytest.mark.skipif(AGE is None, reason="the age command is not installed (Debian package: age)")


@needs_age
@pytest.mark.parametrize("size", EDGES)
def test_the_age_command_opens_what_we_seal_and_we_open_what_it_seals(size: int, tmp_path: Path) -> None:
    plain = os.urandom(size)
    (tmp_path / "key").write_text(IDENTITY + "\n")
    (tmp_path / "ours.age").write_bytes(sealed_bytes(plain))
    opened = subprocess.run(
        [str(AGE), "-d", "-i", str(tmp_path / "key"), str(tmp_path / "ours.age")], capture_output=True, check=True
    )
    assert opened.stdout == plain
    theirs = subprocess.run([str(AGE), "-r", RECIPIENT], input=plain, capture_output=True, check=True).stdout
    assert age.unlock(theirs, IDENTITY) == plain
    armored = subprocess.run([str(AGE), "-a", "-r", RECIPIENT], input=plain, capture_output=True, check=True)
    assert age.unlock(armored.stdout, IDENTITY) == plain


def answered(command: list[str], *answers: str) -> None:
    """Run a command that asks for a passphrase on its terminal, and answer."""
    typed = "".join(answer + "\n" for answer in answers)
    terminal = ["script", "-qec", shlex.join(command), "/dev/null"]
    subprocess.run(terminal, input=typed, capture_output=True, text=True, check=True)


@needs_age
def test_the_age_command_opens_our_passphrase_files_and_the_identities_in_them(tmp_path: Path) -> None:
    said, master, bid = "open sesame", tmp_path / "master.age", tmp_path / "bid.age"
    master.write_bytes(age.lock(f"{IDENTITY}\n".encode(), age.Passphrase(said, work=10)))
    bid.write_bytes(sealed_bytes(b"price"))
    answered([str(AGE), "-d", "-i", str(master), "-o", str(tmp_path / "opened"), str(bid)], said)
    assert (tmp_path / "opened").read_bytes() == b"price"


@needs_age
def test_we_open_the_age_commands_passphrase_files(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"price")
    said, theirs = "open sesame", tmp_path / "theirs.age"
    answered([str(AGE), "-p", "-o", str(theirs), str(tmp_path / "plain")], said, said)
    assert age.unlock(theirs.read_bytes(), age.Passphrase(said)) == b"price"
