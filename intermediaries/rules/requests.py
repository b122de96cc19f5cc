"""What a request is judged by: may it be published so, may this agency apply, what a finished service calls for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from intermediaries.catalogue import QUALIFICATIONS, Need, need_name
from intermediaries.modes import FUNDS, Mode, funds_of
from intermediaries.rules.agencies import Paper, holds
from kernel import regions
from kernel.errors import Problem
from kernel.law import Fact, LawInForce
from kernel.money import figures

PROCEDURE = "service_request"
"""Under this name law.toml holds the limits of requests."""
FIELDS = {"applications_closed": "apply_until", "fiscal_amount": "amount"}
"""What a limit measures → the member of the command it is written in."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """What an owner asks for, as far as the rules look at it; amounts in yuan."""

    region: str
    fiscal_percent: int
    amount: Decimal | None
    amount_says: str
    lowest: Decimal | None
    highest: Decimal | None
    apply_until: datetime | None

    @property
    def funds(self) -> str:
        return funds_of(self.fiscal_percent)


def publication_problems(mode: Mode | None, purchase: Purchase, law: LawInForce, at: datetime) -> list[Problem]:
    """Everything that keeps a request from being published now."""
    if mode is None:
        return [Problem("mode_unknown", "没有这种选取方式", "请从列表中选择", field="mode")]
    wrong = regions.check(purchase.region)
    if wrong is not None:
        return [wrong]
    facts: dict[str, Fact] = {"request_published": at, "applications_closed": purchase.apply_until}
    if purchase.funds == "fiscal":
        facts["fiscal_amount"] = purchase.amount
    limits = [replace(p, field=FIELDS.get(p.field, p.field)) for p in law.problems(facts)]
    return [*_mode_problems(mode, purchase), *_form_problems(mode, purchase, at), *limits]


def need_problems(needs: Sequence[Need]) -> list[Problem]:
    """Licences that the notice asks for and the catalogue does not know."""
    found = []
    for need in needs:
        kind = QUALIFICATIONS.get(need.kind)
        if kind is None or (need.least and need.least not in kind.grades):
            says = f"没有这种资质或等级：{need.kind} {need.least}".rstrip()
            found.append(Problem("licence_unknown", says, "请从列表中选择", field="all_of"))
    return found


def _mode_problems(mode: Mode, purchase: Purchase) -> list[Problem]:
    if mode.allows(purchase.region, purchase.funds, purchase.amount):
        return []
    permit = mode.permit(purchase.region, purchase.funds)
    where = f"{regions.full_name(purchase.region)}的{FUNDS[purchase.funds]}项目"
    if permit is None or permit.up_to is None:
        says = f"{where}不能使用{mode.name}"
        return [Problem("mode_not_permitted", says, "请改用其他选取方式", permit.source if permit else "", "mode")]
    says = f"{where}超过 {figures(permit.up_to)} 元或金额未定的，不能使用{mode.name}"
    return [Problem("mode_not_permitted", says, "请改用随机或竞价选取", permit.source, "mode")]


def _form_problems(mode: Mode, purchase: Purchase, at: datetime) -> list[Problem]:
    found = []
    if purchase.amount is None and not purchase.amount_says:
        says = "没有填写金额，也没有说明金额暂不能确定的原因"
        found.append(Problem("amount_missing", says, "填写金额，或说明如何计价", field="amount_says"))
    if mode.applies and purchase.apply_until is None:
        found.append(Problem("deadline_missing", "没有填写报名截止时间", "请填写", field="apply_until"))
    if purchase.apply_until is not None and purchase.apply_until <= at:
        found.append(Problem("deadline_past", "报名截止时间应晚于现在", "请填写更晚的时间", field="apply_until"))
    if mode.quotes and purchase.highest is None:
        found.append(Problem("ceiling_missing", "竞价选取应当写明最高限价", "请填写", field="highest"))
    if purchase.lowest is not None and purchase.highest is not None and purchase.lowest > purchase.highest:
        found.append(Problem("limits_crossed", "最低限价高于最高限价", "请核对两个限价", field="lowest"))
    return found


def licence_problems(
    papers: Sequence[Paper], any_of: Sequence[Need], all_of: Sequence[Need], at: datetime
) -> list[Problem]:
    """What the notice asks for beside the catalogue and the agency does not hold at this moment."""
    remedy, found = "请先在机构资料中补充证书", []
    lacking = [need_name(need) for need in all_of if not any(holds(paper, need, at) for paper in papers)]
    if lacking:
        found.append(Problem("qualification_lacking", f"缺少资质：{'、'.join(lacking)}", remedy))
    if any_of and not any(holds(paper, need, at) for need in any_of for paper in papers):
        says = f"应具备下列资质之一：{'、'.join(map(need_name, any_of))}"
        found.append(Problem("qualification_lacking", says, remedy))
    return found


def staff_problems(held: int, wanted: int) -> list[Problem]:
    """Whether enough qualified people work for the agency."""
    if held >= wanted:
        return []
    says = f"公告要求执业人员 {wanted} 名，登记有 {held} 名"
    return [Problem("staff_lacking", says, "请先在机构资料中登记执业人员")]


def quote_problem(price: Decimal | None, lowest: Decimal | None, highest: Decimal | None) -> str:
    """Why an opened quote cannot stand; empty when it can."""
    if price is None or price <= 0:
        return "报价不是金额"
    if highest is not None and price > highest:
        return f"高于最高限价 {figures(highest)} 元"
    if lowest is not None and price < lowest:
        return f"低于最低限价 {figures(lowest)} 元"
    return ""


def unselected_contract_problems(
    law: LawInForce, *, listed: bool, fiscal_percent: int, amount: Decimal | None
) -> list[Problem]:
    """Why a contract without a selection on the platform is not filed (广东省优化营商环境条例 43)."""
    remedy = "请先在平台发布采购需求，选取后再备案合同"
    if listed and funds_of(fiscal_percent) == "fiscal" and not law.problems({"fiscal_amount": amount}):
        says = "财政资金购买清单内、未达采购限额标准的中介服务，应当通过平台选取"
        return [Problem("platform_required", says, remedy, "广东省优化营商环境条例第四十三条")]
    return [Problem("not_selected_here", "这份合同没有对应的平台选取结果", "本平台只备案平台选取产生的合同")]


def contract_differences(
    *, price: Decimal, selected: Decimal | None, service_days: int, promised: int, amount: Decimal | None
) -> list[Problem]:
    """What in a contract differs from the notice and the selection: a contract must not change their substance."""
    article = "中选结果的实质内容不得另行约定"
    found = []
    agreed = selected if selected is not None else amount
    if agreed is not None and price != agreed:
        says = f"合同价 {figures(price)} 元与中选价 {figures(agreed)} 元不一致"
        found.append(Problem("contract_price_differs", says, "请按中选价签订", article, "price"))
    if service_days > promised:
        says = f"合同服务时限 {service_days} 个工作日超过公告的 {promised} 个工作日"
        found.append(Problem("contract_days_differ", says, "请按公告的时限签订", article, "service_days"))
    return found


def is_bad(stars: int) -> bool:
    """The last two of the five grades are bad ones and are followed up (政务服务好差评)."""
    return stars <= 2


GRADES: Mapping[int, str] = {5: "非常满意", 4: "满意", 3: "基本满意", 2: "不满意", 1: "非常不满意"}
"""Stars → the grade of the 好差评 system (国办发〔2019〕51号)."""
ITEMS: Mapping[str, str] = {
    "on_time": "按约定时限交付",
    "quality": "成果一次通过",
    "price_kept": "没有另外收费",
    "honest": "没有转包、挂靠等失信行为",
}
"""The objective items of a rating: each is answered yes or no."""
