"""What the browser's verifier works out is what the command's does: sums, rankings, selections, draws, papers."""

import copy
import json
import random
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from evidence_factory import Lot, finished
from node_program import program

from bidding.methods import build
from bidding.procedures import PROCEDURES
from bidding.scoring import replay
from kernel.proofs import dsse
from kernel.proofs.anchors import read_anchors
from kernel.proofs.draw_verify import verify_draw
from kernel.proofs.log_proof import LogProof, parse_log_proof
from kernel.proofs.selection import Rule, rank
from kernel.proofs.succession import build_successor

NODE = Path(__file__).parents[1] / "node"
VECTORS = Path(__file__).parents[1] / "vectors"
DRAW: dict[str, Any] = json.loads((VECTORS / "draw.json").read_text())
CONSTRUCTION, PROCUREMENT = PROCEDURES["construction_open_tender"], PROCEDURES["procurement_open_tender"]


def sums(orders: list[dict[str, Any]]) -> list[Any]:
    return [answer.get("value", answer.get("refused")) for answer in program(NODE / "sums.mjs").ask(orders)]


def amounts(chance: random.Random) -> Iterator[str]:
    while True:
        digits = str(chance.randrange(10 ** chance.choice((1, 3, 9, 27))))
        yield chance.choice(("", "", "-")) + digits + chance.choice(("", ".0", ".5", ".125", ".30", "E-9", "E+3"))


def test_decimals_come_out_digit_for_digit() -> None:
    source = amounts(random.Random(28))
    pairs = [(next(source), next(source)) for _ in range(400)]
    work = {"plus": Decimal.__add__, "minus": Decimal.__sub__, "times": Decimal.__mul__, "over": Decimal.__truediv__}
    orders, expected = [], []
    for a, b in pairs:
        for act, reckon in work.items():
            if act != "over" or Decimal(b):
                orders.append({"duty": "sum", "act": act, "a": a, "b": b})
                expected.append(str(reckon(Decimal(a), Decimal(b))))
    found = sums(orders)
    differing = [
        (order, mine, theirs) for order, mine, theirs in zip(orders, expected, found, strict=True) if mine != theirs
    ]
    # A negative zero is the one thing the browser's decimals cannot tell: no mark and no price is one.
    assert [one for one in differing if Decimal(one[1]) or Decimal(one[2])] == []


def test_rounding_is_half_up_and_away_from_zero() -> None:
    values = ["0.125", "-0.125", "2.5", "1E+2", "0.004999", "9.995"]
    mine = [str(Decimal(v).quantize(Decimal("0.01"), ROUND_HALF_UP)) for v in values]
    assert sums([{"duty": "sum", "act": "fixed", "a": v, "b": 2} for v in values]) == mine


def evaluations(chance: random.Random) -> Iterator[dict[str, Any]]:
    """A tender's rules, bids and marks, of every method and formula."""
    plans: list[tuple[Any, dict[str, Any]]] = [
        (PROCUREMENT, {}), (PROCUREMENT, {"method": "lowest_price"}), (CONSTRUCTION, {}),
        (CONSTRUCTION, {"formula": "benchmark_ceiling"}), (CONSTRUCTION, {"formula": "ratio_to_lowest"}),
        (CONSTRUCTION, {"parameters": {"counted": "opened"}}), (CONSTRUCTION, {"method": "lowest_evaluated"}),
    ]  # fmt: skip
    while True:
        procedure, plan = chance.choice(plans)
        rules = build(procedure, procedure.category + "01", Decimal(5_000_000), plan)
        evaluation = {**rules, "draw": f"{chance.getrandbits(256):064x}"}
        bids = [a_bid(chance, f"{n:018}", evaluation) for n in range(chance.randrange(1, 8))]
        seats = [str(seat) for seat in range(1, 6)]
        marks = {seat: {bid["bidder"]: a_sheet(chance, evaluation) for bid in bids} for seat in seats}
        yield {"evaluation": evaluation, "bids": bids, "scores": marks}


def a_bid(chance: random.Random, bidder: str, evaluation: dict[str, Any]) -> dict[str, Any]:
    items = [item["id"] for item in evaluation["review"]]
    lacks = [chance.choice(items)] if items and chance.random() < 0.2 else []
    price = chance.choice((f"{chance.randrange(300_000_000, 520_000_000) / 100:.2f}", "4000000", "4000000.0"))
    return {"bidder": bidder, "price": price, "small": chance.random() < 0.3, "lacks": lacks}


