"""The box's set-up and its deadline: setup.json and deadline.json of etb/1, built and strictly read."""

import hashlib
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from kernel.proofs import shape
from kernel.proofs.canonical import decode, encode
from kernel.proofs.envelope import SUITE, Context, kid
from kernel.proofs.errors import Malformed

ROLES = ("operator", "regulator", "purchaser")  # at x = 1, 2, 3
MODES = ("bidder", "roles", "bidder-only")
_PRIME = 2**255 - 19


@dataclass(frozen=True, slots=True)
class OfficerKey:
    """One officer's stage key: `pk` is the raw X25519 public key, `kid` its number (8 bytes, hex)."""

    pk: bytes

    @property
    def kid(self) -> str:
        return kid(self.pk).hex()


@dataclass(frozen=True, slots=True)
class Role:
    """A role, the x of its share, and its holders' keys."""

    role: str
    x: int
    keys: tuple[OfficerKey, ...]


@dataclass(frozen=True, slots=True)
class StageRule:
    """A stage and to whom it is shown: ``public`` or ``panel``; a `later` one waits for the signed report (双信封)."""

    id: str
    to: str
    later: bool = False


@dataclass(frozen=True, slots=True)
class Setup:
    """A checked setup.json; `data` are the exact bytes that were signed, `sha256` their hash in hex."""

    mode: str
    tender: str
    lot: str
    k: int
    roles: tuple[Role, ...]
    stages: tuple[StageRule, ...]
    reason: str
    prev: str
    rehearsal: bool
    data: bytes = field(repr=False)
    sha256: str

    def role(self, role: str) -> Role:
        """The role of this name; `Malformed` where the set-up has none."""
        for found in self.roles:
            if found.role == role:
                return found
        raise Malformed("unknown_role", f"设定中没有角色 {role}")

    def turn(self, report: str) -> list[str]:
        """The stages that are opened together: the first ones, or, after the signed `report` (SHA-256), the later."""
        return [stage.id for stage in self.stages if stage.later == bool(report)]

    def context(self, bidder: str, bid_id: str, stage: str, seq: int) -> Context:
        """The context that a stage sealed at `seq` is bound to; `bid_id` in hex."""
        if stage not in {s.id for s in self.stages}:
            raise Malformed("unknown_stage", f"设定中没有阶段 {stage}")
        place = (bytes.fromhex(bid_id), stage, bytes.fromhex(self.sha256))
        return Context(self.tender, self.lot, bidder, seq, *place, self.k, len(self.roles))


def build_setup(
    *,
    mode: str,
    tender: str,
    lot: str,
    keys: Mapping[str, Sequence[bytes]],
    stages: Sequence[tuple[str, str]] = (("price", "public"), ("documents", "panel")),
    later: Container[str] = (),
    k: int = 3,
    reason: str = "",
    prev: str = "",
    rehearsal: bool = False,
) -> bytes:
    """setup.json from each role's raw X25519 public keys; `keys` is empty in mode ``bidder-only``.

    `later` are the ids of stages that are opened after the signed report on the others. Raises `Malformed` for what
    `read_setup` would refuse.
    """
    roles = [
        {"role": role, "x": x, "keys": [{"kid": kid(pk).hex(), "pk": pk.hex()} for pk in keys[role]]}
        for x, role in enumerate(ROLES, 1)
        if role in keys
    ]
    data = encode(
        {"type": "etb.setup/1", "suite": SUITE, "mode": mode, "tender": tender, "lot": lot}
        | {"k": k if keys else 0, "roles": roles, "stages": [_stage(s, to, s in later) for s, to in stages]}
        | {"reason": reason, "prev": prev, "rehearsal": rehearsal}
    )
    read_setup(data)
    return data


