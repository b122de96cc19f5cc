// C2SP checkpoints (c2sp.org/tlog-checkpoint): a log's size and root as a signed note, read and verified.
import { fromBase64 } from "./bytes.js";
import { BadSignature, Malformed } from "./errors.js";
import { checkHashes } from "./merkle.js";
import { COSIGNATURE_V1, ED25519, isBy } from "./note_keys.js";
import { parseNote, verifyNote } from "./notes.js";

/** {origin, size, root, extensions} of a checkpoint's note text; nothing is verified. */
export function parseCheckpoint(text) {
  const lines = text.split("\n");
  if (lines.pop() || lines.length < 3) throw new Malformed("checkpoint_malformed", "应有日志名、条数、树根三行");
  const [origin, size, root, ...extensions] = lines;
  const checkpoint = { origin, size: parseDecimal(size), root: fromBase64(root), extensions };
  checkHashes([checkpoint.root]);
  if ([origin, ...extensions].includes("")) throw new Malformed("checkpoint_malformed", "日志名和附加行应为非空的单行");
  return checkpoint;
}

/** A tree size or index: ASCII digits without leading zeros, at most 2^53-1 (what a browser can count exactly). */
export function parseDecimal(text) {
  if (!/^(0|[1-9][0-9]{0,18})$/.test(text) || !Number.isSafeInteger(Number(text))) {
    throw new Malformed("number_malformed", "应为小于 2^53 的十进制数，无前导零");
  }
  return Number(text);
}

/**
 * A checkpoint read and verified: a signature of one of the log's keys, and `quorum` different witnesses (two keys of
 * one witness name count once). {checkpoint, note, cosignatures: [{key, at}]}; Malformed or BadSignature.
 */
export function openCheckpoint(raw, logKeys, witnessKeys = [], quorum = 0) {
  const note = parseNote(raw);
  const checkpoint = parseCheckpoint(note.text);
  verifyNote(note, logKeys.filter(({ kind, name }) => kind === ED25519 && name === checkpoint.origin));
  const cosignatures = openCosignatures(note, witnessKeys);
  const names = new Set(cosignatures.map(({ key }) => key.name));
  if (names.size < quorum) {
    throw new BadSignature("not_enough_witnesses", `须有 ${quorum} 个见证方联署，现有 ${names.size} 个`);
  }
  return { checkpoint, note, cosignatures };
}

/** The cosignatures by known witnesses; a false one of a known witness is BadSignature, none is not. */
function openCosignatures(note, witnessKeys) {
  const keys = witnessKeys.filter(({ kind }) => kind === COSIGNATURE_V1);
  const known = note.signatures.some((line) => keys.some((key) => isBy(line, key)));
  return known ? verifyNote(note, keys) : [];
}
