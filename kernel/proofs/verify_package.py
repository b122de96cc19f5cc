"""The package itself: who signed its manifest, whether every byte is there, and what case it is of."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kernel.proofs.case_file import read_case
from kernel.proofs.dossier import CLAIMED, Dossier, within
from kernel.proofs.errors import BadSignature, Malformed
from kernel.proofs.evidence import SIGNATURE

KINDS = {"public": "公开包", "archive": "存档包"}


def check_manifest(dossier: Dossier) -> str:
    """The manifest is signed by a key that may sign packages at the moment it states."""
    manifest, signature = dossier.package.manifest, dossier.package.signature
    keys = [*dossier.anchors.packages(manifest.at), *dossier.anchors.receipts(manifest.at)]
    if not any(_signs(key, signature, manifest.data) for key in keys):
        raise BadSignature("manifest_unsigned", "清单没有锚点中平台公钥的有效签名", SIGNATURE)
    return f"{KINDS[manifest.kind]}的清单由锚点中的平台密钥签署"


def check_members(dossier: Dossier) -> str:
    """Every byte of the file is what the manifest says, and nothing else is in it."""
    dossier.package.check()
    dossier.seen |= {CLAIMED}
    return f"{len(dossier.package.names)} 个文件逐字节与清单相符，没有清单以外的内容"


def check_case(dossier: Dossier) -> str:
    """case.json says which case this is."""
    with within("case.json"):
        dossier.case = read_case(dossier.read("case.json"))
    case = dossier.case
    return f"{case.project} {case.name}（{case.tender} / {case.lot}）"


def check_nothing_left(dossier: Dossier) -> str:
    """Every member has been explained by one of the checks before; the PDF of the record is for the eye."""
    strange = sorted(set(dossier.package.names) - dossier.seen - {"opening.pdf"})
    if strange:
        raise Malformed("unexplained_member", "包内有案件事实不能解释的文件", strange[0])
    return "包内没有多余的文件"


def _signs(key: bytes, signature: bytes, data: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True
