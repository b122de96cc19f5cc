// Behind bench/holding.py: an officer's two tasks over many bids, the page's way, and the bare opening of the envelopes.
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import { Passphrase } from "../kernel/web/client/box/age.js";
import { fromBase64 } from "../kernel/web/client/box/bytes.js";
import { checkTask } from "../kernel/web/client/box/caution.js";
import { unlockOfficer } from "../kernel/web/client/box/officer.js";
import { answer } from "../kernel/web/client/box/trustee.js";

const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
let work;

globalThis.prepare = async ({ officer, words, tasks, envelopes, private: key }) => {
  const opened = await unlockOfficer(fromBase64(officer), new Passphrase(words));
  const recipientKey = await suite.kem.importKey("raw", fromBase64(key).buffer, false);
  const bare = envelopes.map((pair) => pair.map((text) => fromBase64(text)));
  work = { officer: opened, tasks, bare, recipientKey };
};

async function ours() {
  for (const task of work.tasks) {
    checkTask(work.officer, task, { role: "operator", anchors: null, now: "2036-01-01T00:00:00.000+08:00" });
    await answer(work.officer, task);
  }
}

async function bare() {
  for (const _ of work.tasks) {
    for (const [sealed, info] of work.bare) {
      const enc = sealed.slice(0, 32);
      await suite.open({ recipientKey: work.recipientKey, enc, info }, sealed.slice(32));
    }
  }
}

globalThis.run = async (way) => {
  const began = performance.now();
  await { ours, bare }[way]();
  return (performance.now() - began) / 1000;
};
