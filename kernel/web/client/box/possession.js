// A holder proves, before his keys count, that he can read them back from his backup (etb.holder/1).
import { unlock } from "./age.js";
import { hex } from "./bytes.js";
import { encode } from "./canonical.js";
import { sign } from "./dsse.js";

/**
 * The signed answer to the site's challenge (age, sealed to the officer's recipient).
 * `officer` as unlockOfficer gives it; NoMatch when his master does not open the challenge.
 */
export async function prove(officer, sealed) {
  const opened = await unlock(sealed, officer.master);
  const value = {
    type: "etb.holder/1",
    public_key: hex(officer.public),
    recipient: officer.recipient,
    opened: hex(opened),
  };
  return sign(encode(value), officer.signer);
}
