"""The opening: who gave the seeds and in what order, and that every committed byte comes out of them again."""

from kernel.proofs import dsse
from kernel.proofs.anchored import signers_of
from kernel.proofs.case_file import ShownEvent, key_file
from kernel.proofs.dossier import Dossier, within
from kernel.proofs.errors import BadSignature, Forged, Malformed
from kernel.proofs.opening import Attest, Release, read_attest, read_release, read_reveal
from kernel.proofs.opening_events import due_by_roles, revealed
from kernel.proofs.opening_events import released as was_released
from kernel.proofs.setup import ROLES
from kernel.proofs.stage import check_share, open_stage
from kernel.proofs.turns import bids_of, earliest, report_of
from kernel.proofs.verify_contest import check_heard, left_to_release

Place = tuple[str, str]
"""(SHA-256 of a bid, stage)."""


def check_nothing_opened(dossier: Dossier) -> str:
    """Of a lot that did not open there is nothing that opens anything."""
    for folder in ("attest", "cure", "audit", "release", "reveal", "keys", "files"):
        if found := dossier.under(folder):
            raise Malformed("opened_nevertheless", "没有开标的标段不应有解密的内容", found[0])
    going_on = ("box_countersign", "box_next") if dossier.ended else ()
    if opened := dossier.acts("box_reveal", "box_release", "box_opened", *going_on):
        raise Malformed("opened_nevertheless", f"没有开标，却有解密的事件（第 {opened[0].n} 个）", "events")
    return "没有任何种子、份额或密钥交出"


def check_reveals(dossier: Dossier) -> str:
    """Bidders' own seeds: signed by the bidder, of a bid in the close, after it was countersigned."""
    if not dossier.opened:
        return ""
    for stage in (s.id for s in dossier.setup.stages):
        for sha256 in bids_of(dossier, stage):
            name = f"reveal/{stage}-{sha256}.dsse.json"
            if name in dossier.package:
                _refuse_hidden(dossier, stage, name)
                with within(name):
                    seed = _seed(dossier, name, stage, sha256)
                    _open(dossier, (sha256, stage), seed=seed)
            elif dossier.shows(stage) and revealed(dossier, sha256, stage):
                raise Malformed("member_missing", "包内缺少投标人的解密", name)
    return f"{len(dossier.under('reveal'))} 份种子均与承诺相符，密封件逐一重现"


def check_releases(dossier: Dossier) -> str:
    """The three roles' shares: all attested first, in turn, only of bids that were theirs to open."""
    for stage in (s.id for s in dossier.setup.stages):
        listed = due_by_roles(dossier, stage)
        attested = [_attest(dossier, name, stage, listed) for name in _of(dossier, "attest", stage)]
        left = left_to_release(dossier, stage, listed, attested)
        released = [_release(dossier, role, stage, left) for role in ROLES if _is_released(dossier, role, stage)]
        if len(released) == len(ROLES):
            _check_turns(dossier, stage, attested, released)
            check_heard(dossier, stage, attested, released[0][1])
            _combine(dossier, stage, left, [release for release, _ in released])
    given = len(dossier.under("release"))
    return f"核验在先，依次交出份额 {given} 份" if given else "没有动用三方份额"


def check_keys(dossier: Dossier) -> str:
    """The published key files are exactly the age identities that follow from the seeds."""
    for (sha256, stage), secret in dossier.secrets.items():
        name = f"keys/{stage}/{dossier.bids[sha256].bidder}.key"
        with within(name):
            if dossier.read(name) != key_file(secret):
                raise Forged("key_differs", "不是由种子得出的密钥")
    return f"{len(dossier.secrets)} 个解密密钥与种子相符，可用 age -d -i 打开对应文件"


def _seed(dossier: Dossier, name: str, stage: str, sha256: str) -> bytes:
    bidder = dossier.bids[sha256].bidder
    signed = dossier.signed(name)
    reveal = read_reveal(dsse.require(signed, [dossier.keys[bidder]]), close=dossier.close.sha256, stage=stage)
    if (reveal.bid, reveal.bidder) != (sha256, bidder):
        raise Malformed("reveal_of_another", "出示的是另一份标书的种子")
    if dossier.recorded("box_reveal", "reveal", signed.sha256).n < earliest(dossier, stage):
        raise Malformed("out_of_order", "解密先于监督部门会签，或者先于前一阶段的评审报告")
    _check_report(dossier, stage, reveal.report)
    return reveal.seed


