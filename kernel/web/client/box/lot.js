// lot.json: what a bidder seals for, as the platform gives it out; believed only as far as the anchors go (app/bidder/lot.py).
import { checkDeadline, checkSetup } from "./anchored.js";
import { fromBase64, fromUtf8 } from "./bytes.js";
import { readDeadline } from "./deadline.js";
import * as dsse from "./dsse.js";
import { Malformed } from "./errors.js";
import { readSetup } from "./setup.js";
import * as shape from "./shape.js";

const UNCHECKED =
  "没有提供锚点文件：无法核对持钥人的公钥是不是真的。冒充的平台可以借此偷看报价！" +
  "请从监督部门网站或书面公布处取得 anchors.json 后再封装";

/**
 * A lot.json, checked for shape only: {case, place, setup, deadline, notice, receipt_key, signedSetup,
 * signedDeadline, data}. Malformed `box_not_ready` while the set-up or the deadline is not signed yet.
 */
export function readLot(data) {
  const value = parsed(data);
  if (typeof value?.setup !== "string") throw new Malformed("not_a_lot", "不是标段文件 lot.json");
  if (!value.setup || !value.deadline) throw new Malformed("box_not_ready", "电子标箱尚未就绪，请稍后再取一次");
  for (const name of ["case", "notice", "receipt_key"]) shape.text(1, 128)(value[name], name);
  shape.sha256(value.notice, "notice");
  const { place = "lots" } = value;
  shape.oneOf("lots", "requests")(place, "place");
  const signedSetup = dsse.read(fromBase64(value.setup, "setup"));
  const signedDeadline = dsse.read(fromBase64(String(value.deadline), "deadline"));
  const [setup, deadline] = [readSetup(signedSetup.payload), readDeadline(signedDeadline.payload)];
  if (setup.tender !== deadline.tender || setup.lot !== deadline.lot) {
    throw new Malformed("other_context", "开标设定与截止时间不是同一个标段的");
  }
  const receipt_key = fromBase64(value.receipt_key, "receipt_key");
  return { case: value.case, place, setup, deadline, notice: value.notice, receipt_key, signedSetup, signedDeadline, data };
}

/**
 * Refuse (BadSignature, Malformed `rehearsal_differs`) a lot that must not be sealed for; what the bidder should know
 * before he goes on, in Chinese. `anchors` may be null: then the first warning says what that means. `now` is a moment.
 */
export function checkLot(lot, anchors, { now, rehearsal = false }) {
  const { setup, deadline } = lot;
  if (setup.rehearsal !== rehearsal) {
    throw new Malformed("rehearsal_differs", setup.rehearsal ? "这是演练标段，不是真实招标" : "这是真实标段，不是演练");
  }
  const warnings = [];
  if (anchors) {
    checkSetup(lot.signedSetup, anchors, deadline.at);
    checkDeadline(lot.signedDeadline, anchors, { keyless: lot.place === "requests" && !setup.roles.length });
  } else {
    warnings.push(UNCHECKED);
  }
  if (now >= deadline.at) warnings.push("按本机时钟，投标截止时间已过；以平台时钟为准");
  if (setup.k === 2) warnings.push(`本标段三方取二即可开启，理由：${setup.reason}`);
  return warnings;
}

function parsed(data) {
  try {
    return JSON.parse(fromUtf8(data));
  } catch {
    throw new Malformed("not_json", "标段文件不是 JSON");
  }
}
