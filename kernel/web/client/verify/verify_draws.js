// Replays every draw of a package: who took part, that nothing could be chosen afterwards, the order, and the walk.
import { Malformed } from "../box/errors.js";
import { FOLDER, HIDDEN, PREFIX, replayDraw } from "./draw_replay.js";
import { optional, same } from "./strict.js";

const OURS = ["refused", "order"];

/** Every draw is replayed from its messages. */
export async function checkDraws(dossier) {
  const draws = await readDraws(dossier);
  if (!draws.length) return "";
  const drawn = draws.filter(({ ceremony }) => ceremony.drawn);
  const walks = drawn.flatMap(({ ceremony }) => [...ceremony.walks().values()]);
  const seats = walks.reduce((sum, steps) => sum + steps.seated.length, 0);
  const lists = draws.filter(({ ceremony }) => ceremony.get("list", "operator")).length;
  return `${draws.length} 次抽取（固定名单 ${lists} 份）由各方的片段重新算出，次序和 ${seats} 个席位全部相符`;
}

/** The draws, each replayed as {ceremony, records: Map leaf → record}; throws what is wrong with the first bad one. */
export async function readDraws(dossier) {
  const folders = new Map();
  for (const name of dossier.under(FOLDER)) {
    const folder = name.split("/")[1];
    folders.set(folder, [...(folders.get(folder) ?? []), name]);
  }
  const found = [];
  for (const names of folders.values()) found.push(await replayDraw(dossier, names));
  const said = new Set(found.flatMap(({ ceremony }) => ceremony.messages.map((message) => message.sha256)));
  checkNothingLeftOut(dossier, said);
  checkNeverTwice(found);
  return found;
}

/** {codes: the agencies in the order of the last draw with an order, percent: the drawn one or null}. */
export function orderOf(draws) {
  const last = draws.filter(({ ceremony }) => ceremony.drawn).at(-1);
  if (!last) return { codes: [], percent: null };
  const agencies = inOrder(last, "agencies");
  const codes = (agencies.length ? agencies : inOrder(last, "ties")).map((record) => record.code);
  return { codes, percent: inOrder(last, "percent")[0]?.percent ?? null };
}

/** The opened records of a group in the drawn order. */
function inOrder({ ceremony, records }, stratum) {
  const order = ceremony.drawn.orders.get(stratum) ?? [];
  const leaves = ceremony.list.strata.find((one) => one.id === stratum)?.leaves;
  return order.flatMap((n) => records.get(leaves[n]) ?? []);
}

/** Every message of a draw that the events name is in the package; the auditor's list in the archive's only. */
function checkNothingLeftOut(dossier, said) {
  for (const event of dossier.events) {
    const kind = event.act.startsWith(PREFIX) ? event.act.slice(PREFIX.length) : "";
    if (!kind || OURS.includes(kind) || (kind === HIDDEN && dossier.public)) continue;
    if (!said.has(event.hashOf(kind))) {
      throw new Malformed("message_left_out", `第 ${event.n} 个事件所记的抽取消息不在包内`, FOLDER);
    }
  }
}

/** No list was drawn a second time, as far as the names are known. */
function checkNeverTwice(found) {
  const seen = [];
  for (const { ceremony, records } of found.filter((one) => one.ceremony.drawn)) {
    const everyone = ceremony.list.strata.flatMap((one) => one.leaves);
    if (!everyone.every((leaf) => records.has(leaf))) continue;
    const names = [...new Set(everyone.map((leaf) => String(optional(records.get(leaf), "id", ""))))].sort();
    if (seen.some((other) => same(other, names))) {
      throw new Malformed("list_drawn_before", "同一名单抽取了两次", FOLDER);
    }
    seen.push(names);
  }
}
