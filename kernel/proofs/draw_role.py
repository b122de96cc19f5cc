"""One role of a draw: its two secret pieces, its commitments, what it seals to the others, and what it shows.

The pieces follow from the role's own secret and the draw, so that a process that is killed has lost nothing. A sealed
piece follows from the piece and its receiver: once the piece is shown, anybody can tell whether it was sealed honestly.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from kernel.proofs import dsse, hkdf, hpke
from kernel.proofs.canonical import encode, lp, to_base64, u8
from kernel.proofs.draw import PIECES, piece_commitment
from kernel.proofs.draw_messages import build_message
from kernel.proofs.draw_salts import salts_commitment
from kernel.proofs.draw_state import Ceremony, Piece
from kernel.proofs.errors import ProofError

_INFO = b"etb/1/draw-seal\0"


@dataclass(frozen=True, slots=True)
class Party:
    """A role's hand: its signing key, and the 32 secret bytes from which its pieces are derived."""

    role: str
    signer: dsse.Signer
    secret: bytes = field(repr=False)

    def piece(self, draw_id: str, j: int) -> bytes:
        """Piece j, 32 bytes that nobody without the secret can foresee."""
        return self._derived(b"piece", draw_id, u8(j))

    def salt_key(self, draw_id: str) -> bytes:
        """The key of all salts of a draw; only the regulator's process has a use for it."""
        return self._derived(b"salts", draw_id)

    def say(self, ceremony: Ceremony, kind: str, /, **members: object) -> dsse.Signed:
        """Any message of this role in this draw, signed."""
        data = build_message(kind, ceremony.draw_id, self.role, begin=ceremony.begin.sha256, **members)
        return dsse.sign(data, self.signer)

    def next(self, ceremony: Ceremony) -> dsse.Signed | None:
        """What this role has to say now, where it needs no one's advice: D1, D2, D3."""
        kind = ceremony.due(self.role)
        makers = {"commit": self.commit, "seal": self.seal, "ready": self.ready, "show": self.show}
        return makers[kind](ceremony) if kind in makers else None

    def commit(self, ceremony: Ceremony) -> dsse.Signed:
        """D1: the commitments, the key to which others seal, and of the keeper the commitment to its salts."""
        draw = ceremony.draw_id
        commits = [piece_commitment(draw, self.role, j, self.piece(draw, j)).hex() for j in range(PIECES)]
        salts = salts_commitment(draw, self.salt_key(draw)) if self.role == "regulator" else ""
        recipient = self._private(draw).public_key().public_bytes_raw().hex()
        return self.say(ceremony, "commit", commits=commits, recipient=recipient, salts=salts)

    def seal(self, ceremony: Ceremony) -> dsse.Signed:
        """D2: the pieces, each sealed to its holder."""
        return self.say(ceremony, "seal", boxes=self.boxes(ceremony, "seal"))

    def boxes(self, ceremony: Ceremony, kind: str) -> list[dict[str, object]]:
        """What of the sealed pieces goes into this message."""
        found: list[dict[str, object]] = []
        for j, to in due_boxes(ceremony.roles, self.role, kind):
            box = seal_piece(ceremony, self.role, j, to, self.piece(ceremony.draw_id, j))
            found.append({"j": j, "to": to, "box": to_base64(box)})
        return found

    def ready(self, ceremony: Ceremony) -> dsse.Signed:
        """D2: what was sealed to this role opens to what was committed to; or which does not."""
        wrong = [{"role": role, "j": j} for role, j in self.held(ceremony, "seal") if not self.opens(ceremony, role, j)]
        return self.say(ceremony, "ready", seals=ceremony.seals, wrong=wrong)

    def show(self, ceremony: Ceremony) -> dsse.Signed:
        """D3: the own pieces and the held ones."""
        own = {(self.role, j): self.piece(ceremony.draw_id, j) for j in range(PIECES)}
        held = {place: self.opens(ceremony, *place) for place in self.held(ceremony, "seal", "list")}
        shown = own | {place: piece for place, piece in held.items() if piece}
        pieces = [{"role": role, "j": j, "piece": piece.hex()} for (role, j), piece in sorted(shown.items()) if piece]
        return self.say(ceremony, "show", pieces=pieces)

    def held(self, ceremony: Ceremony, *kinds: str) -> list[Piece]:
        """The pieces of others that are sealed to this role in messages of these kinds."""
        others = [role for role in ceremony.roles if role != self.role]
        dealt = [(role, place) for role in others for kind in kinds for place in due_boxes(ceremony.roles, role, kind)]
        return [(role, j) for role, (j, to) in dealt if to == self.role]

    def opens(self, ceremony: Ceremony, role: str, j: int) -> bytes | None:
        """A held piece, or None where it is missing or not what its owner committed to."""
        box = ceremony.box(role, j)
        if box is None:
            return None
        private = self._private(ceremony.draw_id).private_bytes_raw()
        try:
            piece = hpke.open_sealed(private, box, _context(ceremony, role, j, self.role))
        except ProofError:
            return None
        good = piece_commitment(ceremony.draw_id, role, j, piece).hex() == ceremony.commitment(role, j)
        return piece if good else None

    def _private(self, draw_id: str) -> X25519PrivateKey:
        return hpke.derive_key_pair(self._derived(b"recipient", draw_id))

    def _derived(self, purpose: bytes, draw_id: str, more: bytes = b"") -> bytes:
        info = b"etb/1/draw-secret\0" + lp(purpose) + lp(draw_id) + lp(self.role) + more
        return hkdf.expand(hkdf.extract(b"", self.secret), info, 32)


def dealt(roles: Sequence[str], role: str) -> list[tuple[int, str]]:
    """(j, to whom) of a role's pieces: piece j to the j-th other role; of two roles the other one gets both."""
    others = [other for other in roles if other != role]
    return [(j, others[min(j, len(others) - 1)]) for j in range(PIECES)]


def due_boxes(roles: Sequence[str], role: str, kind: str) -> list[tuple[int, str]]:
    """What of them is sealed in the role's message of this kind, `seal` or `list`.

    Of two roles, the second piece of who fixes the list comes only together with the list: else the keeper of the
    salts could compute the order before it is known who is on the list.
    """
    late = len(roles) == 2 and role == roles[0]
    if kind == "list":
        return dealt(roles, role)[1:] if late else []
    return dealt(roles, role)[:1] if late else dealt(roles, role)


def seal_piece(ceremony: Ceremony, role: str, j: int, to: str, piece: bytes) -> bytes:
    """The sealed piece: the same bytes whenever the same piece is sealed to the same holder in the same draw."""
    commit = ceremony.get("commit", to)
    assert commit is not None, "commitments come before seals"
    context = _context(ceremony, role, j, to)
    # The ephemeral key is bound to piece, holder and draw: it never seals two different things.
    return hpke.seal(bytes.fromhex(commit.value["recipient"]), hkdf.extract(piece, context), context, piece)


def _context(ceremony: Ceremony, role: str, j: int, to: str) -> bytes:
    commit = ceremony.get("commit", to)
    recipient = commit.value["recipient"] if commit else ""
    return _INFO + encode([ceremony.draw_id, ceremony.begin.sha256, role, j, to, recipient])
