"""What the pages of both sites are shown with: sign-in, roles, tokens, a refusal, a question before an act."""

from typing import Any
from uuid import UUID

from samples import DEADLINE, PROBLEMS, ago, digest

from kernel.errors import BadInput, Problem

MEMBERSHIPS = [{"id": UUID(int=1), "organisation_name": "华岭路桥工程有限公司", "role_name": "投标人"}]
TOKENS = [
    {"id": UUID(int=1), "name": "财务系统", "acts": ["read_case"], "expires_at": DEADLINE, "revoked_at": None},
    {"id": UUID(int=2), "name": "旧接口", "acts": ["read_case"], "expires_at": DEADLINE, "revoked_at": ago(days=3)},
]
SHARED: dict[str, dict[str, Any]] = {
    "signin.html": {
        "next": "/workbench",
        "problems": (Problem("no_such_login", "登录名或密码不对", "请核对后重试", field="password"),),
    },
    "role.html": {"memberships": MEMBERSHIPS, "current": UUID(int=1)},
    "tokens.html": {
        "tokens": TOKENS,
        "acts": [{"value": "read_case", "label": "查看项目"}],
        "fresh": "yg_" + digest("t"),
    },
    "error.html": {"refusal": BadInput(*PROBLEMS), "back_href": "/workbench"},
    "confirm.html": {
        "title": "撤回投标",
        "says": "撤回后本标段没有您的投标。",
        "consequences": ["截止前可以再次递交"],
        "action": "/lots/17/withdraw",
        "fields": {"seq": 2},
        "confirm_label": "确认撤回",
        "cancel_href": "/lots/17",
        "danger": True,
    },
}
