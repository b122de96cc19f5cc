// Marks and ranking of bids worked out again (bidding/scoring.py) from the published method and every seat's marks.
import { sha256Hex, utf8 } from "../box/bytes.js";
import { byCodePoint } from "../box/canonical.js";
import { Decimal, least, total } from "./decimal.js";
import { optional } from "./strict.js";

/** The ranking, best first, rejected bids last with their reasons; equal bids that nothing parts share a rank. */
export function replay(evaluation, bids, scores) {
  const places = Number(evaluation.places);
  const reasons = new Map(bids.map((bid) => [bid.bidder, rejections(evaluation, bid)]));
  const valid = bids.filter((bid) => !reasons.get(bid.bidder).length);
  const compared = new Map(valid.map((bid) => [bid.bidder, evaluatedPrice(evaluation, bid)]));
  const byMarks = evaluation.ranks === "total";
  const marks = byMarks ? priceMarks(evaluation, compared, allOpened(evaluation, bids)) : new Map();
  const sheets = byMarks ? scores : {};
  const rows = valid.map((bid) => row(evaluation, bid, compared.get(bid.bidder), marks, sheets, places));
  const out = bids.filter((bid) => reasons.get(bid.bidder).length);
  return [...ranked(evaluation, rows), ...out.map((bid) => rejected(bid, reasons.get(bid.bidder)))];
}

function rejections(evaluation, bid) {
  const found = [];
  const ceiling = optional(evaluation, "ceiling") || "";
  if (ceiling && Decimal.of(bid.price).compare(ceiling) > 0) {
    const says = `投标报价 ${bid.price} 元高于最高投标限价 ${ceiling} 元，否决投标`;
    found.push({ code: "over_ceiling", says, article: String(evaluation.ceiling_article) });
  }
  for (const item of evaluation.review) {
    if (item.effect !== "reject" || !bid.lacks.includes(item.id)) continue;
    found.push({ code: String(item.id), says: `不符合：${item.name}`, article: String(item.article) });
  }
  return [...found, ...optional(bid, "rejected", [])];
}

function evaluatedPrice(evaluation, bid) {
  const contract = Decimal.of(bid.price);
  let price = contract;
  let refused = false;
  for (const item of evaluation.review) {
    const lacks = bid.lacks.includes(item.id);
    if (lacks && item.effect === "adjust") price = price.plus(contract.times(item.adds));
    refused ||= lacks && item.effect === "discount";
  }
  if (optional(bid, "small") && !refused) price = price.minus(contract.times(evaluation.discount));
  return price.fixed(2);
}

function priceMarks(evaluation, compared, opened) {
  const [formula, places] = [evaluation.price, Number(evaluation.places)];
  const maximum = Decimal.of(formula.maximum);
  if (formula.kernel === "none") return new Map([...compared.keys()].map((bidder) => [bidder, Decimal.of(0)]));
  if (!compared.size) return new Map();
  const each = (mark) => new Map([...compared].map(([bidder, price]) => [bidder, mark(price).fixed(places)]));
  if (formula.kernel === "ratio") {
    const lowest = least([...compared.values()]);
    return each((price) => lowest.over(price).times(maximum));
  }
  const base = benchmark(evaluation, formula.counted === "opened" ? opened : [...compared.values()]);
  return each((price) => fromBenchmark(formula, price, base, maximum));
}

/** 评标基准价 in yuan: trimmed mean × (1 − Δ) × share + ceiling × (1 − share), rounded half up. */
function benchmark(evaluation, prices) {
  const formula = evaluation.price;
  const drop = prices.length >= Number(formula.drop_from) ? Number(formula.drop) : 0;
  const kept = [...prices].sort((a, b) => a.compare(b)).slice(drop, prices.length - drop);
  const share = Decimal.of(formula.share);
  const one = Decimal.of(1);
  const base = total(kept).over(kept.length).times(one.minus(delta(evaluation))).times(share);
  if (share.compare(1) === 0) return base.fixed(2);
  return base.plus(Decimal.of(evaluation.ceiling).times(one.minus(share))).fixed(2);
}

