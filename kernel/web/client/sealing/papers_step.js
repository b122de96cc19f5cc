// The step of the documents: one chooser a stage for the panel, and the workbook over all of them.
import { asDocument, documentChooser, workbookTable } from "./papers.js";

/** The documents and the workbook: {contents(ids), problems(ids), gaps(ids), bytes()}. */
export function buildPapers(page, kit, changed) {
  const choosers = page.papered.map((stage) => [stage, documentChooser(page.at("documents"), stage, page.limits)]);
  const names = () => choosers.flatMap(([, one]) => one.files().map((file) => file.name));
  const rows = kit.told.workbook ?? [];
  const book = rows.length && choosers.length ? workbookTable(page.at("workbook"), rows, names) : null;
  page.at("workbook").hidden = !book;
  choosers.forEach(([, one]) => one.onChange(() => { book?.refresh(); changed(); }));
  page.at("workbook").addEventListener("change", changed);
  const of = (ids) => choosers.filter(([stage]) => ids.includes(stage.id));
  const first = choosers[0]?.[0].id;
  const documents = (stage, one) => {
    const listed = one.files().map(asDocument);
    return book && stage.id === first ? [...listed, book.document(kit.told.notice)] : listed;
  };
  return {
    contents: (ids) => Object.fromEntries(of(ids).map(([stage, one]) => [stage.id, { documents: documents(stage, one) }])),
    problems: (ids) => of(ids).flatMap(([, one]) => one.problems()),
    gaps: (ids) => (book && ids.includes(first) ? book.gaps() : []),
    bytes: (ids) => of(ids).flatMap(([, one]) => one.files()).reduce((total, file) => total + file.size, 0),
  };
}
