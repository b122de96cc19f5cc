"""A draw in an evidence package: an outsider replays it, and names the place of any change, whoever made it."""

import io
import json
import random
from dataclasses import dataclass
from datetime import datetime

import pytest
from drawing_room import Room, people
from house_databases import Databases
from small_keeper import settle

from kernel.clock import now
from kernel.db import TRADING, transaction
from kernel.log import events_of
from kernel.proofs.anchors import Anchors, build_anchors, read_anchors
from kernel.proofs.case_file import CaseFile, show_event
from kernel.proofs.dossier import Dossier
from kernel.proofs.draw_verify import verify_draw
from kernel.proofs.errors import ProofError
from kernel.proofs.evidence import write
from kernel.proofs.package import Package
from kernel.proofs.verify_draws import check_draws, read_draws
from kernel.proofs.verify_log import check_events, event_name
from kernel.toss import steps, transcript


@dataclass
class Made:
    """What a package of one case with its draw is made of."""

    room: Room
    members: dict[str, bytes]
    private: frozenset[str]
    anchors: Anchors

    def dossier(self, changed: dict[str, bytes], kind: str = "archive") -> Dossier:
        """The package as somebody who may sign it would write it."""
        file = io.BytesIO()
        shown = {n: c for n, c in changed.items() if kind == "archive" or n not in self.private}
        write(file, kind=kind, at=self.at, members=shown, signer=self.room.hand.signer)
        dossier = Dossier(Package.open(file), self.anchors)
        dossier.case = CaseFile("T", "01", str(self.room.case), "p", "n", "u", "x", "bidder-only", 1, "failed")
        check_events(dossier)
        return dossier

    @property
    def at(self) -> datetime:
        """The moment of the package."""
        return datetime.fromisoformat(json.loads(self.anchors.data)["issued"])


@pytest.fixture
async def made(house: Databases) -> Made:
    """A panel drawn, walked with a refusal and a replacement, its names opened to everyone."""
    room = Room(house, strata=[("造价", 2)], pool={"造价": people(6)}, avoided=[(people(1)[0], "same_employer")], cap=1)
    async with room.keeper() as keeper:
        toss = await room.drawn(keeper)
        await keeper.reply(keeper.waiting[0], "decline")
        await settle(room.hand, keeper)
        await room.answer_all(keeper)
        await room.act(steps.replace, toss, 1, "突发疾病")
        await settle(room.hand, keeper)
        await room.answer_all(keeper)
        await room.act(steps.open_names, toss)
        await room.act(steps.open_names, toss, everyone=True)
        await settle(room.hand, keeper)
    async with transaction(TRADING) as connection:
        members, private = await transcript.papers(connection, room.case)
        found = await transcript.transcript(connection, toss)
        events = {event_name(e.n): show_event(e.body, e.salt) for e in await events_of(connection, str(room.case))}
    assert found is not None
    assert verify_draw(found) == []
    data = build_anchors(
        issuer="测试", issued=await now(), officers=[], receipts=[room.hand.signer.public],
        processes=[room.regulator.public],
    )  # fmt: skip
    return Made(room, members | events, private, read_anchors(data))


async def test_the_draw_is_replayed_from_the_package(made: Made) -> None:
    assert "1 次抽取" in check_draws(made.dossier(made.members))
    (draw,) = read_draws(made.dossier(made.members)).found
    assert {r["id"] for r in draw.in_order("造价")} == {r["id"] for r in made.room.pool["造价"]}


async def test_the_public_package_names_the_seated_only(made: Made) -> None:
    dossier = made.dossier(made.members, "public")
    (draw,) = read_draws(dossier).found
    assert len(draw.records) == 2
    assert made.private
    assert not made.private & {*dossier.package.names}


async def test_any_changed_byte_is_found_even_when_who_may_sign_packages_changed_it(made: Made) -> None:
    chance = random.Random(7)
    names = sorted(name for name in made.members if name.startswith("draws/"))
    for _ in range(200):
        name = chance.choice(names)
        content = bytearray(made.members[name])
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        with pytest.raises(ProofError) as found:
            check_draws(made.dossier(made.members | {name: bytes(content)}))
        assert name in found.value.where or found.value.where.startswith("draws"), (name, found.value)


async def test_a_message_that_is_left_out_is_missed(made: Made) -> None:
    for name in sorted(name for name in made.members if name.endswith(".dsse.json")):
        left = {n: content for n, content in made.members.items() if n != name}
        with pytest.raises(ProofError):
            check_draws(made.dossier(left))


async def test_keys_that_the_anchors_do_not_know_draw_nobody(made: Made) -> None:
    strange = read_anchors(
        build_anchors(issuer="测试", issued=made.at, officers=[], receipts=[made.room.hand.signer.public])
    )
    with pytest.raises(ProofError) as found:
        check_draws(Made(made.room, made.members, made.private, strange).dossier(made.members))
    assert found.value.code == "regulator_unknown"
