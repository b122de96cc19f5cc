"""What an item of the catalogue is, read from a row of data: the founding list, a proposal, a stored version."""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self
from uuid import NAMESPACE_URL, UUID, uuid5

from kernel.proofs.canonical import decode, encode

FILE = Path(__file__).parent / "catalogue.toml"
PRICES = ("市场调节价", "政府指导价", "政府定价")


@dataclass(frozen=True, slots=True)
class Qualification:
    """A kind of licence: its grades from the highest down, none where it has no grades."""

    kind: str
    name: str
    grades: tuple[str, ...]
    issuer: str
    law: str

    def reaches(self, grade: str, least: str) -> bool:
        """Whether `grade` is as high as `least`; a licence without grades always is."""
        if not self.grades or not least:
            return True
        return grade in self.grades and self.grades.index(grade) <= self.grades.index(least)


@dataclass(frozen=True, slots=True)
class Need:
    """A licence that must be held, with its least grade (empty: any)."""

    kind: str
    least: str


@dataclass(frozen=True, slots=True)
class Basis:
    """Why an authority may ask for the service: law, article, and in short what it says."""

    law: str
    article: str
    says: str

    @property
    def citation(self) -> str:
        return self.law + self.article


@dataclass(frozen=True, slots=True)
class ServiceItem:
    """One item; `days` in working days by `limit_by`; `data` is the canonical row that was signed for."""

    code: str
    name: str
    category: str
    department: str
    approval: str
    approval_department: str
    legal: tuple[Basis, ...]
    needs: tuple[Need, ...]
    conditions: str
    days: int
    limit_by: str
    price: str
    price_document: str
    payer: str
    workflow: tuple[str, ...]
    contract: str
    result: str
    data: bytes

    @property
    def id(self) -> UUID:
        return item_id(self.code)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def row(self) -> dict[str, Any]:
        return dict(decode(self.data))

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """From a row that `rules.items.item_problems` found nothing wrong with."""
        plain = {name: row[name] for name in ("code", "name", "category", "department", "conditions", "payer")}
        return cls(
            **plain,
            approval=row["approval"]["name"],
            approval_department=row["approval"]["department"],
            legal=tuple(Basis(b["law"], b["article"], b["says"]) for b in row["legal"]),
            needs=tuple(Need(n["kind"], n.get("least", "")) for n in row["needs"]),
            days=row["limit"]["days"],
            limit_by=row["limit"]["by"],
            price=row["price"]["basis"],
            price_document=row["price"]["document"],
            workflow=tuple(row["workflow"]),
            contract=row["contract"],
            result=row["result"],
            data=encode(dict(row)),
        )


@dataclass(frozen=True, slots=True)
class Founding:
    """What a new database begins with, and the names every version is written in."""

    items: tuple[ServiceItem, ...]
    categories: Mapping[str, str]
    qualifications: Mapping[str, Qualification]
    workflows: Mapping[str, Sequence[str]]


def item_id(code: str) -> UUID:
    """The number of an item, the same on every site: a decision names it before the item is there."""
    return uuid5(NAMESPACE_URL, f"urn:yangguang:item:{code}")


def read(text: str) -> Founding:
    """The founding list; KeyError or ValueError where it is no list."""
    table = tomllib.loads(text)
    flows = table["workflow"]
    rows = [{**row, "workflow": list(flows[row["workflow"]])} for row in table["item"]]
    kinds = {
        kind: Qualification(kind, q["name"], tuple(q["grades"]), q["issuer"], q["law"])
        for kind, q in table["qualification"].items()
    }
    items = tuple(ServiceItem.of(row) for row in rows)
    return Founding(items, MappingProxyType(table["category"]), MappingProxyType(kinds), MappingProxyType(flows))


FOUNDING = read(FILE.read_text("utf-8"))
CATEGORIES = FOUNDING.categories
QUALIFICATIONS = FOUNDING.qualifications


def need_name(need: Need) -> str:
    """测绘资质证书（乙级及以上）."""
    kind = QUALIFICATIONS.get(need.kind)
    if kind is None:
        return need.kind
    top = not need.least or not kind.grades or kind.grades[0] == need.least
    return kind.name + (f"（{need.least}{'' if top else '及以上'}）" if need.least else "")
