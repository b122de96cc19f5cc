"""etb.draw/1, the arithmetic: a list, the roles' commitments, the seed, and the order nobody can bias.

Whoever holds all pieces can compute the order; nobody can before the last piece is shown, and after the
commitments (D1) nobody can change it. Every function is pure; randomness comes from the callers.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kernel.proofs.canonical import lp, u8, u32
from kernel.proofs.drbg import HmacDrbg
from kernel.proofs.errors import Malformed
from kernel.proofs.merkle import root_of

FIXED_ROLES = ("operator", "regulator", "purchaser")
PIECES = 2
_WORD = 8
_LEAF = b"etb/1/draw-leaf\0"


@dataclass(frozen=True, slots=True)
class Stratum:
    """Candidates among whom `quota` are drawn; their order in the list carries no information."""

    id: str
    quota: int
    leaves: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if not self.id:
            raise Malformed("stratum_without_id", "每组都要有编号", "id")
        _all_32(self.leaves, "leaves")
        if any(a >= b for a, b in zip(self.leaves, self.leaves[1:], strict=False)):
            raise Malformed("leaves_unsorted", "名单应升序排列且不得重复", "leaves")
        if not 1 <= self.quota <= len(self.leaves) < 2**32:
            raise Malformed("quota_out_of_range", "抽取人数应为 1 至名单人数", "quota")


@dataclass(frozen=True, slots=True)
class DrawList:
    """What is fixed before any randomness (D0): who is on the list, who takes part, which beacon.

    `beacon_rule` is empty or names the public source and round whose value will be mixed in.
    """

    draw_id: str
    roles: tuple[str, ...]
    strata: tuple[Stratum, ...]
    beacon_rule: str = ""

    def __post_init__(self) -> None:
        if not self.draw_id:
            raise Malformed("draw_without_id", "抽取须有编号", "draw_id")
        _check_roles(self.roles)
        ids = [stratum.id for stratum in self.strata]
        if not ids or len(set(ids)) != len(ids):
            raise Malformed("strata_malformed", "至少一组，组号不得重复", "strata")
        everyone = [leaf for stratum in self.strata for leaf in stratum.leaves]
        if len(set(everyone)) != len(everyone):
            raise Malformed("candidate_twice", "同一候选人出现在两组名单", "strata")

    def root(self) -> bytes:
        """list_root: the one hash that fixes the list."""
        parts = [lp(self.draw_id), u8(len(self.roles)), *map(lp, self.roles), lp(self.beacon_rule)]
        for stratum in self.strata:
            parts += [lp(stratum.id), u32(stratum.quota), u32(len(stratum.leaves)), root_of(stratum.leaves)]
        return _tagged(b"draw-list", *parts)


def draw_leaf(salt: bytes, record: bytes) -> bytes:
    """A candidate's leaf: 32 random bytes of salt and the canonical JSON of the record."""
    if len(salt) != 32:
        raise _hash_length("salt")
    return hashlib.sha256(_LEAF + salt + record).digest()


def piece_commitment(draw_id: str, role: str, j: int, piece: bytes) -> bytes:
    """The commitment (D1) of a role to its piece j (0 or 1) of 32 random bytes."""
    _all_32([piece], "piece")
    return _tagged(b"draw-piece", lp(draw_id), lp(role), u8(j), piece)


def role_nonce(pieces: Sequence[bytes]) -> bytes:
    """A role's contribution: its two pieces XORed, so that neither holder of one piece knows it."""
    if len(pieces) != PIECES:
        raise Malformed("piece_count", "每个角色应有两片", "pieces")
    _all_32(pieces, "pieces")
    first, second = pieces
    return bytes(a ^ b for a, b in zip(first, second, strict=True))


def draw_seed(root: bytes, nonces: Mapping[str, bytes], beacon: str = "") -> bytes:
    """The seed: `nonces` maps each role to its nonce, in the list's order of roles."""
    _all_32([root, *nonces.values()], "nonces")
    parts = [part for role, nonce in nonces.items() for part in (lp(role), nonce)]
    return _tagged(b"draw-seed", root, *parts, lp(beacon))


def draw_order(seed: bytes, root: bytes, draw_id: str, stratum: Stratum) -> list[int]:
    """The stratum's leaves (numbered from 0) in the order in which they are called."""
    label = b"etb/1/draw-order\0" + lp(draw_id) + lp(stratum.id)
    drbg = HmacDrbg(seed, root[:16], label)
    order = list(range(len(stratum.leaves)))
    for i in range(len(order)):
        j = i + below(drbg, len(order) - i)
        order[i], order[j] = order[j], order[i]
    return order


def below(drbg: HmacDrbg, limit: int) -> int:
    """A number in 0…limit-1, each exactly as likely: values of the last, incomplete cycle are drawn again."""
    fair = 2**64 // limit * limit
    while (word := int.from_bytes(drbg.generate(_WORD), "big")) >= fair:
        pass
    return word % limit


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the shown pieces give: the same for everybody who computes it."""

    root: bytes
    seed: bytes
    orders: dict[str, list[int]]


def draw(drawn_list: DrawList, pieces: Mapping[str, Sequence[bytes]], beacon: str = "") -> Drawn:
    """D4: the order of every stratum, from each role's two shown pieces, their commitments checked before.

    Raises Malformed when a role's pieces are missing, or when the beacon does not go with the list's rule.
    """
    if set(pieces) != set(drawn_list.roles):
        raise Malformed("pieces_missing", "每个角色的两片都要出示，不得多也不得少", "contributions")
    if bool(beacon) != bool(drawn_list.beacon_rule):
        raise Malformed("beacon_without_rule", "公共随机数与名单所定的来源不符", "beacon")
    root = drawn_list.root()
    nonces = {role: role_nonce(pieces[role]) for role in drawn_list.roles}
    seed = draw_seed(root, nonces, beacon)
    orders = {s.id: draw_order(seed, root, drawn_list.draw_id, s) for s in drawn_list.strata}
    return Drawn(root, seed, orders)


def _check_roles(roles: Sequence[str]) -> None:
    if not 2 <= len(roles) <= 255 or len(set(roles)) != len(roles) or not all(roles):
        raise Malformed("roles_malformed", "至少两个角色，不得重复", "roles")
    known = [FIXED_ROLES.index(role) for role in roles if role in FIXED_ROLES]
    if known != sorted(known):
        raise Malformed("roles_malformed", "角色应按运营、监督、采购的固定顺序", "roles")


def _tagged(label: bytes, *parts: bytes) -> bytes:
    return hashlib.sha256(b"etb/1/" + label + b"\0" + b"".join(parts)).digest()


def _all_32(values: Sequence[bytes], where: str) -> None:
    if set(map(len, values)) - {32}:
        raise _hash_length(where)


def _hash_length(where: str) -> Malformed:
    return Malformed("hash_length", "应为 32 字节", where)
