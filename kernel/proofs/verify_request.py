"""Verifies the package of a request of the supermarket: who applied, what was drawn or quoted, and who was selected."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from kernel.proofs.canonical import decode
from kernel.proofs.case_file import CaseFile
from kernel.proofs.damage import is_spoilt, on_trust
from kernel.proofs.dossier import Dossier, within
from kernel.proofs.errors import Malformed
from kernel.proofs.opened_file import open_index
from kernel.proofs.request_file import NAME, RequestFile, money, read_request
from kernel.proofs.selection import rank
from kernel.proofs.verify_bids import check_bids, check_chains, check_receipts
from kernel.proofs.verify_box import check_close, check_deadlines, check_standing, check_the_setup
from kernel.proofs.verify_draws import check_draws, read_draws
from kernel.proofs.verify_log import check_events, check_log, event_name
from kernel.proofs.verify_opening import check_keys, check_nothing_opened, check_reveals
from kernel.proofs.verify_package import check_manifest, check_members
from kernel.proofs.verify_record import check_files, file_name

TEXT_ACTS = ("publish_request", "withdraw_request", "publish_quotes", "select_agency", "fail_request")
"""Acts that publish a text of a request."""
STOPS = ("suspend_case", "resume_case")
"""Acts that may publish one: none does where they name no hash of it."""


def check_request(dossier: Dossier) -> str:
    """request.json says which request this is and by what rule its agency is found."""
    with within(NAME):
        found = read_request(dossier.read(NAME))
    dossier.request = found
    dossier.case = CaseFile(
        tender=found.code, lot="01", case=found.case, project=found.name, name=found.item, purchaser=found.owner,
        procedure=found.mode, mode="bidder-only", minimum=found.least, outcome="failed",
    )  # fmt: skip
    return f"{found.owner}：{found.name}（{found.code}，{found.item}）"


def check_request_end(dossier: Dossier) -> str:
    """The last event closes the package and states its own number, so that no event before it can be left out."""
    last = dossier.events[-1]
    with within(event_name(last.n)):
        if last.act != "archive_request" or last.fact("last") != last.n:
            raise Malformed("not_the_last", "最后一个事件应是归档，并写明末尾编号")
        if last.moment != dossier.package.manifest.at:
            raise Malformed("other_moment", "归档事件的时刻与清单所写不同")
    ends = {"served": "rate_service", "failed": "fail_request", "withdrawn": "withdraw_request"}
    outcome = of(dossier).outcome
    rated = ("rate_service", "rate_by_default") if outcome == "served" else (ends[outcome],)
    if not dossier.acts(*rated):
        raise Malformed("no_end", f"事件中没有与结果 {outcome} 相应的记载", NAME)
    return f"归档事件写明末尾编号为 {last.n}，此前无一遗漏"


def check_request_texts(dossier: Dossier) -> str:
    """Every published text and the law of that day are byte for byte those on record; the notice states the rule."""
    events = [e for e in dossier.acts(*TEXT_ACTS, *STOPS) if e.act not in STOPS or e.hash_of("text")]
    said = [e.hash_of("text") or e.hash_of("notice") for e in events]
    names = dossier.under("notices")
    for name, sha256 in zip(names, said, strict=False):
        if hashlib.sha256(dossier.read(name)).hexdigest() != sha256:
            raise Malformed("text_differs", "与案件事件所记的公告不同", name)
    if len(names) != len(said) or not names:
        raise Malformed("texts_differ", f"事件记有 {len(said)} 份公告，包内有 {len(names)} 份", "notices")
    with within("law.json"):
        dossier.recorded("publish_request", "law", hashlib.sha256(dossier.read("law.json")).hexdigest())
    _check_rule(dossier, names[0])
    return f"{len(names)} 份公告及当日适用的时限与记载相符，选取规则与公告相同"


def check_shortlists(dossier: Dossier) -> str:
    """What an owner saw when he chose is what his choice put on record, and the agency he picked is on it."""
    names = dossier.under("shortlists")
    said = [event.hash_of("shortlist") for event in dossier.acts("choose_agency")]
    if len(names) != len(said):
        raise Malformed("shortlists_differ", "选取时所见的列表与事件所记不符", "shortlists")
    for name, sha256 in zip(names, said, strict=True):
        with within(name):
            data = dossier.read(name)
            if hashlib.sha256(data).hexdigest() != sha256:
                raise Malformed("shortlist_differs", "不是选取时固定的列表")
            _check_picked(dossier, decode(data), sha256)
    return f"业主选取时所见的 {len(names)} 份列表与记载相符" if names else ""


def check_sealed_quotes(dossier: Dossier) -> str:
    """The box of sealed quotes, step by step as of a tender: sealed, received in time, listed, opened by each alone."""
    if not of(dossier).quotes or not dossier.acts("box_close"):
        return ""
    if dossier.acts("box_opened"):
        dossier.case = replace(dossier.case, outcome="opened")
    said = [check(dossier) for check in _BOX]
    said += [check(dossier) for check in (_OPENED if dossier.opened else (check_nothing_opened,))]
    return "；".join(said)


def check_quotes(dossier: Dossier) -> str:
    """The published quotes are those that the opened seeds give; who is shut out is beyond the notice's limits."""
    if not of(dossier).quotes or not dossier.acts("publish_quotes"):
        return ""
    name, text = _text(dossier, "opening")
    with within(name):
        shown = {line["sha256"]: line for line in text["quotes"]}
        if set(shown) - set(dossier.close.bids):
            raise Malformed("quote_unknown", "公布了截止名单以外的报价", "quotes")
        for sha256, line in shown.items():
            _check_quote(dossier, sha256, line)
    return f"公布的 {len(shown)} 份报价与解密结果一致"