/** Δ: the step of its range that the opening's draw falls on. */
function delta(evaluation) {
  const grid = evaluation.price.delta;
  const [low, high, step] = [grid.low, grid.high, grid.step].map(Decimal.of);
  const steps = high.minus(low).over(step).whole() + 1n;
  return steps === 1n ? low : low.plus(step.times(BigInt(`0x${evaluation.draw}`) % steps));
}

function fromBenchmark(formula, price, base, maximum) {
  const away = price.minus(base).over(base);
  const rate = away.compare(0) > 0 ? formula.above : formula.below;
  const mark = maximum.minus(away.absolute().times(100).times(rate));
  return mark.compare(formula.least) >= 0 ? mark : Decimal.of(formula.least);
}

const allOpened = (evaluation, bids) =>
  bids.filter((bid) => Decimal.of(bid.price).compare(0) !== 0).map((bid) => evaluatedPrice(evaluation, bid));

function row(evaluation, bid, compared, marks, scores, places) {
  const sheets = Object.keys(scores).map((seat) => [seat, scores[seat][bid.bidder]]);
  const items = (sheets.length ? evaluation.items : []).map(({ id }) => [
    id,
    String(mean(sheets.map(([, given]) => Decimal.of(given[id])), places)),
  ]);
  const members = sheets.map(([seat, given]) => [seat, total(Object.keys(given).map((id) => Decimal.of(given[id])))]);
  const mark = marks.get(bid.bidder);
  const sum = mark && mark.plus(mean(members.map(([, value]) => value), places));
  return {
    bidder: bid.bidder,
    rank: 0,
    tied: false,
    price: String(bid.price),
    evaluated: String(compared),
    price_score: mark ? String(mark) : "",
    items: Object.fromEntries(items),
    members: Object.fromEntries(members.map(([seat, value]) => [seat, String(value.fixed(places))])),
    total: sum ? String(sum) : "",
    rejected: [],
  };
}

function rejected(bid, reasons) {
  const empty = { rank: 0, tied: false, evaluated: "", price_score: "", total: "" };
  return { ...empty, bidder: bid.bidder, price: String(bid.price), items: {}, members: {}, rejected: reasons };
}

function ranked(evaluation, rows) {
  const keys = new Map(rows.map((one) => [one.bidder, key(evaluation, one)]));
  const compare = (a, b) => compareKeys(keys.get(a.bidder), keys.get(b.bidder));
  const ordered = [...rows].sort((a, b) => compare(a, b) || byCodePoint(a.bidder, b.bidder));
  const ranks = [];
  ordered.forEach((one, i) => {
    const last = ranks.at(-1);
    const rank = last && compare(last, one) === 0 ? last.rank : i + 1;
    ranks.push({ ...one, rank, tied: rows.filter((other) => compare(other, one) === 0).length > 1 });
  });
  return ranks;
}

/** What bids are ordered by, in the order that the notice lists for equal ones: decimals, and the draw in hex. */
function key(evaluation, one) {
  const technical = evaluation.items.filter((item) => item.group === "technical");
  const found = {
    total: Decimal.of(one.total || 0).negated(),
    price: Decimal.of(one.evaluated),
    technical: total(technical.map(({ id }) => Decimal.of(optional(one.items, id, 0)))).negated(),
    draw: sha256Hex(utf8(`${evaluation.draw}/${one.bidder}`)),
  };
  return [...evaluation.ties].map((name) => found[name]);
}

function compareKeys(a, b) {
  for (let i = 0; i < a.length; i += 1) {
    const by = typeof a[i] === "string" ? byCodePoint(a[i], b[i]) : a[i].compare(b[i]);
    if (by) return by;
  }
  return 0;
}

const mean = (values, places) => (values.length ? total(values).over(values.length).fixed(places) : Decimal.of(0));
