// Checks what was dropped, off the main thread; a worker of this policy can send nothing anywhere.
import { serveChecks } from "./checking/serving.js";

serveChecks();
