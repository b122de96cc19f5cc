"""Who acts: in which role, for which organisation, from where."""

from dataclasses import dataclass
from uuid import UUID

SIDES = {
    "purchaser": "trade",
    "agent": "trade",
    "bidder": "trade",
    "intermediary": "trade",
    "expert": "judge",
    "operator": "operate",
    "regulator": "supervise",
    "inspector": "supervise",
}
"""Role → the one side a person may stand on (管办分离). The public stands on none."""

ROLES = ("public", *SIDES)


@dataclass(frozen=True, slots=True)
class Actor:
    """One person, in one role, for one organisation, at one door; what every act is judged by.

    `organisation_code` is the unified credit code (GB 32100). `region` and `departments` bound what an official
    may see. `door` is page, api, counter, command or clockwork; `address` and `client` go into the private half of the
    event (电子招标投标办法 art. 49: operator, time, network address, source of every operation).
    """

    role: str
    person: UUID | None = None
    name: str = ""
    organisation: UUID | None = None
    organisation_code: str = ""
    organisation_name: str = ""
    region: str = ""
    departments: tuple[str, ...] = ()
    door: str = "page"
    address: str = ""
    client: str = ""

    @property
    def side(self) -> str:
        return SIDES.get(self.role, "")


PUBLIC = Actor(role="public")


def clockwork(duty: str) -> Actor:
    """The platform itself, doing what a recorded moment made due."""
    return Actor(role="clockwork", name=duty, door="clockwork")
