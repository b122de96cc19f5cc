"""The log in plain words: what each act is called, and what an entry says."""

from datetime import datetime

from kernel.box.seen import SeenEvent
from kernel.web.formats import when_short
from kernel.web.names import ACTS as NAMED

ACTS = {
    "register_project": "进场登记",
    "answer_return": "补正",
    "accept_project": "受理",
    "return_project": "退回补正",
    "publish_notice": "发布公告",
    "amend_notice": "发布变更公告",
    "leave_contact": "留下联系方式",
    "box_key": "提供密钥",
    "box_setup": "开标设定",
    "box_ready": "标箱就绪",
    "box_deadline": "投标截止时间",
    "box_list": "截标名单草稿",
    "box_close": "截标名单固定",
    "box_countersign": "监督会签",
    "box_reveal": "投标人解密",
    "box_attest": "核验密封件",
    "box_release": "交出份额",
    "box_refused": "拒收监督端消息",
    "box_already": "同一方另一人已办理",
    "box_opened": "全部解密",
    "submit_bid": "递交投标文件",
    "withdraw_bid": "撤回投标文件",
    "begin_evaluation": "开始评标",
    "close_report": "出具评标报告",
    "publicise_candidates": "公示中标候选人",
    "decide_award": "定标",
    "confirm_contract": "签订合同",
    "advance_box": "推进标箱",
    "advance_evaluation": "推进评标",
    "suspend_case": "暂停交易",
    "resume_case": "恢复交易",
    "keep_package": "证据包入库",
    "turn_draw": "推进抽取",
    "follow_draw": "记录抽取进展",
    "fix_panel_list": "固定抽取名单",
    "void_panel": "抽取作废",
    "know_bidders": "核对回避",
    "open_names": "公布评标委员会名单",
    "carry_out_admission": "执行专家审批",
    "found_catalogue": "建立服务事项清单",
    "approve_item": "列入或修改服务事项",
    "refuse_item": "不予列入服务事项",
    "withdraw_item": "取消服务事项",
    "suspend_agency": "暂停机构",
    "restore_agency": "恢复机构",
    "clear_agency": "清退机构",
    "close_request": "报名截止",
    "fix_request_list": "固定报名名单",
    "end_void_draw": "抽取作废",
    "fail_request": "采购失败",
    "open_quotes": "开启报价",
    "publish_quotes": "公布报价",
    "select_agency": "公布选取结果",
    "decline_selection": "放弃中选",
    "lapse_selection": "逾期未确认中选",
    "refuse_contract": "退回服务合同",
    "return_result": "退回服务成果",
    "pass_result": "成果转审批部门",
    "rate_by_default": "逾期默认好评",
    "archive_request": "采购归档",
    "say_beacon": "填写公共随机数",
    "close_lot": "截标",
    "fail_lot": "流标",
    "begin_opening": "开始开标",
    "raise_objection": "提出异议",
    "answer_objection": "答复异议",
    "conclude_opening": "开标结束",
    "archive_case": "归档",
    "hold_key": "持钥人办理",
    "keep_archive": "证据包入库",
    "refuse": "拒绝办理",
    "clock_alarm": "时钟异常",
    "reveal_bid": "解密投标文件",
    "restore_bid": "恢复遗漏的投标文件",
    "read_receipt": "查看回执",
    "upload_part": "上传文件",
    "read_case": "查看项目",
    "supervise_case": "查看项目",
    "read_archive": "下载证据包",
    "read_hall": "查看监督大厅",
    "read_card": "查看红黄牌",
    "read_entry": "查看日志条目",
    "read_waiting": "查看待审批事项",
    "draft_directive": "起草监督指令",
    "draft_card": "起草发牌",
    "draft_lift": "提出解除红黄牌",
    "refuse_draft": "退回草稿",
    "raise_card": "自动督办和发牌",
    "issue_card": "发牌",
    "lift_card": "解除红黄牌",
    "review_card": "复核红黄牌",
    "write_letter": "发出督办来函",
    "decide": "作出审批决定",
    "order_directive": "发出监督指令",
    "countersign": "会签截标名单",
    "refuse_close": "拒绝会签",
    "read_back": "回读交易日志",
    "log_finding": "日志异常",
    "file_complaint": "收到投诉",
    "read_complaints": "查看投诉",
    "handle_complaint": "办理投诉",
}
HASHES = {
    "notice": "公告",
    "setup": "设定",
    "deadline": "截止时间",
    "close": "名单",
    "key": "密钥",
    "opening": "开标记录",
}
ROLES = {"operator": "交易中心", "regulator": "监督部门", "purchaser": "招标人", "platform": "平台", "bidder": "投标人"}
TOLD = ("name", "stage", "code", "reason", "text", "answer")


def act_name(act: str) -> str:
    """What the act is called; one without a name keeps its code."""
    return ACTS.get(act) or NAMED.get(act, act)


def told(event: SeenEvent) -> str:
    """What an entry says: the role that signed, the stage it is about, the document it fixes."""
    parts = []
    if event.act.startswith("box_") and "role" in event.facts:
        parts.append(ROLES.get(event.facts["role"], event.facts["role"]))
    if event.facts.get("deadline"):
        parts.append(f"截止时间 {when_short(datetime.fromisoformat(event.facts['deadline']))}")
    parts += [str(event.facts[name]) for name in TOLD if event.facts.get(name)]
    parts += [f"{HASHES[name]} {sha256[:8]}…" for name, sha256 in event.hashes.items() if name in HASHES]
    return "　".join(parts)
