// Amounts of the price form as decimal text, never as floating numbers: checks, capitals (大写金额), sums.

const AMOUNT = /^\d{1,16}(\.\d{1,2})?$/;
const FIGURE = /^\d{1,16}(\.\d{1,6})?$/;
const DIGITS = "零壹贰叁肆伍陆柒捌玖";
const PLACES = ["", "拾", "佰", "仟"];
const GROUPS = ["", "万", "亿", "万亿"];

/** The text a person typed without spaces and thousands separators. */
export function typed(text) {
  return text.replace(/[\s,，]/g, "");
}

/** Whether this is an amount in yuan greater than nothing, with two decimals at most. */
export function isAmount(text) {
  return AMOUNT.test(text) && BigInt(text.replace(".", "")) > 0n;
}

/** Whether this is a quantity or a unit price: greater than nothing, six decimals at most. */
export function isFigure(text) {
  return FIGURE.test(text) && BigInt(text.replace(".", "")) > 0n;
}

/** A decimal text as a whole number of 10^-places. */
function scaled(text, places) {
  const [whole, part = ""] = text.split(".");
  return BigInt(whole + part.padEnd(places, "0"));
}

/** A number of fen as text with two decimals. */
function plain(fen) {
  const text = String(fen).padStart(3, "0");
  return `${text.slice(0, -2)}.${text.slice(-2)}`;
}

/** An amount with exactly two decimals, without leading zeros. */
export function canonicalAmount(text) {
  return plain(scaled(text, 2));
}

/** Quantity times unit price in yuan, rounded half up to the fen. */
export function lineTotal(quantity, unitPrice) {
  const unit = 10n ** 10n; // six and six decimals, of which two stay
  const product = scaled(quantity, 6) * scaled(unitPrice, 6);
  return plain((product + unit / 2n) / unit);
}

/** The sum of amounts. */
export function sum(amounts) {
  return plain(amounts.reduce((total, amount) => total + scaled(amount, 2), 0n));
}

/** -1, 0 or 1 as the first amount is below, equal to or above the second. */
export function compare(one, other) {
  const difference = scaled(one, 2) - scaled(other, 2);
  return difference < 0n ? -1 : Number(difference > 0n);
}

/** 1,234,567.80 */
export function figures(amount) {
  const [whole, part] = canonicalAmount(amount).split(".");
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${part}`;
}

/** 壹佰贰拾叁万肆仟元伍角整, by the rules for bank bills (支付结算办法附一); as kernel/money.py writes it. */
export function capitals(amount) {
  const fen = scaled(amount, 2);
  const [yuan, jiao, rest] = [fen / 100n, Number((fen / 10n) % 10n), Number(fen % 10n)];
  let text = yuan ? `${integer(yuan)}元` : "";
  if (!jiao && !rest) return `${text || "零元"}整`;
  if (jiao) text += `${DIGITS[jiao]}角`;
  else if (yuan) text += "零";
  return text + (rest ? `${DIGITS[rest]}分` : "整");
}

function integer(number) {
  const groups = [];
  for (let left = number; left; left /= 10000n) groups.push(Number(left % 10000n));
  let text = "";
  let gap = false;
  for (let power = groups.length - 1; power >= 0; power -= 1) {
    if (!groups[power]) {
      gap = gap || text !== "";
      continue;
    }
    if (text && (gap || groups[power] < 1000)) text += "零";
    // Ten thousand 亿 is read 万…亿 where an 亿 group follows, and 万亿 where none does.
    text += fourDigits(groups[power]) + (power === 3 && groups[2] ? "万" : GROUPS[power]);
    gap = false;
  }
  return text;
}

function fourDigits(group) {
  let text = "";
  let gap = false;
  for (let place = 3; place >= 0; place -= 1) {
    const digit = Math.floor(group / 10 ** place) % 10;
    if (digit) text += (gap ? "零" : "") + DIGITS[digit] + PLACES[place];
    gap = digit ? false : text !== "";
  }
  return text;
}
