// The log's Merkle tree (RFC 9162 §2.1, SHA-256): hashes, and inclusion and consistency proofs checked.
import { equal, sha256, utf8 } from "./bytes.js";
import { Forged, Malformed } from "./errors.js";

const HASH_SIZE = 32;
export const EMPTY_ROOT = sha256();

/** The 32-byte log entry of an event. The salt (32 random bytes) lets an event stay secret while its entry is public. */
export function entryHash(salt, eventJson) {
  if (salt.length !== HASH_SIZE) throw new Malformed("salt_length", "事件的盐应为 32 字节");
  return sha256(utf8("etb/1/event\0"), salt, eventJson);
}

/** RFC 9162 leaf hash: SHA-256(0x00 ‖ entry). */
export const leafHash = (entry) => sha256(Uint8Array.of(0), entry);

/** RFC 9162 inner hash: SHA-256(0x01 ‖ left ‖ right). */
export const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);

/** The root of a whole list of entries, not yet leaf-hashed. */
export function rootOf(entries) {
  let level = entries.map(leafHash);
  while (level.length > 1) {
    const [above, now] = [[], level];
    // The last one of an odd row goes up as it is: the same tree as the RFC defines from above.
    for (let i = 0; i < now.length; i += 2) above.push(i + 1 < now.length ? nodeHash(now[i], now[i + 1]) : now[i]);
    level = above;
  }
  return level[0] ?? EMPTY_ROOT;
}

/** The root that this proof gives entry number `index` of `size` (RFC 9162 §2.1.3.2); Malformed for an impossible shape. */
function rootFromInclusion(entry, index, size, proof) {
  checkSize(size);
  checkHashes(proof);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new Malformed("index_outside_tree", `${size} 条的日志中没有第 ${index} 条`);
  }
  let digest = leafHash(entry);
  walk(index, size - 1, proof, (step, fromLeft) => {
    digest = fromLeft ? nodeHash(step, digest) : nodeHash(digest, step);
  });
  return digest;
}

/** Returns when `entry` is number `index` (from 0) of this tree; else Malformed or Forged. */
export function verifyInclusion(entry, index, size, root, proof) {
  if (!equal(rootFromInclusion(entry, index, size, proof), root)) {
    throw new Forged("inclusion_false", `此内容不是该日志（${size} 条）的第 ${index} 条`);
  }
}

/**
 * Returns when the tree (old, oldRoot) is a prefix of (size, root) (RFC 9162 §2.1.4.2); Malformed for an impossible
 * shape, else Forged: `consistency_false` or `same_size_other_root`.
 */
export function verifyConsistency(old, oldRoot, size, root, proof) {
  checkSize(size);
  checkHashes([oldRoot, root, ...proof]);
  if (!Number.isSafeInteger(old) || old < 0 || old > size) {
    throw new Malformed("old_size_above_size", `日志不能从 ${old} 条增长到 ${size} 条`);
  }
  if (old === 0 || old === size) return triviallyConsistent(old, oldRoot, size, root, proof);
  if (!proof.length) throw new Malformed("proof_too_short", "日志增长须附证明");
  const found = rootsFromConsistency(old, oldRoot, size, proof);
  if (!equal(found.was, oldRoot)) throw new Forged("consistency_false", `证明不是从已知的 ${old} 条的树根出发`);
  if (!equal(found.now, root)) throw new Forged("consistency_false", `${size} 条的日志不是 ${old} 条的日志的延续`);
}

/** Malformed unless each value has a hash's length. */
export function checkHashes(values) {
  if (values.some((value) => value.length !== HASH_SIZE)) throw new Malformed("hash_length", "哈希应为 32 字节");
}

function checkSize(size) {
  if (!Number.isSafeInteger(size) || size < 0) throw new Malformed("size_out_of_range", "日志条数应为 0 至 2^53−1");
}

function triviallyConsistent(old, oldRoot, size, root, proof) {
  if (proof.length) throw new Malformed("proof_too_long", "从零开始或条数相同时不应附证明");
  if ((old === 0 && !equal(oldRoot, EMPTY_ROOT)) || (size === 0 && !equal(root, EMPTY_ROOT))) {
    throw new Forged("consistency_false", "空日志只有一个树根");
  }
  if (old === size && !equal(oldRoot, root)) {
    throw new Forged("same_size_other_root", `${size} 条的日志出现两个不同的树根`);
  }
}

function rootsFromConsistency(old, oldRoot, size, proof) {
  const powers = Array.from({ length: 53 }, (_, i) => 2 ** i);
  // A power of two is itself a node of the new tree, so the prover leaves its hash out.
  const [first, ...steps] = powers.includes(old) ? [oldRoot, ...proof] : proof;
  let [was, now, here, last] = [first, first, old - 1, size - 1];
  while (here % 2) [here, last] = [half(here), half(last)];
  walk(here, last, steps, (step, fromLeft) => {
    if (fromLeft) was = nodeHash(step, was);
    now = fromLeft ? nodeHash(step, now) : nodeHash(now, step);
  });
  return { was, now };
}

/** From one node up to the root: `join(step, whether the step stands on the left)` for every hash of the proof. */
function walk(start, end, steps, join) {
  let [here, last] = [start, end];
  for (const step of steps) {
    if (last === 0) throw new Malformed("proof_too_long", "证明的哈希多于树的高度");
    const fromLeft = here % 2 === 1 || here === last;
    join(step, fromLeft);
    while (fromLeft && here && here % 2 === 0) [here, last] = [half(here), half(last)];
    [here, last] = [half(here), half(last)];
  }
  if (last) throw new Malformed("proof_too_short", "证明的哈希不足以算到树根");
}

// Sizes go up to 2^53: shifting would cut them to 32 bits.
const half = (number) => Math.floor(number / 2);
