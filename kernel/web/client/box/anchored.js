// Signed statements of a lot held against the anchors: whose signatures make them count (kernel/proofs/anchored.py).
import { readClose, readReceipt } from "./close.js";
import { readDeadline } from "./deadline.js";
import * as dsse from "./dsse.js";
import { BadSignature } from "./errors.js";
import { readSetup } from "./setup.js";

export const TITLES = { operator: "交易中心", regulator: "监督部门", purchaser: "招标人" };

/** The anchored officers of `role`, in force at `at`, who have signed; each counts once. */
export function signersOf(signed, anchors, role, at) {
  const known = anchors.officers(role, at);
  return dsse.verify(signed, [...known.values()].map((one) => one.public)).map((keyid) => known.get(keyid));
}

/**
 * The set-up, if as many anchored officers of each role have signed it as the role has keys: an honest officer signs
 * only a set-up that holds his own key under his own role, so then no key is anybody else's. BadSignature otherwise.
 */
export function checkSetup(signed, anchors, at) {
  const setup = readSetup(signed.payload);
  const lacking = setup.roles
    .map(({ role, keys }) => ({ role, wanted: keys.length, found: signersOf(signed, anchors, role, at).length }))
    .filter(({ wanted, found }) => found < wanted)
    .map(({ role, wanted, found }) => `${TITLES[role]}应有 ${wanted} 人签署，可信的签名有 ${found} 个`);
  if (lacking.length) {
    throw new BadSignature("setup_unsigned", `开标设定的签名与锚点不符：${lacking.join("；")}`);
  }
  return setup;
}

/**
 * The deadline, if an anchored holder of the purchaser has signed it. `keyless`: the purchaser holds no key and the
 * set-up has no shares; then the platform's own anchored key counts, for it gives nobody anything to open.
 */
export function checkDeadline(signed, anchors, { keyless = false } = {}) {
  const deadline = readDeadline(signed.payload);
  if (keyless && dsse.verify(signed, anchors.receipts(deadline.at)).length) return deadline;
  if (!signersOf(signed, anchors, "purchaser", deadline.at).length) {
    throw new BadSignature("deadline_unsigned", "截止时间没有锚点中招标人的有效签名");
  }
  return deadline;
}

/** The close, if an anchored process of the regulator has countersigned it. */
export function checkClose(signed, anchors) {
  const close = readClose(signed.payload);
  if (!dsse.verify(signed, anchors.processes(close.at)).length) {
    throw new BadSignature("close_uncountersigned", "截标名单没有锚点中监督部门的会签");
  }
  return close;
}

/** The receipt, if an anchored receipt key has signed it. */
export function checkReceipt(signed, anchors) {
  const receipt = readReceipt(signed.payload);
  if (!dsse.verify(signed, anchors.receipts(receipt.received)).length) {
    throw new BadSignature("receipt_unsigned", "回执没有锚点中平台回执密钥的有效签名");
  }
  return receipt;
}
