// Replacing a bid that was sealed before in a page: its folder's small files and the passphrase go on with the chain.
import { toBase64 } from "../box/bytes.js";
import { BID, PUBLIC_KEY, RECOVERY } from "../box/folder.js";
import { choice, field, make } from "../sealing/dom.js";

const WANTED = [BID, PUBLIC_KEY, RECOVERY];

/**
 * Build the step into `box`: {stages(), problems(), order()}, the last null for a first bid. `stages` are the lot's;
 * `changed` is told when what has to be sealed is another.
 */
export function replacing(box, stages, changed) {
  const input = make("input", { type: "file", multiple: true, id: "f-previous" });
  const label = make("label", { className: "label", htmlFor: "f-previous" }, "上一次的标书文件夹中的文件");
  const hint = make("p", { className: "hint", id: "h-previous" }, `选中 ${WANTED.join("、")} 三个文件。`);
  input.setAttribute("aria-describedby", "h-previous");
  const words = field("words", "恢复文件的口令", {
    required: false, input: make("input", { type: "password", autocomplete: "off", maxLength: 60 }),
  });
  const only = choice("only-price", "只改报价，其余沿用");
  const details = make("details", { className: "field" }, make("summary", {}, "替换以前封装的标书（选填）"));
  const chooser = make("div", { className: "field" }, label, hint, make("div", { className: "upload" }, input));
  details.append(chooser, words.box, only.box);
  box.append(details);
  only.input.addEventListener("change", changed);
  const chosen = () => new Map([...input.files].map((file) => [file.name, file]));
  const ids = () => stages.filter((stage) => stage.public || !only.input.checked).map(({ id }) => id);
  return {
    stages: ids,
    problems: () => problemsOf(chosen(), words.input.value.trim(), only.input.checked),
    order: () => (input.files.length ? read(chosen(), words.input.value.trim()) : null),
  };
}

function problemsOf(chosen, words, onlyPrice) {
  if (!chosen.size) {
    return onlyPrice ? [{ says: "只改报价的，要选上一次的标书文件", field: "f-previous" }] : [];
  }
  const missing = WANTED.filter((name) => !chosen.has(name));
  const found = missing.map((name) => ({ says: `上一次的标书文件中没有 ${name}`, field: "f-previous" }));
  return words ? found : [...found, { says: "没有填写恢复文件的口令", field: "f-words" }];
}

async function read(chosen, passphrase) {
  const bytes = async (name) => new Uint8Array(await chosen.get(name).arrayBuffer());
  const publicKey = (await chosen.get(PUBLIC_KEY).text()).trim();
  const chain = { kind: "bid", publicKey, envelope: toBase64(await bytes(BID)) };
  return { chain, recovery: await bytes(RECOVERY), passphrase };
}
