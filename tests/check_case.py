"""Re-derives a lot from what is stored and compares: its chain of events, the bytes they name, its stage, its box.

Read by the superuser with plain SQL and hashed here, so that neither the house's queries nor its rules are trusted.
Of the house only the formats of the proofs are used: canonical JSON, DSSE, receipts.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from house_databases import Databases, login

from bidding.case import Tools
from bidding.reports import extract
from bidding.scoring import replay
from kernel.proofs import dsse
from kernel.proofs.canonical import encode
from kernel.proofs.close import read_receipt
from kernel.proofs.draw_messages import read_message
from kernel.proofs.draw_state import Ceremony
from storage import keeping

STAGES = {
    "register_project": "registered",
    "return_project": "returned",
    "answer_return": "registered",
    "accept_project": "accepted",
    "publish_notice": "announced",
    "close_lot": "closed",
    "begin_opening": "opening",
    "fail_lot": "failed",
    "conclude_opening": "opened",
    "box_next": "opening",
    "begin_evaluation": "evaluating",
    "reopen_evaluation": "evaluating",
    "close_report": "evaluated",
    "publicise_candidates": "publicised",
    "decide_award": "awarded",
    "confirm_contract": "contracted",
    "end_case": "failed",
    "keep_archive": "archived",
}
"""Act → the stage a lot is in once the act is on record."""
ONCE = ("basis", "review", "scores", "signed")
"""What judges leave that one event names and no other."""

_EVENTS = """
select e.*, h.n as head_n, h.leaf as head_leaf,
    (select count(*) from kernel.log_leaf l where l.event = e.id and l.leaf = e.leaf)
    + (select count(*) from kernel.log_pending p where p.event = e.id) as places
from kernel.log_event e left join kernel.case_head h using (case_key) where e.case_key = $1 order by e.n
"""
_BIDS = """
select b.*, c.bidder, c.public_key, c.bid_id from box.bid b join box.chain c on c.id = b.chain
where b."case" = $1 order by c.bidder, b.seq
"""
_MESSAGES = """
select m.*, t.event, t.refused from box.message m left join box.taken t on t.message = m.id where m."case" = $1
"""
_JUDGED = """
select 'basis' as kind, sha256, basis as body from bidding.evaluation where lot = $1
union all select 'review', sha256, body from bidding.review where lot = $1
union all select 'scores', sha256, body from bidding.score_sheet where lot = $1
union all select 'report', sha256, body from bidding.report where lot = $1
union all select 'signed', sha256, body from bidding.signed_report where lot = $1
union all select 'question', encode(sha256(convert_to(text, 'utf8')), 'hex'), convert_to(text, 'utf8')
    from bidding.clarification where lot = $1
union all select 'answer', encode(sha256(convert_to(answer, 'utf8')), 'hex'), convert_to(answer, 'utf8')
    from bidding.clarification where lot = $1 and answered_at is not null
union all select 'text', encode(sha256(convert_to(s.text, 'utf8')), 'hex'), convert_to(s.text, 'utf8')
    from bidding.signature s join bidding.report r on r.id = s.report where r.lot = $1 and s.text <> ''
