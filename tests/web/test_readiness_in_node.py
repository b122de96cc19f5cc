"""试开 in the browser's modules: what Python sealed opens there, and what it answers is believed here."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from in_node import RefusedThere, ask
from offline_lot import CASE, Office, b64

from app.officer import home
from kernel.proofs import age, dsse
from kernel.proofs.canonical import from_base64
from kernel.proofs.readiness import build_test, read_test, read_tested
from kernel.proofs.setup import read_setup

WORDS = "a passphrase of an officer"
AT = "2026-04-20T09:30:00.000+08:00"


def test_the_page_opens_its_own_test_envelope_and_no_others(tmp_path: Path) -> None:
    office = Office()
    setup = read_setup(office.setup())
    data = build_test(setup, AT)
    made = home.create(tmp_path / "home", "operator", "张三", age.Passphrase(WORDS, work=10), None)
    wrap = age.lock(office.private["operator"][1], made.card.recipient)
    task: dict[str, Any] = {"do": "tested", "case": CASE, "tender": "T-2026-1", "lot": "01", "role": "operator"}
    task |= {"body": b64(data), "wrap": b64(wrap)}
    common = {"home": b64((tmp_path / "home" / home.SECRET).read_bytes()), "words": WORDS, "role": "operator"}
    common |= {"anchors": None, "now": None}
    given = ask("trustee", **common, task=task)
    signed = dsse.read(from_base64(given["envelope"]))
    body = dsse.require(signed, [made.card.public_key])
    tested = read_tested(body, read_test(data), hashlib.sha256(data).hexdigest())
    assert (given["kind"], tested.kid) == ("tested", setup.role("operator").keys[1].kid)
    for wrong, code in (({"lot": "02"}, "other_context"), ({"body": ""}, "task_incomplete")):
        with pytest.raises(RefusedThere) as refused:
            ask("trustee", **common, task=task | wrong)
        assert refused.value.code == code
