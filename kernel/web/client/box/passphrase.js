// Generated passphrases: long enough that nobody guesses them, of letters that are copied by hand without mistakes.
const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"; // none that is taken for another

/** Five groups of five letters: 123 bits. */
export const newPassphrase = () => Array.from({ length: 5 }, () => Array.from({ length: 5 }, letter).join("")).join("-");

/** What a person typed: spaces around it dropped, as the command line does with a passphrase file. */
export const typed = (text) => text.trim();

function letter() {
  // Bytes at the top of the range are thrown away: keeping them would make the first letters likelier.
  const limit = 256 - (256 % LETTERS.length);
  for (;;) {
    const [byte] = crypto.getRandomValues(new Uint8Array(1));
    if (byte < limit) return LETTERS[byte % LETTERS.length];
  }
}
