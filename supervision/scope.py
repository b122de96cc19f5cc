"""An officer's region and departments as a condition on rows that have both."""

from collections.abc import Collection

from kernel import regions
from kernel.accounts.rules import in_scope
from kernel.identity import Actor

Scope = tuple[str, list[str]]
NOBODYS = ""
"""The department of what belongs to none: an agency that enters the market under no department's roof."""


def scope_of(actor: Actor) -> tuple[str, Scope]:
    """(condition over `region` and `department` with $1 and $2, their values); an inspector sees every department.

    What belongs to no department is every regulator's of its region. Whoever is no supervisor sees nothing.
    """
    condition = "region like $1 || '%' and (cardinality($2::text[]) = 0 or department = any($2))"
    if actor.role == "inspector":
        return condition, (stem(actor.region), [])
    if actor.role == "regulator" and actor.departments:
        return condition, (stem(actor.region), [*actor.departments, NOBODYS])
    return f"false and {condition}", ("", [])


def covers(actor: Actor, region: str, department: str) -> bool:
    """The same of one case: whether it is this officer's to watch."""
    return in_scope(actor, region, department) or (
        actor.role == "regulator"
        and department == NOBODYS
        and any(in_scope(actor, region, d) for d in actor.departments)
    )


def watches(departments: Collection[str], department: str) -> bool:
    """Whether a regulator of these departments watches what belongs to this one, in his own region."""
    return department == NOBODYS or department in departments


def stem(region: str) -> str:
    """330000 → 33, 330100 → 3301: what the codes of a region and all below it begin with; the nation: nothing."""
    if region == regions.NATION:
        return ""
    for digits in (2, 4):
        if region[digits:] == "0" * (6 - digits):
            return region[:digits]
    return region
