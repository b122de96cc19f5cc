// What the keeper of the names opens of a drawn list: each name by its leaf, or for the auditor everything.
import { concat, hex, lp, sha256Hex, unhex, utf8 } from "../box/bytes.js";
import { encode } from "../box/canonical.js";
import { Malformed } from "../box/errors.js";
import { hmac } from "../box/hkdf.js";
import { rootOf } from "../box/merkle.js";
import { drawLeaf } from "./draw.js";
import { same } from "./strict.js";

/** Every opened name is of a leaf of this list. */
export function checkNames(ceremony, { value }) {
  const known = new Set((ceremony.list?.strata ?? []).flatMap((one) => one.leaves));
  value.openings.forEach((one, i) => {
    const leaf = drawLeaf(unhex(one.salt), encode(one.record));
    if (leaf !== one.leaf || !known.has(leaf)) {
      throw new Malformed("opening_false", "公开的内容与名单上的哈希不符", `openings[${i}]`);
    }
  });
}

/** Every leaf, and every one left out, follows from the records and the one key that was committed to (D1). */
export function checkAudit(ceremony, { value }) {
  const [commit, leaves] = [ceremony.get("commit", "regulator"), ceremony.get("leaves", "regulator")];
  if (!commit || !leaves || !ceremony.list) throw new Malformed("too_early", "名单还没有固定");
  const key = unhex(value.salt_key);
  if (sha256Hex(concat(utf8("etb/1/draw-salts\0"), lp(ceremony.id), key)) !== commit.value.salts) {
    throw new Malformed("other_salts", "盐值不是事先承诺的", "salt_key");
  }
  const given = new Map(value.strata.map((one) => [one.id, one.records]));
  for (const one of ceremony.list.strata) {
    if (!same(openedLeaves(key, given.get(one.id) ?? []), one.leaves)) {
      throw new Malformed("opening_false", "名单与其哈希不符", `strata.${one.id}`);
    }
  }
  const rows = value.avoided.map(({ record, code }) => ({ record, code }));
  const root = hex(rootOf(openedLeaves(key, rows).map(unhex)));
  if (root !== leaves.value.avoided_root || rows.length !== leaves.value.avoided) {
    throw new Malformed("avoided_differ", "回避名单与其哈希不符", "avoided");
  }
}

/** The leaves of these records in hex, ascending; each salt is HMAC-SHA256(key, record). */
function openedLeaves(key, records) {
  const leafOf = (content) => drawLeaf(hmac(key, content), content);
  return records.map((record) => leafOf(encode(record))).sort();
}
