// The record of a whole draw (type etb.draw/1): its shape, how it is made, how it is verified, and what was opened.
import { hex } from "../box/bytes.js";
import { byCodePoint, decode } from "../box/canonical.js";
import { Malformed, ProofError } from "../box/errors.js";
import * as shape from "../box/shape.js";
import { draw, drawLeaf, drawList, pieceCommitment, stratum } from "./draw.js";
import { capBreaches, walk } from "./draw_walk.js";
import { anyObject, same } from "./strict.js";

const TYPE = "etb.draw/1";
const STRATUM_ID = shape.text(1, 64);
const TWO = shape.listed(shape.sha256, 2, 2);
const NUMBERS = shape.listed(shape.integer());
const OUTCOMES = mapped(shape.matching("0|[1-9][0-9]{0,9}", "应为名单中的序号"), shape.text(1, 64));
const STRATUM = { id: STRATUM_ID, quota: shape.integer(1, 2 ** 32 - 1), leaves: shape.listed(shape.sha256, 1) };
const SHAPE = shape.record({
  type: shape.oneOf(TYPE),
  draw_id: shape.text(1, 200),
  roles: shape.listed(shape.text(1, 64), 2, 255),
  beacon_rule: shape.text(0, 500),
  strata: shape.listed(shape.record(STRATUM), 1),
  list_root: shape.sha256,
  contributions: shape.listed(shape.record({ role: shape.text(1, 64), pieces: TWO, commit: TWO }), 2, 255),
  beacon: shape.text(0, 2000),
  outcomes: mapped(STRATUM_ID, OUTCOMES),
  expect: shape.record({ seed: shape.sha256, order: mapped(STRATUM_ID, NUMBERS), seated: mapped(STRATUM_ID, NUMBERS) }),
});

/** The public record that follows from a draw's messages; null where there was no order. */
export function transcriptOf(ceremony) {
  if (!ceremony.drawn || !ceremony.list) return null;
  const { list, drawn, contributions } = ceremony;
  const byStratum = (map, of) => Object.fromEntries(list.strata.map(({ id }) => [id, of(map.get(id))]));
  const walks = ceremony.walks();
  return {
    type: TYPE,
    draw_id: list.id,
    roles: list.roles,
    beacon_rule: list.beaconRule,
    strata: list.strata,
    list_root: hex(list.root),
    contributions: list.roles.map((role) => contribution(list.id, role, contributions.get(role))),
    beacon: ceremony.beacon,
    outcomes: byStratum(ceremony.counting(), (row) => Object.fromEntries(row)),
    expect: {
      seed: hex(drawn.seed),
      order: byStratum(drawn.orders, (order) => order),
      seated: byStratum(walks, (steps) => steps.seated),
    },
  };
}

/** Everything wrong in a transcript as [where, code, says], in the protocol's order; an empty list means it follows. */
export function verifyDraw(found) {
  const findings = [];
  try {
    SHAPE(found, "");
    for (const finding of wrongIn(found, listOf(found))) findings.push(finding);
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    findings.push([error.where, error.code, error.says]);
  }
  return findings;
}

/** Checks opened leaves, a Map leaf → [salt, record bytes], of a good transcript; all seated must be opened. */
export function verifyOpenings(found, openings) {
  const leaves = new Map(found.strata.map((one) => [one.id, one.leaves]));
  const known = new Set([...leaves.values()].flat());
  const seated = Object.entries(found.expect.seated).flatMap(([id, row]) => row.map((n) => leaves.get(id)[n]));
  const findings = [];
  for (const [leaf, [salt, content]] of openings) {
    if (!known.has(leaf)) findings.push([leaf, "leaf_not_listed", "此人不在名单上"]);
    else if (!opens(leaf, salt, content)) findings.push([leaf, "opening_false", "公开的内容与名单上的哈希不符"]);
  }
  const unopened = [...new Set(seated)].filter((leaf) => !openings.has(leaf)).sort();
  return [...findings, ...unopened.map((leaf) => [leaf, "leaf_unopened", "应公开而未公开"])];
}

