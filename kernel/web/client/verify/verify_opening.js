// The opening: who gave the seeds and in what order, and that every committed byte comes out of them again.
import { signersOf } from "../box/anchored.js";
import { equal, fromBase64 } from "../box/bytes.js";
import { require } from "../box/dsse.js";
import { BadSignature, Forged, Malformed } from "../box/errors.js";
import { readAttest, readRelease, readReveal } from "../box/opening.js";
import { ROLES, roleOf } from "../box/setup.js";
import { checkShare, openStage } from "../box/stage.js";
import { keyFile } from "./case_file.js";
import { placeOf, within } from "./dossier.js";
import { bidOf, dueByRoles, released, revealed } from "./opening_events.js";
import { bidsOf, earliest, reportOf } from "./turns.js";
import { checkHeard, leftToRelease } from "./verify_contest.js";

const OPENING = ["attest", "cure", "audit", "release", "reveal", "keys", "files"];

/** Of a lot that did not open there is nothing that opens anything. */
export function checkNothingOpened(dossier) {
  const found = OPENING.flatMap((folder) => dossier.under(folder));
  if (found.length) throw new Malformed("opened_nevertheless", "没有开标的标段不应有解密的内容", found[0]);
  const goingOn = dossier.ended ? ["box_countersign", "box_next"] : [];
  const [opened] = dossier.acts("box_reveal", "box_release", "box_opened", ...goingOn);
  if (opened) {
    throw new Malformed("opened_nevertheless", `没有开标，却有解密的事件（第 ${opened.n} 个）`, "events");
  }
  return "没有任何种子、份额或密钥交出";
}

/** Bidders' own seeds: signed by the bidder, of a bid in the close, after it was countersigned. */
export async function checkReveals(dossier) {
  if (!dossier.opened) return "";
  for (const { id: stage } of dossier.setup.stages) {
    for (const sha256 of bidsOf(dossier, stage)) await checkRevealOf(dossier, sha256, stage);
  }
  return `${dossier.under("reveal").length} 份种子均与承诺相符，密封件逐一重现`;
}

/** The three roles' shares: all attested first, in turn, only of bids that were theirs to open. */
export async function checkReleases(dossier) {
  for (const { id: stage } of dossier.setup.stages) {
    const listed = dueByRoles(dossier, stage);
    const [attested, given] = [[], []];
    const names = dossier.under("attest").filter((name) => name.startsWith(`attest/${stage}-`));
    for (const name of names) attested.push(await attestOf(dossier, name, stage, listed));
    const left = await leftToRelease(dossier, stage, listed, attested);
    for (const role of ROLES) {
      if (isReleased(dossier, role, stage)) given.push(await releaseOf(dossier, role, stage, left));
    }
    if (given.length === ROLES.length) {
      checkTurns(dossier, stage, attested, given);
      checkHeard(dossier, stage, attested, given[0].at);
      combine(dossier, stage, left, given);
    }
  }
  const count = dossier.under("release").length;
  return count ? `核验在先，依次交出份额 ${count} 份` : "没有动用三方份额";
}

/** The published key files are exactly the age identities that follow from the seeds. */
export async function checkKeys(dossier) {
  for (const secret of dossier.secrets.values()) {
    const name = `keys/${secret.context.stage}/${secret.context.bidder}.key`;
    await within(name, async () => {
      if (!equal(await dossier.read(name), keyFile(secret))) throw new Forged("key_differs", "不是由种子得出的密钥");
    });
  }
  return `${dossier.secrets.size} 个解密密钥与种子相符，可用 age -d -i 打开对应文件`;
}

async function checkRevealOf(dossier, sha256, stage) {
  const name = `reveal/${stage}-${sha256}.dsse.json`;
  if (dossier.package.has(name)) {
    refuseHidden(dossier, stage, name);
    await within(name, async () => open(dossier, sha256, stage, { seed: await seedOf(dossier, name, stage, sha256) }));
  } else if (dossier.shows(stage) && revealed(dossier, sha256, stage)) {
    throw new Malformed("member_missing", "包内缺少投标人的解密", name);
  }
}

async function seedOf(dossier, name, stage, sha256) {
  const { bidder } = bidOf(dossier, sha256);
  const signed = await dossier.signed(name);
  const payload = require(signed, [dossier.keys.get(bidder)]);
  const reveal = readReveal(payload, { close: dossier.close.sha256, stage });
  if (reveal.bid !== sha256 || reveal.bidder !== bidder) {
    throw new Malformed("reveal_of_another", "出示的是另一份标书的种子");
  }
  if (dossier.recorded("box_reveal", "reveal", signed.sha256).n < earliest(dossier, stage)) {
    throw new Malformed("out_of_order", "解密先于监督部门会签，或者先于前一阶段的评审报告");
  }
  checkReport(dossier, stage, reveal);
  return fromBase64(reveal.seed);
}

