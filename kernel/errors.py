"""Every refusal this platform can give, and the one shape in which it gives it.

    Refusal                     409   the act is understood and not allowed now
     ├─ BadInput                422   what was sent does not make sense
     │   └─ TooLarge            413   more than the stated limit
     ├─ NotSignedIn             401   nobody, or a session that has ended
     ├─ Forbidden               403   this role, organisation or region may not
     ├─ NotFound                404   no such thing, or none that you may know of
     ├─ WrongStage              409   the case stands elsewhere
     │   └─ TooLate             409   the moment has passed (the instant itself is late)
     ├─ LawRefuses              422   a statutory limit is not kept; each problem names its article
     ├─ Directed                423   a regulator's directive stands on the case
     ├─ Throttled               429   too many tries
     └─ Unavailable             503   a part of the platform is away; nothing was stored

A refusal carries *all* problems at once (一次性告知), each with a stable code, what is wrong and what to do.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: a stable code, what it is, and the way out, in Chinese.

    `article` names the law where law refuses (``招标投标法第二十四条``); `field` the form field or
    JSON pointer it belongs to, empty when it belongs to the whole.
    """

    code: str
    says: str
    remedy: str = ""
    article: str = ""
    field: str = ""


class Refusal(Exception):
    """An act that was understood and is not done; nothing of it was stored."""

    status = 409
    title = "不能办理"

    def __init__(self, *problems: Problem) -> None:
        if not problems:
            raise ValueError("a refusal says at least one thing")
        super().__init__("；".join(p.says for p in problems))
        self.problems = problems

    @property
    def code(self) -> str:
        """The first problem's code: what a client branches on."""
        return self.problems[0].code

    def as_json(self) -> dict[str, object]:
        """RFC 9457 problem details, with every problem listed."""
        first = self.problems[0]
        return {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "code": first.code,
            "detail": first.says,
            "problems": [asdict(p) for p in self.problems],
        }


class BadInput(Refusal):
    status, title = 422, "填报有误"


class TooLarge(BadInput):
    status, title = 413, "超出上限"


class NotSignedIn(Refusal):
    status, title = 401, "请先登录"


class Forbidden(Refusal):
    status, title = 403, "无权办理"


class NotFound(Refusal):
    status, title = 404, "没有找到"


class WrongStage(Refusal):
    title = "当前环节不能办理"


class TooLate(WrongStage):
    title = "时间已过"


class LawRefuses(Refusal):
    status, title = 422, "不符合法定要求"


class Directed(Refusal):
    status, title = 423, "监督指令生效中"


class Throttled(Refusal):
    status, title = 429, "操作过于频繁"


class Unavailable(Refusal):
    status, title = 503, "暂时不能服务"


def refuse_all(problems: Iterable[Problem], kind: type[Refusal] = LawRefuses) -> None:
    """Raise one `kind` with every problem, or return when there is none."""
    found = tuple(problems)
    if found:
        raise kind(*found)
