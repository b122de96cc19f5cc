"""Who may enter which site, who may grant which role, and how far an official sees: pure judgements."""

from kernel import regions
from kernel.errors import Problem
from kernel.identity import SIDES, Actor

SITE_SIDES: dict[str, frozenset[str]] = {
    "trading": frozenset({"trade", "judge", "operate"}),
    "supervision": frozenset({"supervise"}),
}
"""Each site admits its own sides only."""

OFFICIAL = frozenset({"operator", "regulator", "inspector", "expert"})
"""Roles nobody takes himself: asked by one person and granted by another."""

SECOND_FACTOR = frozenset({"operate", "supervise"})
"""Sides that sign in with a one-time code; an expert signs in without a telephone."""

PERSONAL = frozenset(
    {
        "sign_in",
        "register_account",
        "manage_account",
        "create_official",
        "ask_role",
        "grant_role",
        "give_mandate",
        "delegate",
    }
)
"""Acts neither a program nor an agency may be given: with them it could make itself another, or another person."""

MAY_MAKE: dict[str, frozenset[str]] = {
    "operate": frozenset({"operate"}),
    "supervise": frozenset({"supervise"}),
    "judge": frozenset({"operate"}),
    "trade": frozenset({"trade"}),
}
"""Side → the sides that may make its accounts and ask for its roles.

The centre makes no regulators; experts are made and asked for where they sign in, at the centre's site."""

MAY_GRANT = {**MAY_MAKE, "judge": frozenset({"supervise"})}
"""Side of a role → the sides that may grant it: the centre serves the expert pool and does not fill it."""


def side_problem(person_side: str, role: str) -> Problem | None:
    """None when the role stands on the person's side (管办分离)."""
    if SIDES.get(role) == person_side:
        return None
    says = "一人只能站在交易、评审、组织、监督中的一方"
    return Problem("one_side", says, "请由其他人员担任这一角色", field="role")


def in_scope(actor: Actor, region: str, department: str = "") -> bool:
    """Whether an official may see a case of this region and supervising department.

    His own region and below (GB/T 2260: 330000 ⊃ 330100 ⊃ 330106). A regulator also needs the department; an
    inspector sees every department. Whoever is no official is not scoped by region: False.
    """
    if actor.role not in ("operator", "regulator", "inspector"):
        return False
    if not _six(region) or not _six(actor.region) or not regions.within(region, actor.region):
        return False
    return actor.role != "regulator" or department in actor.departments


def _six(code: str) -> bool:
    return len(code) == 6 and code.isascii() and code.isdigit()
