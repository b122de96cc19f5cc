// Requests to the house's own API: token, JSON, and a refusal as an error that can be shown.

/** The token the server put into the page. */
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

/** A refusal of the server: `problems` as in problem+json, `status` the HTTP status. */
export class Refused extends Error {
  constructor(status, body) {
    super(body?.detail ?? `服务器没有接受（${status}）`);
    this.status = status;
    this.problems = body?.problems ?? [];
  }
}

/** Fetch, with the token, and read JSON; throws Refused for an answer that is not 2xx. */
export async function request(url, { method = "GET", json, body, headers = {}, signal } = {}) {
  const sent = { accept: "application/json", "x-csrftoken": csrfToken(), ...headers };
  if (json !== undefined) sent["content-type"] = "application/json";
  const answer = await fetch(url, {
    method,
    headers: sent,
    body: json === undefined ? body : JSON.stringify(json),
    credentials: "same-origin",
    signal,
  });
  const isJson = (answer.headers.get("content-type") ?? "").includes("json");
  const read = isJson ? await answer.json() : null;
  if (!answer.ok) throw new Refused(answer.status, read);
  return read;
}
