// What a proof can refuse, as in kernel/proofs/errors.py: a stable code and a plain reason.

/** A check that failed: `code` is lower_snake and stable, `says` the reason in Chinese, `where` the member at fault. */
export class ProofError extends Error {
  constructor(code, says, where = "") {
    super(`${code}: ${where ? `${where}：` : ""}${says}`);
    this.name = new.target.name;
    this.code = code;
    this.says = says;
    this.where = where;
  }
}

/** The bytes are not what their format demands. */
export class Malformed extends ProofError {}

/** None of the keys at hand opens this; trying the next key makes sense. */
export class NoMatch extends ProofError {}

/** Authentication failed: altered, cut, extended, or made under another key or context. */
export class Forged extends ProofError {}

/** A signature that is demanded is missing or wrong. */
export class BadSignature extends ProofError {}
