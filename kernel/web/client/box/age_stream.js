// The payload of an age file: STREAM, ChaCha20-Poly1305 over 64 KiB chunks, in constant memory.
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { concat, utf8 } from "./bytes.js";
import { Forged } from "./errors.js";
import { expand, extract } from "./hkdf.js";

export const CHUNK = 64 * 1024;
export const TAG = 16;
export const NONCE_SIZE = 16;
const BATCH = 32; // chunks enciphered at once
const PIECE = BATCH * CHUNK; // read from the source at once

/** Bytes taken in order from a Blob or from bytes; the next piece is being read while this one is worked on. */
export class Reader {
  #source;
  #at = 0;
  #held = new Uint8Array();
  #coming = null;

  constructor(source) {
    this.#source = source;
    this.size = source.size ?? source.length;
    this.#readAhead();
  }

  /** The next `count` bytes, fewer only at the end; they stay valid. */
  async take(count) {
    while (this.#held.length < count && !this.ended) await this.#fill();
    return this.#cut(Math.min(count, this.#held.length));
  }

  /** Everything up to and with the next line feed, of at most `most` bytes; without one at the end or where it is longer. */
  async line(most) {
    for (;;) {
      const end = this.#held.subarray(0, most).indexOf(0x0a) + 1;
      if (end || this.#held.length >= most || this.ended) return this.#cut(end || Math.min(most, this.#held.length));
      await this.#fill();
    }
  }

  /** Whether everything was read out of the source; some of it may still be held. */
  get ended() {
    return this.#coming === null;
  }

  /** Whether nothing is left to take. */
  get empty() {
    return this.ended && !this.#held.length;
  }

  async #fill() {
    const more = await this.#coming;
    this.#readAhead();
    this.#held = this.#held.length ? concat(this.#held, more) : more;
  }

  #readAhead() {
    if (this.#at >= this.size) {
      this.#coming = null;
      return;
    }
    const piece = this.#source.slice(this.#at, this.#at + PIECE);
    this.#at = Math.min(this.#at + PIECE, this.size);
    this.#coming = piece.arrayBuffer ? piece.arrayBuffer().then((buffer) => new Uint8Array(buffer)) : Promise.resolve(piece);
    // A file that cannot be read is told when its piece is awaited, not before.
    this.#coming.catch(() => {});
  }

  #cut(count) {
    const taken = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return taken;
  }
}

/** Seal all of `source`; the plaintext's size. `plain` is a running hash that is told the plaintext. */
export async function sealChunks(fileKey, nonce, source, sink, progress, plain) {
  const [reader, key] = [new Reader(source), payloadKey(fileKey, nonce)];
  const sealed = new Uint8Array(BATCH * (CHUNK + TAG));
  let [chunk, total] = [0, 0];
  do {
    const batch = await reader.take(BATCH * CHUNK);
    plain.update(batch);
    let filled = 0;
    for (const piece of pieces(batch, CHUNK)) {
      const final = reader.empty && piece.byteOffset + piece.length === batch.byteOffset + batch.length;
      const end = filled + piece.length + TAG;
      chacha20poly1305(key, nonceOf(chunk, final)).encrypt(piece, sealed.subarray(filled, end));
      [chunk, filled] = [chunk + 1, end];
    }
    await sink.write(sealed.subarray(0, filled));
    total += batch.length;
    progress(total);
  } while (!reader.empty);
  return total;
}

/** Open all that `reader` still has; the plaintext's size. Forged at the first chunk that is not in its place. */
export async function openChunks(fileKey, nonce, reader, sink) {
  const key = payloadKey(fileKey, nonce);
  const plain = new Uint8Array(BATCH * CHUNK);
  let [chunk, total] = [0, 0];
  do {
    const batch = await reader.take(BATCH * (CHUNK + TAG));
    let filled = 0;
    for (const piece of pieces(batch, CHUNK + TAG)) {
      const final = reader.empty && piece.byteOffset + piece.length === batch.byteOffset + batch.length;
      const opened = openChunk(key, chunk, piece, final, plain.subarray(filled));
      [chunk, filled] = [chunk + 1, filled + opened.length];
    }
    await sink.write(plain.subarray(0, filled));
    total += filled;
  } while (!reader.empty);
  return total;
}

function openChunk(key, chunk, piece, final, into) {
  if (piece.length < TAG || (piece.length === TAG && chunk)) throw cut();
  const room = into.subarray(0, piece.length - TAG);
  // A whole chunk that is genuine under the other mark tells that the file was cut after it, or goes on behind its end.
  for (const mark of piece.length === CHUNK + TAG ? [final, !final] : [final]) {
    if (!decrypts(key, nonceOf(chunk, mark), piece, room)) continue;
    if (mark !== final) throw cut();
    return room;
  }
  throw new Forged("payload_altered", `密文第 ${chunk + 1} 块校验不符，内容被改动、截断或拼接`);
}

function decrypts(key, nonce, piece, into) {
  try {
    chacha20poly1305(key, nonce).decrypt(piece, into);
    return true;
  } catch {
    return false;
  }
}

const cut = () => new Forged("payload_cut", "密文不完整，或末尾有多余内容");

const payloadKey = (fileKey, nonce) => expand(extract(nonce, fileKey), utf8("payload"), 32);

/** A counter and the mark of the last chunk. Safe because the key is this file's alone. */
function nonceOf(chunk, final) {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(7, chunk); // 2^32 chunks are 256 TiB
  nonce[11] = final ? 1 : 0;
  return nonce;
}

/** The batch's chunks; an empty batch has one empty chunk. */
function pieces(batch, size) {
  const count = Math.max(1, Math.ceil(batch.length / size));
  return Array.from({ length: count }, (_, i) => batch.subarray(i * size, (i + 1) * size));
}
