"""发布采购需求: an owner asks for a service of the catalogue; the draw that may be needed is begun at once."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from intermediaries import quotes, tosses
from intermediaries.case import Tools
from intermediaries.catalogue import Need, need_name
from intermediaries.modes import FUNDS, MODES, Mode
from intermediaries.records import items
from intermediaries.records import requests as records
from intermediaries.records.items import ItemRow
from intermediaries.request_case import RequestCase, request_act
from intermediaries.request_texts import write_text
from intermediaries.rules.requests import PROCEDURE, Purchase, need_problems, publication_problems
from intermediaries.schemas.requests import PublishRequest, WithdrawRequest
from intermediaries.stages import Stage
from intermediaries.tables.requests import Request
from kernel.accounts import records as accounts
from kernel.accounts.mandates import may_act_for
from kernel.accounts.records import OrganisationView
from kernel.acts import Beat, acting, answer, answered_before
from kernel.clock import iso
from kernel.errors import BadInput, Forbidden, Problem, refuse_all
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.law import LawInForce
from kernel.proofs.canonical import encode


async def publish_request(
    tools: Tools, actor: Actor, command: PublishRequest, request: UUID | None = None
) -> dict[str, Any]:
    """Publish a request; {request, code, sha256}. Refuses with everything that is wrong at once.

    Where the mode draws, the regulator's and the operator's processes begin now, before anybody has applied.
    """
    asked = command.model_dump(mode="json")
    if (known := await answered_before("publish_request", actor, request, asked)) is not None:
        return known
    case = new_id()
    async with acting("publish_request", actor, case) as beat:
        owner = await _owner(actor, command, beat.at)
        item = await items.listed_item(command.item)
        law = tools.law.in_force(beat.at.date(), command.region, PROCEDURE)
        mode = MODES.get(command.mode)
        wrong = publication_problems(mode, _purchase(command, mode), law, beat.at)
        needs = need_problems([Need(one.kind, one.least) for one in (*command.any_of, *command.all_of)])
        refuse_all([*wrong, *needs, *await _project_problems(command, owner)], BadInput)
        assert mode is not None, "an unknown mode has been refused"
        code = await _next_code(beat, command.region)
        toss = await tosses.begin(tools, beat) if mode.tossed else None
        await Request.insert(_row(case, code, actor, owner, command, item, mode, law, beat.at, toss))
        found = RequestCase(beat, await records.request(case))
        given = await _announce(tools, found, mode, law)
        await answer(beat, request, asked, given)
    return given


async def withdraw_request(actor: Actor, case: UUID, command: WithdrawRequest) -> None:
    """Take a request back while applications are open; the reason is published, applicants stay unknown."""
    async with request_act("withdraw_request", actor, case) as found:
        row = found.request
        sha256, _ = await write_text(row.id, row.code, row.name, "withdrawn", {"reason": command.reason}, found.beat.at)
        await found.move(Stage.WITHDRAWN, closed_at=found.beat.at, failure=command.reason[:400])
        await found.record(hashes={"text": sha256}, facts={"reason": command.reason})


async def _announce(tools: Tools, case: RequestCase, mode: Mode, law: LawInForce) -> dict[str, Any]:
    row = case.request
    sha256, _ = await write_text(row.id, row.code, row.name, "notice", _content(case, mode, law), case.beat.at)
    if mode.quotes:
        await quotes.open_box(tools, case, sha256, mode.least[row.funds])
    await case.record(hashes={"notice": sha256, "law": law.sha256()}, facts={"mode": mode.id, "item": row.item_code})
    if row.apply_until is not None:
        await case.wake(row.apply_until)
    return {"request": str(row.id), "code": row.code, "sha256": sha256}


def _purchase(command: PublishRequest, mode: Mode | None) -> Purchase:
    until = command.apply_until if mode is None or mode.applies else None
    money = command.amount, command.amount_says, command.lowest, command.highest
    return Purchase(command.region, command.fiscal_percent, *money, until)


async def _owner(actor: Actor, command: PublishRequest, at: datetime) -> OrganisationView:
    """The unit (or person) that buys: the actor's own, or an agent's principal."""
    wanted = command.owner if actor.role == "agent" else actor.organisation
    if wanted is None or actor.organisation is None:
        raise BadInput(Problem("owner_missing", "没有写明项目业主", "请选择单位或委托人", field="owner"))
    if actor.role == "agent" and not await may_act_for(actor.organisation, wanted, None, "publish_request", at):
        raise Forbidden(Problem("no_owner_mandate", "没有项目业主的有效委托", "请由业主在账户中授权"))
    found = await accounts.organisation(wanted)
    if found is None:
        raise BadInput(Problem("no_such_owner", "没有这个项目业主", "请重新选择", field="owner"))
    return found


async def _project_problems(command: PublishRequest, owner: OrganisationView) -> list[Problem]:
    """Announced again: of one's own first request only, which found no agency."""
    if command.project is None:
        return []
    found = await records.requests_of_project(command.project)
    if found and all(row.owner == owner.id and row.stage in (Stage.FAILED, Stage.WITHDRAWN) for row in found):
        return []
    says = "重新发布的，应当是本单位已流标或已撤回的需求"
    return [Problem("project_unknown", says, "请从原需求的页面重新发布", field="project")]