/** Checks that at most `most` of the seated come from one employer (Map leaf → employer), and no skip was unfounded. */
export function verifyCap(found, employers, most) {
  const { order } = found.expect;
  const walkOf = ({ id, quota }) => [id, walk(order[id], quota, numbered(found.outcomes[id]))];
  const walks = new Map(found.strata.map(walkOf));
  const of = new Map(found.strata.map((one) => [one.id, one.leaves.map((leaf) => employers.get(leaf) ?? "")]));
  const says = {
    employer_cap_exceeded: `同一单位超过 ${most} 人`,
    employer_cap_unfounded: "以单位人数已满为由跳过，实际未满",
  };
  return capBreaches(walks, of, most).map(([id, n, code]) => [`outcomes.${id}.${n}`, code, says[code]]);
}

function listOf(found) {
  const strata = found.strata.map((one, i) => {
    try {
      return stratum(one.id, one.quota, one.leaves);
    } catch (error) {
      throw new Malformed(error.code, error.says, `strata[${i}].${error.where}`);
    }
  });
  return drawList(found.draw_id, found.roles, strata, found.beacon_rule);
}

function* wrongIn(found, list) {
  if (found.list_root !== hex(list.root)) {
    yield ["list_root", "list_root_differs", "名单与名单哈希不符：名单在抽取后被改动"];
  }
  if (!same(found.contributions.map((one) => one.role), list.roles)) {
    yield ["contributions", "roles_differ", "出示的角色与名单所定不同"];
    return;
  }
  yield* wrongPieces(found);
  const drawn = draw(list, new Map(found.contributions.map((one) => [one.role, one.pieces])), found.beacon);
  if (found.expect.seed !== hex(drawn.seed)) yield ["expect.seed", "seed_differs", "种子不是由各方片段算出的"];
  for (const [id, order] of drawn.orders) {
    if (!same(found.expect.order[id], order)) yield [`expect.order.${id}`, "order_differs", "次序不是由种子算出的"];
  }
  yield* wrongWalks(found, list, drawn);
}

function* wrongPieces(found) {
  for (const [i, one] of found.contributions.entries()) {
    for (const [j, piece] of one.pieces.entries()) {
      if (pieceCommitment(found.draw_id, one.role, j, piece) !== one.commit[j]) {
        yield [`contributions[${i}].pieces[${j}]`, "piece_differs", `${one.role} 出示的片段与其承诺不符`];
      }
    }
  }
}

function* wrongWalks(found, list, drawn) {
  const ids = list.strata.map((one) => one.id).sort(byCodePoint);
  const parts = { "expect.order": found.expect.order, outcomes: found.outcomes, "expect.seated": found.expect.seated };
  const differing = Object.keys(parts).filter((part) => !same(Object.keys(parts[part]).sort(byCodePoint), ids));
  if (differing.length) {
    yield* differing.map((part) => [part, "strata_differ", "组与名单不同"]);
    return;
  }
  for (const { id, quota } of list.strata) {
    yield* wrongWalk(id, quota, drawn.orders.get(id), numbered(found.outcomes[id]), found.expect.seated[id]);
  }
}

function* wrongWalk(id, quota, order, outcomes, seated) {
  let steps;
  try {
    steps = walk(order, quota, outcomes);
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    yield [`outcomes.${id}`, error.code, error.says];
    return;
  }
  if (steps.next !== null) yield [`outcomes.${id}`, "walk_unfinished", "席位未满，后面还有人未问"];
  if (!same(seated, steps.seated)) {
    yield [`expect.seated.${id}`, "seated_differ", "入选者不是次序中最先接受的人"];
  }
}

function opens(leaf, salt, content) {
  try {
    decode(content);
    return drawLeaf(salt, content) === leaf;
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    return false;
  }
}

function mapped(key, value) {
  return (found, where) => {
    anyObject(found, where);
    for (const [name, inner] of Object.entries(found)) {
      key(name, where);
      value(inner, `${where}.${name}`);
    }
  };
}

function contribution(id, role, pieces) {
  return { role, pieces, commit: pieces.map((piece, j) => pieceCommitment(id, role, j, piece)) };
}

const numbered = (outcomes) => new Map(Object.entries(outcomes).map(([n, what]) => [Number(n), what]));
