"""The guide of an item on paper: the same row as the page, as PDF/A."""

from intermediaries.catalogue import CATEGORIES, need_name
from intermediaries.records.items import ItemRow
from kernel import paper

PAYERS = {"owner": "项目业主", "department": "委托评估的行政机关（不得转由申请人承担）"}


def sheet(row: ItemRow, origin: str) -> bytes:
    """The PDF of one item's guide; the same row gives the same bytes."""
    item = row.item
    pairs = [
        ["事项编码", f"{item.code}（第 {row.version} 版）"],
        ["服务类别", CATEGORIES[item.category]],
        ["主管部门", item.department],
        ["关联审批事项", f"{item.approval}（{item.approval_department}）"],
        ["资质要求", "；".join(map(need_name, item.needs)) or "无，任何部门不得另设资质要求"],
        ["办理条件", item.conditions],
        ["服务时限", f"{item.days} 个工作日（{item.limit_by}）"],
        ["收费", f"{item.price}；{item.price_document}"],
        ["费用承担", PAYERS[item.payer]],
        ["合同示范文本", item.contract],
        ["成果", item.result],
    ]
    basis = [[one.citation, one.says] for one in item.legal]
    flow = [f"{n}. {step}" for n, step in enumerate(item.workflow, 1)]
    sections = [
        {"pairs": pairs},
        {"heading": "设定依据", "pairs": basis},
        {"heading": "服务流程", "paragraphs": flow},
        {"heading": "说明", "paragraphs": list(NOTES)},
    ]
    data = {
        "title": f"办事指南：{item.name}",
        "kind": "中介服务办事指南",
        "number": item.code,
        "issued_at": row.since,
        "proof": f"{origin}/items/{item.code}",
        "sections": sections,
        "signed_by": item.department,
    }
    return paper.pdf("notice", data)


NOTES = (
    "业主自主选择机构，任何部门不得指定或变相指定（优化营商环境条例第四十三条）。",
    "审批部门所属单位、主管的社会组织及其举办的企业，不得承接与该审批有关的中介服务。",
    "不在清单内的中介服务，任何部门不得作为办理审批的条件。",
)
"""What holds for every item of the list."""