def a_sheet(chance: random.Random, evaluation: dict[str, Any]) -> dict[str, str]:
    return {item["id"]: str(Decimal(chance.randrange(0, 1000)) / 100) for item in evaluation["items"]}


def test_rankings_come_out_the_same_to_the_last_mark() -> None:
    source = evaluations(random.Random(55))
    asked = [next(source) for _ in range(150)]
    mine = [replay(one["evaluation"], one["bids"], one["scores"]) for one in asked]
    assert sums([{"duty": "replay", **one} for one in asked]) == mine


def test_selections_by_quotes_come_out_the_same() -> None:
    chance = random.Random(7)
    orders, expected = [], []
    for _ in range(200):
        quotes = {f"{n:018}": str(chance.choice((900, "950.5", "950.50", 1000, "1000.01"))) for n in range(6)}
        drawn, picks = chance.sample(sorted(quotes), 6), chance.choice(("lowest", "nearest", "draw"))
        drop = chance.choice((0, 5))
        rule = {"picks": picks, "percents": [95, 97], "drop_from": drop}
        found = rank(Rule(picks, (95, 97), drop), {k: Decimal(v) for k, v in quotes.items()}, drawn, 97)
        orders.append({"duty": "rank", "rule": rule, "quotes": quotes, "drawn": drawn, "percent": 97})
        expected.append(list(found.order))
    assert sums(orders) == expected


def tampered(chance: random.Random) -> dict[str, Any]:
    """The vector with one of its leaves, pieces, outcomes or results changed."""
    altered = copy.deepcopy(DRAW)
    stratum = chance.choice(altered["strata"])
    place = chance.choice(altered["contributions"])
    chance.choice(
        (
            stratum["leaves"].pop,
            stratum["leaves"].reverse,
            lambda: stratum.update(quota=stratum["quota"] + 1),
            place["pieces"].reverse,
            altered["roles"].reverse,
            altered["outcomes"].popitem,
            altered["outcomes"][stratum["id"]].popitem,
            altered["expect"]["order"][stratum["id"]].reverse,
            altered["expect"]["seated"][stratum["id"]].pop,
            lambda: altered.update(beacon="x"),
        )
    )()
    return altered


def test_a_draws_record_is_judged_the_same_whole_and_tampered() -> None:
    chance = random.Random(2026)
    records = [DRAW, *(tampered(chance) for _ in range(60))]
    mine = [[[one.where, one.code] for one in verify_draw(found)] for found in records]
    assert sums([{"duty": "draw", "transcript": found} for found in records]) == mine
    assert mine[0] == []
    assert sum(map(bool, mine[1:])) > 50


