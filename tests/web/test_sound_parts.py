"""What one process of a run found sound is known to the others, and a line that is half there is not."""

from pathlib import Path

from sound_parts import SoundParts


def test_what_one_process_adds_every_other_knows(tmp_path: Path) -> None:
    file = tmp_path / "sound"
    file.touch()
    one, other = SoundParts(file), SoundParts(file)
    one.add(["a.1", "b.2"])
    assert other.known() == {"a.1", "b.2"}
    other.add(["b.2", "c.3"])
    assert one.known() == other.known() == {"a.1", "b.2", "c.3"}
    assert file.read_text().split() == ["a.1", "b.2", "c.3"]


def test_a_line_is_known_once_it_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "sound"
    file.write_text("a.1\nb")
    parts = SoundParts(file)
    assert parts.known() == {"a.1"}
    with file.open("a") as more:
        more.write(".2\n")
    assert parts.known() == {"a.1", "b.2"}


def test_a_process_alone_remembers_for_itself() -> None:
    parts = SoundParts(None)
    parts.add(["a.1"])
    assert parts.known() == {"a.1"}