async def _next_code(beat: Beat, region: str) -> str:
    """The next number of a region's month; numbering is serial, so it is taken under a lock."""
    stem = f"ZJ{region}{beat.at:%Y%m}"
    await beat.connection.execute("select pg_advisory_xact_lock(hashtext($1))", f"request:{stem}")
    taken = await Request.count().where(Request.code.like(f"{stem}%"))
    return f"{stem}{taken + 1:04}"


def _row(
    case: UUID,
    code: str,
    actor: Actor,
    owner: OrganisationView,
    command: PublishRequest,
    item: ItemRow,
    mode: Mode,
    law: LawInForce,
    at: datetime,
    toss: UUID | None,
) -> Request:
    kept = {"name", "region", "fiscal_percent", "amount", "amount_says", "lowest", "highest", "service_days"}
    plain = command.model_dump(include={*kept, "complaints_phone"})
    return Request(
        id=case,
        code=code,
        stage=str(Stage.OPEN),
        by_agent=actor.organisation if actor.role == "agent" else None,
        mode=mode.id,
        mode_row=encode(mode.as_row()).decode(),
        terms=encode(_terms(command)).decode(),
        law=law.to_json(),
        published_at=at,
        apply_until=command.apply_until if mode.applies else None,
        toss=toss,
        project=command.project or case,
        **plain,
        **_of_owner(owner),
        **_of_item(item),
    )


def _of_owner(owner: OrganisationView) -> dict[str, Any]:
    named = {"owner_code": owner.code, "owner_name": owner.name}
    return {"owner": owner.id, "owner_controller": owner.controller, **named}


def _of_item(row: ItemRow) -> dict[str, Any]:
    """The item as it stands on the day of the notice; its approving department is the request's."""
    named = {"item_code": row.item.code, "item_name": row.item.name, "item_version": row.version}
    return {"item": row.id, "item_row": row.item.data.decode(), "department": row.item.approval_department, **named}


def _terms(command: PublishRequest) -> dict[str, Any]:
    return command.model_dump(mode="json", include={"scale", "content", "any_of", "all_of", "staff", "avoid"})


def _content(case: RequestCase, mode: Mode, law: LawInForce) -> dict[str, Any]:
    """What the notice says: every field of an announcement in the supermarket, and how the agency will be found."""
    row = case.request
    permit = mode.permit(row.region, row.funds)
    return {
        "name": row.name,
        "owner": row.owner_name,
        "owner_code": row.owner_code,
        "region": row.region,
        "department": row.department,
        "item": {"code": row.item_code, "name": row.item_name, "version": row.item_version},
        "mode": dict(row.mode_row),
        "mode_source": permit.source if permit else mode.source,
        "funds": FUNDS[row.funds],
        "fiscal_percent": row.fiscal_percent,
        "amount": _money(row.amount),
        "amount_says": row.amount_says,
        "lowest": _money(row.lowest),
        "highest": _money(row.highest),
        "service_days": row.service_days,
        "apply_until": iso(row.apply_until) if row.apply_until else "",
        "published": iso(case.beat.at),
        "complaints_phone": row.complaints_phone,
        "licences": {key: [need_name(Need(**one)) for one in row.terms[key]] for key in ("any_of", "all_of")},
        "law": law.sha256(),
        "law_day": law.day.isoformat(),
        "toss": str(row.toss) if row.toss else "",
        **{key: row.terms[key] for key in ("scale", "content", "staff", "avoid")},
    }


def _money(amount: Decimal | None) -> str:
    return "" if amount is None else str(amount)
