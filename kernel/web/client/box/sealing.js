// Sealing a bid on the bidder's own machine: documents in, age files and a signed bid.json out. Talks to nobody.
import { seal } from "./age.js";
import { buildBid, readBid, stageOf } from "./bid.js";
import { buildIndex } from "./bid_index.js";
import { hex, randomBytes } from "./bytes.js";
import { StageSecret } from "./envelope.js";
import { Malformed } from "./errors.js";
import * as dsse from "./dsse.js";
import { buildReveal } from "./opening.js";
import { contextOf } from "./setup.js";
import { newSecret, sealStage } from "./stage.js";

/** Where a new bidder's chain stands: a fresh bid id (16 bytes, hex), and no message before. */
export const newChain = () => ({ bid_id: hex(randomBytes(16)), last: null });

/**
 * Seal `contents`: stage → {documents: [{source, name, media}], form?}; a stage that is not in it is carried over
 * from `chain.last` (a bid), with its seed in `kept` (stage → bytes). Every stage sealed anew gets a fresh seed.
 *
 * `open(fileName)` gives (or promises) the sink of one age file; its `close` is awaited where it has one.
 * `progress` is told {file, done, total} in plaintext bytes. Returns {bid, signed, secrets}: whoever has a secret
 * opens that stage. Malformed for what the set-up does not know.
 */
export async function sealBid(setup, contents, { chain = newChain(), kept = {}, progress = () => {}, ...order }) {
  const { bid_id, last } = chain;
  const seq = last ? last.seq + 1 : 1;
  const [stages, secrets] = [[], []];
  for (const { id } of setup.stages) {
    const place = { bidder: order.bidder, bid_id, stage: id, seq };
    const old = id in contents ? null : carriedStage(last, id);
    const secret = old ? keptSecret(setup, { ...place, seq: old.seq }, kept[id]) : newSecret(setup, place);
    secrets.push(secret);
    stages.push(old ?? sealStage(setup, secret, await sealFiles(secret, contents[id], order.open, progress)));
  }
  const rest = { bidder: order.bidder, notice: order.notice, fallback: order.fallback, stages };
  const data = buildBid(setup, { ...rest, bid_id, seq, prev: last ? last.sha256 : "" });
  return { bid: readBid(data, setup), signed: dsse.sign(data, order.signer), secrets };
}

/**
 * The signed reveals of a standing bid's stages in the bid's order, for the close of this SHA-256 (hex): of all, or of
 * those `due` (ids). A later stage waits for the signed report (`report`, its SHA-256): its seed must not leave the
 * bidder's machine before.
 */
export function revealAll(bid, close, secrets, signer, { due = null, report = "" } = {}) {
  const seeds = Array.isArray(secrets) ? Object.fromEntries(secrets.map((s) => [s.context.stage, s.seed])) : secrets;
  const wanted = bid.stages.filter(({ id }) => !due || due.includes(id));
  return wanted.map(({ id }) => {
    const data = buildReveal({ close, stage: id, bidder: bid.bidder, bid: bid.sha256, seed: seeds[id], report });
    return dsse.sign(data, signer);
  });
}

function carriedStage(last, id) {
  if (!last?.stages) throw new Malformed("stage_missing", `阶段 ${id} 没有内容`, "stages");
  return stageOf(last, id);
}

function keptSecret(setup, place, seed) {
  if (!seed) throw new Malformed("seed_missing", `沿用的阶段 ${place.stage} 缺少种子`, "stages");
  return new StageSecret(seed, contextOf(setup, place));
}

/** The documents first, hashed as they are read, then the index that lists them; files in the bid's order. */
async function sealFiles(secret, { documents = [], form = null }, open, progress) {
  const { stage } = secret.context;
  const [listed, files] = [[], []];
  for (const [i, { source, name, media }] of documents.entries()) {
    const n = `${stage}-${i + 1}.age`;
    const total = source.size ?? source.length;
    const done = await sealInto(open, n, source, secret, (bytes) => progress({ file: n, done: bytes, total }));
    listed.push({ n, name, media: media || "application/octet-stream", size: done.plainSize, sha256: done.plainSha256 });
    files.push({ n, size: done.size, sha256: done.sha256 });
  }
  const n = `${stage}-0.age`;
  const { size, sha256 } = await sealInto(open, n, buildIndex(stage, listed, form), secret);
  return [{ n, size, sha256 }, ...files];
}

async function sealInto(open, name, source, secret, progress) {
  const sink = await open(name);
  const done = await seal(source, sink, secret.recipient, progress);
  await sink.close?.();
  return done;
}
