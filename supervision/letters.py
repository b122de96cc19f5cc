"""Letters by hand: an officer asks a party for an explanation, or tells it something; the answer comes back here."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from kernel import letters
from kernel.clock import now
from kernel.db import HOME, transaction
from kernel.errors import BadInput, Problem, WrongStage
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.letter import Paper, build_letter
from kernel.proofs import dsse
from kernel.proofs.errors import ProofError
from supervision import hall
from supervision.acts import record


class WriteLetter(BaseModel):
    """督办来函: to which party of the case, what is asked, by when."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    kind: Literal["inquiry", "notice"] = "inquiry"
    party: Literal["purchaser", "agent", "agency"]
    title: str = Field(min_length=2, max_length=80)
    says: str = Field(min_length=1, max_length=1500)
    article: str = Field(default="", max_length=200)
    until: AwareDatetime | None = None


async def write_letter(
    actor: Actor, case: UUID, command: WriteLetter, process: dsse.Signer, number: UUID | None = None
) -> Paper:
    """Write to a party of a case of one's own scope; signed by the site in the officer's name, and on record."""
    watched = await hall.case(actor, case)
    to = watched.parties.get(command.party)
    if to is None:
        raise WrongStage(Problem("no_such_party", "本项目没有这一方当事人", "请改选其他当事人", field="party"))
    if command.until is not None and command.until <= await now():
        raise BadInput(Problem("reply_until_passed", "回复期限已经过去", "请填写更晚的期限", field="until"))
    signed = dsse.sign(_built(actor, case, to, command, number or new_id()), process)
    async with transaction(HOME):
        facts = {"title": command.title, "says": command.says, "party": command.party}
        await record("write_letter", actor, case, command.kind, hashes={"letter": signed.sha256}, facts=facts)
        return await letters.post(signed.to_bytes(), keys=[process.public])


def _built(actor: Actor, case: UUID, to: UUID, command: WriteLetter, number: UUID) -> bytes:
    try:
        return build_letter(
            id=number,
            case=case,
            kind=command.kind,
            to=to,
            title=command.title,
            says=" ".join(command.says.split("\n")).replace("\r", ""),
            written_by=(actor.organisation_name or actor.name)[:100],
            article=command.article,
            until=command.until,
        )
    except ProofError as wrong:
        raise BadInput(Problem(wrong.code, wrong.says, "请按要求改正这一项", field=wrong.where)) from None
