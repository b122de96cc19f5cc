"""One stage of a bid: dealt when it is sealed, and made again from its seed or its shares when it is opened.

What is seen at the opening is named by findings, each with who is at fault (etb/1 §7).
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kernel.proofs import envelope, shamir
from kernel.proofs.anchored import TITLES
from kernel.proofs.bid import Bid, SealedFile, SealedStage, Share
from kernel.proofs.envelope import StageSecret
from kernel.proofs.errors import Forged, Malformed, ProofError
from kernel.proofs.opening import Cure, build_cure
from kernel.proofs.setup import Role, Setup


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing seen while opening: a stable code, who is at fault (``bidder``, a role, or empty), the words.

    `fatal` findings keep the stage closed; the others are noted in the record and the bid stands.
    """

    code: str
    fault: str
    says: str
    fatal: bool
    kid: str = ""


@dataclass(frozen=True, slots=True)
class OpenedStage:
    """The secret, or None where a fatal finding stands; and everything found, the fatal first."""

    secret: StageSecret | None
    findings: tuple[Finding, ...]


def new_secret(setup: Setup, *, bidder: str, bid_id: str, stage: str, seq: int) -> StageSecret:
    """A fresh random seed in its context; seal the stage's files to its `recipient`."""
    return StageSecret(secrets.token_bytes(32), setup.context(bidder, bid_id, stage, seq))


def seal_stage(setup: Setup, secret: StageSecret, files: Sequence[SealedFile]) -> SealedStage:
    """The stage as bid.json carries it: commitment, and every share sealed to every holder of its role."""
    if secret.context.setup.hex() != setup.sha256:
        raise Malformed("other_context", "种子属于另一份设定")
    shares = tuple(_deal(secret, role) for role in setup.roles)
    return SealedStage(secret.context.stage, secret.context.seq, secret.commit, shares, tuple(files))


def open_stage(
    setup: Setup,
    bid: Bid,
    stage: str,
    *,
    seed: bytes | None = None,
    shares: Mapping[int, bytes] | None = None,
) -> OpenedStage:
    """Open one stage with the bidder's revealed `seed`, or with the roles' `shares` by their x.

    The seed must meet the commitment; then all that was committed is made again and compared. At least k
    shares are needed (`Malformed` otherwise); each is first held against its c_x: a wrong one is its officer's
    fault.
    """
    if (seed is None) == (shares is None):
        raise ValueError("open by the seed or by the shares")
    sealed = bid.stage(stage)
    if seed is not None:
        return _regenerated(setup, bid, sealed, seed, _WRONG_SEED)
    given = dict(shares or {})
    wrong = [_wrong_share(share) for share in sealed.shares if not _meets(setup, bid, sealed, share, given)]
    if wrong:
        return OpenedStage(None, tuple(wrong))
    return _regenerated(setup, bid, sealed, _combined(setup, given), _MISDEALT)


def check_share(setup: Setup, bid: Bid, stage: str, x: int, y: bytes) -> bool:
    """Whether a released share meets the c_x that the bidder committed to."""
    committed = _share_at(bid.stage(stage), x)
    return envelope.share_commit(bid.context(setup, stage).hash(), x, y) == committed.c


def try_envelope(setup: Setup, bid: Bid, stage: str, private: bytes) -> bytes | None:
    """The share in this officer's own envelope, or None for the verdict "bad" (will not open, or is not c_x).

    `private` is his raw X25519 stage key; `Malformed` where the set-up does not know it.
    """
    kid, x = _holder(setup, private)
    committed = _share_at(bid.stage(stage), x)
    try:
        y = envelope.open_envelope(bid.context(setup, stage).hash(), x, private, dict(committed.env)[kid])
    except ProofError:
        return None
    return y if check_share(setup, bid, stage, x, y) else None


