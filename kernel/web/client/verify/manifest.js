// manifest.json of an evidence package (kernel/proofs/evidence.py), strictly read.
import { decode } from "../box/canonical.js";
import { Malformed } from "../box/errors.js";
import * as shape from "../box/shape.js";
import { same } from "./strict.js";
import { LARGEST_MEMBER } from "./zip.js";

export const MANIFEST = "manifest.json";
export const SIGNATURE = "manifest.sig";
const SEGMENT = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}";
const MEMBER_NAME = shape.matching(`${SEGMENT}(/${SEGMENT}){0,5}`, "成员名应为字母、数字、点、横线组成的相对路径");
const MEMBER = shape.record({
  name: MEMBER_NAME,
  size: shape.integer(0, LARGEST_MEMBER),
  sha256: shape.sha256,
});
const SHAPE = shape.record({
  type: shape.oneOf("etb.manifest/1"),
  kind: shape.oneOf("public", "archive"),
  at: shape.moment,
  members: shape.listed(MEMBER),
  withheld: shape.listed(shape.record({ name: MEMBER_NAME, sha256: shape.sha256 })),
});

/** {kind, at, members: Map name → {name, size, sha256}, withheld, data}; Malformed unless plain, sorted, each once. */
export function readManifest(data) {
  const value = decode(data);
  SHAPE(value, "");
  for (const part of ["members", "withheld"]) checkNames(value[part].map((row) => row.name), part);
  const withheld = new Set(value.withheld.map((row) => row.name));
  const twice = value.members.map((row) => row.name).filter((name) => isReserved(name) || withheld.has(name));
  if (twice.length) throw new Malformed("member_twice", `${twice[0]} 不得列在此处`, "members");
  const members = new Map(value.members.map((row) => [row.name, row]));
  return { kind: value.kind, at: value.at, members, withheld, data };
}

function checkNames(names, part) {
  const lower = new Set(names.map((name) => name.toLowerCase()));
  if (!same(names, [...names].sort()) || lower.size !== names.length) {
    throw new Malformed("names_unsorted", "成员应按名称排序，各列一次", part);
  }
}

const isReserved = (name) => name === MANIFEST || name === SIGNATURE;
