"""Verifies an evidence package from beginning to end and names the first thing wrong, in plain Chinese.

Needs the package, the anchors and this folder: no server, no database, no network. The checks stand in `CHECKS` in
the order of the story; each says in one sentence what it has proved.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from kernel.proofs import verify_request
from kernel.proofs.anchors import Anchors, read_anchors
from kernel.proofs.dossier import CLAIMED, NONSENSE, Dossier, nonsense, within
from kernel.proofs.errors import Malformed, ProofError
from kernel.proofs.package import Package
from kernel.proofs.request_file import NAME as REQUEST
from kernel.proofs.turns import check_turns
from kernel.proofs.verify_award import check_award, check_orders, check_papers
from kernel.proofs.verify_bids import check_bids, check_chains, check_receipts
from kernel.proofs.verify_box import check_close, check_deadlines, check_standing, check_texts, check_the_setup
from kernel.proofs.verify_draws import check_draws
from kernel.proofs.verify_log import check_events, check_last, check_log
from kernel.proofs.verify_opening import check_keys, check_nothing_opened, check_releases, check_reveals
from kernel.proofs.verify_package import KINDS, check_case, check_manifest, check_members, check_nothing_left
from kernel.proofs.verify_record import check_files, check_record

Check = Callable[[Dossier], str]
CHECKS: tuple[tuple[str, Check], ...] = (
    ("清单签名", check_manifest),
    ("逐字节核对", check_members),
    ("案件", check_case),
    ("事件链", check_events),
    ("日志与见证", check_log),
    ("无一遗漏", check_last),
    ("开标设定", check_the_setup),
    ("截止时间", check_deadlines),
    ("公告与法定时限", check_texts),
    ("递交次序", check_chains),
    ("标书", check_bids),
    ("回执", check_receipts),
    ("截标名单", check_close),
    ("名单核对", check_standing),
    ("先后开启", check_turns),
    ("投标人解密", check_reveals),
    ("三方份额", check_releases),
    ("解密密钥", check_keys),
    ("密文", check_files),
    ("开标记录", check_record),
    ("抽取", check_draws),
    ("监督指令", check_orders),
    ("后续文件", check_papers),
    ("定标与合同", check_award),
)
LAST: tuple[str, Check] = ("没有多余", check_nothing_left)
UNOPENED = ("没有开启", check_nothing_opened)
"""Of a lot that failed: in the place of the checks of the opening."""
_OPENING: tuple[Check, ...] = (check_reveals, check_releases, check_keys, check_files)


@dataclass(frozen=True, slots=True)
class Passed:
    """A check that passed, and what it proved."""

    name: str
    says: str


@dataclass(frozen=True, slots=True)
class Failure:
    """The first thing wrong: a stable code, the words, the member and place it was found in."""

    code: str
    says: str
    where: str


@dataclass(slots=True)
class Report:
    """What was proved, the first thing wrong (None when all holds), and what no package can prove."""

    kind: str = ""
    anchored: bool = False
    passed: list[Passed] = field(default_factory=list)
    failure: Failure | None = None
    notes: list[str] = field(default_factory=list)
    not_proved: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return self.failure is None

    def text(self) -> str:
        """The report as a person reads it."""
        lines = [f"✓ {p.name}：{p.says}" for p in self.passed]
        if self.failure is not None:
            place = f"〔{self.failure.where}〕" if self.failure.where else ""
            return "\n".join([*lines, f"✗ 核验不通过{place}：{self.failure.says}（{self.failure.code}）"])
        lines += [f"· 附注：{note}" for note in self.notes]
        lines += ["", "本次核验不能证明的："] + [f"- {says}" for says in self.not_proved]
        verdict = "核验通过" if self.anchored else "自身一致，密钥未核对（请用 --anchors 给出从平台以外取得的锚点文件）"
        return "\n".join([*lines, "", f"{KINDS[self.kind]}{verdict}"])


def verify(src: BinaryIO, anchors: Anchors | None = None, more: Sequence[tuple[str, Check]] = ()) -> Report:
    """Replay a package (an open, seekable file); never raises for what is in it. Without anchors the package's own
    claimed keys are used, and the report says so. `more` are checks of what a duty alone understands: its scores."""
    report = Report(anchored=anchors is not None)
    try:
        package = Package.open(src)
        report.kind = package.manifest.kind
        dossier = Dossier(package, anchors or _claimed(package))
        checks = verify_request.CHECKS if REQUEST in package else (*CHECKS, *more)
        for name, check in (*checks, LAST):
            _run(report, dossier, name, check)
    except ProofError as error:
        report.failure = Failure(error.code, error.says, error.where)
    except NONSENSE as error:
        # The record's members are the platform's own: whatever it wrote there, the answer is a refusal.
        report.failure = Failure("malformed", nonsense(error).says, "")
    else:
        report.notes = dossier.notes
        report.not_proved = _not_proved(dossier, report)
    return report


def _run(report: Report, dossier: Dossier, name: str, check: Check) -> None:
    if check in _OPENING and not dossier.opened:
        if check is not check_reveals:
            return
        name, check = UNOPENED
    says = check(dossier)
    if says:
        report.passed.append(Passed(name, says))


def _claimed(package: Package) -> Anchors:
    if CLAIMED not in package:
        raise Malformed("no_keys", "包内没有附公钥，请用 --anchors 给出锚点文件", CLAIMED)
    with within(CLAIMED):
        return read_anchors(package.read(CLAIMED))


def _not_proved(dossier: Dossier, report: Report) -> list[str]:
    found = [] if report.anchored else ["公钥取自包内，没有与平台以外公布的锚点核对：只说明这个包自身一致"]
    hidden = sum(not event.act for event in dossier.events)
    if hidden:
        found.append(f"{hidden} 个事件只给出摘要（撤回者、留下联系方式者等），其内容须由当事人或审计人员核对")
    if dossier.request is not None:
        return [*found, *verify_request.NOT_PROVED]
    if dossier.public:
        found.append("不公开的内容（评审阶段的种子和文件等）只列有摘要，存档包中可核对")
    if "opening.pdf" in dossier.package:
        found.append("opening.pdf 只核对了摘要，内容以 opening.json 为准")
    return [
        *found,
        "单位名称、项目名称、最低投标家数取自平台登记；事件时刻取自平台时钟，只受前后次序和见证约束",
        "三方持钥人若全部串通，或封装网页被动手脚，可在开标前得知内容：本包不能排除",
        "技术文件的正文没有逐一解密，可用 keys 中的密钥自行打开",
    ]