"""
_DRAWS = 'select m.* from toss.message m join toss.toss t on t.id = m.toss where t."case" = $1 order by m.at, m.id'
_UPLOADS = "select id, sha256, size, state from storage.upload where purpose = $1"


@dataclass(frozen=True, slots=True)
class Stored:
    """Every row of one lot, as it lies in the database."""

    lot: asyncpg.Record
    box: asyncpg.Record | None
    events: Sequence[asyncpg.Record]
    bids: Sequence[asyncpg.Record]
    files: Sequence[asyncpg.Record]
    messages: Sequence[asyncpg.Record]
    notices: Sequence[asyncpg.Record]
    openings: Sequence[asyncpg.Record]
    archives: Sequence[asyncpg.Record]
    objections: Sequence[asyncpg.Record]
    seeds: Sequence[asyncpg.Record]
    verdicts: Sequence[asyncpg.Record]
    uploads: Sequence[asyncpg.Record]
    judged: Sequence[asyncpg.Record] = ()
    papers: Sequence[asyncpg.Record] = ()
    draws: Sequence[asyncpg.Record] = ()

    def said(self, event: asyncpg.Record) -> dict[str, Any]:
        """event.json."""
        return dict(json.loads(event["body"]))

    def of_act(self, *acts: str) -> list[dict[str, Any]]:
        """What the events of these acts say, in order."""
        return [self.said(event) for event in self.events if event["act"] in acts]


async def check_cases(house: Databases, tools: Tools | None = None) -> int:
    """`check_case` for every lot there is; how many."""
    async with login(house.admin) as connection:
        lots = [row["id"] for row in await connection.fetch("select id from bidding.lot")]
    for lot in lots:
        await check_case(house, lot, tools)
    return len(lots)


async def check_case(house: Databases, lot: UUID, tools: Tools | None = None) -> None:
    """AssertionError with the first thing that is not what the rest implies; with `tools` the files are read too."""
    async with (
        login(house.admin) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        stored = await read_case(connection, lot)
    check_stored(stored, tools)
    if tools is not None:
        await _check_files(stored, tools)


def check_stored(stored: Stored, tools: Tools | None = None) -> None:
    """The same for what was read; with `tools` the receipts' signatures too."""
    _check_chain(stored)
    _check_hashes(stored)
    _check_stage(stored)
    _check_bids(stored, tools)
    _check_uploads(stored)
    _check_reports(stored)
    if stored.box is not None:
        _check_box(stored, stored.box)
        _check_opening(stored, stored.box)


async def read_case(connection: asyncpg.Connection, lot: UUID) -> Stored:
    """Every row of the lot, as this connection sees it now."""

    async def all_of(table: str, column: str = '"case"', order: str = "id") -> list[asyncpg.Record]:
        return list(await connection.fetch(f"select * from {table} where {column} = $1 order by {order}", lot))  # noqa: S608

    return Stored(
        lot=await connection.fetchrow("select * from bidding.lot where id = $1", lot),
        box=await connection.fetchrow('select * from box.box where "case" = $1', lot),
        events=await connection.fetch(_EVENTS, str(lot)),
        bids=await connection.fetch(_BIDS, lot),
        files=await connection.fetch(
            'select f.* from box.bid_file f join box.bid b on b.id = f.bid where b."case" = $1', lot
        ),
        messages=await connection.fetch(_MESSAGES, lot),
        notices=await all_of("bidding.notice", "lot", "n"),
        openings=[*await all_of("bidding.first_opening", "lot"), *await all_of("bidding.opening", "lot")],
        archives=await all_of("bidding.archive", "lot"),
        objections=await all_of("bidding.objection", "lot"),
        seeds=await all_of("box.seed"),
        verdicts=await all_of("box.verdict"),
        uploads=await connection.fetch(_UPLOADS, f"sealed_bid:{lot}"),
        judged=await connection.fetch(_JUDGED, lot),
        papers=await all_of("bidding.paper", "lot", "n"),
        draws=await connection.fetch(_DRAWS, lot),
    )


def _check_chain(stored: Stored) -> None:
    """Numbers without gaps, each naming the one before, each committed to by its leaf, each in the tree or waiting."""
    last = b""
    for n, event in enumerate(stored.events, 1):
        said, where = stored.said(event), f"event {n} {event['act']}"
        assert event["n"] == said["n"] == n, where
        assert said["prev"] == last.hex(), where
        assert (said["case"], said["act"]) == (str(stored.lot["id"]), event["act"]), where
        assert datetime.fromisoformat(said["at"]) == _cut(event["at"]), where
        assert hashlib.sha256(b"etb/1/event\0" + event["salt"] + event["body"]).digest() == event["leaf"], where
        private = hashlib.sha256(b"etb/1/event-private\0" + event["private_salt"] + event["private"]).hexdigest()
        assert said["private"] == private, where
        assert event["places"] == 1, f"{where}: in the tree or waiting for it, and never both"
        last = event["leaf"]
    if stored.events:
        head = stored.events[-1]
        assert (head["head_n"], head["head_leaf"]) == (len(stored.events), last), "the case's head"


