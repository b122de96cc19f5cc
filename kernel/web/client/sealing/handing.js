// The recovery file and its passphrase come into the bidder's hands, and he shows it, before anything is sent.
import { choice, download, field, make } from "./dom.js";

/**
 * Show file and passphrase in `box`; resolves when he has saved the one and copied the other.
 * With `known` the passphrase is the one he has already, and only the file is new. `then` is what the last button says.
 */
export function handOver(box, { bytes, name, passphrase, known, lot, then = "已保存，开始递交" }) {
  const save = make("button", { type: "button", className: "button" }, "保存恢复文件");
  const saved = make("span", { role: "status", className: "quiet" });
  const goOn = make("button", { type: "button", className: "button", disabled: true }, then);
  box.replaceChildren(
    make("p", {}, "开标解密要用恢复文件和口令，缺一不可。平台没有副本，丢了谁也打不开。请先保存，再递交。"),
    make("p", { className: "actions" }, save, saved),
  );
  const copied = known ? knownPassphrase(box) : newPassphrase(box, { passphrase, name, lot });
  box.append(make("div", { className: "actions" }, goOn));
  return new Promise((resolve) => {
    let has = false;
    const look = () => { goOn.disabled = !(has && copied.ok()); };
    save.addEventListener("click", () => {
      download(bytes, name);
      saved.textContent = `已存为 ${name}`;
      has = true;
      look();
    });
    copied.watch(look);
    goOn.addEventListener("click", () => resolve());
  });
}

function knownPassphrase(box) {
  box.append(make("p", {}, "口令与上一次相同；上一次的恢复文件作废，请用这一份替换。"));
  return { ok: () => true, watch: () => {} };
}

function newPassphrase(box, { passphrase, name, lot }) {
  const print = make("button", { type: "button", className: "button button-secondary button-small" }, "打印口令");
  const groups = passphrase.split("-").map((group) => make("span", {}, group));
  const shown = make("p", { className: "passphrase", translate: false, "aria-label": "恢复文件的口令" }, ...groups);
  const sheet = make("div", { className: "passphrase-sheet" });
  sheet.append(
    make("h3", {}, "恢复文件的口令"), shown,
    make("p", { className: "quiet" }, `${lot}　恢复文件：${name}。请与恢复文件分开保管，不要告诉任何人。`),
  );
  const last = make("input", { type: "text", autocomplete: "off", maxLength: 5, className: "input width-short" });
  const again = field("last-group", "抄好后，请输入口令的最后一组（5 个字）", { input: last });
  const told = choice("told", "恢复文件和口令已分开保存");
  box.append(sheet, make("p", { className: "actions" }, print), again.box, told.box);
  print.addEventListener("click", () => {
    // Only the sheet is printed, never the price that stands above it.
    document.body.classList.add("printing-sheet");
    window.addEventListener("afterprint", () => document.body.classList.remove("printing-sheet"), { once: true });
    window.print();
  });
  const end = passphrase.split("-").at(-1);
  const same = () => last.value.trim().toLowerCase() === end;
  last.addEventListener("change", () => again.wrong(last.value && !same() ? "与口令的最后一组不同，请核对抄写" : ""));
  const watch = (look) => [last, told.input].forEach((one) => one.addEventListener("input", look));
  return { ok: () => same() && told.input.checked, watch };
}
