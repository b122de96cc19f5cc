"""The mailbox of letters: supervision writes to an organisation of the traded side, which reads and answers here.

The supervision site may only add letters; the trading site says that one is delivered and takes the answer. Nothing
of it is ever changed or taken back: a letter that was wrong is followed by another.
"""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from kernel import inbox, log
from kernel.clock import CHINA
from kernel.db import TRADING, Engine, reading, transaction
from kernel.errors import BadInput, Forbidden, NotFound, Problem, TooLarge, WrongStage, refuse_all
from kernel.identity import Actor, clockwork
from kernel.ids import new_id
from kernel.letter import KINDS, Paper, read_letter
from kernel.proofs import dsse
from kernel.proofs.errors import ProofError

LARGEST_FILE = 5 * 1024 * 1024
"""Bytes of the one file an answer may carry."""
LONGEST_ANSWER = 4000
"""Characters."""
_ACTOR = clockwork("letters")
_log = logging.getLogger("yangguang.letters")
_SEEN = (
    "select l.body, l.posted_at, d.at as delivered_at, d.problem,"
    " (select count(*) from kernel.letter_reply r where r.letter = l.id) as answers"
    " from kernel.letter l left join kernel.letter_delivered d on d.letter = l.id"
)
_UNDELIVERED = """
select l.id, l.organisation, l.envelope from kernel.letter l
where not exists (select from kernel.letter_delivered d where d.letter = l.id) order by l.posted_at, l.id limit 200
"""
_TELEPHONES = """
with handler as (
    select (convert_from(e.private, 'utf8')::jsonb ->> 'person') as person
    from kernel.log_event e join accounts.organisation o on o.id = $1
    where e.case_key = $2 and convert_from(e.body, 'utf8')::jsonb ->> 'organisation' = o.code
    order by e.n desc limit 1
), held as (
    select m.person, m.granted_by, m.asked_at, p.phone, m.person::text = (select person from handler) as handles
    from accounts.membership m join accounts.person p on p.id = m.person
    where m.organisation = $1 and m.since <= clock_timestamp() and (m.until is null or m.until > clock_timestamp())
)
select phone from held h where phone <> ''
group by phone order by bool_or(coalesce(handles, false)) desc,
    bool_or(person in (select granted_by from held where handles)) desc, min(asked_at) limit 2
"""


@dataclass(frozen=True, slots=True)
class LetterView:
    """A letter with its way: when posted, when it lay in the inbox (or why not), how often it was answered."""

    paper: Paper
    posted_at: datetime
    delivered_at: datetime | None
    problem: str
    answers: int

    @property
    def kind_name(self) -> str:
        return KINDS[self.paper.kind]


@dataclass(frozen=True, slots=True)
class ReplyView:
    """An answer; `label` and `sha256` are of its file, empty without one."""

    id: UUID
    letter: UUID
    name: str
    text: str
    label: str
    media: str
    sha256: str
    at: datetime


@dataclass(frozen=True, slots=True)
class File:
    """The one file of an answer."""

    label: str
    media: str
    content: bytes


async def post(envelope: bytes, *, keys: Sequence[bytes], db: Engine = TRADING) -> Paper:
    """Put a signed letter into the mailbox; called by the supervision site. The same again changes nothing."""
    paper = _verified(envelope, keys)
    async with transaction(db) as connection:
        row = await connection.fetchrow(
            'insert into kernel.letter (id, "case", matter, organisation, body, envelope, posted_at)'
            " values ($1, $2, $3, $4, $5, $6, kernel.law_now()) on conflict (id) do nothing returning id",
            paper.id, paper.case, paper.matter, paper.to, paper.data, envelope,
        )  # fmt: skip
        if row is None and await connection.fetchval("select body from kernel.letter where id = $1", paper.id) != (
            paper.data
        ):
            raise WrongStage(Problem("letter_id_used", "这个编号已用于另一份来函", "请换一个编号"))
    return paper


async def deliver(key: bytes) -> int:
    """The trading worker's round: every letter into its addressee's inbox, and word to the handler and the approver.

    `key` is the regulator's process's. A letter not signed by it is shouted about and never delivered.
    """
    async with transaction(TRADING) as connection:
        waiting = await connection.fetch(_UNDELIVERED)
    done = 0
    for row in waiting:
        try:
            paper = _verified(row["envelope"], [key])
        except (BadInput, Forbidden) as wrong:
            _log.critical("letter %s is not the regulator's: %s", row["id"], wrong)
            continue
        async with transaction(TRADING) as connection:
            done += await _deliver(connection, paper)
    return done


async def answer(actor: Actor, letter: UUID, text: str, file: File | None = None) -> UUID:
    """Answer a letter to one's own organisation, as often as needed; the answer cannot be taken back."""
    view = await letter_to(actor, letter)
    refuse_all(_answer_problems(text), BadInput)
    if file is not None and len(file.content) > LARGEST_FILE:
        raise TooLarge(Problem("letter_file_too_large", "附件超过 5 MB", "请压缩或分次回复", field="file"))
    sha256 = hashlib.sha256(file.content).hexdigest() if file else ""
    async with transaction(TRADING) as connection:
        at = (await connection.fetchval("select kernel.law_now()")).astimezone(CHINA)
        reply = new_id()
        await connection.execute(
            "insert into kernel.letter_reply (id, letter, person, name, text, label, media, content, sha256, at)"
            " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            reply, letter, actor.person, actor.name, text.strip(), file.label[:160] if file else "",
            file.media[:100] if file else "", file.content if file else None, sha256, at,
        )  # fmt: skip
        hashes = {"letter": hashlib.sha256(view.paper.data).hexdigest()} | ({"file": sha256} if sha256 else {})
        await _record(connection, "answer_letter", actor, view.paper, at, hashes)
    return reply


