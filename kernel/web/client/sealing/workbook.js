// The bid workbook (响应索引): which file and page answers which requirement; the bytes that travel sealed.
import { encode } from "../box/canonical.js";

/** The document's name, by which the judges' desk knows it. */
export const WORKBOOK_NAME = "响应索引.json";
export const WORKBOOK_MEDIA = "application/json";

/** The workbook's bytes; `pointers` are {id, file, page}, page 0 where the file has no pages. */
export function buildWorkbook(notice, pointers) {
  const items = pointers.map(({ id, file, page }) => ({ id, file, page }));
  return encode({ type: "yangguang.workbook/1", notice, items });
}

/** What is still open: rows that point nowhere, or to a file that is not among the chosen ones. */
export function gaps(rows, pointers, fileNames) {
  const placed = new Map(pointers.map((pointer) => [pointer.id, pointer]));
  const names = new Set(fileNames);
  return rows.flatMap((row) => {
    const pointer = placed.get(row.id);
    if (!pointer) return [`“${row.name}”没有指明在哪个文件`];
    return names.has(pointer.file) ? [] : [`“${row.name}”指向的文件“${pointer.file}”不在投标文件中`];
  });
}
