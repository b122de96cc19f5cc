"""Filing: with the trading site's letter of introduction, or at the counter; every doubt is said, none is a wall."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from kernel.accounts.rules import in_scope
from kernel.clock import CHINA
from kernel.db import HOME, transaction
from kernel.errors import BadInput, Forbidden, Problem, TooLarge
from kernel.identity import PUBLIC, Actor
from kernel.ids import new_id
from kernel.introduction import Introduction
from supervision.acts import record
from supervision.complaints.case import enter, keep
from supervision.complaints.records import digest_of
from supervision.complaints.rules import Filing, doubts
from supervision.complaints.schemas import FileAtCounter, FileComplaint
from supervision.complaints.stages import Stage
from supervision.complaints.subject import Subject, subject_by_code, subject_of

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
EVIDENCE_FILES, EVIDENCE_BYTES = 5, 6 * 1024 * 1024
BODY = 32 * 1024 * 1024
"""Bytes a filing may have in all."""
MEDIA = {".pdf": "application/pdf", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file handed in with a complaint, by its user's label."""

    label: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Filed:
    """What whoever filed takes home: the number and the code by which he may ask; the code is shown this once."""

    id: UUID
    number: str
    code: str
    filed_at: datetime


@dataclass(frozen=True, slots=True)
class Party:
    """Who complains."""

    person: UUID | None
    name: str
    organisation_name: str
    organisation_code: str


def doubts_of(subject: Subject, command: FileComplaint, at: datetime) -> list[Problem]:
    """What may keep it from being admitted, as said before it is sent off."""
    filing = Filing(command.topic, command.cause_known, command.objected, command.replied)
    return doubts(subject.track, filing, at)


async def file_introduced(letter: Introduction, command: FileComplaint, evidence: Sequence[Evidence]) -> Filed:
    """File with a letter of introduction, which tells who complains about which case."""
    party = Party(letter.person, letter.name, letter.organisation_name, letter.organisation_code)
    subject = await subject_of(letter.case)
    return await _file(subject, party, command, evidence, PUBLIC, "introduced", letter.sha256)


async def file_at_counter(actor: Actor, command: FileAtCounter, evidence: Sequence[Evidence]) -> Filed:
    """An officer enters for somebody who came in person; the officer's name stands with it."""
    subject = await subject_by_code(command.case_code)
    if not in_scope(actor, subject.region, subject.department):
        raise Forbidden(Problem("out_of_region", "不在您的地区或部门范围内", "请告知投诉人向项目的监督部门提出"))
    party = Party(None, command.name, command.organisation_name, command.organisation_code)
    return await _file(subject, party, command, evidence, actor, "counter", "")


async def _file(
    subject: Subject,
    party: Party,
    command: FileComplaint,
    evidence: Sequence[Evidence],
    actor: Actor,
    door: str,
    letter: str,
) -> Filed:
    _check(subject, command, evidence)
    code = "".join(secrets.choice(ALPHABET) for _ in range(10))
    async with transaction(HOME) as connection:
        at = (await connection.fetchval("select kernel.law_now()")).astimezone(CHINA)
        found = [asdict(p) for p in doubts_of(subject, command, at)]
        filed = Filed(new_id(), await _number(connection, at), code, at)
        await _write(connection, filed, subject, party, command, found, actor, door, letter)
        hashes = [await keep(connection, filed.id, "evidence", e.label, e.body, _media(e), at) for e in evidence]
        facts = {"topic": command.topic, "door": door, "files": str(len(hashes))}
        await enter(connection, filed.id, "file", actor, "", at, facts)
        said = {**facts, "number": filed.number, "evidence": ",".join(hashes)}
        await record("file_complaint", actor, subject.id, filed.number, facts=said)
    return filed


def _check(subject: Subject, command: FileComplaint, evidence: Sequence[Evidence]) -> None:
    if subject.track.topic(command.topic) is None:
        raise BadInput(Problem("topic_unknown", "没有选定投诉事项的类别", "请从列出的类别中选择", field="topic"))
    if len(evidence) > EVIDENCE_FILES or any(len(e.body) > EVIDENCE_BYTES for e in evidence):
        says = f"附件至多 {EVIDENCE_FILES} 件，每件不超过 {EVIDENCE_BYTES >> 20} MB"
        raise TooLarge(Problem("evidence_too_large", says, "请压缩或分次补交", field="evidence"))
    if any(not _media(e) for e in evidence):
        raise BadInput(Problem("evidence_kind", "附件只收 PDF、JPG、PNG", "请另存为这些格式", field="evidence"))


def _media(evidence: Evidence) -> str:
    return MEDIA.get("." + evidence.label.rpartition(".")[2].lower(), "")


async def _number(connection: asyncpg.Connection, at: datetime) -> str:
    """TS20260430-0001: numbered within its day under one lock, so that two at once differ."""
    await connection.execute("select pg_advisory_xact_lock(hashtext('complaints.number'))")
    day = f"TS{at:%Y%m%d}-"
    count = await connection.fetchval("select count(*) from complaints.complaint where number like $1 || '%'", day)
    return f"{day}{count + 1:04d}"


async def _write(
    connection: asyncpg.Connection,
    filed: Filed,
    subject: Subject,
    party: Party,
    command: FileComplaint,
    found: list[dict[str, str]],
    actor: Actor,
    door: str,
    letter: str,
) -> None:
    row = {
        "id": filed.id, "number": filed.number, '"case"': subject.id, "case_code": subject.code,
        "case_title": subject.title, "region": subject.region, "department": subject.department,
        "track": subject.track.id, "topic": command.topic, "respondent": command.respondent,
        "claims": command.claims, "grounds": command.grounds, "cause_known": command.cause_known,
        "objected": command.objected, "replied": command.replied, "doubts": json.dumps(found),
        "person": party.person, "name": party.name, "organisation_code": party.organisation_code,
        "organisation_name": party.organisation_name, "phone": command.phone, "door": door,
        "introduction": letter, "entered_by": actor.person, "code_digest": digest_of(filed.code),
        "filed_at": filed.filed_at, "stage": str(Stage.FILED),
    }  # fmt: skip
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    statement = f"insert into complaints.complaint ({', '.join(row)}) values ({places})"  # noqa: S608 - names above
    await connection.execute(statement, *row.values())
