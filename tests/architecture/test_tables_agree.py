"""The tables that decide are held to each other and to the code: acts, windows, measures, refusals, messages."""

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from house_databases import ROOT
from litestar import Litestar
from seeded_people import KEYS
from source_tree import called, calls, constant, functions, modules, walked

from app.asgi import build as build_trading
from bidding.rules import FIELDS
from bidding.stages import WINDOWS
from kernel import inbox
from kernel.permissions import ACTS, TABLE
from kernel.settings import Settings
from kernel.web.names import ACTS as NAMED
from supervision.asgi import build as build_supervision

Function = ast.FunctionDef | ast.AsyncFunctionDef
CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
TO_COME = "# yet to come"
SAID_DIFFERENTLY = {
    "late": "the deadline has passed: for a change of the notice, and for a bid",
    "not_opening": "the opening does not stand open: for revealing, for releasing",
    "not_your_act": "the role may not: said by the guard and by the step",
    "not_your_side": "not of one's own side: account, role, delegation",
    "period_backwards": "an end before its beginning: mandate, delegation",
    "session_needed": "said of a token and of the account's own pages",
    "sign_in_first": "said by the guard, by the session and by the pages",
    "store_cannot_lock": "found at the start, or by the store itself",
    "workbook_too_large": "as it was sent, or unpacked",
    "wrong_site": "the account or the role belongs to the other site",
}
"""Code that several sentences share → why they still mean one thing. A new one wants a code of its own, or a line."""
NOT_GRANTED = {"read_public", "leave_contact", "sign_in", "register_account", "check_health", "witness"}
"""What everybody may do anyway, and what only machines do: nobody grants it to a token."""


_BY_SCRIPT = (
    "submit_bid",
    "answer_cure",
    "submit_quote",
    "reveal_quote",
    "withdraw_quote",
    "upload_part",
    "attend_draw",
)
_BY_HAND = {
    "manage_account": "a token makes no tokens",
    "keep_rooms": "the centre's list of its own rooms",
    "answer_letter": "a person's words to a regulator",
}
BY_ONE_DOOR = dict.fromkeys(_BY_SCRIPT, "api") | dict.fromkeys(_BY_HAND, "page")
"""Writing acts that have but one door: the API for what a page's own script sends, a page for what no program does."""


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> list[Litestar]:
    """Both sites as they are built, not started."""

    def settings(name: str) -> Settings:
        folder = tmp_path_factory.mktemp(name)
        secret = "a secret for tests, 32 bytes or more"  # noqa: S105
        return Settings.read({"YANGGUANG_MODE": "test", "YANGGUANG_SECRET": secret, "YANGGUANG_VAR": str(folder)})

    trading = settings("trading")
    return [build_trading(trading, KEYS, lambda _: None), build_supervision(settings("watch"), KEYS, lambda _: None)]


def acts_of(site: Litestar) -> set[str]:
    handlers = [h for route in site.routes for h in getattr(route, "route_handlers", None) or [route.route_handler]]
    return {handler.opt["act"] for handler in handlers if "act" in handler.opt}


def to_come() -> set[str]:
    """Acts that the table names under the heading of what is to come."""
    _, _, rest = TABLE.partition(TO_COME)
    return {line.split()[0] for line in rest.splitlines()[1:] if line.strip() and not line.startswith("#")}


def taken() -> set[str]:
    """Acts that some code takes: what opens an act is called with their name, or a function is named like one."""
    takers = ("lot_act", "acting", "request_act")
    named = {constant(call.args[0]) for name in takers for _, call in calls(name) if call.args}
    named |= {node.name for tree in modules().values() for node in functions(tree) if node.name in ACTS}
    return {act for act in named if act is not None}


def test_every_route_names_an_act_of_the_table(sites: list[Litestar]) -> None:
    for site in sites:
        assert len(acts_of(site)) > 5
        assert acts_of(site) <= set(ACTS)


def doors(site: Litestar) -> dict[str, set[str]]:
    """Act that writes → by which doors it is taken: `api`, `page`."""
    found = defaultdict[str, set[str]](set)
    for route in site.routes:
        for handler in getattr(route, "route_handlers", None) or [route.route_handler]:
            if {"POST", "PUT", "DELETE"} & set(getattr(handler, "http_methods", ())):
                found[handler.opt["act"]].add("api" if route.path.startswith("/api/") else "page")
    return found