def _check_hashes(stored: Stored) -> None:
    """Every hash an event names is of bytes that are stored, and everything stored is named by one event."""
    known = _bytes_of(stored)
    named: Counter[tuple[str, str]] = Counter()
    for event in stored.events:
        for kind, sha256 in stored.said(event)["hashes"].items():
            assert (kind, sha256) in known, f"{event['act']} names a {kind} that is nowhere stored"
            named[kind, sha256] += 1
    for place, data in known.items():
        assert data is None or hashlib.sha256(data).hexdigest() == place[1], f"the {place[0]} is not what its row says"
    texts = Counter(("notice", row["sha256"]) for row in stored.notices)
    texts += Counter((row["kind"], row["sha256"]) for row in stored.bids)
    texts += Counter(("opening", row["sha256"]) for row in stored.openings)
    texts += Counter((row["kind"], row["sha256"]) for row in stored.judged if row["kind"] in ONCE)
    texts += Counter((row["kind"], row["sha256"]) for row in stored.papers)
    for place, times in texts.items():
        assert named[place] == times, f"{place} is told {named[place]} times in the log and stored {times} times"


def _bytes_of(stored: Stored) -> dict[tuple[str, str], bytes | None]:
    """(kind, SHA-256 as written in a row) → the bytes of that row; None for a package, whose bytes are in the vault."""
    known: dict[tuple[str, str], bytes | None] = {}
    known |= {("notice", row["sha256"]): row["body"] for row in stored.notices}
    known |= {(row["kind"], row["sha256"]): row["body"] for row in stored.bids}
    known |= {(row["kind"], row["sha256"]): row["body"] for row in stored.messages}
    known |= {("message", row["sha256"]): row["body"] for row in stored.messages if row["refused"]}
    known |= {("opening", row["sha256"]): row["body"] for row in stored.openings}
    known |= {(row["kind"], row["sha256"]): row["body"] for row in stored.judged}
    known |= {(row["kind"], row["sha256"]): row["body"] for row in stored.papers}
    known |= _drawn(stored.draws)
    for body in (row["body"] for row in stored.papers if row["kind"] == "package"):
        known["public", json.loads(body)["public"]] = None
    for body in (extract(json.loads(row["body"])) for row in stored.judged if row["kind"] == "report"):
        known["ranking", hashlib.sha256(body).hexdigest()] = body
    for row in stored.archives:
        known |= {("public", row["public_sha256"]): None, ("archive", row["archive_sha256"]): None}
    if stored.lot["law"] is not None:
        value = json.loads(stored.lot["law"])
        law = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        known["law", hashlib.sha256(law).hexdigest()] = law
    return known


def _drawn(rows: Sequence[asyncpg.Record]) -> dict[tuple[str, str], bytes | None]:
    """What the events of draws name: every signed message, and of each draw the seed, the list's root and the order."""
    known: dict[tuple[str, str], bytes | None] = {}
    ceremonies: dict[UUID, Ceremony] = {}
    for row in rows:
        payload = dsse.read(row["envelope"]).payload
        known |= {(kind, row["sha256"]): payload for kind in (row["kind"], "message")}
        if row["kind"] == "begin":
            ceremonies[row["toss"]] = Ceremony(read_message(payload))
        elif row["toss"] in ceremonies:
            ceremonies[row["toss"]].add(read_message(payload))
    for drawn in (ceremony.drawn for ceremony in ceremonies.values()):
        if drawn is not None:
            order = encode(drawn.orders)
            known |= {("seed", drawn.seed.hex()): None, ("list_root", drawn.root.hex()): None}
            known["order", hashlib.sha256(order).hexdigest()] = order
    return known


