// Does things with the browser's modules and says the results as JSON: how Python's tests hold both sides together.
import { openAsBlob } from "node:fs";
import { open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as age from "../../../kernel/web/client/box/age.js";
import { checkClose, checkReceipt } from "../../../kernel/web/client/box/anchored.js";
import { readAnchors } from "../../../kernel/web/client/box/anchors.js";
import { readBid } from "../../../kernel/web/client/box/bid.js";
import { fromBase64, hex, toBase64, unhex, utf8 } from "../../../kernel/web/client/box/bytes.js";
import { decode } from "../../../kernel/web/client/box/canonical.js";
import { checkTask } from "../../../kernel/web/client/box/caution.js";
import * as dsse from "../../../kernel/web/client/box/dsse.js";
import { ProofError } from "../../../kernel/web/client/box/errors.js";
import { BID, LOT, PUBLIC_KEY, RECOVERY, smallFiles } from "../../../kernel/web/client/box/folder.js";
import { seal as hpkeSeal } from "../../../kernel/web/client/box/hpke.js";
import { parseLogProof, verifyLogProof } from "../../../kernel/web/client/box/log_proof.js";
import { checkLot, readLot } from "../../../kernel/web/client/box/lot.js";
import { verifyConsistency } from "../../../kernel/web/client/box/merkle.js";
import { parseKey } from "../../../kernel/web/client/box/note_keys.js";
import { lockOfficer, unlockOfficer } from "../../../kernel/web/client/box/officer.js";
import { checkPlain, openFile, openIndex } from "../../../kernel/web/client/box/opened_file.js";
import { lockRecovery, secretOf, unlockRecovery } from "../../../kernel/web/client/box/recovery.js";
import { sealBid } from "../../../kernel/web/client/box/sealing.js";
import { fromSeed, unlockSigner } from "../../../kernel/web/client/box/signer.js";
import { nowhere } from "../../../kernel/web/client/box/sinks.js";
import { openStage } from "../../../kernel/web/client/box/stage.js";
import { follow } from "../../../kernel/web/client/box/succession.js";
import { answer } from "../../../kernel/web/client/box/trustee.js";
import { answerLines } from "../../node/lines.mjs";

const bytes = async (path) => new Uint8Array(await readFile(path));
const passphrase = (text) => new age.Passphrase(text, 10);

async function fileSink(path) {
  const file = await open(path, "w");
  return { write: async (piece) => void (await file.writeFile(piece)), close: () => file.close() };
}

async function documentsOf(listed) {
  return Promise.all(listed.map(async ({ path, name, media }) => ({ source: await openAsBlob(path), name, media })));
}

const DUTIES = {
  /** Seal a bid into `folder`, new, or after the one in `previous` with only its price anew. */
  async seal({ lot, folder, bidder, seed, stages, words, previous }) {
    const read = readLot(utf8(lot));
    const contents = {};
    for (const [id, { form, documents = [] }] of Object.entries(stages)) {
      contents[id] = { form, documents: await documentsOf(documents) };
    }
    const order = { bidder, notice: read.notice, fallback: true, signer: fromSeed(fromBase64(seed)) };
    const before = previous ? await opened(previous, words) : null;
    const sealed = await sealBid(read.setup, contents, {
      ...order,
      open: (name) => fileSink(join(folder, name)),
      ...(before && {
        chain: { bid_id: before.bid.bid_id, last: before.bid },
        kept: { documents: secretOf(before.recovery, "documents").seed },
      }),
    });
    const more = { signer: order.signer.seed, deadline: read.deadline.at };
    const recovery = await lockRecovery(sealed.secrets, passphrase(words), more);
    const [publicKey, envelope] = [order.signer.public, dsse.toBytes(sealed.signed)].map(toBase64);
    for (const [name, content] of smallFiles({ recovery, publicKey, envelope }, read.data)) {
      await writeFile(join(folder, name), content);
    }
    return { sha256: sealed.bid.sha256, seq: sealed.bid.seq };
  },

  /** Open every file of the bid in `folder` by its recovery file. */
  async open({ folder, words }) {
    const { lot, bid, recovery } = await opened(folder, words);
    const found = {};
    for (const stage of bid.stages) {
      const { secret, findings } = openStage(lot.setup, bid, stage.id, { seed: secretOf(recovery, stage.id).seed });
      const [first, ...rest] = stage.files;
      const index = await openIndex(secret, stage, await openAsBlob(join(folder, first.n)));
      const files = [];
      for (const [i, file] of rest.entries()) {
        const plain = await openFile(secret, file, await openAsBlob(join(folder, file.n)), nowhere());
        files.push({ ...plain, differs: checkPlain(index.index.files[i], plain) });
      }
      found[stage.id] = { findings, index, files };
    }
    return { stages: found, deadline: recovery.deadline ?? "", signer: toBase64(recovery.signer ?? new Uint8Array()) };
  },

  /** The envelope made from its parts, in hex: what RFC 9180's vectors state. */
  hpke: ({ pkRm, ikmE, info, pt, aad }) => hex(hpkeSeal(...[pkRm, ikmE, info, pt, aad].map(unhex))),

  checkLot: ({ lot, anchors, now }) => checkLot(readLot(utf8(lot)), anchors && readAnchors(utf8(anchors)), { now }),

  checkReceipt: ({ envelope, anchors }) => checkReceipt(dsse.read(fromBase64(envelope)), readAnchors(utf8(anchors))).sha256,

  checkClose: ({ envelope, anchors }) => checkClose(dsse.read(fromBase64(envelope)), readAnchors(utf8(anchors))).sha256,

  follow: ({ anchors, chain }) => follow(readAnchors(utf8(anchors)), chain.map((one) => fromBase64(one))).issuer,

  decode: ({ data }) => decode(fromBase64(data)),

  async unlock({ data, words }) {
    return toBase64(await age.unlock(fromBase64(data), passphrase(words)));
  },

  async signer({ data, words }) {
    return toBase64((await unlockSigner(fromBase64(data), passphrase(words))).public);
  },

  /** Every task as an officer's page does it: looked at, then answered. */
  async trustee({ home, words, task, role, anchors, now }) {
    const officer = await unlockOfficer(fromBase64(home), passphrase(words));
    checkTask(officer, task, { role, anchors: anchors && readAnchors(utf8(anchors)), now });
    return answer(officer, task);
  },

  async relock({ home, words }) {
    return toBase64(await lockOfficer(await unlockOfficer(fromBase64(home), passphrase(words)), passphrase(words)));
  },

  logProof({ proof, entry, logs, witnesses, quorum }) {
    const keys = [logs, witnesses].map((listed) => listed.map(parseKey));
    const seen = verifyLogProof(parseLogProof(fromBase64(proof)), fromBase64(entry), ...keys, quorum);
    const { size, root } = seen.checkpoint;
    return { size, root: hex(root), cosigned: seen.cosignatures.map(({ key, at }) => [key.name, at]) };
  },

  consistency({ old, oldRoot, size, root, proof }) {
    const hashes = proof.map((one) => fromBase64(one));
    verifyConsistency(old, fromBase64(oldRoot), size, fromBase64(root), hashes);
    return true;
  },
};

async function opened(folder, words) {
  const lot = readLot(await bytes(join(folder, LOT)));
  const key = fromBase64(new TextDecoder().decode(await bytes(join(folder, PUBLIC_KEY))));
  const bid = readBid(dsse.require(dsse.read(await bytes(join(folder, BID))), [key]), lot.setup);
  const recovery = await unlockRecovery(await bytes(join(folder, RECOVERY)), passphrase(words));
  return { lot, bid, recovery };
}

async function each({ duty, ...asked }) {
  try {
    return { value: await DUTIES[duty](asked) };
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    return { refused: error.code, kind: error.name, where: error.where };
  }
}

await answerLines(async (orders) => {
  const answers = [];
  for (const order of orders) answers.push(await each(order));
  return answers;
});
