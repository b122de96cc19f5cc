// Reads an evidence package as an outsider does (kernel/proofs/package.py): nothing is believed before it is compared.
import { sha256 } from "@noble/hashes/sha2.js";

import { equal, hex } from "../box/bytes.js";
import { Malformed } from "../box/errors.js";
import { MANIFEST, SIGNATURE, readManifest } from "./manifest.js";
import { crc32, directory, localHeader, localSize, sizesIn } from "./zip.js";

const STEP = 4 * 1024 * 1024;
const LARGEST_READ = 32 * 1024 * 1024;
const END = "ZIP 目录末尾";

/** An opened package (a Blob): manifest and signature are read, nothing is verified yet. */
export class Package {
  constructor(blob, manifest, signature, heads) {
    this.blob = blob;
    this.manifest = manifest;
    this.signature = signature;
    this.heads = heads;
    this.starts = new Map();
    let offset = endOf(heads[1]);
    for (const { name, size } of manifest.members.values()) {
      this.starts.set(name, offset + localSize(name));
      offset = this.starts.get(name) + size;
    }
  }

  /** Malformed names which of the two first members is wrong. */
  static async open(blob) {
    const [first, data] = await head(blob, MANIFEST, 0);
    const [second, signature] = await head(blob, SIGNATURE, endOf(first));
    try {
      return new Package(blob, readManifest(data), signature, [first, second]);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      throw new Malformed(error.code, error.where ? `${error.says}（${error.where}）` : error.says, MANIFEST);
    }
  }

  /** The members' names, sorted; manifest and signature are not among them. */
  get names() {
    return [...this.manifest.members.keys()];
  }

  has(name) {
    return this.manifest.members.has(name);
  }

  /** How the manifest names this member; Malformed where there is none. */
  get(name) {
    const member = this.manifest.members.get(name);
    if (!member) throw new Malformed("member_missing", "包内缺少这个文件", name);
    return member;
  }

  /** A member's bytes as a Blob, unread. */
  slice(name) {
    const start = this.starts.get(this.get(name).name);
    return this.blob.slice(start, start + this.get(name).size);
  }

  /** A member's bytes, compared with the manifest; Malformed for one of more than 32 MiB. */
  async read(name) {
    const member = this.get(name);
    if (member.size > LARGEST_READ) throw new Malformed("member_too_large", `不应大于 ${LARGEST_READ} 字节`, name);
    const content = await bytesOf(this.slice(name));
    if (content.length !== member.size || hex(sha256(content)) !== member.sha256) {
      throw new Malformed("member_differs", "与清单所列摘要不符", name);
    }
    return content;
  }

  /** Compares every byte of the file with the manifest; `progress` is told how many have been looked at. */
  async check(progress = () => {}) {
    const stored = [...this.heads];
    for (const member of this.manifest.members.values()) {
      stored.push(await this.checkMember(member, endOf(stored.at(-1))));
      progress(endOf(stored.at(-1)));
    }
    const pieces = directory(stored);
    const start = endOf(stored.at(-1));
    const end = start + pieces.reduce((sum, [, piece]) => sum + piece.length, 0);
    const rest = await bytesOf(this.blob.slice(start, end));
    let at = 0;
    for (const [name, piece] of pieces) {
      if (!equal(rest.subarray(at, at + piece.length), piece)) {
        throw new Malformed("zip_differs", "ZIP 目录与清单不符", name || END);
      }
      at += piece.length;
    }
    if (this.blob.size > end) throw new Malformed("trailing_data", "ZIP 文件之后还有多余的内容", END);
  }

  async checkMember({ name, size, sha256: said }, offset) {
    const start = this.starts.get(name);
    const header = await bytesOf(this.blob.slice(offset, start));
    const { crc } = sizesIn(header);
    if (!equal(header, localHeader(name, size, crc))) {
      throw new Malformed("zip_differs", "ZIP 文件头与清单不符", name);
    }
    const found = await digest(this.slice(name));
    if (found.sha256 !== said || found.crc !== crc) throw new Malformed("member_differs", "与清单所列摘要不符", name);
    return { name, size, crc, offset };
  }
}

/** One of the two members before the manifest is known: its size is what its header says. */
async function head(blob, name, offset) {
  const header = await bytesOf(blob.slice(offset, offset + localSize(name)));
  const { size, crc } = sizesIn(header);
  if (!equal(header, localHeader(name, size, crc))) {
    throw new Malformed("zip_differs", "不是证据包：开头应是清单及其签名", name);
  }
  if (size > LARGEST_READ) throw new Malformed("member_too_large", `不应大于 ${LARGEST_READ} 字节`, name);
  const start = offset + header.length;
  const content = await bytesOf(blob.slice(start, start + size));
  if (content.length !== size || crc32(content) !== crc) {
    throw new Malformed("member_differs", "内容不完整或被改动", name);
  }
  return [{ name, size, crc, offset }, content];
}

/** {sha256 in hex, crc} of a Blob, however large. */
export async function digest(blob) {
  const hash = sha256.create();
  let crc = 0;
  for (let at = 0; at < blob.size; at += STEP) {
    const piece = await bytesOf(blob.slice(at, at + STEP));
    hash.update(piece);
    crc = crc32(piece, crc);
  }
  return { sha256: hex(hash.digest()), crc };
}

const bytesOf = async (blob) => new Uint8Array(await blob.arrayBuffer());
const endOf = ({ name, size, offset }) => offset + localSize(name) + size;
