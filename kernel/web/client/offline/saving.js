// The sealed bid's files go to the bidder's disk: all into a folder he chooses, or one by one.
import { make, showProblems } from "../sealing/dom.js";
import { size } from "../sealing/pace.js";

/** Offer the files ([name, Blob]) in `box`; `lot` says where they go afterwards. */
export function offerFiles(box, files, lot) {
  const said = make("p", { role: "status", className: "quiet" });
  const problems = make("div");
  const list = make("ul", { className: "upload-list" }, ...files.map(([name, blob]) => row(name, blob)));
  const ways = make("p", { className: "actions" });
  if ("showDirectoryPicker" in window) ways.append(folderButton(files, said, problems));
  box.replaceChildren(
    make("p", {}, "请把下列文件全部存进同一个空文件夹。文件都已加密或签名，可以用 U 盘拷到能上网的电脑。"),
    ways, said, problems, list,
    make("p", {}, `递交：在能上网的电脑上登录，打开${lot}的“递交封装好的文件”页，选中文件夹中的全部文件；或运行：`),
    make("pre", {}, make("code", {}, "yangguang submit 文件夹")),
  );
}

function row(name, blob) {
  const href = URL.createObjectURL(blob);
  const link = make("a", { href, download: name }, name);
  return make("li", {}, link, " ", make("span", { className: "quiet" }, size(blob.size)));
}

function folderButton(files, said, problems) {
  const button = make("button", { type: "button", className: "button" }, "全部存入一个文件夹");
  button.addEventListener("click", async () => {
    try {
      const folder = await window.showDirectoryPicker({ mode: "readwrite" });
      showProblems(problems, "", []);
      await saveAll(folder, files, (text) => { said.textContent = text; });
    } catch (error) {
      // The person closed the dialog: nothing has happened.
      if (error.name !== "AbortError") showProblems(problems, "没有存完", [{ says: error.message, remedy: "请换一个文件夹，或逐个下载" }]);
    }
  });
  return button;
}

/** Write every file; bid.dsse.json comes last, so that a folder cut short is never taken for a whole one. */
async function saveAll(folder, files, told) {
  const ordered = [...files].sort(([a], [b]) => Number(a === "bid.dsse.json") - Number(b === "bid.dsse.json"));
  for (const [i, [name, blob]] of ordered.entries()) {
    told(`正在保存 ${name}（${i + 1}／${ordered.length}）`);
    const sink = await (await folder.getFileHandle(name, { create: true })).createWritable();
    await blob.stream().pipeTo(sink);
  }
  told(`${ordered.length} 个文件已全部存入“${folder.name}”。`);
}