def _check_stage(stored: Stored) -> None:
    """The stage and the deadline of the lot are what its events say last."""
    walked = [STAGES[event["act"]] for event in stored.events if event["act"] in STAGES]
    assert stored.lot["stage"] == walked[-1], f"stored as {stored.lot['stage']}, walked {walked}"
    told = [e for e in stored.of_act("publish_notice", "amend_notice", "resume_case") if "deadline" in e["facts"]]
    if told:
        assert datetime.fromisoformat(told[-1]["facts"]["deadline"]) == _cut(stored.lot["deadline"])
        numbers = [row["n"] for row in stored.notices]
        assert numbers == list(range(1, len(numbers) + 1)), "texts are numbered without gaps"
    raised = stored.of_act("raise_objection", "object_result")
    answered = stored.of_act("answer_objection", "answer_result")
    assert {e["subject"]: e["facts"]["text"] for e in raised} == {str(o["id"]): o["text"] for o in stored.objections}
    given = {str(o["id"]): o["answer"] for o in stored.objections if o["answered_at"] is not None}
    assert {e["subject"]: e["facts"]["answer"] for e in answered} == given


def _check_bids(stored: Stored, tools: Tools | None) -> None:
    """Every message of a chain follows the one before, has its event, and its receipt opens exactly that event."""
    events = {event["id"]: event for event in stored.events}
    told = {event["id"] for event in stored.events if event["act"] in ("submit_bid", "withdraw_bid")}
    assert {bid["event"] for bid in stored.bids} == told, "a bid without its event, or an event without its bid"
    last: dict[str, asyncpg.Record] = {}
    for bid in stored.bids:
        body, before = json.loads(bid["body"]), last.get(bid["bidder"])
        place = (body["seq"], body["prev"], body["bidder"], body["bid_id"])
        follows = (1, "") if before is None else (before["seq"] + 1, before["sha256"])
        assert place == (*follows, bid["bidder"], bid["bid_id"])
        assert bid["seq"] == body["seq"]
        signed = dsse.read(bid["envelope"])
        assert signed.payload == bid["body"]
        assert dsse.verify(signed, [bid["public_key"]]), "signed by the key of its chain"
        _check_receipt(stored, bid, events[bid["event"]], tools)
        last[bid["bidder"]] = bid


def _check_receipt(stored: Stored, bid: asyncpg.Record, event: asyncpg.Record, tools: Tools | None) -> None:
    signed, said = dsse.read(bid["receipt"]), stored.said(event)
    if tools is not None:
        assert dsse.verify(signed, [tools.receipts.public]), "the receipt is signed by the platform"
    receipt = read_receipt(signed.payload)
    assert stored.box is not None
    assert (receipt.tender, receipt.lot) == (stored.box["tender"], stored.box["lot"])
    assert (receipt.bidder, receipt.seq, receipt.sha256) == (bid["bidder"], bid["seq"], bid["sha256"])
    assert receipt.received == _cut(bid["received"]) == datetime.fromisoformat(said["at"])
    entry = hashlib.sha256(b"etb/1/event\0" + bytes.fromhex(receipt.salt) + event["body"]).digest()
    assert entry == event["leaf"], "the receipt's salt opens the entry"
    assert said["facts"] == {"seq": bid["seq"], "key": bid["public_key"].hex()}
    assert receipt.received < stored.box["deadline_at"], "received before the deadline"