def check_cure(setup: Setup, bid: Bid, cure: Cure) -> bytes:
    """The share, if the cure makes the logged envelope and commitment again; else `Forged`."""
    committed = _share_at(bid.stage(cure.stage), cure.x)
    publics = {key.kid: key.pk for role in setup.roles if role.x == cure.x for key in role.keys}
    if (cure.bid, cure.bidder) != (bid.sha256, bid.bidder) or cure.kid not in publics:
        raise Malformed("other_context", "补救说的是另一份标书或另一把密钥")
    ctxh = bid.context(setup, cure.stage).hash()
    again = envelope.seal_share(ctxh, cure.x, cure.y, publics[cure.kid], cure.key_material)
    if again != dict(committed.env)[cure.kid] or envelope.share_commit(ctxh, cure.x, cure.y) != committed.c:
        raise Forged("cure_differs", "补救不能重现当初的密封件")
    return cure.y


def prove_envelope(setup: Setup, bid: Bid, close: str, secret: StageSecret, kid: str) -> bytes:
    """etb.cure/1 of the envelope sealed to this key (hex): what makes its logged bytes again, never the seed."""
    for role in setup.roles:
        for key in role.keys:
            if key.kid == kid:
                return build_cure(
                    close=close,
                    stage=secret.context.stage,
                    bidder=bid.bidder,
                    bid=bid.sha256,
                    x=role.x,
                    kid=kid,
                    y=secret.share(role.x),
                    key_material=secret.envelope_key(role.x, key.pk),
                )
    raise Malformed("unknown_key", "设定中没有这把密钥", "kid")


def _deal(secret: StageSecret, role: Role) -> Share:
    envelopes = tuple((key.kid, secret.envelope(role.x, key.pk)) for key in role.keys)
    return Share(role.x, role.role, secret.share_commit(role.x), envelopes)


def _share_at(stage: SealedStage, x: int) -> Share:
    for share in stage.shares:
        if share.x == x:
            return share
    raise Malformed("bad_share", f"标书中没有编号为 {x} 的份额")


def _holder(setup: Setup, private: bytes) -> tuple[str, int]:
    own = envelope.public_of(private)
    for role in setup.roles:
        for key in role.keys:
            if key.pk == own:
                return key.kid, role.x
    raise Malformed("unknown_key", "设定中没有这把密钥")


def _meets(setup: Setup, bid: Bid, sealed: SealedStage, share: Share, given: Mapping[int, bytes]) -> bool:
    return share.x not in given or check_share(setup, bid, sealed.id, share.x, given[share.x])


def _combined(setup: Setup, given: Mapping[int, bytes]) -> bytes:
    known = {role.x for role in setup.roles}
    if len(given) < setup.k or not known >= given.keys() or not setup.k:
        raise Malformed("too_few_shares", f"应有三方中至少 {setup.k} 方的份额")
    return shamir.combine({x: given[x] for x in sorted(given)[: setup.k]})


def _regenerated(setup: Setup, bid: Bid, sealed: SealedStage, seed: bytes, otherwise: Finding) -> OpenedStage:
    secret = StageSecret(seed, bid.context(setup, sealed.id))
    if secret.commit != sealed.commit:
        return OpenedStage(None, (otherwise,))
    again = seal_stage(setup, secret, sealed.files)
    pairs = zip(again.shares, sealed.shares, strict=True)
    return OpenedStage(secret, tuple(f for ours, theirs in pairs for f in _compare(ours, theirs)))


def _compare(ours: Share, theirs: Share) -> list[Finding]:
    found = []
    if ours.c != theirs.c:
        found.append(Finding("share_commit_differs", "", f"{TITLES[theirs.role]}份额的承诺与重现不同", fatal=False))
    for (kid, e), (_, written) in zip(ours.env, theirs.env, strict=True):
        if e != written:
            says = f"{TITLES[theirs.role]}的密封件 {kid} 与重现不同"
            found.append(Finding("envelope_differs", "", says, fatal=False, kid=kid))
    return found


def _wrong_share(share: Share) -> Finding:
    says = f"{TITLES[share.role]}交出的份额与标书中的承诺不符"
    return Finding("share_not_committed", share.role, says, fatal=True)


_WRONG_SEED = Finding("seed_not_committed", "bidder", "交出的种子与标书中的承诺不符", fatal=True)
_MISDEALT = Finding("misdealt", "bidder", "各方份额均符合承诺，合起来却不是所承诺的种子", fatal=True)
