// Calls into a worker that answers each call by its number: one question, one promise.

/** A worker's refusal: `code` and `says` as its own error had them. */
export class Said extends Error {
  constructor({ code, says }) {
    super(says);
    this.code = code;
  }
}

/** Start the module worker at `url`: call(act, given) → its answer, end() → it and all it knows are gone. */
export function startWorker(url) {
  const worker = new Worker(url, { type: "module" });
  const waiting = new Map();
  let last = 0;
  const settleAll = (error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.addEventListener("message", ({ data: { id, result, failed } }) => {
    const call = waiting.get(id);
    waiting.delete(id);
    if (failed) call?.reject(new Said(failed));
    else call?.resolve(result);
  });
  worker.addEventListener("error", (event) => settleAll(new Error(event.message || "密钥程序没有启动，请刷新页面")));
  return {
    call: (act, given) =>
      new Promise((resolve, reject) => {
        last += 1;
        waiting.set(last, { resolve, reject });
        worker.postMessage({ id: last, act, given });
      }),
    end() {
      worker.terminate();
      settleAll(new Error("已上锁"));
    },
  };
}
