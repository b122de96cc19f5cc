// Envelopes that a role calls bad: what auditor and bidder said of them, and which bids are dropped for it.
import { readMoment } from "../box/deadline.js";
import { require, verify } from "../box/dsse.js";
import { BadSignature, Malformed } from "../box/errors.js";
import { readAudit, readCure } from "../box/opening.js";
import { ROLES } from "../box/setup.js";
import { checkCure } from "../box/stage.js";
import { CURE_MINUTES, contests, dropped, rulings } from "./contest.js";
import { placeOf, within } from "./dossier.js";
import { bidOf } from "./opening_events.js";

/** The bids of which shares are released: without those called bad that nobody cured, which are kept in mind. */
export async function leftToRelease(dossier, stage, listed, attested) {
  const contested = contests(attested);
  const cured = await curedOf(dossier, stage);
  const bad = await shownBad(dossier, stage);
  const found = rulings(contested, (bid, role) => cured.has(`${bid}:${role}`), (bid, kid) => bad.has(`${bid}:${kid}`));
  if (contested.length) dossier.notes.push(`阶段 ${stage} 有 ${contested.length} 个密封件曾被持钥人称有误`);
  if (new Set(attested.map((one) => one.role)).size !== ROLES.length) return listed;
  const shut = dropped(found);
  for (const [bid, ruling] of shut) dossier.dropped.set(placeOf(bid, stage), ruling);
  return listed.filter((bid) => !shut.has(bid));
}

/** Nothing was released of a stage with dropped bids before their bidders had had their time to answer. */
export function checkHeard(dossier, stage, attested, first) {
  if (![...dossier.dropped.keys()].some((place) => place.endsWith(` ${stage}`))) return;
  const bad = attested.filter((one) => !one.good).map((one) => readMoment(one.at));
  if (readMoment(first) < Math.max(...bad) + CURE_MINUTES * 60_000) {
    throw new Malformed("not_heard", "投标人的答复时间未到，份额已经交出", `release/${stage}-operator.dsse.json`);
  }
}

/** What the record says of a dropped bid. */
export const outcomeOf = (ruling) =>
  ruling.outcome === "proved" ? ["revoked", "bad_envelope"] : ["withdrawn", "bad_unproved"];

/** Set "bid:role" of every cure; the public package shows of a panel's stage only that there was one. */
async function curedOf(dossier, stage) {
  const names = namesOf(dossier, "cure", stage);
  for (const name of names) await within(name, () => checkCured(dossier, stage, name));
  const events = dossier.acts("box_cure").filter((event) => event.fact("stage") === stage);
  if (dossier.shows(stage) && names.length !== events.length) {
    throw new Malformed("member_missing", "包内的补救与事件所记的份数不同", `cure/${stage}-`);
  }
  return new Set(events.map((event) => event.subject));
}

async function checkCured(dossier, stage, name) {
  const signed = await dossier.signed(name);
  const cure = readCure(signed.payload, { close: dossier.close.sha256, stage });
  const event = dossier.recorded("box_cure", "cure", signed.sha256);
  const bid = bidOf(dossier, cure.bid);
  require(signed, [dossier.keys.get(bid.bidder)]);
  checkCure(dossier.setup, bid, cure);
  if (event.subject !== `${cure.bid}:${ROLES[cure.x - 1]}`) {
    throw new Malformed("other_context", "事件记的是另一份补救");
  }
}

/** Set "bid:kid" of the envelopes that the auditor, shown the stage key, has found not to open. */
async function shownBad(dossier, stage) {
  const [found, names] = [new Set(), namesOf(dossier, "audit", stage)];
  for (const name of names) {
    await within(name, async () => {
      const signed = await dossier.signed(name);
      const audit = readAudit(signed.payload, { close: dossier.close.sha256, stage });
      const event = dossier.recorded("box_audit", "audit", signed.sha256);
      if (!verify(signed, dossier.anchors.processes(event.moment)).length) {
        throw new BadSignature("audit_unsigned", "没有锚点中监督进程的有效签名");
      }
      if (!audit.opens) found.add(`${audit.bid}:${audit.kid}`);
    });
  }
  if (names.length !== dossier.acts("box_audit").filter((event) => event.fact("stage") === stage).length) {
    throw new Malformed("member_missing", "包内的核实与事件所记的份数不同", `audit/${stage}-`);
  }
  return found;
}

const namesOf = (dossier, folder, stage) =>
  dossier.under(folder).filter((name) => name.startsWith(`${folder}/${stage}-`));
