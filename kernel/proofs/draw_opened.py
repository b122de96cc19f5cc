"""What the keeper of the names opens of a drawn list: each name by its leaf, or for the auditor everything."""

from kernel.proofs.canonical import encode
from kernel.proofs.draw import draw_leaf
from kernel.proofs.draw_messages import Message
from kernel.proofs.draw_salts import avoided_root, opened_leaves, salts_commitment
from kernel.proofs.draw_state import Ceremony
from kernel.proofs.errors import Malformed


def check_names(ceremony: Ceremony, message: Message) -> None:
    """Every opened name is of a leaf of this list."""
    known = {leaf for s in ceremony.draw_list.strata for leaf in s.leaves} if ceremony.draw_list else set()
    for i, one in enumerate(message.value["openings"]):
        leaf = draw_leaf(bytes.fromhex(one["salt"]), encode(one["record"]))
        if leaf.hex() != one["leaf"] or leaf not in known:
            raise Malformed("opening_false", "公开的内容与名单上的哈希不符", f"openings[{i}]")


def check_audit(ceremony: Ceremony, message: Message) -> None:
    """Every leaf, and every one left out, follows from the records and the one key that was committed to (D1)."""
    commit, leaves = ceremony.get("commit", "regulator"), ceremony.get("leaves", "regulator")
    listing, key = ceremony.draw_list, bytes.fromhex(message.value["salt_key"])
    if commit is None or leaves is None or listing is None:
        raise Malformed("too_early", "名单还没有固定")
    if salts_commitment(ceremony.draw_id, key) != commit.value["salts"]:
        raise Malformed("other_salts", "盐值不是事先承诺的", "salt_key")
    given = {one["id"]: one["records"] for one in message.value["strata"]}
    for stratum in listing.strata:
        if [one.leaf for one in opened_leaves(key, given.get(stratum.id, []))] != list(stratum.leaves):
            raise Malformed("opening_false", "名单与其哈希不符", f"strata.{stratum.id}")
    avoided = [(one["record"], one["code"]) for one in message.value["avoided"]]
    if avoided_root(key, avoided) != leaves.value["avoided_root"] or len(avoided) != leaves.value["avoided"]:
        raise Malformed("avoided_differ", "回避名单与其哈希不符", "avoided")