def test_whatever_is_done_on_trading_pages_a_program_does_too(sites: list[Litestar]) -> None:
    """And the other way round; what needs a secret of the browser's is sent by its scripts to the API."""
    one = {act: next(iter(door)) for act, door in doors(sites[0]).items() if len(door) == 1}
    assert len(doors(sites[0])) > 60
    assert one == BY_ONE_DOOR


def test_every_act_of_the_table_is_taken_somewhere_unless_it_is_told_to_come(sites: list[Litestar]) -> None:
    used = taken().union(*(acts_of(site) for site in sites))
    assert set(ACTS) - used == to_come()


def test_every_window_is_of_an_act_that_exists() -> None:
    assert set(WINDOWS) - set(ACTS) - taken() == set()


def test_every_act_that_a_step_takes_is_in_the_table_or_is_the_clocks_alone() -> None:
    """An act without a row could be taken by nobody: the guard of beat 3 would raise KeyError."""
    clocks = {"advance_box", "archive_case", "keep_package", "suspend_case", "resume_case", "check_stored"}
    clocks |= {"begin_evaluation", "advance_evaluation", "turn_draw"}
    clocks |= {"close_request", "open_quotes", "fix_request_list", "select_agency", "lapse_selection"}
    clocks |= {"rate_by_default", "archive_request", "end_void_draw"}
    clocks |= {"found_catalogue", "approve_item", "refuse_item", "withdraw_item", "carry_out_admission"}
    assert taken() - set(ACTS) == clocks


def test_every_act_that_a_token_may_name_has_its_chinese_name() -> None:
    assert set(NAMED) <= set(ACTS)
    assert set(ACTS) - set(NAMED) == NOT_GRANTED