function attestOf(dossier, name, stage, listed) {
  return within(name, async () => {
    const signed = await dossier.signed(name);
    const event = dossier.recorded("box_attest", "attest", signed.sha256);
    const attest = readAttest(signed.payload, { close: dossier.close.sha256, stage, bids: listed });
    checkReport(dossier, stage, attest);
    checkOfficer(dossier, signed, attest, event);
    const good = attest.verdicts.every((verdict) => verdict.ok);
    return { role: attest.role, kid: attest.kid, verdicts: attest.verdicts, good, n: event.n, at: event.moment };
  });
}

function releaseOf(dossier, role, stage, listed) {
  const name = `release/${stage}-${role}.dsse.json`;
  refuseHidden(dossier, stage, name);
  return within(name, async () => {
    const signed = await dossier.signed(name);
    const event = dossier.recorded("box_release", "release", signed.sha256);
    const release = readRelease(signed.payload, { close: dossier.close.sha256, stage, bids: listed });
    checkReport(dossier, stage, release);
    checkOfficer(dossier, signed, release, event);
    const { x } = roleOf(dossier.setup, role);
    const shares = new Map(release.shares.map(({ bid, y }) => [bid, fromBase64(y)]));
    for (const [sha256, y] of shares) {
      if (release.role !== role || !checkShare(dossier.setup, bidOf(dossier, sha256), stage, x, y)) {
        throw new Forged("share_not_committed", `标书 ${sha256.slice(0, 12)}… 的份额与承诺不符`);
      }
    }
    return { x, shares, n: event.n, at: event.moment };
  });
}

/** What opens a later stage names the signed report that opened the way to it. */
function checkReport(dossier, stage, { report }) {
  if (report !== reportOf(dossier, stage)) {
    throw new Malformed("other_report", "没有写明所依据的评审报告，或者写的是另一份", "report");
  }
}

function checkOfficer(dossier, signed, { role, kid }, event) {
  if (!signersOf(signed, dossier.anchors, role, event.moment).length) {
    throw new BadSignature("officer_unsigned", "没有锚点中该方持钥人的有效签名");
  }
  if (!roleOf(dossier.setup, role).keys.some((key) => key.kid === kid)) {
    throw new Malformed("unknown_key", "所用密钥不在开标设定中", "kid");
  }
}

function checkTurns(dossier, stage, attested, given) {
  const turns = given.map(({ n }) => n);
  const good = new Set(attested.filter((one) => one.n < turns[0]).map((one) => one.role));
  const after = earliest(dossier, stage);
  const inTurn = turns.every((n, i) => !i || turns[i - 1] <= n);
  if (!inTurn || good.size !== ROLES.length || attested.some(({ n }) => n < after)) {
    const says = "应先会签截标名单，再三方核验，最后依次由交易中心、监督部门、招标人交出份额";
    throw new Malformed("out_of_order", says, `release/${stage}-operator.dsse.json`);
  }
}

function combine(dossier, stage, listed, given) {
  for (const sha256 of listed) {
    if (dossier.secrets.has(placeOf(sha256, stage))) continue;
    open(dossier, sha256, stage, { shares: new Map(given.map(({ x, shares }) => [x, shares.get(sha256)])) });
  }
}

/** Makes every committed byte of a stage again; what differs without closing it is noted. */
function open(dossier, sha256, stage, by) {
  const { secret, findings } = openStage(dossier.setup, bidOf(dossier, sha256), stage, by);
  if (secret) {
    dossier.secrets.set(placeOf(sha256, stage), secret);
    dossier.notes.push(...findings.map(({ says }) => `标书 ${sha256.slice(0, 12)}…：${says}`));
  } else if (by.seed) {
    throw new Forged(findings[0].code, findings[0].says);
  } else {
    dossier.misdealt.add(placeOf(sha256, stage));
  }
}

/** Whether this package must hold the role's release of this stage. */
const isReleased = (dossier, role, stage) =>
  dossier.package.has(`release/${stage}-${role}.dsse.json`) ||
  (dossier.shows(stage) && released(dossier, role, stage));

function refuseHidden(dossier, stage, name) {
  if (!dossier.shows(stage)) throw new Malformed("shown_too_much", "公开包不得含评审阶段的种子或份额", name);
}
