// Other people's libraries open what is sealed here, and the other way round; the RFC 9180 vector of this suite comes out.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import { Decrypter, Encrypter } from "age-encryption";
import * as age from "../../../kernel/web/client/box/age.js";
import { randomBytes, utf8 } from "../../../kernel/web/client/box/bytes.js";
import { publicOf } from "../../../kernel/web/client/box/envelope.js";
import * as hpke from "../../../kernel/web/client/box/hpke.js";
import { newPassphrase } from "../../../kernel/web/client/box/passphrase.js";
import { blobSink, memorySink } from "../../../kernel/web/client/box/sinks.js";

const SUITE = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm(),
});
const CHUNK = 64 * 1024;
const SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 32 * CHUNK, 32 * CHUNK + 1, 65 * CHUNK];

test("an envelope made here opens with another HPKE, and one made there opens here", async () => {
  const [privateKey, info, plain] = [randomBytes(32), utf8("some info"), utf8("a share")];
  const publicKey = publicOf(privateKey);
  const sealed = hpke.seal(publicKey, randomBytes(32), info, plain);
  const recipientKey = await SUITE.kem.importKey("raw", privateKey, false);
  const opened = await SUITE.open({ recipientKey, enc: sealed.slice(0, 32), info }, sealed.slice(32));
  assert.deepEqual(new Uint8Array(opened), plain);
  const recipientPublicKey = await SUITE.kem.importKey("raw", publicKey, true);
  const { ct, enc } = await SUITE.seal({ recipientPublicKey, info }, plain);
  const theirs = new Uint8Array([...new Uint8Array(enc), ...new Uint8Array(ct)]);
  assert.deepEqual(hpke.open(privateKey, theirs, info), plain);
});

test("every altered byte of an envelope keeps it shut", () => {
  const privateKey = randomBytes(32);
  const sealed = hpke.seal(publicOf(privateKey), randomBytes(32), utf8("i"), utf8("a share"));
  for (let i = 0; i < sealed.length; i += 1) {
    const altered = sealed.slice();
    altered[i] ^= 1;
    assert.throws(() => hpke.open(privateKey, altered, utf8("i")), { code: "envelope_not_opened" });
  }
});

for (const size of SIZES) {
  test(`a file of ${size} bytes goes through typage and back`, async () => {
    const plain = new Uint8Array(size).map((_, i) => (i * 7) % 251);
    const identity = age.newIdentity();
    const sink = blobSink();
    const told = await age.seal(new Blob([plain]), sink, age.recipientOf(identity));
    const sealed = new Uint8Array(await sink.blob().arrayBuffer());
    assert.equal(sealed.length, told.size);
    assert.equal(told.size, age.sealedSize(size));
    await age.checkSealed(sealed.subarray(0, age.HEAD_SIZE), sealed.length);
    const theirs = new Decrypter();
    theirs.addIdentity(identity);
    assert.deepEqual(await theirs.decrypt(sealed), plain);
    const encrypter = new Encrypter();
    encrypter.addRecipient(age.recipientOf(identity));
    const back = memorySink();
    const opened = await age.unseal(await encrypter.encrypt(plain), back, identity);
    assert.equal(opened.size, size);
    assert.deepEqual(back.bytes(), plain);
  });
}

test("a passphrase file made here opens in typage", async () => {
  const words = newPassphrase();
  assert.match(words, /^([a-hjkmnp-z2-9]{5}-){4}[a-hjkmnp-z2-9]{5}$/);
  const theirs = new Decrypter();
  theirs.addPassphrase(words);
  assert.deepEqual(await theirs.decrypt(await age.lock(utf8("种子"), new age.Passphrase(words, 10))), utf8("种子"));
});

test("a file that cannot be a bid's is told by its head and size", async () => {
  const head = async (recipient) => (await age.lock(new Uint8Array(10), recipient)).subarray(0, 200);
  const good = await head(age.recipientOf(age.newIdentity()));
  const known = age.sealedSize(10);
  await age.checkSealed(good, known);
  for (const size of [known - 10 - 16, age.sealedSize(0) - 1, age.sealedSize(CHUNK) + 5]) {
    await assert.rejects(age.checkSealed(good, size), { code: "bad_size" });
  }
  await assert.rejects(age.checkSealed(await head(new age.Passphrase("x", 5)), known), { code: "not_one_recipient" });
  await assert.rejects(age.checkSealed(utf8("%PDF-1.7\n"), known), { code: "not_age" });
});
