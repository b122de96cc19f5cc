// One unlock: fetch what waits, check, sign, send, again until nothing waits; then wait for more until it is locked.
import { writeMoment } from "../box/deadline.js";
import { request } from "../parts/requests.js";
import { make } from "../sealing/dom.js";
import { describe, placeOf, reason } from "./telling.js";

const LOOK = 5000; // ms between looks for what has come
const OPEN = 30 * 60_000; // ms without anything to do after which the keys are locked away
const UNWITNESSED = "report_unwitnessed"; // it is tried again: a witness signs the log every minute
const NAMES = ["case", "do", "stage", "close", "body"];

/** Whether a request never came to an answer: the browser's own way to say that the line is down. */
const isCut = (error) => error instanceof TypeError;

/** What makes a task this one: the same lot, the same stage of the same thing. */
const nameOf = (task) => NAMES.map((name) => task[name] ?? "").join(" ");

/** The panel of an unlock: `run` ends when it is locked. */
export class Session {
  #settled = new Set();
  #locked = false;
  #cut = false;
  #unseen = 0;
  #wake = () => {};
  #until = Date.now() + OPEN;

  constructor(panel, worker, card) {
    Object.assign(this, { panel, worker, card, done: 0, left: 0 });
    this.list = panel.querySelector("[data-done]");
    this.state = panel.querySelector("[data-state]");
    panel.querySelector("[data-lock]").addEventListener("click", () => this.lock());
    this.look = () => this.#wake();
  }

  /** Locked away now; a round that is under way ends first. */
  lock() {
    this.#locked = true;
    this.#wake();
  }

  /** Everything that waits, and whatever comes, until the lock. */
  async run() {
    const { issuer } = this.card;
    this.panel.hidden = false;
    this.panel.querySelector("[data-lock]").hidden = false;
    document.querySelector("[data-waiting]").hidden = true; // it says what waited when the page was made
    this.panel.querySelector("[data-anchors]").textContent = issuer
      ? `按“${issuer}”公布的锚点核对各方签名。`
      : "没有选锚点文件：只核对材料自身是否一致，不能核对签名是不是真的。";
    this.panel.focus();
    window.addEventListener("online", this.look);
    while (!this.#locked && Date.now() < this.#until) {
      const tasks = await this.#waiting();
      this.#unseen = 0;
      for (const task of tasks) if (!this.#locked && !this.#cut) await this.#one(task);
      if (!tasks.length || this.#cut || this.#unseen) await this.#rest();
    }
    window.removeEventListener("online", this.look);
    this.state.textContent = `已上锁。本次办理 ${this.done} 项，未办理 ${this.left} 项。`;
    this.panel.querySelector("[data-lock]").hidden = true;
  }

  async #waiting() {
    try {
      const { tasks } = await request("/api/v1/box/waiting");
      this.#cut = false;
      return tasks.filter((task) => task.keyid === this.card.keyid && !this.#settled.has(nameOf(task)));
    } catch (error) {
      if (error.status === 401 || error.status === 403) throw error;
      this.#cut = isCut(error);
      return []; // it is tried again
    }
  }

  async #one(task) {
    this.state.textContent = `正在办理：${placeOf(task)}`;
    this.#settled.add(nameOf(task));
    let words = placeOf(task);
    try {
      const answer = await this.worker.call("answer", { task, now: writeMoment(Date.now()) });
      words = describe(task);
      const headers = { "idempotency-key": crypto.randomUUID() };
      await request(`/api/v1/box/${task.case}/messages`, { method: "POST", json: answer, headers });
      this.done += 1;
      this.#tell("已办", words);
    } catch (error) {
      const isUnseen = error.code === UNWITNESSED;
      if (isCut(error) || isUnseen) {
        this.#cut = !isUnseen;
        this.#unseen += Number(isUnseen);
        this.#settled.delete(nameOf(task));
        return;
      }
      this.left += 1;
      this.#tell("未办", `${words}：${reason(error)}`);
    }
    this.#until = Date.now() + OPEN;
  }

  #tell(mark, words) {
    const tone = mark === "已办" ? "badge tone-done" : "badge tone-danger";
    this.list.prepend(make("li", {}, make("span", { className: tone }, mark), " ", words));
  }

  #rest() {
    const minutes = Math.ceil((this.#until - Date.now()) / 60_000);
    const done = this.left ? `办了 ${this.done} 项，${this.left} 项没有办成（见下）` : `待办全部办完（${this.done} 项）`;
    const all = this.#unseen ? `${this.#unseen} 项等待评审报告的见证，有了见证自动办理` : done;
    this.state.textContent = this.#cut
      ? `网络中断，恢复后接着办理；${minutes} 分钟内没有恢复即自动上锁。`
      : `${all}。保持解锁，新到的事项会自动核对办理；${minutes} 分钟内没有新事项即自动上锁。`;
    return new Promise((resolve) => {
      this.#wake = resolve;
      setTimeout(resolve, LOOK);
    });
  }
}
