// Decimal numbers as scoring uses them: exact, 28 digits after a division, with the scale kept (1.50 stays 1.50).
// The General Decimal Arithmetic rules that Python's `decimal` follows, so that both write the same marks.
import { Malformed } from "../box/errors.js";

const DIGITS = 28;
const GREATEST_EXPONENT = 2000; // a forged number must not fill the memory
const SPELLING = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$|^([+-]?)\.(\d+)(?:[eE]([+-]?\d+))?$/;

/** A decimal: coefficient × 10^exponent, sign in the coefficient (there is no negative zero to tell). */
export class Decimal {
  constructor(coefficient, exponent) {
    if (Math.abs(exponent) > GREATEST_EXPONENT) throw notANumber();
    this.c = coefficient;
    this.e = exponent;
  }

  /** The decimal that this text or integer spells; Malformed `malformed` for anything else. */
  static of(value) {
    if (value instanceof Decimal) return value;
    if (typeof value === "bigint" || Number.isSafeInteger(value)) return new Decimal(BigInt(value), 0);
    const found = typeof value === "string" && value.length < 1000 ? SPELLING.exec(value.trim()) : null;
    if (!found) throw notANumber();
    const [sign, whole, part, power] = found[6] === undefined ? found.slice(1, 5) : [found[5], "", found[6], found[7]];
    const coefficient = BigInt((whole ?? "") + (part ?? ""));
    return new Decimal(sign === "-" ? -coefficient : coefficient, Number(power ?? 0) - (part ?? "").length);
  }

  plus(other) {
    const [a, b] = [this, Decimal.of(other)];
    const e = Math.min(a.e, b.e);
    return rounded(new Decimal(a.at(e) + b.at(e), e));
  }

  minus(other) {
    return this.plus(Decimal.of(other).negated());
  }

  times(other) {
    const b = Decimal.of(other);
    return rounded(new Decimal(this.c * b.c, this.e + b.e));
  }

  /** The quotient in 28 digits; exact ones keep the scale of the operands as far as they can. */
  over(other) {
    const b = Decimal.of(other);
    if (b.c === 0n) throw notANumber();
    if (this.c === 0n) return new Decimal(0n, this.e - b.e);
    const shift = length(b.c) - length(this.c) + DIGITS + 1;
    const [top, below] = shift >= 0 ? [this.c * 10n ** BigInt(shift), b.c] : [this.c, b.c * 10n ** BigInt(-shift)];
    let [quotient, e] = [top / below, this.e - b.e - shift];
    if (top % below !== 0n) {
      if (quotient % 5n === 0n) quotient += top < 0n === below < 0n ? 1n : -1n; // not exact: never a tie in rounding
    } else {
      for (; e < this.e - b.e && quotient % 10n === 0n; e += 1) quotient /= 10n;
    }
    return rounded(new Decimal(quotient, e));
  }

  negated() {
    return new Decimal(-this.c, this.e);
  }

  absolute() {
    return rounded(this.c < 0n ? this.negated() : this);
  }

  /** Rounded half up (away from zero) to so many places. */
  fixed(places) {
    if (this.e >= -places) return new Decimal(this.at(-places), -places);
    return new Decimal(halved(this.c, 10n ** BigInt(-places - this.e), (twice, unit) => twice >= unit), -places);
  }

  /** Less than zero, zero or more, by value alone. */
  compare(other) {
    const [a, b] = [this, Decimal.of(other)];
    const e = Math.min(a.e, b.e);
    const [x, y] = [a.at(e), b.at(e)];
    return x < y ? -1 : Number(x > y);
  }

  /** The integer part, as a BigInt. */
  whole() {
    return this.e >= 0 ? this.at(0) : this.c / 10n ** BigInt(-this.e);
  }

  /** As Python writes it: scientific only for great or very small exponents. */
  toString() {
    const digits = String(this.c < 0n ? -this.c : this.c);
    const sign = this.c < 0n ? "-" : "";
    const point = digits.length + this.e;
    if (this.e > 0 || point <= -6) {
      const tail = digits.length > 1 ? `.${digits.slice(1)}` : "";
      return `${sign}${digits[0]}${tail}E${point - 1 < 0 ? "" : "+"}${point - 1}`;
    }
    if (this.e === 0) return sign + digits;
    return point > 0
      ? `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
      : `${sign}0.${"0".repeat(-point)}${digits}`;
  }

  /** The coefficient at a smaller exponent. */
  at(exponent) {
    return this.c * 10n ** BigInt(this.e - exponent);
  }
}

/** The sum of these decimals, 0 for none. */
export const total = (values) => values.reduce((sum, value) => sum.plus(value), new Decimal(0n, 0));

/** The smallest of these decimals. */
export const least = (values) => values.reduce((found, value) => (value.compare(found) < 0 ? value : found));

function rounded(value) {
  const extra = length(value.c) - DIGITS;
  if (extra <= 0) return value;
  const even = (twice, unit, kept) => twice > unit || (twice === unit && kept % 2n === 1n);
  const found = halved(value.c, 10n ** BigInt(extra), even);
  return rounded(new Decimal(found, value.e + extra));
}

function halved(coefficient, unit, up) {
  const size = coefficient < 0n ? -coefficient : coefficient;
  const kept = size / unit;
  const found = kept + (up((size % unit) * 2n, unit, kept) ? 1n : 0n);
  return coefficient < 0n ? -found : found;
}

const length = (coefficient) => String(coefficient < 0n ? -coefficient : coefficient).length;
const notANumber = () => new Malformed("malformed", "不是可以计算的数");
