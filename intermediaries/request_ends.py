"""流标: a request that finds no agency ends by rule, and everybody concerned is told why."""

from intermediaries.records import applicants
from intermediaries.request_case import RequestCase
from intermediaries.request_news import tell, tell_owner
from intermediaries.request_texts import write_text
from intermediaries.stages import Stage


async def fail(case: RequestCase, reason: str) -> None:
    """End the request with this reason, published; the owner may announce it again."""
    row = case.request
    sha256, _ = await write_text(row.id, row.code, row.name, "failure", {"reason": reason}, case.beat.at)
    await case.move(Stage.FAILED, failure=reason[:400])
    await case.record("fail_request", hashes={"text": sha256}, facts={"reason": reason})
    await tell_owner(case, "request_failed", reason=reason)
    for applicant in await applicants.applicants(row.id):
        await tell(case, applicant.organisation, "request_failed", reason=reason)
