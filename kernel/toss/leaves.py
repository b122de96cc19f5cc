"""D0 on the regulator's side: the list is found again, compared, salted; nothing that differs is let through."""

import asyncpg

from kernel.errors import BadInput
from kernel.proofs.draw import DrawList, Stratum
from kernel.proofs.draw_role import Party
from kernel.proofs.draw_salts import avoided_root, opened_leaves
from kernel.proofs.draw_state import Ceremony
from kernel.proofs.dsse import Signed
from kernel.toss.book import Rebuild
from kernel.toss.listing import check_listing, parts, read_listing
from kernel.toss.schemas import TossView

_LISTING = "select sha256, body from toss.listing where toss = $1"


class ListRefused(Exception):
    """The list is not what the regulator's process finds: a stable code, and the words without any name."""

    def __init__(self, code: str, says: str) -> None:
        super().__init__(says)
        self.code, self.says = code, says


async def checked_list(
    connection: asyncpg.Connection,
    hand: Party,
    ceremony: Ceremony,
    view: TossView,
    rebuild: Rebuild,
) -> bytes:
    """The list's bytes, after everything about it was found to be in order; else `ListRefused`."""
    message = ceremony.get("list", "operator")
    assert message is not None, "there is a list to keep"
    row = await connection.fetchrow(_LISTING, view.id)
    if row is None or Signed(row["body"], "", ()).sha256 != message.value["listing"]:
        raise ListRefused("other_list", "名单内容与所签的摘要不符")
    if not all(hand.opens(ceremony, *place) for place in hand.held(ceremony, "list")):
        raise ListRefused("piece_differs", "交易中心封存的片段与其承诺不符")
    strata, given, cap = read_listing(row["body"])
    asked = [(one["id"], one["quota"], one["size"]) for one in message.value["strata"]]
    if asked != [(s, quota, len(given.candidates.get(s, ()))) for s, quota in strata]:
        raise ListRefused("list_differs", "名单与所签的组别、人数不符")
    if (cap, given.pool_root) != (message.value["employer_cap"], message.value["pool_root"]):
        raise ListRefused("list_differs", "名单与所签的条件不符")
    try:
        check_listing(strata, given)
    except BadInput as wrong:
        raise ListRefused(wrong.code, wrong.problems[0].says) from None
    found = await rebuild(connection, view)
    for part, says in (("candidates", "候选人"), ("avoided", "回避人员"), ("pool_root", "名库")):
        if parts(found)[part] != parts(given)[part]:
            raise ListRefused("list_differs", f"监督部门的系统重新生成的名单与交易中心的不同：{says}")
    return bytes(row["body"])


def leaves_message(hand: Party, ceremony: Ceremony, body: bytes, salt_key: bytes) -> Signed:
    """The leaves of every group in ascending order, which hide who is who, and their one root."""
    strata, given, _ = read_listing(body)
    groups = tuple(
        Stratum(s, quota, tuple(one.leaf for one in opened_leaves(salt_key, given.candidates[s])))
        for s, quota in strata
    )
    listing = DrawList(ceremony.draw_id, ceremony.roles, groups, ceremony.begin.value["beacon_rule"])
    message = ceremony.get("list", "operator")
    assert message is not None, "there is a list to keep"
    rows = [{"id": g.id, "quota": g.quota, "leaves": [leaf.hex() for leaf in g.leaves]} for g in groups]
    return hand.say(
        ceremony, "leaves", listing=message.value["listing"], strata=rows, list_root=listing.root().hex(),
        avoided=len(given.avoided), avoided_root=avoided_root(salt_key, given.avoided),
    )  # fmt: skip
