// C2SP log proofs (c2sp.org/tlog-proof): one file proves, offline, that a witnessed log holds an entry.
import { fromBase64 } from "./bytes.js";
import { openCheckpoint, parseDecimal } from "./checkpoints.js";
import { Malformed } from "./errors.js";
import { checkHashes, verifyInclusion } from "./merkle.js";
import { MAX_NOTE_BYTES } from "./notes.js";

const MAGIC = "c2sp.org/tlog-proof@v1";
const MAX_PROOF_HASHES = 63;

/** {index, path, checkpoint (bytes), extra (bytes or null: opaque and unauthenticated)}; nothing is verified. */
export function parseLogProof(raw) {
  const { lines, rest } = splitHead(raw);
  if (lines[0] !== MAGIC) throw new Malformed("log_proof_malformed", `首行应为 ${MAGIC}`);
  const hasExtra = lines[1]?.startsWith("extra ");
  const extra = hasExtra ? fromBase64(lines[1].slice("extra ".length)) : null;
  const [index, ...path] = lines.slice(hasExtra ? 2 : 1);
  if (!index?.startsWith("index ")) throw new Malformed("log_proof_malformed", "应有 index 行");
  return { index: parseDecimal(index.slice("index ".length)), path: parseHashes(path), checkpoint: rest, extra };
}

/** What `openCheckpoint` gives, when the log holds `entry` and enough witnesses saw it; else a ProofError. */
export function verifyLogProof(proof, entry, logKeys, witnessKeys = [], quorum = 0) {
  const seen = openCheckpoint(proof.checkpoint, logKeys, witnessKeys, quorum);
  verifyInclusion(entry, proof.index, seen.checkpoint.size, seen.checkpoint.root, proof.path);
  return seen;
}

/** The lines before the first empty line (ASCII only), and the bytes after it (the checkpoint). */
function splitHead(raw) {
  if (raw.length > 2 * MAX_NOTE_BYTES) throw new Malformed("note_too_large", `不得超过 ${2 * MAX_NOTE_BYTES} 字节`);
  const gap = raw.findIndex((byte, i) => byte === 0x0a && raw[i + 1] === 0x0a);
  const head = gap < 0 ? raw : raw.subarray(0, gap);
  if (head.some((byte) => byte > 0x7f)) throw new Malformed("log_proof_malformed", "检查点之前的各行应为 ASCII");
  if (gap < 0) throw new Malformed("log_proof_malformed", "检查点之前应有空行");
  return { lines: new TextDecoder().decode(head).split("\n"), rest: raw.slice(gap + 2) };
}

function parseHashes(lines) {
  if (lines.length > MAX_PROOF_HASHES) {
    throw new Malformed("proof_too_long", `证明的哈希不得超过 ${MAX_PROOF_HASHES} 个`);
  }
  const hashes = lines.map((line) => fromBase64(line));
  checkHashes(hashes);
  return hashes;
}
