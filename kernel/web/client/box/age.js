// Sealing and opening age v1 files (C2SP age.md), as streams and in memory; the `age` command reads the same.
// The file key, the ephemeral key and the nonce are always fresh and random, never derived from anything.
import { dearmored } from "./age_armor.js";
import { readHeader, writeHeader } from "./age_header.js";
import { checkX25519, FILE_KEY_SIZE, Passphrase, readIdentity, readRecipient } from "./age_keys.js";
import { CHUNK, NONCE_SIZE, openChunks, Reader, sealChunks, TAG } from "./age_stream.js";
import { concat, hex, randomBytes } from "./bytes.js";
import { digestFor } from "./digest.js";
import { Malformed, NoMatch } from "./errors.js";
import { memorySink } from "./sinks.js";

export { newIdentity, Passphrase, recipientOf } from "./age_keys.js";

/** A header with one X25519 stanza has always this size: version, stanza (54 + 44), MAC line (48). */
export const HEAD_SIZE = 168;

/**
 * Seal all of `source` (a Blob or bytes) into `sink` ({write(bytes)}, awaited) to one recipient (``age1…`` or a
 * Passphrase), in constant memory. `progress` is told the plaintext bytes done. Returns the size and SHA-256 (hex)
 * of the age file and of the plaintext: {size, sha256, plainSize, plainSha256}.
 */
export async function seal(source, sink, recipient, progress = () => {}) {
  const [fileKey, nonce] = [randomBytes(FILE_KEY_SIZE), randomBytes(NONCE_SIZE)];
  const stanza = await (typeof recipient === "string" ? readRecipient(recipient) : recipient).wrap(fileKey);
  const size = source.size ?? source.length;
  const [out, plain] = [hashing(sink, await digestFor(size)), await digestFor(size)];
  await out.write(concat(writeHeader(fileKey, [stanza]), nonce));
  const plainSize = await sealChunks(fileKey, nonce, source, out, progress, plain);
  return { size: out.size, sha256: hex(out.digest()), plainSize, plainSha256: hex(plain.digest()) };
}

/**
 * Open `source` into `sink` with the first identity (text or Passphrase) that fits; {size, sealedSize}. Reads armor
 * too. Malformed (not an age file), NoMatch (none fits), Forged (altered, cut or extended): what the sink has got by
 * then must be thrown away.
 */
export async function unseal(source, sink, ...identities) {
  const reader = new Reader(await dearmored(source));
  const header = await readHeader(reader);
  const fileKey = await fileKeyOf(header.stanzas, identities);
  header.check(fileKey);
  const nonce = await reader.take(NONCE_SIZE);
  if (nonce.length !== NONCE_SIZE) throw new Malformed("bad_header", "文件头不完整");
  return { size: await openChunks(fileKey, nonce, reader, sink), sealedSize: reader.size };
}

/** A small thing sealed in memory. */
export async function lock(plain, recipient) {
  const sink = memorySink();
  await seal(plain, sink, recipient);
  return sink.bytes();
}

/** A small thing opened in memory; throws as `unseal` does. */
export async function unlock(sealed, ...identities) {
  const sink = memorySink();
  await unseal(sealed, sink, ...identities);
  return sink.bytes();
}

/** How large `size` bytes become when sealed to one X25519 recipient. */
export const sealedSize = (size) => HEAD_SIZE + NONCE_SIZE + size + TAG * Math.max(1, Math.ceil(size / CHUNK));

/**
 * Malformed unless a file of `size` bytes that begins with `head` (its first HEAD_SIZE bytes or more) can be a
 * bid's: exactly one X25519 stanza, and a size that fits STREAM (an empty chunk stands only alone).
 */
export async function checkSealed(head, size) {
  const { stanzas } = await readHeader(new Reader(head));
  if (stanzas.length !== 1 || stanzas[0].kind !== "X25519") {
    throw new Malformed("not_one_recipient", "应恰好加密给一个 X25519 公钥");
  }
  checkX25519(stanzas[0]);
  const payload = size - HEAD_SIZE - NONCE_SIZE;
  const rest = payload % (CHUNK + TAG);
  if (payload < TAG || (rest > 0 && rest <= TAG && payload !== TAG)) {
    throw new Malformed("bad_size", "文件大小不合加密格式，可能不完整");
  }
}

async function fileKeyOf(stanzas, identities) {
  for (const identity of identities) {
    const one = identity instanceof Passphrase ? identity : readIdentity(identity);
    const fileKey = await one.unwrap(stanzas);
    if (fileKey) return fileKey;
  }
  throw new NoMatch("no_matching_key", "现有密钥或口令打不开此文件");
}

function hashing(sink, digest) {
  return {
    size: 0,
    async write(bytes) {
      this.size += bytes.length;
      digest.update(bytes);
      await sink.write(bytes);
    },
    digest: () => digest.digest(),
  };
}
