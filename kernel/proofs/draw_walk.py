"""The walk down a drawn order (draw D5): who is called, who is skipped and why, who is seated."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kernel.proofs.errors import Malformed

ACCEPT = "accept"
SKIPS = {
    "declined": "本人谢绝",
    "no_answer": "未应答",
    "avoidance": "回避",
    "employer_cap": "同一单位人数已满",
    "odd_panel": "凑足单数",
    "withdrawn": "接受后退出，由后位递补",
}
EMPLOYER_CAP = "employer_cap"
WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a walk stands. Numbers are leaf numbers of the stratum.

    `seated` are the first `quota` that accept, `spares` those who accepted after them, `skipped` all others
    asked, with the reason; `next` is whom to ask now: None when the seats are filled or the list is used up.
    """

    seated: tuple[int, ...]
    spares: tuple[int, ...]
    skipped: dict[int, str]
    next: int | None
    full: bool

    def skipped_for(self, reason: str) -> tuple[int, ...]:
        """The leaf numbers skipped for this reason."""
        return tuple(n for n, given in self.skipped.items() if given == reason)


def walk(order: Sequence[int], quota: int, outcomes: Mapping[int, str]) -> Walk:
    """Replay the outcomes of one stratum along its order.

    A replacement is the same walk with the outcome of the one who left changed to `withdrawn`: there is never
    a second draw. Raises Malformed for an unknown outcome, or one for somebody whose turn had not come.
    """
    asked = order[: len(outcomes)]
    if set(asked) != outcomes.keys():
        raise Malformed("out_of_turn", "有人被跳过而无记录，或不在次序之内就被询问")
    unknown = sorted(set(outcomes.values()) - SKIPS.keys() - {ACCEPT})
    if unknown:
        raise Malformed("outcome_unknown", f"不认识的结果 {unknown[0][:40]}")
    accepted = tuple(n for n in asked if outcomes[n] == ACCEPT)
    full = len(accepted) >= quota
    following = order[len(asked)] if len(asked) < len(order) and not full else None
    skipped = {n: outcomes[n] for n in asked if outcomes[n] != ACCEPT}
    return Walk(accepted[:quota], accepted[quota:], skipped, following, full)


def over_cap(employer: str, seated_employers: Sequence[str], most: int) -> bool:
    """True when one more of this employer would exceed `most` of the panel: skip with `employer_cap`."""
    return bool(employer) and Counter(seated_employers)[employer] >= most


def cap_breaches(
    walks: Mapping[str, Walk], employers: Mapping[str, Mapping[int, str]], most: int
) -> list[tuple[str, int, str]]:
    """Where the cap was not kept, over all strata: (stratum, leaf number, code).

    `employer_cap_exceeded`: seated, although `most` others of the employer are. `employer_cap_unfounded`:
    skipped, although fewer than `most` of the employer ever held a seat; who withdrew later counts as having
    held one, for he may have been the reason. An empty employer is nobody's.
    """
    seated: Counter[str] = Counter()
    ever: Counter[str] = Counter()
    breaches = []
    for stratum, steps in walks.items():
        of = employers[stratum]
        for n in steps.seated:
            seated[of[n]] += 1
            if of[n] and seated[of[n]] > most:
                breaches.append((stratum, n, "employer_cap_exceeded"))
        ever.update(of[n] for n in (*steps.seated, *steps.skipped_for(WITHDRAWN)))
    for stratum, steps in walks.items():
        for n in steps.skipped_for(EMPLOYER_CAP):
            employer = employers[stratum][n]
            if not employer or ever[employer] < most:
                breaches.append((stratum, n, "employer_cap_unfounded"))
    return breaches