def check_selection(dossier: Dossier) -> str:
    """Who was selected, and who followed whom, is what rule, quotes and drawn order give."""
    found = of(dossier)
    chosen = [event for event in dossier.acts("select_agency") if event.fact("code")]
    if found.picks == "choice" or not chosen:
        return ""
    drawn, percent = read_draws(dossier).order_of(dossier)
    prices = _prices(dossier) if found.quotes else {}
    ranking = rank(found.rule, {code: prices[code] for code in drawn} if found.quotes else {}, drawn, percent)
    allowed = iter(ranking.order)
    for event in chosen:
        code = event.fact("code")
        if code not in allowed:  # an iterator: each is looked for behind the one before
            raise Malformed("selected_out_of_order", f"选取的 {code} 不在规则给出的次序上", event_name(event.n))
    return f"按规则和抽取次序逐一推算，{len(chosen)} 次选取全部相符"


def of(dossier: Dossier) -> RequestFile:
    """What this package is of."""
    assert dossier.request is not None, "request.json is read first"
    return dossier.request


def _check_rule(dossier: Dossier, name: str) -> None:
    found = of(dossier)
    with within(name):
        content = decode(dossier.read(name))["content"]
        mode = content["mode"]
        said = (mode["picks"], mode["percents"], mode["drop_from"], mode["quotes"], mode["id"])
        if said != (found.picks, found.percents, found.drop_from, found.quotes, found.mode):
            raise Malformed("other_rule", "公告所写的选取规则与 request.json 不同", "content.mode")
        if (content["lowest"], content["highest"]) != (found.lowest, found.highest):
            raise Malformed("other_limits", "公告所写的限价与 request.json 不同", "content")


def _check_picked(dossier: Dossier, listed: Mapping[str, Any], sha256: str) -> None:
    codes = {line["code"] for line in listed["agencies"]}
    for name in dossier.under("notices"):
        text = decode(dossier.read(name))
        picked = text["kind"] == "selection" and text["content"]["basis"].get("shortlist") == sha256
        if picked and text["content"]["agency"]["code"] not in codes:
            raise Malformed("picked_unlisted", "选取的机构不在所见的列表中", "agencies")


