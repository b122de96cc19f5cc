"""What nobody may be at once: the table of toxic combinations and the one function that reads it."""

from collections.abc import Iterable
from dataclasses import dataclass

from kernel.errors import Problem


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a person or organisation is, or would become.

    `subject` is what it is about: the case, card or account; empty for a standing role. `controller` is the
    credit code of whoever controls the organisation (its own code when nobody else does).
    """

    name: str
    subject: str = ""
    controller: str = ""


@dataclass(frozen=True, slots=True)
class Toxic:
    """One combination that must never be: any of `one` with any of `other` within `scope`; `words` say so."""

    number: int
    one: frozenset[str]
    other: frozenset[str]
    scope: str
    words: str
    article: str = ""

    @property
    def of_a_group(self) -> bool:
        return self.scope.startswith("group")


SCOPES = ("ever", "same_case", "same_account", "group", "group_same_case")
"""`ever`, about one case or account, or between any two organisations of one controller (in one case)."""

TABLE = """
1  | operator           | regulator inspector                    | ever            | 交易中心人员不得同时是监督人员 | 公共资源交易平台管理暂行办法第十八条
2  | operator           | bidder                                 | ever            | 交易中心人员不得投标 | 电子招标投标办法第二十三条
2  | operator           | bidder                                 | group           | 交易中心及与其有控股、管理关系的单位不得投标 | 电子招标投标办法第二十三条
3  | operator           | agent intermediary                     | ever            | 交易中心人员不得从事招标代理或中介服务 | 公共资源交易平台管理暂行办法第十八条
3  | operator           | agent intermediary                     | group           | 交易中心及与其有控股、管理关系的单位不得从事代理 | 公共资源交易平台管理暂行办法第十八条
4  | operator           | expert gp_expert                       | ever            | 交易中心人员不得担任评标评审专家 |
5  | regulator          | expert gp_expert                       | same_case       | 监督人员不得评审自己监督的项目 | 招标投标法实施条例第四十六条
6  | finance_regulator  | gp_expert                              | ever            | 财政监督人员不得担任政府采购评审专家 |
7  | regulator          | purchaser agent bidder intermediary    | same_case       | 监督人员不得是同一项目的当事人 |
8  | purchaser          | expert gp_expert                       | same_case       | 业主代表不得以专家身份评审本单位项目 |
9  | purchaser          | bidder                                 | ever            | 同一人不得既代表招标人又代表投标人 |
10 | agent              | bidder expert gp_expert                | same_case       | 代理机构人员不得在所代理项目中投标或评审 | 招标投标法实施条例第十三条
11 | expert gp_expert   | bidder_relation                        | same_case       | 专家三年内与投标人有任职或亲属关系的应当回避 |
12 | pool_administrator | draw_executor                          | ever            | 专家库管理人员不得执行专家抽取 |
13 | system_administrator | key_holder                           | ever            | 系统管理员不得持有解密份额 |
14 | complaint_handler  | purchaser agent bidder intermediary    | same_case       | 投诉处理人不得是投诉当事人 |
15 | registrar          | approver                               | same_case       | 受理登记的人不得审批、备案同一项目 |
16 | red_card_issuer    | red_card_lifter                        | same_case       | 发出红牌的人不得自己解除 |
17 | purchaser          | intermediary                           | group_same_case | 项目业主不得选用同一控制人的中介机构 |
18 | approving_unit     | intermediary agent                     | same_case       | 审批部门所属单位不得承接该审批事项的中介服务 |
19 | account_creator    | role_granter                           | same_account    | 创建账号的人不得为该账号授予角色 |
20 | log_reader         | log_deleter                            | ever            | 任何人都没有删除日志的权利 |
"""  # noqa: E501


def _read(text: str) -> tuple[Toxic, ...]:
    rows = []
    for line in text.strip().splitlines():
        number, one, other, scope, words, article = (cell.strip() for cell in line.split("|"))
        if scope not in SCOPES:
            raise ValueError(f"row {number} of the toxic combinations has no such scope: {scope}")
        rows.append(Toxic(int(number), frozenset(one.split()), frozenset(other.split()), scope, words, article))
    return tuple(rows)


TOXIC = _read(TABLE)
"""The toxic combinations, numbered as the acceptance rules number them; two rows may share a number."""


def conflicts(held: Iterable[Capacity], asked: Capacity, group: Iterable[Capacity] = ()) -> list[Problem]:
    """Every combination that `asked` would make; none when it may be.

    `held` is what the same natural person or account already is; `group` what other organisations are, for
    the rows about one controller.
    """
    mine, theirs = tuple(held), tuple(group)
    return [
        Problem(f"toxic_{row.number}_{row.scope}", row.words, "请由另一位人员或另一家单位办理", row.article)
        for row in TOXIC
        if any(_meets(row, capacity, asked) for capacity in (theirs if row.of_a_group else mine))
    ]


def _meets(row: Toxic, held: Capacity, asked: Capacity) -> bool:
    paired = (held.name in row.one and asked.name in row.other) or (held.name in row.other and asked.name in row.one)
    if not paired:
        return False
    if row.of_a_group and (not asked.controller or held.controller != asked.controller):
        return False
    return row.scope in ("ever", "group") or (held.subject != "" and held.subject == asked.subject)
