"""`python -m docs.generate`: writes docs/generated from the tables that the platform itself obeys (同源发布)."""

import sys
from decimal import Decimal
from pathlib import Path

from bidding.procedures import PROCEDURES, Procedure
from docs.roads import ROADS
from kernel.law_table import read_limits
from kernel.limits import Limit
from kernel.permissions import ACTS
from kernel.regions import full_name

HERE = Path(__file__).parent
DUTIES = ("bidding", "experts", "intermediaries")
ROLES = {
    "public": "社会公众",
    "purchaser": "招标人",
    "agent": "代理机构",
    "bidder": "投标人",
    "intermediary": "中介机构",
    "operator": "交易中心",
    "regulator": "监督部门",
    "inspector": "监察",
    "expert": "专家",
}
BUSINESS = {"agency_entry": "中介机构入驻", "service_request": "中介服务采购"}
"""What limits bind that is no way of trading."""
GRANTS = {"any": "●", "own": "○", ".": ""}
UNITS = {"day": "日", "workday": "个工作日", "hour": "小时", "year": "年", "ratio": "", "yuan": "元", "count": "个"}


def sheets() -> dict[str, str]:
    """File name → text of every generated sheet."""
    return {"permissions.md": _permissions(), "flow.md": _flow(), "law.md": _law()}


def write(folder: Path = HERE / "generated") -> list[Path]:
    """Write every sheet; the paths."""
    folder.mkdir(exist_ok=True)
    for name, text in sheets().items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in sheets()]


def _permissions() -> str:
    roles = list(next(iter(ACTS.values())))
    rows = [[f"`{act}`", *(GRANTS[row[role]] for role in roles)] for act, row in ACTS.items()]
    return _sheet(
        "事项与角色",
        "kernel/permissions.py",
        "● 在职权范围内的全部案件；○ 只限本单位的案件；空白为不得办理。官员的范围由行政区划和监督部门限定。",
        _table(["事项", *(ROLES[role] for role in roles)], rows),
    )


def _flow() -> str:
    parts = []
    for road in ROADS:
        parts.append(f"## {road.title}")
        for heading, table in road.sections():
            parts += [f"### {heading}", _table(*table)]
        parts += [road.shown()] if road.shown() else []
    ways = ["## 交易方式", *(_procedure(p) for p in PROCEDURES.values())]
    sources = "bidding、experts、intermediaries、supervision/complaints 的 stages.py，bidding/procedures.toml"
    return _sheet("环节与交易方式", sources, "", *parts, *ways)


def _procedure(procedure: Procedure) -> str:
    low, high = procedure.window_range
    boxes = "、".join(f"`{stage}`（{'公开' if to == 'public' else '评审'}）" for stage, to in procedure.box)
    rows = [
        ["类别", procedure.category],
        ["方式", procedure.method],
        ["步骤", " → ".join(f"`{step}`" for step in procedure.stages)],
        ["最少投标人", f"{procedure.minimum} 家；不足则不开启"],
        ["标箱模式", "、".join(f"`{mode}`" for mode in procedure.modes)],
        ["分阶段开启", boxes],
        ["解密时间", f"{procedure.window_minutes} 分钟（可定为 {low} 至 {high} 分钟）"],
        ["补救时间", f"{procedure.fallback_minutes} 分钟"],
        ["公布后提出异议", f"{procedure.session_minutes} 分钟"],
        ["定标人", ROLES[procedure.decides]],
    ]
    return f"### {procedure.name}（`{procedure.id}`）\n\n" + _table(["项目", "内容"], rows)


def _law() -> str:
    found = [HERE.parent / duty / "law.toml" for duty in DUTIES]
    limits = read_limits({path.parent.name: path.read_text("utf-8") for path in found})
    rows = [[limit.id, limit.title, _bounds(limit), limit.citation, _says(limit), _force(limit)] for limit in limits]
    head = ["编号", "名称", "时限或限额", "依据", "条文", "适用"]
    note = "“至少”“至多”从前一事实到后一事实计算。条文中的“……”为节略；注明（转述）的不是原文。"
    source = "、".join(f"{duty}/law.toml" for duty in DUTIES)
    return _sheet("法定时限", source, note, _table(head, rows))


def _bounds(limit: Limit) -> str:
    unit = UNITS[limit.unit]
    shown = [("至少", limit.at_least), ("至多", limit.at_most)]
    amounts = [f"{word} {_amount(limit, value)}{unit}" for word, value in shown if value is not None]
    capped = [f"且不超过 {limit.cap:,f} 元"] if limit.cap is not None else []
    rolls = ["末日为休息日的顺延"] if limit.rolls else []
    return f"{' → '.join(limit.names)}：{'，'.join([*amounts, *capped, *rolls])}"


def _amount(limit: Limit, value: Decimal) -> str:
    return f"{(value * 100).normalize():f}%" if limit.unit == "ratio" else f"{value:,f}"


def _says(limit: Limit) -> str:
    return limit.says + ("（转述）" if limit.paraphrase else "")


def _force(limit: Limit) -> str:
    until = f" 至 {limit.until.isoformat()} 前" if limit.until else " 起"
    names = "、".join(PROCEDURES[p].name if p in PROCEDURES else BUSINESS[p] for p in limit.procedures)
    return f"{full_name(limit.region)}，{limit.since.isoformat()}{until}；{names}"


def _sheet(title: str, source: str, note: str, *parts: str) -> str:
    head = [f"# {title}", f"由 `{source}` 生成（`python -m docs.generate`），请勿手改。平台按同一张表执行。"]
    return "\n\n".join([*head, *([note] if note else []), *parts]) + "\n"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    for path in write():
        print(path.relative_to(HERE.parent), file=sys.stderr)
