// Step two of a bidder who bid before: what to change, and the recovery file that lets him go on with his chain.
import { request } from "../parts/requests.js";
import { field, make } from "./dom.js";
import { typedPassphrase } from "../parts/typing.js";
import { keptRecovery } from "./keeping.js";

/**
 * Build the step into `box`. `kind` is that of the last message: "bid" or "withdraw"; `stages` the lot's.
 * Returns {stages(), problems(), order()}: ids of the stages to seal anew, and what the worker needs of the chain.
 */
export async function previous(box, target, kind, stages, changed) {
  const chain = await request(`/api/v1/lots/${target.box}/receipts`);
  const last = chain.receipts.at(-1);
  const kept = await keptRecovery(target.box, target.bidder);
  // After a withdrawal nothing can be carried over.
  const what = kind === "bid" && stages.length > 1 ? chooseStages(box, stages, changed) : () => stages.map(({ id }) => id);
  const file = make("input", { type: "file", accept: ".age" });
  const chosen = field("recovery", "上一次的恢复文件", { required: !kept, input: file, hint: kept ? KEPT : "" });
  const secret = make("input", { type: "password", autocomplete: "off", className: "input width-medium" });
  const phrase = field("passphrase", "恢复文件的口令", { input: secret, hint: "五组字母和数字，封装时保存的那一个" });
  box.append(chosen.box, phrase.box);
  const problems = () => {
    const none = !kept && !file.files.length ? [{ says: "没有选择上一次的恢复文件", field: "f-recovery" }] : [];
    return secret.value.trim() ? none : [...none, { says: "没有填写恢复文件的口令", field: "f-passphrase" }];
  };
  const order = async () => ({
    recovery: file.files.length ? new Uint8Array(await file.files[0].arrayBuffer()) : kept,
    passphrase: typedPassphrase(secret.value),
    chain: { publicKey: chain.public_key, envelope: last.envelope, kind: last.kind },
  });
  return { stages: what, problems, order };
}

const KEPT = "这台电脑上有一份加密保存的，可以不选";

function chooseStages(box, stages, changed) {
  const list = make("fieldset", { className: "field" }, make("legend", {}, "这次改什么"));
  const options = [...stages.map(({ id, label }) => [id, `只改${label}`]), ["", "全部重新封装"]];
  options.forEach(([value, label], n) => {
    const input = make("input", { type: "radio", name: "what", value, id: `f-what-${n}`, checked: n === 0 });
    list.append(make("div", { className: "choice" }, input, make("label", { htmlFor: input.id }, label)));
  });
  box.append(list);
  list.addEventListener("change", changed);
  return () => {
    const value = list.querySelector("input:checked").value;
    return value ? [value] : stages.map(({ id }) => id);
  };
}
