"""Commands for rooms: what a centre asks for. Times carry their zone; sizes are bytes."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Use = Literal["opening", "evaluation"]
USES: dict[str, str] = {"opening": "开标室", "evaluation": "评标室"}


class _Command(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AddRoom(_Command):
    """A room the centre has from now on."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    use: Use
    place: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    seats: Annotated[int, Field(gt=0, le=2000)]


class BookRoom(_Command):
    """A room for a case, from `begins` until before `ends`."""

    room: int
    begins: AwareDatetime
    ends: AwareDatetime


class KeepRecording(_Command):
    """The hash of what a room's cameras recorded; the file itself stays where it is."""

    sha256: Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"^[0-9a-fA-F]{64}$")]
    size: Annotated[int, Field(gt=0, lt=2**50)]
    label: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
