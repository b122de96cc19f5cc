// Verifies packages one after the other: {"file", "anchors"} paths in, a report out.
import { openAsBlob } from "node:fs";
import { readFile } from "node:fs/promises";

import { readAnchors } from "../../kernel/web/client/box/anchors.js";
import { verify } from "../../kernel/web/client/verify/verify.js";
import { answerLines } from "./lines.mjs";

await answerLines(async ({ file, anchors }) => {
  const keys = anchors ? readAnchors(new Uint8Array(await readFile(anchors))) : null;
  const { kind, anchored, passed, failure, notes, notProved } = await verify(await openAsBlob(file), keys);
  return { kind, anchored, passed, failure, notes, notProved };
});
