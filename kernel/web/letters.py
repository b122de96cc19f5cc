"""督办来函: what the supervision side has written to one's organisation; reading it, and answering."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from kernel import letters
from kernel.letters import LARGEST_FILE, File
from kernel.web.auth import actor_of
from kernel.web.commands import tried
from kernel.web.csrf import FORM_FILE
from kernel.web.door import form_of, page, request_id
from kernel.web.once import once

AnyRequest = Request[Any, Any, Any]
OPT = {"act": "answer_letter"}
MEDIA = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png", "zip": "application/zip"}
"""Ending of a label → media type; never trusted for more than a download's header."""


@get("/letters", opt=OPT, include_in_schema=False)
async def letters_page(request: AnyRequest) -> Response[str]:
    return await page(request, "letters.html", letters=await letters.letters_to(actor_of(request)))


@get("/letters/{letter:uuid}", opt=OPT, include_in_schema=False)
async def letter_page(request: AnyRequest, letter: FromPath[UUID]) -> Response[str]:
    return await page(request, "letter.html", **await _shown(request, letter))


@post(
    "/letters/{letter:uuid}/answers",
    opt={**OPT, FORM_FILE: True},
    include_in_schema=False,
    request_max_body_size=LARGEST_FILE + 256 * 1024,
)
async def answer_letter(request: AnyRequest, letter: FromPath[UUID]) -> Response[Any]:
    form, sent = await form_of(request), await request.form()
    text, file = str(form.get("text", "")), await _file(sent.get("file"))

    async def do() -> Response[Any]:
        actor = actor_of(request)

        async def answered() -> dict[str, str]:
            return {"reply": str(await letters.answer(actor, letter, text, file))}

        said = {"letter": str(letter), "text": text, "file": file.label if file else ""}
        await once("answer_letter", actor, request_id(request, sent), said, answered)
        return Redirect(f"/letters/{letter}", status_code=303)

    async def again() -> Mapping[str, Any]:
        return await _shown(request, letter)

    return await tried(request, do, "letter.html", form, again)


@get("/letters/{letter:uuid}/answers/{reply:uuid}/file", opt=OPT, include_in_schema=False)
async def own_file(request: AnyRequest, letter: FromPath[UUID], reply: FromPath[UUID]) -> Response[bytes]:
    """One's own file again, as it was sent."""
    await letters.letter_to(actor_of(request), letter)
    return await send_reply_file(letter, reply)


async def send_reply_file(letter: UUID, reply: UUID) -> Response[bytes]:
    """The file of an answer as a download under a plain name: its label came from a user."""
    found = next((r for r in await letters.replies([letter]) if r.id == reply), None)
    content = await letters.file_of(reply if found else UUID(int=0))
    assert found is not None, "a file has its answer"
    ending = next((end for end, media in MEDIA.items() if media == found.media), "bin")
    headers = {
        "content-disposition": f'attachment; filename="{found.sha256[:12]}.{ending}"',
        "x-content-type-options": "nosniff",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)


def letter_handlers() -> list[ControllerRouterHandler]:
    """All of the above, for the trading site."""
    return [letters_page, letter_page, answer_letter, own_file]


async def _shown(request: AnyRequest, letter: UUID) -> dict[str, Any]:
    view = await letters.letter_to(actor_of(request), letter)
    return {"letter": view, "replies": await letters.replies([letter])}


async def _file(sent: object) -> File | None:
    """The uploaded file, if one was chosen: an empty file field comes without a name."""
    if not isinstance(sent, UploadFile) or not sent.filename:
        return None
    label = sent.filename.replace("\x00", "")
    ending = label.rpartition(".")[2].lower()
    return File(label, MEDIA.get(ending, "application/octet-stream"), await sent.read())
