// What a holder is told: each task in a line he understands, each failure with what to do about it.
import { fromBase64 } from "../box/bytes.js";
import { readDeadline } from "../box/deadline.js";
import { readSetup } from "../box/setup.js";
import { Refused } from "../parts/requests.js";

const MODES = { bidder: "投标人自行解密", roles: "三方共同开启", "bidder-only": "仅投标人能解密" };
const ROLES = { operator: "交易中心", regulator: "监督部门", purchaser: "招标人" };
const STAGES = { price: "报价", documents: "投标文件", credit: "资信", technical: "技术" };

const WORDS = {
  key: () => "生成您在本标段的密钥",
  setup(task) {
    const setup = readSetup(fromBase64(task.body));
    const who = setup.roles.map(({ role, keys }) => `${ROLES[role]} ${keys.length} 人`).join("，");
    return `${setup.rehearsal ? "【演练】" : ""}签署开标设定：${MODES[setup.mode]}，持钥人 ${who}`;
  },
  deadline(task) {
    const { at, prev, reason } = readDeadline(fromBase64(task.body));
    const moment = `${at.slice(0, 10)} ${at.slice(11, 16)}`;
    return `签署投标截止时间：${moment}（北京时间）${prev ? `，变更理由：${reason}` : ""}`;
  },
  tested: () => "试开测试信封，证明您的密钥到时能用",
  attest: (task) => `核验 ${task.bids.length} 份标书“${STAGES[task.stage] ?? task.stage}”中密封给您的份额`,
  release: (task) => `交出 ${task.bids.length} 份标书“${STAGES[task.stage] ?? task.stage}”的份额，三方交齐即开启`,
  show: (task) => `向监督部门出示密钥，证明 ${task.said.length} 个密封件打不开`,
};

/** One line for a task that has passed the checks. */
export const describe = (task) => `${placeOf(task)}：${WORDS[task.do](task)}`;

/** Where a task belongs. */
export const placeOf = (task) => `${task.tender} 标段 ${task.lot}`;

/** Why something was not done, in one sentence. */
export function reason(error) {
  if (error instanceof Refused) return error.problems.map(({ says }) => says).join("；") || error.message;
  return error.code === "no_matching_key" ? "口令不对，或者这不是您的密钥文件" : error.message;
}

/** The same as a list of problems with what to do. */
export function problemsOf(error) {
  if (error instanceof Refused && error.problems.length) return error.problems;
  return [{ says: reason(error) }];
}