async def letters_to(actor: Actor) -> list[LetterView]:
    """Every delivered letter to the actor's organisation, the newest first."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(
            f"{_SEEN} where l.organisation = $1 and d.at is not null order by l.posted_at desc, l.id",
            actor.organisation,
        )
    return [_view(row) for row in rows]


async def letter_to(actor: Actor, letter: UUID) -> LetterView:
    """One of them; of another's `NotFound`, as if there were none."""
    async with reading(TRADING) as connection:
        row = await connection.fetchrow(f"{_SEEN} where l.id = $1 and l.organisation = $2", letter, actor.organisation)
    if row is None:
        raise NotFound(Problem("no_letter", "没有这份来函", "请从督办来函列表进入"))
    return _view(row)


async def of_matters(matters: Sequence[UUID]) -> list[LetterView]:
    """What was written about these matters (cards), the oldest first."""
    return await _letters("l.matter = any($1) order by l.posted_at, l.id", list(matters))


async def of_case(case: UUID) -> list[LetterView]:
    """What was written in one case, the oldest first."""
    return await _letters('l."case" = $1 order by l.posted_at, l.id', case)


async def case_of(letter: UUID) -> UUID:
    """The case a letter was written in; `NotFound` for none."""
    async with reading(TRADING) as connection:
        case: UUID | None = await connection.fetchval('select "case" from kernel.letter where id = $1', letter)
    if case is None:
        raise NotFound(Problem("no_letter", "没有这份来函", "请从项目页面进入"))
    return case


async def replies(letters: Sequence[UUID]) -> list[ReplyView]:
    """The answers to these letters, the oldest first."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(
            "select id, letter, name, text, label, media, sha256, at from kernel.letter_reply"
            " where letter = any($1) order by at, id",
            list(letters),
        )
    return [ReplyView(**{**row, "at": row["at"].astimezone(CHINA)}) for row in rows]


async def file_of(reply: UUID) -> bytes:
    """The file of an answer; `NotFound` when it has none."""
    async with reading(TRADING) as connection:
        content = await connection.fetchval("select content from kernel.letter_reply where id = $1", reply)
    if content is None:
        raise NotFound(Problem("no_attachment", "没有附件", "请返回来函页面"))
    return bytes(content)


async def _deliver(connection: asyncpg.Connection, paper: Paper) -> int:
    known = await connection.fetchval("select exists (select from accounts.organisation where id = $1)", paper.to)
    taken = await connection.fetchval(
        "insert into kernel.letter_delivered (letter, problem, at) values ($1, $2, kernel.law_now())"
        " on conflict (letter) do nothing returning at",
        paper.id,
        "" if known else "交易平台没有登记这个单位",
    )
    if taken is None or not known:
        return 0
    fields = {"kind": KINDS[paper.kind], "authority": paper.written_by, "title": paper.title, "says": paper.says}
    link = f"/letters/{paper.id}"
    await inbox.send(connection, "letter_received", fields=fields, organisation=paper.to, link=link)
    for row in await connection.fetch(_TELEPHONES, paper.to, str(paper.case)):
        await inbox.send(connection, "letter_notice", fields=fields, link=link, also={"sms": row["phone"]})
    await _record(connection, "deliver_letter", _ACTOR, paper, taken.astimezone(CHINA), {})
    return 1


async def _record(
    connection: asyncpg.Connection, act: str, actor: Actor, paper: Paper, at: datetime, hashes: Mapping[str, str]
) -> None:
    """Letters have a chain of their own beside the case's: they go on when the case is archived."""
    await log.record(
        connection, case_key=f"letters:{paper.case}", act=act, actor=actor, subject=str(paper.id), at=at,
        hashes=dict(hashes), facts={"kind": paper.kind, "title": paper.title},
    )  # fmt: skip


async def _letters(where: str, *values: Any) -> list[LetterView]:
    async with reading(TRADING) as connection:
        return [_view(row) for row in await connection.fetch(f"{_SEEN} where {where}", *values)]


def _answer_problems(text: str) -> list[Problem]:
    if not text.strip():
        return [Problem("answer_empty", "没有填写回复内容", "请写明情况、原因和改正措施", field="text")]
    if len(text) > LONGEST_ANSWER or "\x00" in text:
        return [Problem("answer_too_long", f"回复不超过 {LONGEST_ANSWER} 字", "请精简，或用附件", field="text")]
    return []


def _verified(envelope: bytes, keys: Sequence[bytes]) -> Paper:
    try:
        signed = dsse.read(envelope)
        paper = read_letter(signed.payload)
    except ProofError as wrong:
        says = f"来函不合格式：{wrong.says}"
        raise BadInput(Problem(wrong.code, says, "请重新生成来函", field=wrong.where)) from wrong
    if not dsse.verify(signed, keys):
        raise Forbidden(Problem("letter_unsigned", "来函没有监督进程的有效签名", "请由行政监督人员发出"))
    return paper


def _view(row: Mapping[str, Any]) -> LetterView:
    delivered = row["delivered_at"]
    return LetterView(
        read_letter(row["body"]),
        row["posted_at"].astimezone(CHINA),
        delivered.astimezone(CHINA) if delivered else None,
        row["problem"] or "",
        row["answers"],
    )
