"""The case's events: one chain without gaps, all in the log that the witness has cosigned, and nothing left out."""

from kernel.proofs.case_file import ShownEvent, read_event
from kernel.proofs.checkpoints import Witnessed, open_checkpoint
from kernel.proofs.dossier import Dossier, within
from kernel.proofs.errors import Forged, Malformed
from kernel.proofs.log_proof import parse_log_proof
from kernel.proofs.merkle_verify import verify_inclusion

CHECKPOINT = "log/checkpoint.note"
ENDS = {"opened": "conclude_opening", "failed": "fail_lot", "ended": "end_case"}
DAMAGED = "box_damaged"
"""The act of an event that calls a stored file altered or lost."""
INTERIM = (ENDS["opened"], DAMAGED)


def event_name(n: int) -> str:
    """The member of the n-th event."""
    return f"events/{n:04}.json"


def proof_name(n: int) -> str:
    """The member that proves the n-th event to be in the log."""
    return f"log/proofs/{n:04}.tlog-proof"


def check_events(dossier: Dossier) -> str:
    """Events 1 … N are all there, each of this case, each naming the one before it by its log entry."""
    count = len(dossier.under("events"))
    last = b""
    for n in range(1, count + 1):
        name = event_name(n)
        with within(name):
            event = read_event(dossier.read(name), n)
            _check_place(dossier, event, last)
        dossier.events.append(event)
        last = event.leaf
    if not count:
        raise Malformed("no_events", "包内没有案件事件", event_name(1))
    return f"{count} 个事件编号连续、前后相扣，其中 {_hidden(dossier)} 个只给出摘要"


def check_log(dossier: Dossier) -> str:
    """The checkpoint bears the log's signature and enough witnesses'; every event is in the tree it speaks of."""
    raw = dossier.read(CHECKPOINT)
    with within(CHECKPOINT):
        seen = _open(dossier, raw)
    places = set()
    for event in dossier.events:
        name = proof_name(event.n)
        with within(name):
            proof = parse_log_proof(dossier.read(name))
            if proof.checkpoint != raw:
                raise Malformed("other_checkpoint", "证明所附的检查点与包内的不同")
            verify_inclusion(event.leaf, proof.index, seen.checkpoint.size, seen.checkpoint.root, proof.path)
            if proof.index in places:
                raise Forged("place_twice", "两个事件占同一位置")
        places.add(proof.index)
    names = "、".join(sorted({c.key.name for c in seen.cosignatures}))
    return f"全部事件都在日志 {seen.checkpoint.origin}（{seen.checkpoint.size} 条）中，检查点由 {names} 见证联署"


def check_last(dossier: Dossier) -> str:
    """The last event is the archiving; it states its own number, so that no event before it can be left out.

    A public package may also end with the opening record, or with a file called lost after it: then it proves all up
    to there, and says so.
    """
    last = dossier.events[-1]
    with within(event_name(last.n)):
        dossier.interim = dossier.public and last.act in INTERIM
        if not dossier.interim and (last.act != "archive_case" or last.fact("last") != last.n):
            raise Malformed("not_the_last", "最后一个事件应是归档，并写明案件的末尾编号")
        if last.moment != dossier.package.manifest.at:
            raise Malformed("other_moment", "归档事件的时刻与清单所写不同")
    if not dossier.acts(ENDS[dossier.case.outcome]):
        raise Malformed("no_end", f"事件中没有 {ENDS[dossier.case.outcome]}，与所称结果不符", "case.json")
    if not dossier.public and _hidden(dossier):
        raise Malformed("event_withheld", "存档包应公开全部事件", "events")
    if dossier.interim:
        where = "开标记录" if last.act == ENDS["opened"] else "开标记录之后的损坏记录"
        return f"本包截至{where}（第 {last.n} 个事件），到此无一遗漏；此后的办理见归档后的公开包"
    return f"归档事件写明末尾编号为 {last.n}，此前无一遗漏"


def _check_place(dossier: Dossier, event: ShownEvent, last: bytes) -> None:
    if not event.act:
        return
    if event.case != dossier.case.case:
        raise Malformed("other_case", "是另一案件的事件", "case")
    if event.prev != last.hex():
        raise Forged("chain_broken", "没有接续上一个事件", "prev")


def _open(dossier: Dossier, raw: bytes) -> Witnessed:
    at, anchors = dossier.package.manifest.at, dossier.anchors
    return open_checkpoint(raw, anchors.logs(at), anchors.witnesses(at), max(1, anchors.quorum))


def _hidden(dossier: Dossier) -> int:
    return sum(not event.act for event in dossier.events)
