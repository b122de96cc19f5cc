// Selecting an agency (kernel/proofs/selection.py): who wins and who follows, from quotes and the drawn order.
import { Malformed } from "../box/errors.js";
import { total } from "./decimal.js";

export const PICKS = ["choice", "draw", "lowest", "nearest"];

/** Everybody's place, best first; `quotes` is a Map agency → Decimal, `drawn` the draw's order, `rule` a request's. */
export function rank(rule, quotes, drawn, percent) {
  if (!["draw", "lowest", "nearest"].includes(rule.picks)) {
    throw new Malformed("not_ranked", "业主自选的方式没有名次", "picks");
  }
  if (rule.picks === "draw") return drawn;
  const place = new Map(drawn.map((agency, i) => [agency, i]));
  const same = place.size === quotes.size && [...place.keys()].every((agency) => quotes.has(agency));
  if (!same || place.size !== drawn.length) {
    throw new Malformed("draw_differs", "抽取的名单与有效报价的机构不是同一组", "drawn");
  }
  if (rule.picks === "nearest") return nearest(rule, quotes, place, percent);
  return [...quotes.keys()].sort((a, b) => quotes.get(a).compare(quotes.get(b)) || place.get(a) - place.get(b));
}

/** The mean of these prices times the percentage, rounded half up to two places. */
function referencePrice(kept, percent) {
  return total(kept).times(percent).over(100 * kept.length).fixed(2);
}

function nearest(rule, quotes, place, percent) {
  if (!rule.percents.includes(percent)) {
    throw new Malformed("percent_unknown", "抽出的比例不在公告所列之内", "percent");
  }
  const dropped = rule.drop_from && quotes.size >= rule.drop_from ? ends(quotes, place) : [];
  const kept = [...quotes.keys()].filter((agency) => !dropped.includes(agency));
  const reference = referencePrice(kept.map((agency) => quotes.get(agency)), percent);
  const away = new Map(kept.map((agency) => [agency, quotes.get(agency).minus(reference).absolute()]));
  return kept.sort((a, b) => away.get(a).compare(away.get(b)) || place.get(a) - place.get(b));
}

/** The highest and the lowest, two different ones; of equal prices the one drawn later is dropped. */
function ends(quotes, place) {
  const later = (a, b) => place.get(a) - place.get(b);
  const highest = [...quotes.keys()].sort((a, b) => quotes.get(b).compare(quotes.get(a)) || later(b, a))[0];
  const rest = [...quotes.keys()].filter((agency) => agency !== highest);
  return [highest, rest.sort((a, b) => quotes.get(a).compare(quotes.get(b)) || later(b, a))[0]];
}