def test_the_generator_of_draws_passes_the_standards_vectors() -> None:
    everything = json.loads((VECTORS / "hmac_drbg.json").read_text())["vectors"]
    vectors = [v for v in everything if "reseed" not in v and not any(v["additional"])]
    inputs = ("entropy", "nonce", "personalization")
    orders = [{"duty": "drbg", **{i: v[i] for i in inputs}, "count": len(v["returned"]) // 2} for v in vectors]
    assert len(vectors) > 5
    assert sums(orders) == [v["returned"] for v in vectors]


@pytest.fixture(scope="module")
def lot() -> Lot:
    return finished()


def receipt_proof(lot: Lot, bidder: int) -> bytes:
    """The final proof of a bidder's first receipt, with the event's bytes, as the platform gives it."""
    sha256 = lot.received[bidder].sha256
    event = next(e for e in lot.material().events if sha256.encode() in e.body)
    proof = parse_log_proof(event.proof)
    return LogProof(proof.index, proof.path, proof.checkpoint, event.body).to_bytes()


def session(folder: Path, files: dict[str, bytes], salts: dict[str, str] | None = None) -> dict[str, Any]:
    """What the page says of these files dropped together: name → report."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    now, given = "2026-04-20T10:00:00.000+08:00", [(salts or {}).get(name, "") for name in files]
    found = program(NODE / "session.mjs").ask(
        {"files": [str(folder / name) for name in files], "now": now, "salts": given}
    )
    return dict(zip(files, found, strict=True))


def code_of(report: dict[str, Any]) -> str:
    return report["failure"]["code"] if report["failure"] else ""


def test_a_receipt_with_its_proof_is_proved_and_of_another_it_is_not(lot: Lot, tmp_path: Path) -> None:
    anchors, receipt = lot.keys.anchors().data, lot.received[0].receipt
    found = session(tmp_path, {"anchors": anchors, "receipt": receipt, "proof": receipt_proof(lot, 0)})
    assert [one["name"] for one in found["receipt"]["passed"]] == ["回执", "存证"]
    assert found["receipt"]["anchored"]
    other = session(tmp_path, {"anchors": anchors, "receipt": receipt, "proof": receipt_proof(lot, 1)})
    assert [one["name"] for one in other["receipt"]["passed"]] == ["回执"]
    cut = receipt_proof(lot, 0)[:-100]
    assert code_of(session(tmp_path, {"anchors": anchors, "receipt": receipt, "proof": cut})["receipt"])


def test_a_receipt_nobody_of_the_anchors_signed_is_refused_and_without_anchors_unchecked(
    lot: Lot, tmp_path: Path
) -> None:
    foreign = dsse.sign(dsse.read(lot.received[0].receipt).payload, lot.keys.process).to_bytes()
    found = session(tmp_path, {"anchors": lot.keys.anchors().data, "receipt": foreign})
    assert code_of(found["receipt"]) == "receipt_unsigned"
    alone = session(tmp_path, {"receipt": foreign})["receipt"]
    assert not alone["anchored"]
    assert "任何人都能写出" in alone["notProved"][0]


def test_a_proof_with_its_salt_tells_of_which_file_the_event_is(lot: Lot, tmp_path: Path) -> None:
    event = next(e for e in lot.material().events if e.act == "publish_notice")
    read = parse_log_proof(event.proof)
    proof = LogProof(read.index, read.path, read.checkpoint, event.body).to_bytes()
    files = {"anchors": lot.keys.anchors().data, "proof": proof, "notice": b"%PDF " + lot.notices[0]}
    said = session(tmp_path, files)["proof"]
    assert [one["name"] for one in said["passed"]] == ["检查点"]
    opened = session(tmp_path, files, {"proof": event.salt.hex()})["proof"]
    assert [one["name"] for one in opened["passed"]] == ["检查点", "存证"]
    assert any("没有一并放进来" in says for says in opened["notProved"])
    files["notice"] = lot.law
    named = session(tmp_path, files, {"proof": event.salt.hex()})["proof"]
    assert [one["name"] for one in named["passed"]] == ["检查点", "存证", "文件"]
    assert code_of(session(tmp_path, files, {"proof": "00" * 32})["proof"]) == "inclusion_false"


def test_setup_deadline_and_draw_are_said_in_words_and_their_forgeries_refused(lot: Lot, tmp_path: Path) -> None:
    anchors, deadline = lot.keys.anchors().data, lot.deadlines[-1]
    unsigned = dsse.sign(dsse.read(deadline).payload).to_bytes()
    shifted = copy.deepcopy(DRAW)
    shifted["expect"]["seated"] = {s: list(reversed(n)) for s, n in shifted["expect"]["seated"].items()}
    files = {
        "anchors": anchors, "deadline": deadline, "unsigned": unsigned,
        "draw": canonical(DRAW), "shifted": canonical(shifted), "noise": b"\x00\x01",
    }  # fmt: skip
    found = session(tmp_path, files)
    assert ["截止时间", "2026-04-20 09:30:00"] in found["deadline"]["rows"]
    assert code_of(found["unsigned"]) == "deadline_unsigned"
    assert [one["name"] for one in found["draw"]["passed"]] == ["承诺", "次序", "入选"]
    assert code_of(found["shifted"]) == "seated_differ"
    assert found["noise"]["rows"][0][0] == "SHA-256 指纹"


def test_a_successor_takes_over_only_with_the_old_keys_signatures(lot: Lot, tmp_path: Path) -> None:
    old = lot.keys.anchors()
    later = json.loads(old.data) | {"issued": "2026-04-01T09:00:00.000+08:00"}
    payload = build_successor(old, json.dumps(later).encode())
    officers = [lot.keys.officers[role][0] for role in ("regulator", "operator")]
    signed = dsse.sign(payload, lot.keys.process, *officers).to_bytes()
    receipt = lot.received[0].receipt
    good = session(tmp_path, {"anchors": old.data, "successor": signed, "receipt": receipt})
    assert not any(code_of(report) for report in good.values())
    assert read_anchors(payload).sha256 in [value for _, value in good["successor"]["rows"]]
    weak = dsse.sign(payload, lot.keys.process).to_bytes()
    refused = session(tmp_path, {"anchors": old.data, "successor": weak, "receipt": receipt})
    assert code_of(refused["anchors"]) == "successor_unsigned"
    assert refused["receipt"] is None


def canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
