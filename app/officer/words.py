"""Tells a share holder in Chinese what he is about to do, in words he can answer with yes or no."""

from app.bidder.lot import in_beijing
from kernel.proofs.canonical import from_base64
from kernel.proofs.deadline import read_deadline
from kernel.proofs.setup import read_setup
from kernel.proofs.trustee import Task

MODES = {"bidder": "投标人自行解密", "roles": "三方共同开启", "bidder-only": "仅投标人能解密"}
ROLES = {"operator": "交易中心", "regulator": "监督部门", "purchaser": "招标人"}


def describe(task: Task) -> str:
    """One line for a task that has passed `check_task`."""
    lot = f"{task['tender']} 标段 {task['lot']}"
    return f"{lot}：{_WORDS[task['do']](task)}"


def _key(task: Task) -> str:
    return f"生成您（{ROLES[task['role']]}）在本标段的密钥"


def _setup(task: Task) -> str:
    setup = read_setup(from_base64(task["body"]))
    who = "，".join(f"{ROLES[role.role]} {len(role.keys)} 人" for role in setup.roles)
    mark = "【演练】" if setup.rehearsal else ""
    return f"{mark}签署开标设定：{MODES[setup.mode]}，三方取 {setup.k}，持钥人 {who}"


def _deadline(task: Task) -> str:
    deadline = read_deadline(from_base64(task["body"]))
    changed = f"（变更，理由：{deadline.reason}）" if deadline.prev else ""
    return f"签署投标截止时间：{in_beijing(deadline.at)}{changed}"


def _tested(task: Task) -> str:
    return "试开一个测试信封，证明您的密钥到时能用（不涉及任何标书）"


def _attest(task: Task) -> str:
    return f"核验 {len(task['bids'])} 份标书“{task['stage']}”阶段中密封给您的份额"


def _release(task: Task) -> str:
    return f"交出 {len(task['bids'])} 份标书“{task['stage']}”阶段的份额，三方交齐即开启"


def _show(task: Task) -> str:
    return f"向监督部门出示您在本标段的密钥，证明 {len(task['said'])} 个密封件打不开"


_WORDS = {
    "key": _key,
    "setup": _setup,
    "deadline": _deadline,
    "tested": _tested,
    "attest": _attest,
    "release": _release,
    "show": _show,
}
