// The page's worker lies in the page itself, as text: nothing is ever fetched.

/** An address for `new Worker`, made of the text in `<script type="text/plain" id="worker">`. */
export function workerUrl() {
  const text = document.getElementById("worker").textContent;
  return URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
}
