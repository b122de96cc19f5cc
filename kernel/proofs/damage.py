"""What the platform has admitted to have altered or lost: sealed files that an event names.

event box_damaged, facts {"bid","stage","file","sealed","found"}: SHA-256 of the bid, stage and name of the file, its
SHA-256 as the bid states it, and that of what stood in the store; empty where nothing did. It is the operator's fault.
"""

from kernel.proofs.case_file import ShownEvent
from kernel.proofs.dossier import Damage, Dossier, within
from kernel.proofs.errors import Malformed
from kernel.proofs.turns import with_it
from kernel.proofs.verify_log import DAMAGED, event_name

ACT = DAMAGED
UNCHECKED = "box_unchecked"
ALTERED = ("withdrawn", "ciphertext_altered")
KNOWN = "；当时已有这一阶段的种子或份额交到平台"


def read_damages(dossier: Dossier) -> None:
    """Put what the events call altered or lost into the dossier; each must be a file of a closed bid, truly named."""
    for event in dossier.acts(ACT):
        with within(event_name(event.n)):
            damage = _read(dossier, event)
        dossier.damages.setdefault((damage.bid, damage.stage, damage.file), damage)
    dossier.notes += [_says(dossier, damage) for damage in dossier.damages.values()]
    if dossier.acts(UNCHECKED):
        dossier.notes.append("开启时平台还没有核对完全部密文，没有核对到的是在开启之后核对的")


def is_spoilt(dossier: Dossier, sha256: str, stage: str) -> bool:
    """Whether a file of this stage was found altered or lost before it was opened: then it is withdrawn."""
    return any((d.bid, d.stage) == (sha256, stage) and d.early for d in dossier.damages.values())


def is_platform_at_fault(dossier: Dossier, sha256: str, stage: str) -> bool:
    """Whether that is so of any stage of the same turn: then nobody blames the bidder for not revealing."""
    return any(is_spoilt(dossier, sha256, one) for one in with_it(dossier, stage))


def _read(dossier: Dossier, event: ShownEvent) -> Damage:
    bid, stage, file, sealed, found = (event.fact(name) for name in ("bid", "stage", "file", "sealed", "found"))
    stages = [one for one in dossier.bids[bid].stages if one.id == stage] if bid in dossier.close.bids else []
    named = [one for of in stages for one in of.files if (one.n, one.sha256) == (file, sealed)]
    if not named or found == sealed or not isinstance(found, str):
        raise Malformed("damage_unfounded", "所记损坏的不是截标名单中标书的文件，或者所记摘要与标书不符")
    opened = dossier.acts("box_opened")[int(stage in dossier.case.later) :]
    return Damage(event.n, bid, stage, file, sealed, found, early=not opened or event.n < opened[0].n)


def on_trust(what: str) -> str:
    """The note where a price is published whose sealed index is lost: nobody can work it out again."""
    return f"{what}：所公布的报价因密文丢失不能重新推算，只有平台所写为凭，责任在交易中心"


def _says(dossier: Dossier, damage: Damage) -> str:
    """Early is not early enough to be believed once seeds or shares of the stage lay with whoever lost the file."""
    given = [e for e in dossier.acts("box_reveal", "box_release") if e.fact("stage") == damage.stage]
    known = KNOWN if damage.early and any(event.n < damage.n for event in given) else ""
    when = "开启前" if damage.early else "开启后"
    what = f"被改动（现为 {damage.found[:12]}…）" if damage.found else "丢失"
    says = f"标书 {damage.bid[:12]}… 的 {damage.file}：平台在{when}记录其存储的密文{what}"
    return f"{says}，与递交时的 {damage.sealed[:12]}… 不符，责任在交易中心（第 {damage.n} 个事件）{known}"
