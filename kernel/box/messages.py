"""Putting a party's signed message into its box, once, as the exact bytes that came."""

from uuid import UUID

from kernel.acts import Beat
from kernel.box.records import MessageView
from kernel.box.tables import Message, Taken
from kernel.ids import new_id
from kernel.proofs.dsse import Signed

ALREADY = "already"
"""Of a message that was sound and came second: what its role had to do was done."""


async def put(
    beat: Beat, kind: str, role: str, signed: Signed, *, stage: str = "", author: str = "", subject: str = ""
) -> UUID:
    """Store the message and its event; a message that is there already changes nothing.

    `author` is the keyid of who signed it, empty for the platform's own unsigned drafts.
    """
    message = await _kept(beat, kind, role, signed, stage, author)
    await _took(beat, message, kind, role, signed, author, stage, subject)
    return message


async def already(beat: Beat, kind: str, role: str, signed: Signed, *, stage: str, author: str) -> None:
    """Put on record that another of the same role was quicker with the same thing: sound, and it counts no more.

    What the same holder sends a second time is there already and leaves nothing.
    """
    message = await _kept(beat, kind, role, signed, stage, author)
    if await Taken.exists().where(Taken.message == message):
        return
    event = await beat.record(
        f"{kind}:{role}",
        act="box_already",
        hashes={"message": signed.sha256},
        facts={"role": role, "author": author, "stage": stage},
    )
    await Taken.insert(Taken(message=message, event=event.event_id, refused=ALREADY))


async def _kept(beat: Beat, kind: str, role: str, signed: Signed, stage: str, author: str) -> UUID:
    """The row of this very message; written now unless it is there."""
    same = (Message.case == beat.case) & (Message.kind == kind) & (Message.role == role)
    this = (Message.stage == stage) & (Message.author == author) & (Message.sha256 == signed.sha256)
    known = await Message.select(Message.id).where(same & this).first()
    if known is not None:
        return UUID(str(known["id"]))
    message = new_id()
    await Message.insert(
        Message(
            id=message,
            case=beat.case,
            kind=kind,
            role=role,
            stage=stage,
            author=author,
            sha256=signed.sha256,
            body=signed.payload,
            envelope=signed.to_bytes(),
            at=beat.at,
        )
    )
    return message


async def _took(
    beat: Beat,
    message: UUID,
    kind: str,
    role: str,
    signed: Signed,
    author: str,
    stage: str,
    subject: str = "",
) -> None:
    if await Taken.exists().where(Taken.message == message):
        return
    event = await beat.record(
        subject or f"{kind}:{role}",
        act=f"box_{kind}",
        hashes={kind: signed.sha256},
        facts={"role": role, "author": author, "stage": stage},
    )
    await Taken.insert(Taken(message=message, event=event.event_id))


async def refuse(beat: Beat, message: MessageView, code: str) -> None:
    """Put on record that a message of the other side did not pass, and why; it never counts."""
    facts = {"code": code, "kind": message.kind, "role": message.role, "author": message.author, "stage": message.stage}
    event = await beat.record(str(message.id), act="box_refused", hashes={"message": message.sha256}, facts=facts)
    await Taken.insert(Taken(message=message.id, event=event.event_id, refused=code[:60]))
