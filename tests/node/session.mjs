// What the check page says of files dropped together: {files: paths, now, salts} in, the last report of each (or null) out.
import { openAsBlob } from "node:fs";

import { checkAll } from "../../kernel/web/client/verify/session.js";
import { answerLines } from "./lines.mjs";

await answerLines(async ({ files, now, salts }) => {
  const reports = files.map(() => null);
  const blobs = await Promise.all(files.map((file) => openAsBlob(file)));
  const told = ({ file, report }) => {
    if (report) reports[file] = report;
  };
  await checkAll(blobs, now, told, salts);
  return reports;
});
