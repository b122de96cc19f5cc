// What somebody drops to have it checked: which kind of file it is, and what is to be read of it.
import { fromBase64, fromUtf8 } from "../box/bytes.js";
import { decode } from "../box/canonical.js";
import { ProofError } from "../box/errors.js";
import { isObject, optional } from "./strict.js";

const LARGEST = 8 * 1024 * 1024;
const PROOF = "c2sp.org/tlog-proof@v1";
const TYPES = { "etb.anchors/1": "anchors", "etb.draw/1": "draw" };
const SIGNED_TYPES = {
  "etb.anchors/1": "successor",
  "etb.receipt/1": "receipt",
  "etb.setup/1": "setup",
  "etb.deadline/1": "deadline",
  "etb.close/1": "close",
};

/** The kind of this Blob: package, anchors, successor, receipt, proof, draw, setup, deadline, close, or other. */
export async function kindOf(blob) {
  const start = new Uint8Array(await blob.slice(0, 32).arrayBuffer());
  const ascii = String.fromCharCode(...start);
  if (ascii.startsWith("PK\x03\x04")) return "package";
  if (ascii.startsWith(PROOF)) return "proof";
  if (blob.size > LARGEST || !/^\s*\{/.test(ascii)) return "other";
  const value = looselyRead(await bytesOf(blob));
  if (!isObject(value)) return "other";
  if (typeof value.payload === "string") return SIGNED_TYPES[signedType(value)] ?? "other";
  return TYPES[optional(value, "type")] ?? "other";
}

/** All bytes of a Blob. */
export const bytesOf = async (blob) => new Uint8Array(await blob.arrayBuffer());

function signedType(value) {
  try {
    return optional(decode(fromBase64(value.payload)), "type", "");
  } catch (error) {
    if (error instanceof ProofError) return "";
    throw error;
  }
}

/** Only to tell what it is: whoever checks it reads it again, strictly. Null for what is no JSON. */
function looselyRead(bytes) {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch (error) {
    if (error instanceof ProofError || error instanceof SyntaxError) return null;
    throw error;
  }
}
