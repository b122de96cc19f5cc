// The bids of a package: whose they are, in what order they came, that they came in time, and their receipts.
import { checkReceipt } from "../box/anchored.js";
import { readBid } from "../box/bid.js";
import { unhex } from "../box/bytes.js";
import { readWithdrawal } from "../box/chain.js";
import { byCodePoint } from "../box/canonical.js";
import { require } from "../box/dsse.js";
import { Forged, Malformed } from "../box/errors.js";
import { within } from "./dossier.js";
import { same } from "./strict.js";
import { eventName } from "./verify_log.js";

export const SUBMITTED = ["submit_bid", "submit_quote"];
const WITHDRAWN = ["withdraw_bid", "withdraw_quote"];
export const RECEIVED = [...SUBMITTED, ...WITHDRAWN];

const bidName = (sha256) => `bids/${sha256}.dsse.json`;
const receiptName = (sha256) => `receipts/${sha256}.dsse.json`;

/** Every bidder's messages are numbered 1, 2, 3 …, signed by one key throughout, and came before the deadline. */
export async function checkChains(dossier) {
  for (const [bidder, chain] of chains(dossier)) {
    for (const [i, event] of chain.entries()) {
      await within(eventName(event.n), () => checkTurn(dossier, bidder, event, i + 1, chain[0]));
    }
    dossier.keys.set(bidder, await within(eventName(chain[0].n), () => keyOf(chain[0])));
  }
  return `${dossier.keys.size} 家投标人的递交均早于截止时间，各用同一密钥签名`;
}

/** Every bid is signed by its bidder's key, made for this set-up, and the very one that its event put on record. */
export async function checkBids(dossier) {
  const events = new Map(dossier.acts(...RECEIVED).map((event) => [sha256Of(event), event]));
  for (const name of dossier.under("bids")) {
    await within(name, async () => {
      const signed = await dossier.signed(name);
      const event = events.get(signed.sha256);
      if (name !== bidName(signed.sha256) || !event) {
        throw new Malformed("not_on_record", "案件事件中没有收到这份标书的记载，或文件名与摘要不符");
      }
      checkBid(dossier, signed, event);
    });
  }
  checkComplete(dossier, [...events.keys()]);
  return `${dossier.under("bids").length} 份标书（含撤回）的签名、次序和内容格式无误`;
}

/** Every bid shown has its receipt, which says when it was received and bears the platform's signature. */
export async function checkReceipts(dossier) {
  const events = new Map(dossier.acts(...RECEIVED).map((event) => [sha256Of(event), event]));
  for (const name of dossier.under("bids")) {
    const { sha256 } = await dossier.signed(name);
    await within(receiptName(sha256), async () => {
      const receipt = checkReceipt(await dossier.signed(receiptName(sha256)), dossier.anchors);
      const event = events.get(sha256);
      const { tender, lot } = dossier.case;
      const said = ["sha256", "bidder", "seq", "received", "salt", "tender", "lot"].map((member) => receipt[member]);
      if (!same(said, [sha256, event.organisation, event.fact("seq"), event.moment, event.salt, tender, lot])) {
        throw new Malformed("receipt_differs", "回执所写与标书或案件事件不符");
      }
    });
  }
  return "每份标书都有平台签署的回执，收到时刻与事件一致";
}

/** Sets {bids, withdrawn} of SHA-256: the last of every disclosed chain. */
export function standing(dossier) {
  const last = [...chains(dossier).values()].map((chain) => chain.at(-1));
  const of = (acts) => new Set(last.filter((event) => acts.includes(event.act)).map(sha256Of));
  return { bids: of(SUBMITTED), withdrawn: of(WITHDRAWN) };
}

function chains(dossier) {
  const found = new Map();
  for (const event of dossier.acts(...RECEIVED)) {
    found.set(event.organisation, [...(found.get(event.organisation) ?? []), event]);
  }
  return found;
}

const sha256Of = (event) => event.hashOf(SUBMITTED.includes(event.act) ? "bid" : "withdraw");

function checkTurn(dossier, bidder, event, seq, first) {
  if (event.fact("seq") !== seq) {
    throw new Malformed("broken_chain", `投标人 ${bidder} 的第 ${seq} 份递交缺失或次序不对`, "facts.seq");
  }
  if (event.fact("key") !== first.fact("key")) {
    throw new Forged("another_key", `投标人 ${bidder} 的签名密钥中途更换`, "facts.key");
  }
  if (event.moment >= dossier.deadline.at) throw new Malformed("received_late", "不早于投标截止时间", "at");
}

function keyOf(event) {
  const key = event.fact("key");
  if (typeof key !== "string" || !/^([0-9a-fA-F]{2})*$/.test(key)) {
    throw new Malformed("no_key", "没有写明投标人的公钥", "facts.key");
  }
  return unhex(key.toLowerCase());
}

function checkBid(dossier, signed, event) {
  const payload = require(signed, [dossier.keys.get(event.organisation)]);
  const isBid = SUBMITTED.includes(event.act);
  const message = isBid ? readBid(payload, dossier.setup) : readWithdrawal(payload, dossier.setup);
  if (isBid) dossier.bids.set(signed.sha256, message);
  if (message.bidder !== event.organisation || message.seq !== event.fact("seq")) {
    throw new Malformed("bid_of_another", "标书写的投标人或序号与事件不符");
  }
  const chain = chains(dossier).get(event.organisation).map(sha256Of);
  if (message.prev !== (chain[chain.lastIndexOf(message.sha256) - 1] ?? "")) {
    throw new Malformed("broken_chain", "没有接续上一份标书", "prev");
  }
}

/** The archive holds every message; the public package those that stood at the close. */
function checkComplete(dossier, received) {
  const due = dossier.public ? [...standing(dossier).bids] : received;
  const missing = due.filter((sha256) => !dossier.package.has(bidName(sha256))).sort(byCodePoint);
  if (missing.length) throw new Malformed("member_missing", "包内缺少这份标书", bidName(missing[0]));
  if (dossier.public && dossier.under("bids").length !== due.length) {
    throw new Malformed("shown_too_much", "公开包只应含截标时有效的标书", "bids");
  }
}
