"""The Chinese names of codes a page shows: trade categories and regions."""

from functools import cache

from kernel import regions

# Letters and the A-numbers: 公共资源交易平台系统数据规范 V2.0 (发改办法规〔2018〕1156号), 交易类别.
CATEGORIES = {
    "A": "工程建设",
    "B": "土地使用权",
    "C": "矿业权",
    "D": "政府采购",
    "E": "国有产权",
    "A01": "房屋建筑",
    "A02": "市政",
    "A03": "公路",
    "A04": "铁路",
    "A05": "民航",
    "A06": "水运",
    "A07": "水利",
    "A08": "能源",
    "A09": "邮电通信",
    "A10": "桥梁",
    "A11": "城市轨道",
    "A12": "矿产冶金",
    "A13": "信息网络",
    "A14": "工业制造",
    "A99": "其他工程",
    "D01": "政府采购货物",
    "D02": "政府采购工程",
    "D03": "政府采购服务",
}


# What an act of the table in kernel/permissions.py is called where a person grants it.
ACTS = {
    "read_case": "查看本单位的项目",
    "read_archive": "下载归档材料",
    "read_workbench": "查看工作台",
    "manage_account": "管理账户和密钥",
    "register_project": "登记项目",
    "answer_return": "补正登记材料",
    "publish_notice": "发布招标公告",
    "amend_notice": "发布澄清和变更",
    "upload_part": "上传文件",
    "answer_objection": "答复开标异议",
    "conclude_opening": "结束开标会",
    "sign_hall": "开标签到",
    "sign_opening": "签署开标记录",
    "keep_rooms": "管理开标室和评标室",
    "book_room": "安排开标评标场地",
    "keep_recording": "登记录音录像指纹",
    "hold_key": "办理持钥人事项",
    "rehearse_opening": "开标演练",
    "submit_bid": "递交投标文件",
    "withdraw_bid": "撤回投标文件",
    "restore_bid": "凭回执补入名单",
    "reveal_bid": "解密投标文件",
    "answer_cure": "澄清解密问题",
    "read_receipt": "查看回执",
    "open_own": "打开自己的投标文件",
    "raise_objection": "提出开标异议",
    "review_bid": "初步评审和资格审查",
    "ask_clarification": "要求投标人澄清",
    "answer_clarification": "答复澄清",
    "score_bid": "评分",
    "sign_report": "签署评标报告",
    "read_evaluation": "查阅评标材料",
    "read_report": "查看评标报告",
    "reopen_evaluation": "组织重新评审",
    "accept_project": "受理项目",
    "enter_market": "办理中介超市入驻",
    "check_entry": "核验中介机构入驻",
    "propose_item": "申报服务事项",
    "publish_request": "发布中介服务采购需求",
    "withdraw_request": "撤回采购需求",
    "apply_request": "报名采购需求",
    "withdraw_application": "撤回报名",
    "submit_quote": "递交密封报价",
    "withdraw_quote": "撤回密封报价",
    "restore_quote": "凭回执补入报价名单",
    "reveal_quote": "开启自己的报价",
    "choose_agency": "选取中介机构",
    "accept_selection": "确认中选",
    "file_service_contract": "备案和确认服务合同",
    "deliver_result": "交付服务成果",
    "accept_result": "验收服务成果",
    "rate_service": "评价中介服务",
    "answer_rating": "回应评价",
    "follow_up_rating": "差评回访",
    "appeal_charge": "申诉信用扣分",
    "settle_appeal": "处理信用申诉",
    "read_request": "查看采购需求和成果",
    "supervise_case": "查看监督范围内的项目",
    "order_directive": "发出监督指令",
    "audit_envelope": "核实密封件",
    "confirm_draft": "复核他人起草的监督事项",
    "issue_card": "发牌和督办",
    "lift_card": "解除红牌",
    "answer_letter": "回复督办来函",
    "decide_admission": "审批专家和机构",
    "decide_catalogue": "审批服务事项",
    "rate_result": "评价中介成果",
    "read_reads": "查看监督人员的查阅记录",
    "create_official": "建立人员账户",
    "ask_role": "申请角色",
    "grant_role": "批准角色",
    "give_mandate": "出具委托",
    "delegate": "办理休假代理",
    "attend_draw": "参加到场抽取",
    "publicise_candidates": "公示中标候选人",
    "object_result": "对评标结果提出异议",
    "answer_result": "答复评标结果异议",
    "decide_award": "确定中标人",
    "file_contract": "备案合同",
    "confirm_contract": "确认合同",
    "refund_deposit": "登记退还保证金",
    "file_report": "提交书面报告",
    "end_case": "终止招标",
    "apply_expert": "申请评标专家入库",
    "keep_own_data": "维护本人的专家资料",
    "import_experts": "导入专家名册",
    "request_panel": "申请抽取评标专家",
    "read_panel": "查看评标委员会",
    "reply_call": "应答评标通知",
    "sign_in_desk": "评标席签到",
    "declare_avoidance": "声明回避",
    "leave_seat": "申请离席",
    "elect_chair": "推举评标委员会主任",
    "name_owner": "指定招标人代表",
    "dissolve_panel": "解散评标委员会",
    "replace_member": "更换评标委员会成员",
    "introduce_complaint": "开具投诉介绍信",
    "file_complaint": "提出投诉",
    "handle_complaint": "处理投诉",
    "read_complaints": "查看投诉",
}


def act_name(act: str) -> str:
    """``发布招标公告``; an act without a name stands as it is."""
    return ACTS.get(act, act)


@cache
def region_options(*provinces: str) -> tuple[dict[str, str], ...]:
    """Every named region of these provinces as choices of a form, each below the one it lies in."""
    codes = [c for province in provinces for city in regions.below(province) for c in (city, *regions.below(city))]
    ordered = sorted({*provinces, *codes})
    return tuple({"value": code, "label": regions.full_name(code)} for code in ordered if regions.name(code))


def category_name(code: str) -> str:
    """``公路`` for ``A03``; a code without a name of its own takes its letter's, an unknown one stands as it is."""
    return CATEGORIES.get(code) or CATEGORIES.get(code[:1]) or code


def region_name(code: str) -> str:
    """The region's own name, or its code where the table has none."""
    return regions.name(code) or code


def region_full_name(code: str) -> str:
    """The name with its province and city."""
    return regions.full_name(code)
