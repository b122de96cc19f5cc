// Opening the stored files of an opened stage, and whose fault it is when one does not open (etb/1 §7).
import { unseal } from "./age.js";
import { hex } from "./bytes.js";
import { readIndex } from "./bid_index.js";
import { digestFor, digestOf } from "./digest.js";
import { ProofError } from "./errors.js";
import { memorySink } from "./sinks.js";
import { finding } from "./stage.js";

/**
 * Open one stored age file (a Blob or bytes) into `sink`: {size, sha256 (of the plaintext), finding (or null)}. Another
 * ciphertext than the bid states is the operator's fault; the stated one that does not open is the bidder's. With a
 * finding, what the sink has got must be thrown away.
 */
export async function openFile(secret, file, source, sink) {
  const plain = counted(sink, await digestFor(file.size));
  let opened = true;
  try {
    await unseal(source, plain, secret.identity);
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    opened = false;
  }
  const differs = (source.size ?? source.length) !== file.size || (await digestOf(source)) !== file.sha256;
  let found = null;
  if (differs) found = finding("ciphertext_differs", "operator", `存储的 ${file.n} 与标书所列摘要不符`, true);
  else if (!opened) found = finding("file_not_opened", "bidder", `${file.n} 的摘要相符，却不能解密`, true);
  return { size: plain.size, sha256: plain.sha256(), finding: found };
}

/** Open and read a stage's index, its first file: {index (null where a fatal finding stands), finding}. */
export async function openIndex(secret, sealed, source) {
  const sink = memorySink();
  const [file] = sealed.files;
  const opened = await openFile(secret, file, source, sink);
  if (opened.finding) return { index: null, finding: opened.finding };
  try {
    const index = readIndex(sink.bytes(), sealed.id);
    return { index, finding: indexFinding(index.files.length, sealed.files.length - 1) };
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    return { index: null, finding: finding("bad_index", "bidder", `${file.n} 不是合规的目录：${error.says}`, true) };
  }
}

/** A finding where an opened document is not the one that the index describes, else null. */
export function checkPlain(indexed, opened) {
  if (indexed.size === opened.size && indexed.sha256 === opened.sha256) return null;
  return finding("document_differs", "bidder", `${indexed.n} 解密后与目录所列大小或摘要不符`, false);
}

function indexFinding(listed, attached) {
  if (listed === attached) return null;
  return finding("index_differs", "bidder", `目录列有 ${listed} 个文件，标书附有 ${attached} 个`, false);
}

function counted(sink, digest) {
  return {
    size: 0,
    async write(bytes) {
      this.size += bytes.length;
      digest.update(bytes);
      await sink.write(bytes);
    },
    sha256: () => hex(digest.digest()),
  };
}