def _attest(dossier: Dossier, name: str, stage: str, listed: list[str]) -> tuple[Attest, ShownEvent]:
    with within(name):
        signed = dossier.signed(name)
        event = dossier.recorded("box_attest", "attest", signed.sha256)
        attest = read_attest(signed.payload, close=dossier.close.sha256, stage=stage, bids=listed)
        _check_report(dossier, stage, attest.report)
        _check_officer(dossier, signed, attest.role, attest.kid, event)
        return attest, event


def _release(dossier: Dossier, role: str, stage: str, listed: list[str]) -> tuple[Release, ShownEvent]:
    name = f"release/{stage}-{role}.dsse.json"
    _refuse_hidden(dossier, stage, name)
    with within(name):
        signed = dossier.signed(name)
        event = dossier.recorded("box_release", "release", signed.sha256)
        release = read_release(signed.payload, close=dossier.close.sha256, stage=stage, bids=listed)
        _check_report(dossier, stage, release.report)
        _check_officer(dossier, signed, release.role, release.kid, event)
        x = dossier.setup.role(role).x
        for sha256, y in release.shares.items():
            if release.role != role or not check_share(dossier.setup, dossier.bids[sha256], stage, x, y):
                raise Forged("share_not_committed", f"标书 {sha256[:12]}… 的份额与承诺不符")
        return release, event


def _check_report(dossier: Dossier, stage: str, report: str) -> None:
    """What opens a later stage names the signed report that opened the way to it."""
    if report != report_of(dossier, stage):
        raise Malformed("other_report", "没有写明所依据的评审报告，或者写的是另一份", "report")


def _check_officer(dossier: Dossier, signed: dsse.Signed, role: str, kid: str, event: ShownEvent) -> None:
    if not signers_of(signed, dossier.anchors, role, event.moment):
        raise BadSignature("officer_unsigned", "没有锚点中该方持钥人的有效签名")
    if kid not in {key.kid for key in dossier.setup.role(role).keys}:
        raise Malformed("unknown_key", "所用密钥不在开标设定中", "kid")


def _check_turns(
    dossier: Dossier,
    stage: str,
    attested: list[tuple[Attest, ShownEvent]],
    released: list[tuple[Release, ShownEvent]],
) -> None:
    turns = [event.n for _, event in released]
    good = {attest.role for attest, event in attested if event.n < turns[0]}
    after = earliest(dossier, stage)
    if turns != sorted(turns) or good != set(ROLES) or any(event.n < after for _, event in attested):
        says = "应先会签截标名单，再三方核验，最后依次由交易中心、监督部门、招标人交出份额"
        raise Malformed("out_of_order", says, f"release/{stage}-operator.dsse.json")


def _combine(dossier: Dossier, stage: str, listed: list[str], released: list[Release]) -> None:
    for sha256 in listed:
        if (sha256, stage) not in dossier.secrets:
            shares = {dossier.setup.role(release.role).x: release.shares[sha256] for release in released}
            _open(dossier, (sha256, stage), shares=shares)


def _open(dossier: Dossier, place: Place, *, seed: bytes | None = None, shares: dict[int, bytes] | None = None) -> None:
    """Make every committed byte of a stage again; what differs without closing it is noted."""
    sha256, stage = place
    opened = open_stage(dossier.setup, dossier.bids[sha256], stage, seed=seed, shares=shares)
    if opened.secret is not None:
        dossier.secrets[place] = opened.secret
        dossier.notes += [f"标书 {sha256[:12]}…：{finding.says}" for finding in opened.findings]
    elif seed is not None:
        raise Forged(opened.findings[0].code, opened.findings[0].says)
    else:
        dossier.misdealt.add(place)


def _is_released(dossier: Dossier, role: str, stage: str) -> bool:
    """Whether this package must hold the role's release of this stage."""
    name = f"release/{stage}-{role}.dsse.json"
    return name in dossier.package or (dossier.shows(stage) and was_released(dossier, role, stage))


def _of(dossier: Dossier, folder: str, stage: str) -> list[str]:
    return [name for name in dossier.under(folder) if name.startswith(f"{folder}/{stage}-")]


def _refuse_hidden(dossier: Dossier, stage: str, name: str) -> None:
    if not dossier.shows(stage):
        raise Malformed("shown_too_much", "公开包不得含评审阶段的种子或份额", name)