def _check_uploads(stored: Stored) -> None:
    """Whatever an act has claimed for this lot belongs to a bid, and every file of a bid was claimed once."""
    wanted: set[tuple[str, int]] = set()
    for bid in (row for row in stored.bids if row["kind"] == "bid"):
        listed = {
            (stage["id"], n, file["size"], file["sha256"])
            for stage in json.loads(bid["body"])["stages"]
            for n, file in enumerate(stage["files"])
        }
        rows = {(f["stage"], f["n"], f["size"], f["sha256"]) for f in stored.files if f["bid"] == bid["id"]}
        assert rows == listed, "the files of a bid are those it names"
        wanted |= {(sha256, size) for _, _, size, sha256 in listed}
    claimed = {(u["sha256"], u["size"]) for u in stored.uploads if u["state"] in ("claimed", "kept")}
    assert claimed == wanted, "claimed without a bid, or a bid whose bytes nobody claimed"
    if stored.lot["stage"] not in ("registered", "returned", "accepted", "announced"):
        left = [u["id"] for u in stored.uploads if u["state"] in ("open", "complete")]
        assert left == [], "an upload goes on after the close"


def _check_box(stored: Stored, box: asyncpg.Record) -> None:
    """The box's state, set-up, notice and deadline are what its messages and events say last."""
    taken = [row for row in stored.messages if row["event"] is not None]
    told = {event["id"]: event for event in stored.events}
    for row in taken:
        said = stored.said(told[row["event"]])
        shut = "box_already" if row["refused"] == "already" else "box_refused"
        assert said["act"] == (shut if row["refused"] else f"box_{row['kind']}")
        assert row["sha256"] in said["hashes"].values()
        assert dsse.read(row["envelope"]).payload == row["body"]
    good = [row for row in taken if not row["refused"]]
    assert box["state"] == _state(stored, box["mode"], box["minimum"])
    assert box["setup"] == _last(stored, "box_setup", "setup", role="platform")
    assert box["deadline"] == _last(stored, "box_deadline", "deadline", role="platform")
    signed = [row["sha256"] for row in good if row["kind"] == "deadline" and row["role"] == "purchaser"]
    assert box["deadline_signed"] == (box["deadline"] in signed)
    assert box["sealing_open"] == bool(signed)
    assert box["close"] == _last(stored, "box_close", "close")
    texts = [e for e in stored.of_act("publish_notice", "amend_notice", "resume_case") if _binds_bids(e)]
    assert box["notice"] == (texts[-1]["hashes"]["notice"] if texts else "")
    if box["deadline"]:
        body = next(json.loads(row["body"]) for row in good if row["sha256"] == box["deadline"])
        assert datetime.fromisoformat(body["at"]) == _cut(box["deadline_at"]) == _cut(stored.lot["deadline"])


def _check_reports(stored: Stored) -> None:
    """Every report ranks as its own figures rank, and its figures are those of the sheets it names."""
    sheets = {row["sha256"]: json.loads(row["body"]) for row in stored.judged if row["kind"] == "scores"}
    for row in (row for row in stored.judged if row["kind"] == "report"):
        told = json.loads(row["body"])
        assert replay(told["evaluation"], told["judged"], told["scores"]) == told["ranking"], "the ranking"
        assert told["scores"].keys() <= told["sheets"].keys()
        for seat, marks in told["scores"].items():
            given = sheets[told["sheets"][seat]]
            assert str(given["seat"]) == seat
            assert {bidder: given["scores"][bidder] for bidder in marks} == marks, "marks that nobody gave"


def _binds_bids(event: Mapping[str, Any]) -> bool:
    """Whether a bid must answer this text: every notice and change, and what moved a deadline that still ran."""
    return event["act"] != "resume_case" or "deadline" in event["facts"]["moved"]


def _state(stored: Stored, mode: str, minimum: int) -> str:
    """The state of the box as its events walk it."""
    state = "ready" if mode == "bidder-only" else "setup"
    walk = {"box_ready": "ready", "box_list": "listed", "box_countersign": "opening", "box_opened": "opened"}
    walk |= {"box_next": "opening"}
    for event in stored.events:
        state = walk.get(event["act"], state)
        if event["act"] == "box_close":
            close = _body(stored, stored.said(event)["hashes"]["close"])
            state = "closed" if len(close["bids"]) >= minimum else "failed"
        if event["act"] == "end_case" and state in ("setup", "ready", "listed", "closed"):
            state = "failed"
    return state


