"""What the checks of a package hand on to each other: every value here has passed the check that put it in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from kernel.proofs import dsse
from kernel.proofs.anchors import Anchors
from kernel.proofs.bid import Bid
from kernel.proofs.case_file import CaseFile, ShownEvent
from kernel.proofs.close import Close
from kernel.proofs.contest import Ruling
from kernel.proofs.deadline import Deadline
from kernel.proofs.envelope import StageSecret
from kernel.proofs.errors import Malformed, ProofError
from kernel.proofs.package import Package
from kernel.proofs.request_file import RequestFile
from kernel.proofs.setup import Setup

CLAIMED = "anchors.claimed.json"
"""The keys that the platform itself goes by: used only where the verifier brings none."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A sealed file that event `n` calls altered or lost: its SHA-256 as sealed, and as found (empty: lost).

    `early`: before its stage was opened.
    """

    n: int
    bid: str
    stage: str
    file: str
    sealed: str
    found: str
    early: bool


@dataclass(slots=True)
class Dossier:
    """One package under verification. `keys`: bidder → the key that signs his chain; `seen`: members looked at;
    `interim`: it ends with the opening record; `request`: what it is of, in the supermarket; `damages`: what events
    call altered or lost, by (bid, stage, file)."""

    package: Package
    anchors: Anchors
    case: CaseFile = field(init=False)
    events: list[ShownEvent] = field(default_factory=list)
    setup: Setup = field(init=False)
    deadline: Deadline = field(init=False)
    close: Close = field(init=False)
    bids: dict[str, Bid] = field(default_factory=dict)
    keys: dict[str, bytes] = field(default_factory=dict)
    secrets: dict[tuple[str, str], StageSecret] = field(default_factory=dict)
    misdealt: set[tuple[str, str]] = field(default_factory=set)
    dropped: dict[tuple[str, str], Ruling] = field(default_factory=dict)
    damages: dict[tuple[str, str, str], Damage] = field(default_factory=dict)
    interim: bool = False
    request: RequestFile | None = None
    notes: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    @property
    def public(self) -> bool:
        return self.package.manifest.kind == "public"

    @property
    def opened(self) -> bool:
        return self.case.outcome == "opened"

    @property
    def ended(self) -> bool:
        """终止招标: whether the purchaser ended the case before its list was countersigned."""
        return self.case.outcome == "ended"

    @property
    def keyless(self) -> bool:
        """Whether the purchaser is an owner in the supermarket, who holds no key."""
        return self.request is not None

    def shows(self, stage: str) -> bool:
        """Whether this package may hold what opens this stage."""
        return self.opened and (not self.public or any(s.id == stage and s.to == "public" for s in self.setup.stages))

    def read(self, name: str) -> bytes:
        """A member that must be there."""
        self.seen.add(name)
        return self.package.read(name)

    def signed(self, name: str) -> dsse.Signed:
        """A member that is a signed statement; whose signatures count is the caller's question."""
        with within(name):
            return dsse.read(self.read(name))

    def under(self, folder: str) -> list[str]:
        """The members of a folder, sorted."""
        return [name for name in self.package.names if name.startswith(f"{folder}/")]

    def acts(self, *acts: str) -> list[ShownEvent]:
        """The disclosed events of these acts, in order."""
        return [event for event in self.events if event.act in acts]

    def recorded(self, act: str, what: str, sha256: str) -> ShownEvent:
        """The first event by which the platform put this SHA-256 on record; `Malformed` where there is none."""
        for event in self.acts(act):
            if event.hash_of(what) == sha256:
                return event
        raise Malformed("not_on_record", f"案件事件中没有 {act} 记载它的摘要 {sha256[:12]}…")


NONSENSE = (KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError)
"""What a member of the platform's own making may do to its reader, whatever was written there."""


def nonsense(error: Exception, where: str = "") -> Malformed:
    """The refusal of such a member."""
    return Malformed("malformed", f"内容不合格式（{type(error).__name__}）", where)


@contextmanager
def within(name: str) -> Iterator[None]:
    """Whatever a proof refuses in here is said of this member."""
    try:
        yield
    except ProofError as error:
        if error.where.startswith(name):
            raise
        error.where = f"{name}：{error.where}" if error.where else name
        raise
    except NONSENSE as error:
        raise nonsense(error, name) from error
