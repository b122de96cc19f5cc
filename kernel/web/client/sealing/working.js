// Runs the sealing worker: one order, its progress, its result.

/** Send an order to a fresh worker; `told` gets {progress} and {locking}. Rejects with what the worker says. */
export function work(url, act, order, told = () => {}) {
  return new Promise((resolve, reject) => {
    // A page opened from a disk has no origin of its own, and may start only classic workers.
    const worker = new Worker(url, { type: url.startsWith("blob:") ? "classic" : "module" });
    const end = (settle, value) => {
      worker.terminate();
      settle(value);
    };
    worker.addEventListener("message", ({ data }) => {
      if ("done" in data) end(resolve, data.done);
      else if (data.failed) end(reject, Object.assign(new Error(data.failed.says), data.failed));
      else told(data);
    });
    worker.addEventListener("error", (event) => end(reject, new Error(event.message || "封装程序没有启动")));
    worker.postMessage({ act, order });
  });
}