def _check_opening(stored: Stored, box: asyncpg.Record) -> None:
    """The list closed is what stood; nothing is opened but what is on it; every bid on it has its verdicts."""
    bids = [row for row in stored.bids if row["kind"] == "bid"]
    newest = {row["bidder"]: row for row in stored.bids}
    for name in ("list", "close"):
        for row in (row for row in stored.messages if row["kind"] == name):
            value = json.loads(row["body"])
            assert value["bids"] == _sorted(r for r in newest.values() if r["kind"] == "bid"), name
            assert value["withdrawn"] == _sorted(r for r in newest.values() if r["kind"] == "withdraw"), name
            assert value["deadline"] == box["deadline"], name
    listed = _body(stored, box["close"])["bids"] if box["close"] else []
    stages = [stage["id"] for stage in json.loads(box["stages"])]
    commits = {(r["sha256"], s["id"]): s["commit"] for r in bids for s in json.loads(r["body"])["stages"]}
    assert {(row["bid"], row["stage"]) for row in stored.seeds} <= {(bid, s) for bid in listed for s in stages}
    assert set(commits) >= {(row["bid"], row["stage"]) for row in stored.seeds}
    judged = {(row["bid"], row["stage"]) for row in stored.verdicts}
    assert judged == _turns_over(box, listed), "a verdict on every stage that was opened, and on no other"
    for row in stored.verdicts:
        seeded = any((s["bid"], s["stage"]) == (row["bid"], row["stage"]) for s in stored.seeds)
        assert seeded or row["outcome"] != "opened", "opened without a seed"
    for row in stored.openings:
        told = json.loads(row["body"])
        assert sorted(bid["sha256"] for bid in told["bids"]) == listed, "the record tells of exactly the closed bids"


def _turns_over(box: asyncpg.Record, listed: Sequence[str]) -> set[tuple[str, str]]:
    """(bid, stage) of every turn that is over: the later stages are those of the bids that go on."""
    later: dict[bool, list[str]] = {True: [], False: []}
    for stage in json.loads(box["stages"]):
        later[bool(stage.get("later"))].append(stage["id"])
    over = box["turn"] - (box["state"] != "opened")
    found = {(bid, stage) for bid in listed for stage in later[False]} if over >= 1 else set()
    return found | ({(bid, s) for bid in json.loads(box["going_on"]) for s in later[True]} if over > 1 else set())


async def _check_files(stored: Stored, tools: Tools) -> None:
    """The bytes of every file of every bid are there and hash to their name, but for those that an event calls lost."""
    lost = {event["facts"]["sealed"]: event["facts"]["found"] for event in stored.of_act("box_damaged")}
    for sha256, found in lost.items():
        assert await keeping.digest(tools.store, sha256) == found != sha256
    for sha256 in {row["sha256"] for row in stored.files} - lost.keys():
        digest = hashlib.sha256()
        async for step in keeping.read(tools.store, sha256):
            digest.update(step)
        assert digest.hexdigest() == sha256


def _last(stored: Stored, act: str, kind: str, **facts: str) -> str:
    """The hash that the last event of this act names; empty when there is none."""
    found = [e["hashes"][kind] for e in stored.of_act(act) if facts.items() <= e["facts"].items()]
    return str(found[-1]) if found else ""


def _body(stored: Stored, sha256: str) -> Mapping[str, Any]:
    return dict(next(json.loads(row["body"]) for row in stored.messages if row["sha256"] == sha256))


def _sorted(rows: Iterable[asyncpg.Record]) -> list[str]:
    return sorted(row["sha256"] for row in rows)


def _cut(moment: datetime) -> datetime:
    """As it is written everywhere: milliseconds, cut and not rounded."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
