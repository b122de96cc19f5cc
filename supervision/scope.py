"""An officer's region and departments as a condition on rows that have both."""

from kernel import regions
from kernel.identity import Actor

Scope = tuple[str, list[str]]


def scope_of(actor: Actor) -> tuple[str, Scope]:
    """(condition over `region` and `department` with $1 and $2, their values); an inspector sees every department.

    Whoever is no supervisor sees nothing.
    """
    condition = "region like $1 || '%' and (cardinality($2::text[]) = 0 or department = any($2))"
    if actor.role == "inspector":
        return condition, (stem(actor.region), [])
    if actor.role == "regulator" and actor.departments:
        return condition, (stem(actor.region), list(actor.departments))
    return f"false and {condition}", ("", [])


def stem(region: str) -> str:
    """330000 → 33, 330100 → 3301: what the codes of a region and all below it begin with; the nation: nothing."""
    if region == regions.NATION:
        return ""
    for digits in (2, 4):
        if region[digits:] == "0" * (6 - digits):
            return region[:digits]
    return region
