"""How the search reads Chinese without a dictionary: pairs of neighbouring characters; and what facets are written as.

A word is found where all its pairs are; that the pairs also stand in a row is compared afterwards.
"""

import unicodedata
from collections.abc import Iterable, Sequence

from intermediaries.catalogue import ServiceItem
from kernel.regions import NATION, lineage

LONGEST = 40
"""Characters of a question that are looked at."""


def plain(text: str) -> str:
    """Without spaces, full-width forms and capitals."""
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()


def pairs(text: str) -> list[str]:
    """Each pair of neighbours once, in the order of their first coming; nothing for a single character."""
    clean = plain(text)
    return list(dict.fromkeys(clean[i : i + 2] for i in range(len(clean) - 1)))


def grams(words: Iterable[str]) -> list[str]:
    """The pairs of several words: never across two of them."""
    return list(dict.fromkeys(pair for word in words for pair in pairs(word)))


def facets_of(region: str, served: Iterable[ServiceItem], held: Sequence[tuple[str, str]]) -> list[str]:
    """What an agency can be found by: r:region and above, i:item, c:category, q:kind and q:kind:grade held now."""
    found = [f"r:{place}" for place in lineage(region) if place != NATION]
    for item in served:
        found += [f"i:{item.code}", f"c:{item.category}"]
    for kind, grade in held:
        found += [f"q:{kind}"] + ([f"q:{kind}:{grade}"] if grade else [])
    return sorted(set(found))
