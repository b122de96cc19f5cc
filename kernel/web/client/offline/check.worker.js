// The offline check page's worker.
import { serveChecks } from "../checking/serving.js";

serveChecks();
