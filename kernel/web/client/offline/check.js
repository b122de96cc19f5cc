// The offline check page: the same checks, from a file on a disk with the network unplugged.
import { careForChecking } from "../checking/page.js";
import { workerUrl } from "./worker_url.js";

careForChecking(document.querySelector("[data-checking]"), () => new Worker(workerUrl()));