def measures_used() -> set[str]:
    """What bidding/rules.py asks the law about: keys of facts, and pairs compared with `.measures`."""
    found: set[str] = set(FIELDS)
    for node in walked(modules()["bidding/rules.py"]):
        facts: ast.AST | None = None
        if isinstance(node, ast.AnnAssign) and "Fact" in ast.unparse(node.annotation):
            facts = node.value
        if isinstance(node, ast.Call) and called(node) == "problems" and node.args:
            facts = node.args[0]
        if isinstance(facts, ast.Dict):
            found |= {text for key in facts.keys if (text := constant(key)) is not None}
        if isinstance(node, ast.Compare) and "measures" in ast.unparse(node.left):
            found |= {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return found


def test_every_measure_the_rules_use_is_named_by_the_law_and_measured_by_a_limit() -> None:
    law = tomllib.loads((ROOT / "bidding" / "law.toml").read_text("utf-8"))
    measured = {measure for limit in law["limit"] for measure in limit["measures"]}
    assert len(measures_used()) >= 6
    assert measures_used() <= set(law["measures"])
    assert measures_used() <= measured
    assert measured <= set(law["measures"])


@cache
def problems() -> dict[str, list[tuple[str, str]]]:
    """Code → (file, what it says) of every Problem written out in the source."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for file, call in calls("Problem"):
        code = constant(call.args[0]) if call.args else None
        if code is not None:
            found[code].append((file, constant(call.args[1]) or ""))
    return found


def proof_codes() -> Iterator[str]:
    for name in ("Malformed", "NoMatch", "Forged", "BadSignature"):
        yield from (code for _, call in calls(name) if call.args and (code := constant(call.args[0])) is not None)


def test_every_code_of_a_refusal_is_lower_snake() -> None:
    codes = {*problems(), *proof_codes()}
    assert len(codes) > 200
    assert [code for code in codes if not CODE.fullmatch(code)] == []


def test_a_code_says_one_thing_or_is_known_to_say_it_in_several_ways() -> None:
    several = {
        code
        for code, said in problems().items()
        if len({says for file, says in said if says and not at_home(file)}) > 1
    }
    assert several == set(SAID_DIFFERENTLY)


def test_a_code_comes_with_one_status_only() -> None:
    """A client branches on the code: the same one may not be a 404 here and a 422 there. Tools at home have none."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for file, tree in modules().items():
        for node in walked(tree):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and not at_home(file):
                for inner in ast.walk(node.exc):
                    if isinstance(inner, ast.Call) and called(inner) == "Problem" and inner.args:
                        kinds[constant(inner.args[0]) or ""].add(called(node.exc))
    kinds.pop("", None)
    assert len(kinds) > 100
    assert {code: kind for code, kind in kinds.items() if len(kind) > 1} == {}


def at_home(file: str) -> bool:
    """A tool that people run on their own machines: what it says goes to a screen, not to a program."""
    return Path(file).parts[:2] in (("app", "bidder"), ("app", "commands"), ("app", "officer"))


def test_every_message_that_is_sent_has_its_template_and_every_template_is_sent() -> None:
    sent = dict(_sent())
    assert sorted(set(sent) - set(inbox.templates())) == [], "no such wording"
    assert sorted(set(inbox.templates()) - set(sent)) == [], "a wording that nobody sends"


def _sent() -> Iterator[tuple[str, str]]:
    """(template, file) of every message sent, through the functions by which the name is passed on."""
    for file, tree in _parsed().items():
        for function in functions(tree):
            for node in walked(function):
                if isinstance(node, ast.Call) and called(node) == "send" and "inbox" in ast.unparse(node.func):
                    names = set(_named(node.args[1], function, file))
                    assert names, f"{file}: {function.name} sends what is neither written out nor passed on"
                    yield from ((name, file) for name in names)


def _named(given: ast.expr, function: Function, file: str) -> Iterator[str]:
    """The texts this expression may stand for: written out, held by a local name, or handed in by a caller."""
    local = [node.value for node in ast.walk(function) if isinstance(node, ast.Assign) and _binds(node, given)]
    for expression in local or [given]:
        yield from _texts(expression)
    places = [argument.arg for argument in function.args.args if argument.arg != "self"]
    if isinstance(given, ast.Name) and given.id in places:
        for caller, call, where in _calls(function, file):
            handed = {word.arg: word.value for word in call.keywords} | dict(zip(places, call.args, strict=False))
            if given.id in handed:
                yield from _named(handed[given.id], caller, where)


def _texts(expression: ast.AST) -> Iterator[str]:
    """The texts among which a condition may choose; not those it compares with."""
    if isinstance(expression, ast.IfExp):
        yield from _texts(expression.body)
        yield from _texts(expression.orelse)
    elif isinstance(expression, ast.Tuple):
        yield from _texts(expression.elts[0])
    elif text := constant(expression):
        yield text


def _binds(node: ast.Assign, given: ast.expr) -> bool:
    bound = node.targets[0].elts[0] if isinstance(node.targets[0], ast.Tuple) else node.targets[0]
    return isinstance(given, ast.Name) and ast.unparse(bound) == given.id


def _calls(function: Function, home: str) -> Iterator[tuple[Function, ast.Call, str]]:
    """Every call of this function of the file `home`, there and where it is imported, with the function around it.

    Of a method every call of its name in its own package.
    """
    method = bool(function.args.args) and function.args.args[0].arg == "self"
    for file, tree in _parsed().items():
        near = (
            file.split("/")[0] == home.split("/", maxsplit=1)[0]
            if method
            else file == home or _imports(file, home, function)
        )
        for caller in functions(tree) if near else ():
            for node in walked(caller):
                if not isinstance(node, ast.Call) or called(node) != function.name or caller.name == function.name:
                    continue
                if not method or isinstance(node.func, ast.Attribute):
                    yield caller, node, file


def _imports(file: str, home: str, function: Function) -> bool:
    module = home.removesuffix(".py").replace("/", ".")
    return bool({(module, function.name), tuple(module.rsplit(".", 1))} & _imported(file))


@cache
def _parsed() -> dict[str, ast.Module]:
    return modules()


@cache
def _imported(file: str) -> set[tuple[str, str]]:
    """(module, name) of everything that this file imports by name."""
    found = (node for node in walked(_parsed()[file]) if isinstance(node, ast.ImportFrom))
    return {(node.module or "", name.name) for node in found for name in node.names}
