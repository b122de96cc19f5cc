"""Where a draw stands, from nothing but its messages: what each role still has to do, and the order once it is fixed.

The messages may come in any order and from anybody; each is checked against what the draw's begin says. Everyone who
takes part, and everyone who verifies afterwards, asks this file.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

from kernel.proofs import dsse
from kernel.proofs.canonical import from_base64
from kernel.proofs.draw import PIECES, DrawList, Drawn, Stratum, draw, piece_commitment
from kernel.proofs.draw_messages import Message, read_message
from kernel.proofs.draw_walk import ACCEPT, WITHDRAWN, Walk, walk
from kernel.proofs.errors import Forged, Malformed

ONCE = ("begin", "commit", "seal", "ready", "list", "leaves", "refuse", "beacon")
"""Kinds that a role may say once in a draw: a second, other one is equivocation."""
Piece = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Settled:
    """The outcome for one leaf; `sha256` is the message's that said so."""

    outcome: str
    code: str
    seat: int
    slip: str
    at: str
    sha256: str


@dataclass
class Ceremony:
    """A draw's messages, verified. Raises `Malformed` or `Forged` on a message that contradicts the draw."""

    begin: Message
    said: dict[tuple[str, str], Message] = field(default_factory=dict)
    more: list[Message] = field(default_factory=list)

    @classmethod
    def of(cls, messages: Iterable[Message]) -> "Ceremony":
        """From all messages of one draw; the begin among them."""
        found = list(messages)
        begins = [m for m in found if m.kind == "begin"]
        if len(begins) != 1:
            raise Malformed("begin_missing", "应有且只有一份开始抽取的消息", "begin")
        ceremony = cls(begins[0])
        for message in found:
            if message.kind != "begin":
                ceremony.add(message)
        return ceremony

    def add(self, message: Message) -> None:
        """Take one more message into account."""
        if message.draw != self.draw_id or message.value["begin"] != self.begin.sha256:
            raise Malformed("other_draw", "不是这次抽取的消息", message.kind)
        if message.role not in self.roles:
            raise Malformed("unknown_role", "此角色不参加这次抽取", message.kind)
        if message.kind in ONCE or message.kind == "show":  # what was computed from less is computed again
            for name in ("pieces", "drawn", "draw_list"):
                self.__dict__.pop(name, None)
        if message.kind not in ONCE:
            self.more.append(message)
            return
        place = (message.kind, message.role)
        known = self.said.setdefault(place, message)
        if known.sha256 != message.sha256:
            raise Forged("said_otherwise", f"{message.role} 就同一事项说了两种不同的话", message.kind)

    @classmethod
    def read(cls, envelopes: Iterable[bytes]) -> "Ceremony":
        """From signed messages (DSSE) in the order of the log; of two that contradict each other the earlier counts.

        `Malformed` without a begin; whether the begin's keys are whose it says is for the anchors to tell.
        """
        signed = [dsse.read(envelope) for envelope in envelopes]
        begins = [m for m in (read_message(one.payload) for one in signed) if m.kind == "begin"]
        if not begins:
            raise Malformed("begin_missing", "没有开始抽取的消息", "begin")
        ceremony = cls(begins[0])
        for one in signed:
            message = read_message(one.payload)
            if message.kind != "begin" and dsse.verify(one, [ceremony.keys.get(message.role, b"")]):
                with suppress(Malformed, Forged):
                    ceremony.add(message)
        return ceremony

    @property
    def draw_id(self) -> str:
        return self.begin.draw

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(one["role"] for one in self.begin.value["roles"])

    @property
    def keys(self) -> dict[str, bytes]:
        """Role → raw Ed25519 key."""
        return {one["role"]: bytes.fromhex(one["pk"]) for one in self.begin.value["roles"]}

    def get(self, kind: str, role: str) -> Message | None:
        return self.said.get((kind, role))

    def all_said(self, kind: str) -> bool:
        return all((kind, role) in self.said for role in self.roles)

    def of_kind(self, kind: str) -> list[Message]:
        return [m for m in self.more if m.kind == kind]

    # --- D1 and D2

    def box(self, role: str, j: int) -> bytes | None:
        """The sealed piece j of a role, as logged."""
        for kind in ("seal", "list"):
            message = self.get(kind, role)
            for one in message.value["boxes"] if message else ():
                if one["j"] == j:
                    return from_base64(one["box"])
        return None

    def commitment(self, role: str, j: int) -> str:
        message = self.get("commit", role)
        return message.value["commits"][j] if message else ""

    @property
    def seals(self) -> list[str]:
        """The SHA-256 of every role's seal, in the order of the roles."""
        return [self.said["seal", role].sha256 for role in self.roles]

    @property
    def sealed(self) -> bool:
        """D2 is done: every piece is with somebody else, who has found it to be what was committed to."""
        return self.all_said("ready") and not self.wrong

    @property
    def wrong(self) -> list[Piece]:
        """Pieces which their holder says are not what was committed to."""
        readies = [self.get("ready", role) for role in self.roles]
        return [(one["role"], one["j"]) for message in readies if message for one in message.value["wrong"]]

    @property
    def void(self) -> Message | None:
        """Why there is no draw. Once D3 has begun nobody can call it off: he would know what he calls off."""
        if self.sealed and self.listed and self.of_kind("show"):
            return None
        refused = None if self.listed else self.get("refuse", "regulator")
        return next(iter(self.of_kind("void")), refused)

    # --- D0

    @property
    def listed(self) -> bool:
        return ("leaves", "regulator") in self.said

    @cached_property
    def draw_list(self) -> DrawList | None:
        """The fixed list; `Malformed` when leaves and list, or the root, do not agree."""
        leaves, listing = self.get("leaves", "regulator"), self.get("list", "operator")
        if leaves is None or listing is None:
            return None
        strata = tuple(
            Stratum(one["id"], one["quota"], tuple(map(bytes.fromhex, one["leaves"]))) for one in leaves.value["strata"]
        )
        asked = [(one["id"], one["quota"], one["size"]) for one in listing.value["strata"]]
        if asked != [(s.id, s.quota, len(s.leaves)) for s in strata]:
            raise Malformed("list_differs", "名单与所要的组别、人数不符", "leaves")
        found = DrawList(self.draw_id, self.roles, strata, self.begin.value["beacon_rule"])
        if found.root().hex() != leaves.value["list_root"]:
            raise Malformed("list_root_differs", "名单与名单哈希不符", "leaves")
        return found

    # --- D3 and D4

    @cached_property
    def pieces(self) -> dict[Piece, bytes]:
        """The shown pieces that are what was committed to; the wrong are known by their hash and left out."""
        found = {}
        for message in self.of_kind("show"):
            for one in message.value["pieces"]:
                piece = bytes.fromhex(one["piece"])
                if piece_commitment(self.draw_id, one["role"], one["j"], piece).hex() == self.commitment(
                    one["role"], one["j"]
                ):
                    found[one["role"], one["j"]] = piece
        return found

    @property
    def beacon(self) -> str:
        """The public random value, once both sides have read the same."""
        said = [self.get("beacon", role) for role in ("operator", "regulator")]
        values = {message.value["value"] for message in said if message}
        return values.pop() if all(said) and len(values) == 1 else ""

    @property
    def complete(self) -> bool:
        """Everything is there that the order follows from."""
        shown = all((role, j) in self.pieces for role in self.roles for j in range(PIECES))
        return self.sealed and self.listed and shown and bool(self.beacon) == bool(self.begin.value["beacon_rule"])

    @cached_property
    def drawn(self) -> Drawn | None:
        """The order, or None as long as it is nobody's to know."""
        if not self.complete or self.draw_list is None:
            return None
        return draw(self.draw_list, self.contributions, self.beacon)

    @property
    def contributions(self) -> dict[str, list[bytes]]:
        return {role: [self.pieces[role, j] for j in range(PIECES)] for role in self.roles}

    # --- D5

    def settled(self) -> dict[str, dict[int, Settled]]:
        """Stratum → leaf number → outcome; who accepted and left later is `withdrawn`."""
        found: dict[str, dict[int, Settled]] = {one: {} for one in self._strata()}
        # Who gives up a seat has accepted it before, in whatever order the two were read.
        for message in sorted(self.of_kind("outcome"), key=lambda m: m.value["outcome"] == WITHDRAWN):
            if message.role != self.walker:
                continue
            v = message.value
            row = found.get(v["stratum"], {})
            new = Settled(v["outcome"], v["code"], v["seat"], v["slip"], v["at"], message.sha256)
            old = row.get(v["n"])
            if old is None or (old.outcome == ACCEPT and new.outcome == WITHDRAWN):
                row[v["n"]] = new
        return found

    @property
    def giving_up(self) -> list[Message]:
        """Replacements asked for that the walk has not come to."""
        settled = self.settled()
        asked = [m for m in self.of_kind("replace") if m.value["n"] in settled.get(m.value["stratum"], {})]
        return [m for m in asked if settled[m.value["stratum"]][m.value["n"]].outcome == ACCEPT]

    @property
    def walker(self) -> str:
        """Who walks: the keeper of the names for a panel, the duty's own site for agencies."""
        return "regulator" if self.begin.value["kind"] == "panel" else "operator"

    def walks(self) -> dict[str, Walk]:
        """How far the walk has come in each stratum; only the answers up to the first still open one count."""
        assert self.drawn is not None
        assert self.draw_list is not None
        settled, found = self.settled(), {}
        for stratum in self.draw_list.strata:
            order, outcomes = self.drawn.orders[stratum.id], settled[stratum.id]
            upto = next((i for i, n in enumerate(order) if n not in outcomes), len(order))
            found[stratum.id] = walk(order, stratum.quota, {n: outcomes[n].outcome for n in order[:upto]})
        return found

    def _strata(self) -> Iterable[str]:
        return [s.id for s in self.draw_list.strata] if self.draw_list else []

    # --- what now

    def due(self, role: str) -> str:
        """The next thing this role has to say: commit, seal, ready, leaves, show, or nothing."""
        if self.void is not None or role not in self.roles or self.drawn is not None:
            return ""
        if self.begin.value["attended"] and not self.listed:
            return self._keep(role)
        for kind in ("commit", "seal", "ready"):
            if self.get(kind, role) is None:
                return kind
            if not self.all_said(kind):
                return ""
        if not self.sealed or not self.listed:
            return self._keep(role) if self.sealed else ""
        return "" if any(m.role == role for m in self.of_kind("show")) else "show"

    def _keep(self, role: str) -> str:
        waits = role == "regulator" and self.get("list", "operator") is not None and not self.listed
        return "leaves" if waits else ""

    def missing(self) -> str:
        """Whom the draw waits for, in the roles' order; empty when for nobody."""
        if self.wrong:
            return self.wrong[0][0]
        waiting = [role for role in self.roles if self.due(role)]
        return waiting[0] if waiting else ""
