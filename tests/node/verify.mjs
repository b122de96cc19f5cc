// Verifies packages one after the other: a line of JSON in, {"package", "anchors"} paths, and a line of JSON out.
import { openAsBlob } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

import { readAnchors } from "../../kernel/web/client/box/anchors.js";
import { verify } from "../../kernel/web/client/verify/verify.js";

for await (const line of createInterface({ input: process.stdin })) {
  const { file, anchors } = JSON.parse(line);
  const keys = anchors ? readAnchors(new Uint8Array(await readFile(anchors))) : null;
  const { kind, anchored, passed, failure, notes, notProved } = await verify(await openAsBlob(file), keys);
  process.stdout.write(`${JSON.stringify({ kind, anchored, passed, failure, notes, notProved })}\n`);
}
