"""What every command is: something one asks for, checked on the way in and never changed."""

from pydantic import BaseModel, ConfigDict


class Command(BaseModel):
    """Something one asks for; unknown members are refused, so that a typing error is never silently dropped."""

    model_config = ConfigDict(extra="forbid", frozen=True)
