"""What the pages of the sealed box are shown with: contested envelopes, rehearsals, a holder's keys."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from samples import NOW, digest

from bidding.records import LotRow

REHEARSALS = [
    {
        "view": {"asked_by": "李四", "asked_at": NOW, "opens_at": NOW, "ended_at": NOW},
        "tender": "E3301060001000001001-YL1",
        "step": "",
        "report": {
            "good": True,
            "holders": [
                {"role": "operator", "name": "李四", "key": "2026-04-17T14:00:00.000+08:00", "setup": ""}
                | {"attest": "", "release": ""}
            ],
            "bids": [{"bidder": "REHEARSAL000000001", "sealed": "1.00", "opened": "1.00", "way": "release"}],
            "log": {"origin": "trading.example.gov.cn/rehearsal/1"},
        },
    }
]
CURE: dict[str, Any] = {
    "box": SimpleNamespace(cure_until=NOW + timedelta(minutes=22), state="opening"),
    "waiting": [
        {"stage": "报价", "role": "监督部门", "count": 2},
        {"stage": "投标文件", "role": "监督部门", "count": 2},
    ],
    "proved": [],
    "origin": "https://trading.example.gov.cn",
    "bidder": "91330106MA2B00001X",
}


TRUSTEE: dict[str, Any] = {
    "shows": [
        {
            "case": "1",
            "keyid": "38c513b08563f5bd",
            "tender": "E3301060001000001001",
            "lot": "01",
            "said": [{"bid": digest("bid"), "stage": "price"}],
            "until": NOW + timedelta(minutes=20),
        }
    ],
    "work": [{"title": "签署标箱设定", "count": 9, "lots": ["E3301060001000001001　01 标段"] * 8, "more": 1}],
    "holders": [{"name": "周正", "keyid": "38c513b08563f5bd"}],
    "colleagues": [
        {"id": "1", "name": "周正", "keyid": "38c513b08563f5bd", "mine": True, "away_until": None},
        {"id": "2", "name": "吴越", "keyid": "a8c513b08563f5bd", "mine": False, "away_until": NOW},
    ],
    "openings": [
        {
            "box": {"tender": "E3301060001000001001", "lot": "01", "deadline_at": NOW},
            "roles": [{"name": "交易中心", "ready": 2, "of": 3}, {"name": "监督部门", "ready": 0, "of": 2}],
        }
    ],
    "role": "regulator",
    "role_name": "监督部门",
    "person_name": "周正",
    "origin": "http://127.0.0.1:8001",
}


def cure_variants(lot: LotRow, last: object) -> list[tuple[str, dict[str, Any]]]:
    """The page of contested envelopes when its time is over, and when all is proved."""
    usual = CURE | {"lot": lot, "last": last}
    return [
        ("bidding/cure.html", usual | {"box": SimpleNamespace(cure_until=NOW, state="opening")}),
        ("bidding/cure.html", usual | {"waiting": [], "proved": CURE["waiting"]}),
    ]


def officers_pages(opened: LotRow) -> dict[str, dict[str, Any]]:
    """The pages of holders and auditors."""
    return {
        "supervision/rehearsals.html": {
            "lot": opened,
            "rehearsals": REHEARSALS,
            "role_names": {"operator": "交易中心", "regulator": "监督部门", "purchaser": "招标人"},
        },
        "supervision/audits.html": {
            "lot": opened,
            "waiting": [{"bid": digest("bid"), "stage": "报价", "role": "监督部门", "count": 2}],
            "until": NOW + timedelta(minutes=20),
            "audited": [
                {"bid": digest("bid"), "stage": "报价", "role": "监督部门", "kid": "38c513b08563f5bd", "opens": False},
                {
                    "bid": digest("bid"),
                    "stage": "投标文件",
                    "role": "监督部门",
                    "kid": "38c513b08563f5bd",
                    "opens": True,
                },
            ],
        },
        "trustee.html": TRUSTEE,
    }
