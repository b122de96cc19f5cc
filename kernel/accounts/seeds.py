"""What is said of a unit or a person who is there from the start, before any database is."""

from dataclasses import dataclass, field

from kernel.identity import SIDES


@dataclass(frozen=True, slots=True)
class SeedOrganisation:
    """A unit; `controller_code` names whoever controls it."""

    code: str
    name: str
    region: str
    kind: str = "enterprise"
    controller_code: str | None = None


@dataclass(frozen=True, slots=True)
class SeedRole:
    role: str
    organisation_code: str
    departments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SeedPerson:
    """A person with his sign-in and roles, all of one side; `totp_key` only where he shall need a code.

    Without a password he cannot sign in: whoever only fills a demonstration needs none, and each costs its hash.
    """

    identity: str
    name: str
    phone: str
    login: str
    roles: tuple[SeedRole, ...]
    password: str = field(repr=False)
    totp_key: bytes | None = field(default=None, repr=False)

    @property
    def side(self) -> str:
        sides = {SIDES[role.role] for role in self.roles}
        if len(sides) != 1:
            raise ValueError(f"{self.login} must stand on exactly one side")
        return sides.pop()