def read_setup(data: bytes) -> Setup:
    """The set-up in these bytes; `Malformed` unless it is all that etb/1 §4 demands."""
    value = decode(data)
    _SETUP(value, "")
    roles = tuple(_role(r, f"roles[{i}]") for i, r in enumerate(value["roles"]))
    stages = tuple(StageRule(s["id"], s["to"], "later" in s) for s in value["stages"])
    if len({s.id for s in stages}) != len(stages):
        raise Malformed("stage_twice", "阶段重复", "stages")
    if all(s.later for s in stages):
        raise Malformed("none_first", "至少应有一个阶段首先开启", "stages")
    _check_sharing(value["mode"], value["k"], roles, value["reason"])
    rest = {name: value[name] for name in ("mode", "tender", "lot", "k", "reason", "prev", "rehearsal")}
    return Setup(**rest, roles=roles, stages=stages, data=data, sha256=hashlib.sha256(data).hexdigest())


def _stage(name: str, to: str, later: bool) -> dict[str, str | bool]:
    """A stage that waits for nothing has no third member: so is every set-up of one envelope spelled."""
    return {"id": name, "to": to} | ({"later": True} if later else {})


def _role(value: dict[str, Any], where: str) -> Role:
    keys = tuple(OfficerKey(bytes.fromhex(key["pk"])) for key in value["keys"])
    for i, (key, written) in enumerate(zip(keys, value["keys"], strict=True)):
        _check_key(key.pk, f"{where}.keys[{i}].pk")
        if key.kid != written["kid"]:
            raise Malformed("wrong_kid", "密钥编号与公钥不符", f"{where}.keys[{i}].kid")
    return Role(value["role"], value["x"], keys)


def _check_key(public: bytes, where: str) -> None:
    """Refuse a second spelling of a key, and points of small order, under which anybody could open."""
    if int.from_bytes(public, "little") >= _PRIME:
        raise Malformed("weak_key", "公钥不是规范写法", where)
    if not _agrees(public):
        raise Malformed("weak_key", "公钥不可用", where)


@lru_cache(maxsize=4096)
def _agrees(public: bytes) -> bool:
    """Whether anything can be agreed with this key; the same few keys stand in every set-up of a county."""
    try:
        X25519PrivateKey.from_private_bytes(bytes(32)).exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:
        return False
    return True


def _check_sharing(mode: str, k: int, roles: tuple[Role, ...], reason: str) -> None:
    if mode == "bidder-only":
        if k or roles:
            raise Malformed("shares_forbidden", "仅由投标人解密的，不得设份额", "k")
        return
    if [(r.role, r.x) for r in roles] != [(role, x) for x, role in enumerate(ROLES, 1)]:
        raise Malformed("bad_roles", "应依次为交易中心、监督部门、招标人三方，编号 1、2、3", "roles")
    if k == 2 and not reason.strip():
        raise Malformed("reason_missing", "三方取二须写明理由", "reason")
    if k not in {2, 3}:
        raise Malformed("bad_k", "应为三方取三，或写明理由的三方取二", "k")
    publics = [key.pk for role in roles for key in role.keys]
    if len(set(publics)) != len(publics):
        raise Malformed("key_twice", "同一公钥出现两次", "roles")


_KEY = shape.record(kid=shape.kid, pk=shape.sha256)
_ROLE = shape.record(role=shape.role, x=shape.integer(1, 3), keys=shape.listed(_KEY, 2, 16))
_STAGE = shape.record("later", id=shape.stage_id, to=shape.one_of("public", "panel"), later=shape.one_of(True))
_SETUP = shape.record(
    type=shape.one_of("etb.setup/1"),
    suite=shape.one_of(SUITE),
    mode=shape.one_of(*MODES),
    tender=shape.name,
    lot=shape.name,
    k=shape.integer(0, 3),
    roles=shape.listed(_ROLE, 0, 3),
    stages=shape.listed(_STAGE, 1, 8),
    reason=shape.text(0, 2000),
    prev=shape.sha256_or_empty,
    rehearsal=shape.boolean,
)
