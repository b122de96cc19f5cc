"""What becomes of a bid that a role calls bad: cured by its bidder, else dropped, and who is at fault (etb/1 §6, §7).

The platform and whoever verifies a package decide by this file alone.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from kernel.proofs.opening import Attest
from kernel.proofs.setup import ROLES

CURE_MINUTES = 30
"""How long a bidder has, from the last attestation that calls an envelope of his bad, to prove it well made."""


@dataclass(frozen=True, slots=True)
class Contest:
    """A role calls a bid's envelopes bad: the `kids` of its holders who said so."""

    bid: str
    role: str
    kids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ruling:
    """`outcome` is ``cured`` (the role was wrong), ``proved`` (the bidder's fault) or ``unproved`` (the role's)."""

    bid: str
    role: str
    outcome: str
    kids: tuple[str, ...]

    @property
    def fault(self) -> str:
        return "bidder" if self.outcome == "proved" else self.role


def contests(attests: Iterable[Attest]) -> list[Contest]:
    """What stands contested, role by role; a holder who finds every envelope of his well made ends it for his role."""
    given = list(attests)
    fine = {attest.role for attest in given if all(attest.verdicts.values())}
    bad: dict[tuple[str, str], list[str]] = {}
    for attest in given:
        for bid, ok in attest.verdicts.items():
            if not ok and attest.role not in fine:
                bad.setdefault((attest.role, bid), []).append(attest.kid)
    places = sorted(bad, key=lambda place: (ROLES.index(place[0]), place[1]))
    return [Contest(bid, role, tuple(bad[(role, bid)])) for role, bid in places]


def rulings(
    contested: Iterable[Contest], cured: Container[tuple[str, str]], shown: Container[tuple[str, str]]
) -> list[Ruling]:
    """One ruling a contest: `cured` are (bid, role), `shown` the (bid, kid) that an audit has found not to open.

    "Bad" counts only when proved, by every holder who said so.
    """
    found = []
    for one in contested:
        proved = all((one.bid, kid) in shown for kid in one.kids)
        outcome = "cured" if (one.bid, one.role) in cured else "proved" if proved else "unproved"
        found.append(Ruling(one.bid, one.role, outcome, one.kids))
    return found


def dropped(found: Sequence[Ruling]) -> dict[str, Ruling]:
    """Bid → the ruling that keeps it shut; what one role has proved goes before what another only says."""
    lost = [ruling for ruling in found if ruling.outcome != "cured"]
    lost.sort(key=lambda ruling: ruling.outcome != "proved")
    shut: dict[str, Ruling] = {}
    for ruling in lost:
        shut.setdefault(ruling.bid, ruling)
    return shut
