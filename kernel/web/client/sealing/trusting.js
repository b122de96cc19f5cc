// Step one: the set-up's signatures held against anchors that the bidder got from elsewhere, or his word that he has none.
import { choice, make, note } from "./dom.js";
import { keepAnchors, keptAnchors } from "./keeping.js";
import { work } from "./working.js";

export { note };

/**
 * Build the step into `box`; `kit` = exact bytes of the lot, `now` in ms.
 * Returns {problems(), bytes()}: what stands against sealing, and the anchors' bytes or null.
 */
export async function trust(box, worker, kit, now) {
  const input = make("input", { type: "file", accept: ".json,application/json", id: "f-anchors" });
  const label = make("label", { className: "label", htmlFor: "f-anchors" }, "锚点文件 anchors.json");
  const hint = "从监督部门网站或书面公布处取得，不要从本平台取；选过一次，这台电脑会记住。";
  const said = make("div", { role: "status" });
  const without = choice("unanchored", "我没有锚点文件，知道这样无法核对公钥的真假，仍要封装");
  const chooser = make("div", { className: "upload" }, input);
  box.append(make("div", { className: "field" }, label, make("p", { className: "hint" }, hint), chooser), said, without.box);
  const state = { anchors: null, failed: "", asked: 0, answered: 0 };
  const check = async (name, bytes) => {
    const turn = ++state.asked;
    said.replaceChildren(make("p", { className: "quiet" }, "正在核对…"));
    const answer = await work(worker, "check", { kit, anchors: bytes, now }).then(
      (found) => ({ failed: "", notes: told(found, name, bytes !== null) }),
      (error) => ({ failed: error.message, notes: [note("danger", "核对没有通过，请勿封装", error.message)] }),
    );
    if (turn !== state.asked) return; // another file was chosen meanwhile: its answer counts
    Object.assign(state, { anchors: bytes, failed: answer.failed, answered: turn });
    said.replaceChildren(...answer.notes);
    without.box.hidden = state.anchors !== null;
  };
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    await check(file.name, bytes);
    if (!state.failed && state.anchors === bytes) await keepAnchors(file.name, bytes).catch(() => {});
  });
  const known = await keptAnchors();
  if (!state.asked) await check(known?.name ?? "", known?.bytes ?? null);
  return { problems: () => problemsOf(state, without.input), bytes: () => state.anchors };
}

function told({ warnings, rehearsal, signers, witnesses }, name, anchored) {
  const notes = [];
  const logged = witnesses.length ? `已在存证日志中，见证方：${witnesses.join("、")}。` : "";
  const says = `${signers} 名持钥人的签名与锚点文件 ${name} 一致。${logged}`;
  if (anchored) notes.push(note("good", "开标设定核对无误", says));
  if (rehearsal) notes.push(note("warn", "这是演练标段，不是真实投标", ""));
  // Without anchors the box to tick says it already.
  return [...notes, ...(anchored ? warnings : []).map((says) => note("warn", says, ""))];
}

function problemsOf(state, without) {
  if (state.answered !== state.asked) return [{ says: "开标设定正在核对", remedy: "请稍候再按", field: "f-anchors" }];
  if (state.failed) return [{ says: `开标设定核对没有通过：${state.failed}`, field: "f-anchors" }];
  if (state.anchors === null && !without.checked) {
    return [{ says: "没有选择锚点文件", remedy: "请选择，或勾选“我没有锚点文件”", field: "f-anchors" }];
  }
  return [];
}
