// htmx for the pages that swap parts; every request carries the token that forms carry.
import htmx from "htmx.org";
import { csrfToken } from "./parts/requests.js";

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["x-csrftoken"] = csrfToken();
});
window.htmx = htmx;
