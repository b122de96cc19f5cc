// A share holder's keys, his master and his signing seed, in one file under one passphrase (officer.age, etb.officer/1).
import { lock, newIdentity, recipientOf, unlock } from "./age.js";
import { fromBase64, hex, toBase64 } from "./bytes.js";
import { decode, encode } from "./canonical.js";
import * as shape from "./shape.js";
import { fromSeed, newSeed } from "./signer.js";

/** A new holder: {role, name, master, seed, signer, public, recipient}. Nothing of it is kept anywhere yet. */
export function newOfficer({ role, name }) {
  shape.role(role, "role");
  shape.name(name, "name");
  return withKeys({ role, name, master: newIdentity(), seed: newSeed() });
}

/** officer.age as it is stored. */
export function lockOfficer({ role, name, master, seed }, passphrase) {
  return lock(encode({ type: "etb.officer/1", role, name, master, seed: toBase64(seed) }), passphrase);
}

/** The holder in a stored officer.age; NoMatch for a wrong passphrase. */
export async function unlockOfficer(data, passphrase) {
  const value = decode(await unlock(data, passphrase));
  OFFICER(value, "");
  return withKeys({ ...value, seed: fromBase64(value.seed) });
}

/** What others may know of a holder: officer.json. */
export function cardOf({ role, name, public: publicKey, recipient }) {
  return { role, name, public_key: toBase64(publicKey), recipient };
}

/** His line of anchors.json, in force from the moment `since`. */
export function anchorLine({ role, name, public: publicKey }, since) {
  return JSON.stringify({ role, name, pk: hex(publicKey), since, until: "" });
}

function withKeys({ role, name, master, seed }) {
  const signer = fromSeed(seed);
  return { role, name, master, seed, signer, public: signer.public, recipient: recipientOf(master) };
}

const OFFICER = shape.record({
  type: shape.oneOf("etb.officer/1"),
  role: shape.role,
  name: shape.name,
  master: shape.text(1, 100),
  seed: shape.base64Of(32),
});
