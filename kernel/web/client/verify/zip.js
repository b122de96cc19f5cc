// The one spelling of a ZIP file in evidence packages (kernel/proofs/zip_store.py): made again, never parsed.

export const LARGEST_MEMBER = 2 ** 32 - 2;
const LOCAL = 30;
const VERSION = 20;
const FIRST_DAY = 0x0021;
const UNIX_FILE = 0o100644 * 65536;
const FULL16 = 0xffff;
const FULL32 = 0xffffffff;
const coder = new TextEncoder();

/** Bytes of a member's local header. */
export const localSize = (name) => LOCAL + coder.encode(name).length;

/** What stands before a member's content; all numbers little-endian. */
export function localHeader(name, size, crc) {
  const coded = coder.encode(name);
  const head = [sign("PK\x03\x04"), ...u16s(VERSION, 0, 0, 0, FIRST_DAY), ...u32s(crc, size, size)];
  return joined([...head, ...u16s(coded.length, 0), coded]);
}

/** What the first bytes of a local header claim: {size, crc}, zeros where they are too few. */
export function sizesIn(header) {
  if (header.length < LOCAL) return { size: 0, crc: 0 };
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  return { size: view.getUint32(22, true), crc: view.getUint32(14, true) };
}

/** All that follows the last of these {name, size, crc, offset}: pairs of the member's name (or empty) and bytes. */
export function directory(members) {
  const last = members.at(-1);
  const start = last ? last.offset + localSize(last.name) + last.size : 0;
  const entries = members.map((member) => [member.name, entry(member)]);
  const size = entries.reduce((sum, [, bytes]) => sum + bytes.length, 0);
  return [...entries, ["", end(members.length, size, start)]];
}

const TABLE = new Int32Array(256).map((_, n) => {
  for (let bit = 0; bit < 8; bit += 1) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n;
});

/** CRC-32 of these bytes, going on from `crc`. */
export function crc32(bytes, crc = 0) {
  let value = ~crc;
  for (let i = 0; i < bytes.length; i += 1) value = TABLE[(value ^ bytes[i]) & 0xff] ^ (value >>> 8);
  return ~value >>> 0;
}

function entry({ name, size, crc, offset }) {
  const coded = coder.encode(name);
  const far = offset >= FULL32;
  const extra = far ? joined([...u16s(1, 8), u64(offset)]) : new Uint8Array();
  const version = far ? 45 : VERSION;
  const head = [sign("PK\x01\x02"), ...u16s((3 << 8) | version, version, 0, 0, 0, FIRST_DAY), ...u32s(crc, size, size)];
  const sizes = [...u16s(coded.length, extra.length, 0, 0, 0), ...u32s(UNIX_FILE, Math.min(offset, FULL32))];
  return joined([...head, ...sizes, coded, extra]);
}

function end(count, size, start) {
  const counts = u16s(0, 0, Math.min(count, FULL16), Math.min(count, FULL16));
  const sizes = u32s(Math.min(size, FULL32), Math.min(start, FULL32));
  const last = joined([sign("PK\x05\x06"), ...counts, ...sizes, ...u16s(0)]);
  if (count < FULL16 && Math.max(size, start) < FULL32) return last;
  const versions = [...u16s((3 << 8) | 45, 45), ...u32s(0, 0)];
  const end64 = joined([sign("PK\x06\x06"), u64(44), ...versions, u64(count), u64(count), u64(size), u64(start)]);
  const locator = joined([sign("PK\x06\x07"), ...u32s(0), u64(start + size), ...u32s(1)]);
  return joined([end64, locator, last]);
}

const sign = (text) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const u16s = (...numbers) => numbers.map((n) => Uint8Array.of(n & 0xff, (n >>> 8) & 0xff));
const u32s = (...numbers) => numbers.map((n) => Uint8Array.of(...[0, 8, 16, 24].map((shift) => (n >>> shift) & 0xff)));

function u64(number) {
  const [high, low] = [Math.floor(number / 2 ** 32), number % 2 ** 32];
  return joined(u32s(low, high));
}

function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
