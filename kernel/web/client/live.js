// The opening hall: regions of the page follow the server's events; a lost line is taken up where it broke.

const EVENTS = ["sign_in", "stage", "progress", "prices", "objection", "notice"];
const WORDS = { open: "实时更新已接通", lost: "连接中断，正在重新接通…", ended: "本场已结束" };
const LONGEST_WAIT = 30000;

function say(root, state) {
  const line = root.querySelector(".live-state");
  if (!line || line.dataset.state === state) return;
  line.dataset.state = state;
  line.textContent = WORDS[state];
}

/** The server renders fragments from the same templates as the page, so they are as safe as the page. */
function show(root, event, html) {
  for (const region of root.querySelectorAll(`[data-live="${event}"]`)) {
    const parsed = new DOMParser().parseFromString(html, "text/html");
    region.replaceChildren(...parsed.body.childNodes);
  }
}

function follow(root) {
  let lastId = root.dataset.lastId ?? "";
  let wait = 1000;

  const connect = () => {
    const url = new URL(root.dataset.stream, location.href);
    // EventSource sends Last-Event-ID only on its own reconnects; after ours the address carries it.
    if (lastId) url.searchParams.set("last_event_id", lastId);
    const source = new EventSource(url);
    source.addEventListener("open", () => {
      wait = 1000;
      say(root, "open");
    });
    for (const name of EVENTS) {
      source.addEventListener(name, (event) => {
        lastId = event.lastEventId || lastId;
        show(root, name, event.data);
      });
    }
    source.addEventListener("end", () => {
      source.close();
      say(root, "ended");
    });
    source.addEventListener("error", () => {
      say(root, "lost");
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(connect, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    });
    window.addEventListener("pagehide", () => source.close(), { once: true });
  };
  connect();
}

document.querySelectorAll("[data-stream]").forEach(follow);
