"""What a witness decides (c2sp.org/tlog-witness): cosign consistent growth, or refuse and say why.

No I/O: the host loads the head it last cosigned for the origin, calls `decide`, and must store the new head
*before* it answers, in the transaction in which it read the old one. Otherwise two requests at once can roll
the witness back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from kernel.proofs.canonical import to_base64
from kernel.proofs.checkpoints import Checkpoint, open_checkpoint, parse_checkpoint, parse_decimal
from kernel.proofs.errors import Malformed, ProofError
from kernel.proofs.log_proof import parse_hashes, split_head
from kernel.proofs.merkle import EMPTY_ROOT
from kernel.proofs.merkle_verify import verify_consistency
from kernel.proofs.note_keys import Signer, VerifierKey
from kernel.proofs.notes import cosign, parse_note

SIZE_TYPE = "text/x.tlog.size"


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request: the tree of `old` grew into this checkpoint (a signed note), with the proof."""

    old: int
    proof: tuple[bytes, ...]
    note: bytes

    def to_bytes(self) -> bytes:
        """The body of POST add-checkpoint."""
        lines = [f"old {self.old}", *map(to_base64, self.proof), "", ""]
        return "\n".join(lines).encode() + self.note


@dataclass(frozen=True, slots=True)
class Head:
    """The newest tree a witness has cosigned for one origin; nothing yet is size 0."""

    size: int = 0
    root: bytes = EMPTY_ROOT


class Why(StrEnum):
    """Why a witness refuses. The last three accuse the log itself and must raise an alarm."""

    MALFORMED = "malformed"
    UNKNOWN_LOG = "unknown_log"
    UNKNOWN_KEY = "unknown_key"
    OLD_ABOVE_NEW = "old_size_above_size"
    OTHER_OLD_SIZE = "other_old_size"
    BAD_PROOF = "bad_proof"
    ROLLBACK = "rollback"
    SAME_SIZE_OTHER_ROOT = "same_size_other_root"
    FORK = "fork"

    @property
    def alarms(self) -> bool:
        """True when a correctly signed checkpoint contradicts what was cosigned before."""
        return self in (Why.ROLLBACK, Why.SAME_SIZE_OTHER_ROOT, Why.FORK)


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The answer 200: `line` is the body; `head` is to be stored before answering."""

    line: str
    head: Head
    checkpoint: Checkpoint
    status: int = 200


@dataclass(frozen=True, slots=True)
class Refused:
    """An answer 4xx; `known_size` is the body of a 409, with the type `SIZE_TYPE`.

    `claimed` is the log's own signed claim when its signature holds: the evidence of an alarm.
    """

    status: int
    why: Why
    says: str
    known_size: int | None = None
    claimed: Checkpoint | None = None

    @property
    def body(self) -> str:
        """What to send: the known size for 409, else the reason."""
        return f"{self.says}\n" if self.known_size is None else f"{self.known_size}\n"


def parse_add_checkpoint(body: bytes) -> AddCheckpoint:
    """Read a request; ProofError (answer 400) when it is malformed."""
    lines, note = split_head(body)
    if not lines[0].startswith("old "):
        raise Malformed("request_malformed", "首行应为 old 和条数")
    return AddCheckpoint(parse_decimal(lines[0].removeprefix("old ")), parse_hashes(lines[1:]), note)


def origin_of(request: AddCheckpoint) -> str:
    """The origin the request claims, to load its head by; not verified. ProofError when malformed."""
    return parse_checkpoint(parse_note(request.note).text).origin


def decide(
    body: bytes, log_keys: Iterable[VerifierKey] | None, head: Head, signer: Signer, at: int
) -> Cosigned | Refused:
    """Answer one add-checkpoint body at POSIX second `at`.

    `log_keys` are those trusted for the request's origin (None: origin unknown), `head` the stored one.
    """
    try:
        request = parse_add_checkpoint(body)
        origin_of(request)
    except ProofError as wrong:
        return Refused(400, Why.MALFORMED, wrong.says)
    if log_keys is None:
        return Refused(404, Why.UNKNOWN_LOG, "本见证方不认识这个日志")
    try:
        new = open_checkpoint(request.note, log_keys).checkpoint
    except ProofError as wrong:
        return Refused(403, Why.UNKNOWN_KEY, wrong.says)
    refusal = _refusal(request, new, head)
    if refusal:
        return refusal
    return Cosigned(str(cosign(new.text(), signer, at)), Head(new.size, new.root), new)


def _refusal(request: AddCheckpoint, new: Checkpoint, head: Head) -> Refused | None:
    """The spec's checks in its order; where it only says 409, the gravest thing that is true is named."""
    if request.old > new.size:
        return Refused(400, Why.OLD_ABOVE_NEW, "old 大于检查点的条数", claimed=new)
    if new.size == head.size and new.root != head.root:
        return _conflict(Why.SAME_SIZE_OTHER_ROOT, "同一条数已联署过另一个树根", new, head)
    if new.size < head.size:
        return _conflict(Why.ROLLBACK, "此前已联署过更长的日志", new, head)
    if request.old != head.size:
        return _conflict(Why.OTHER_OLD_SIZE, "old 不是最近一次联署的条数", new, head)
    try:
        verify_consistency(head.size, head.root, new.size, new.root, request.proof)
    except ProofError as wrong:
        why = Why.FORK if wrong.code == "consistency_false" else Why.BAD_PROOF
        return Refused(422, why, wrong.says, claimed=new)
    return None


def _conflict(why: Why, says: str, new: Checkpoint, head: Head) -> Refused:
    return Refused(409, why, says, known_size=head.size, claimed=new)