def _check_quote(dossier: Dossier, sha256: str, line: Mapping[str, Any]) -> None:
    said = _amount(line["price"])
    if lost := _is_lost(dossier, sha256):
        dossier.notes.append(on_trust(line["code"]))
    price = said if lost else _price(dossier, sha256)
    if dossier.bids[sha256].bidder != line["code"] or (price is not None and price != said):
        raise Malformed("quote_differs", "公布的报价与解密结果不同", line["code"])
    stands = price is not None and price > 0 and _within_limits(of(dossier), price)
    if stands != (not line["shut"]):
        raise Malformed("quote_misjudged", "报价有效与否与公告的限价不符", line["code"])


def _within_limits(found: RequestFile, price: Decimal) -> bool:
    lowest, highest = money(found.lowest, "lowest"), money(found.highest, "highest")
    return (lowest is None or price >= lowest) and (highest is None or price <= highest)


def _is_lost(dossier: Dossier, sha256: str) -> bool:
    """Whether the index of an opened quote was lost afterwards, so that its price cannot be worked out again."""
    opened = (sha256, "price") in dossier.secrets and not is_spoilt(dossier, sha256, "price")
    return opened and _index_of(dossier, sha256) not in dossier.package


def _index_of(dossier: Dossier, sha256: str) -> str:
    bid = dossier.bids[sha256]
    return file_name("price", bid.bidder, bid.stage("price").files[0].n)


def _price(dossier: Dossier, sha256: str) -> Decimal | None:
    """What the sealed quote says once it is opened; None where it was not opened or says no amount."""
    secret, bid, name = dossier.secrets.get((sha256, "price")), dossier.bids[sha256], _index_of(dossier, sha256)
    if secret is None or is_spoilt(dossier, sha256, "price") or name not in dossier.package:
        return None
    opened = open_index(secret, bid.stage("price"), dossier.package.stream(name))
    return _amount(str((opened.index.form or {}).get("price", ""))) if opened.index is not None else None


def _amount(text: str) -> Decimal | None:
    """An amount as people type it; None for what is none."""
    try:
        return Decimal(text.strip().replace(",", "")) if text else None
    except InvalidOperation:
        return None


def _prices(dossier: Dossier) -> dict[str, Decimal]:
    _, text = _text(dossier, "opening")
    return {line["code"]: Decimal(line["price"]) for line in text["quotes"] if not line["shut"]}


def _text(dossier: Dossier, kind: str) -> tuple[str, Mapping[str, Any]]:
    for name in dossier.under("notices"):
        text = decode(dossier.read(name))
        if text["kind"] == kind:
            return name, text["content"]
    raise Malformed("text_missing", "包内缺少这份公告", kind)


Check = Callable[[Dossier], str]
_BOX: tuple[Check, ...] = (
    check_the_setup, check_deadlines, check_chains, check_bids, check_receipts, check_close, check_standing,
)  # fmt: skip
_OPENED: tuple[Check, ...] = (check_reveals, check_keys, check_files)
CHECKS: tuple[tuple[str, Check], ...] = (
    ("清单签名", check_manifest),
    ("逐字节核对", check_members),
    ("采购需求", check_request),
    ("事件链", check_events),
    ("日志与见证", check_log),
    ("无一遗漏", check_request_end),
    ("公告与规则", check_request_texts),
    ("业主选取", check_shortlists),
    ("密封报价", check_sealed_quotes),
    ("公布的报价", check_quotes),
    ("抽取", check_draws),
    ("选取结果", check_selection),
)
"""The checks of a request's package, in the order of its story."""
NOT_PROVED = (
    "单位名称、机构资质和评价内容取自平台登记；事件时刻取自平台时钟，只受前后次序和见证约束",
    "机构的电脑若被动手脚，其报价可能在开启前被人得知：本包不能排除",
    "合同和成果文件只有摘要在事件中，由双方自行保存和核对",
)
