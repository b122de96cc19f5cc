// What people make of a generated passphrase when they type it from paper.

const OURS = /^[abcdefghjkmnpqrstuvwxyz23456789]{25}$/;

/** What was typed; one of ours (five groups of five) is recognised whatever became of its capitals and hyphens. */
export function typedPassphrase(text) {
  const bare = text.toLowerCase().replace(/[\s\-_—–－]/g, "");
  return OURS.test(bare) ? bare.match(/.{5}/g).join("-") : text.trim();
}
