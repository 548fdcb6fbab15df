// Files that are sent: how many at once, what becomes of each, cancel and retry.

import assert from "node:assert/strict";
import { test } from "node:test";

import { filesOf } from "../../../app/assets/dropped.js";
import { AT_ONCE, Uploads, isImage } from "../../../app/assets/uploads.js";

const file = (name, size = 100, type = "image/png") => ({ name, size, type });
const files = (count) => Array.from({ length: count }, (_, place) => file(`${place}.png`));
const settled = () => new Promise((done) => setImmediate(done));

/** Uploads whose sends are answered by hand. */
function made() {
  const open = [];
  const send = (item, signal, sent) => new Promise((resolve, reject) => {
    open.push({ item, resolve, reject, sent });
    signal.addEventListener("abort", () => reject(new Error("cancelled")));
  });
  const clock = { now: 0 };
  const uploads = new Uploads(send, () => {}, () => clock.now);
  return { uploads, open, clock };
}

test("what is no image is counted and left out", () => {
  const { uploads } = made();
  uploads.add([file("b.JPG", 1, ""), file("a2.png"), file("a10.png"), file("notes.txt", 1, "text/plain"),
    file(".DS_Store", 1, ""), file("x.svg", 1, "image/svg+xml"), file("pasted", 1, "image/webp")]);
  assert.deepEqual(uploads.items.map(({ name }) => name), ["a2.png", "a10.png", "b.JPG", "pasted"]);
  assert.equal(uploads.leftOut, 3);
  assert.ok(!isImage(file("._a.jpg")));
});

test("nothing is sent before the start, then a few at once", async () => {
  const { uploads, open } = made();
  uploads.add(files(10));
  assert.equal(open.length, 0);
  uploads.start();
  assert.equal(open.length, AT_ONCE);
  open[0].resolve({ known: false });
  open[1].resolve({ known: true });
  await settled();
  assert.equal(open.length, AT_ONCE + 2);
  assert.deepEqual([uploads.counts.added, uploads.counts.known, uploads.counts.over], [1, 1, 2]);
});

test("files that are added while it runs are sent too", async () => {
  const { uploads, open } = made();
  uploads.start();
  assert.equal(uploads.busy, false);
  uploads.add(files(1));
  assert.equal(open.length, 1);
  assert.equal(uploads.busy, true);
  open[0].resolve({ known: false });
  await settled();
  assert.equal(uploads.busy, false);
});

test("a refused file is not sent again, one that failed can be", async () => {
  const { uploads, open } = made();
  uploads.add(files(2));
  uploads.start();
  open[0].reject(Object.assign(new Error("no image"), { final: true }));
  open[1].reject(new Error("the server did not answer"));
  await settled();
  const told = uploads.items.map(({ state, said }) => [state, said]);
  assert.deepEqual(told, [["refused", "no image"], ["failed", "the server did not answer"]]);
  uploads.retry();
  assert.equal(open.length, 3);
  open[2].resolve({ known: false });
  await settled();
  assert.deepEqual(uploads.items.map(({ state }) => state), ["refused", "added"]);
});

test("cancelled, what was on its way waits and is sent in full when it goes on", async () => {
  const { uploads, open } = made();
  uploads.add(files(6));
  uploads.start();
  open[0].resolve({ known: false });
  await settled();
  uploads.cancel();
  await settled();
  assert.deepEqual(uploads.items.map(({ state }) => state), ["added", ...Array(5).fill("waiting")]);
  assert.equal(uploads.busy, false);
  const before = open.length;
  uploads.start();
  assert.equal(open.length, before + AT_ONCE);
  assert.equal(uploads.counts.sent, 100);
});

test("the time left follows from the bytes that were sent", () => {
  const { uploads, open, clock } = made();
  uploads.add([file("a.png", 1000), file("b.png", 3000)]);
  uploads.start();
  open[0].sent(500);
  assert.equal(uploads.counts.left, null);
  clock.now = 2;
  assert.equal(uploads.counts.left, 14);
});

test("folders are walked, and what cannot be read is counted", async () => {
  const entry = (name) => ({
    isFile: true, isDirectory: false,
    file: (done, failed) => (name === "bad" ? failed(new Error()) : done(file(name))),
  });
  const folder = (...inside) => ({ isFile: false, isDirectory: true, createReader: () => {
    const parts = [inside.slice(0, 2), inside.slice(2), []];
    return { readEntries: (done) => done(parts.shift() ?? []) };
  } });
  const top = folder(entry("a.png"), folder(entry("b.png"), entry("bad")), entry("c.png"));
  const items = [top, entry("d.png")].map((one) => ({ webkitGetAsEntry: () => one }));
  const found = await filesOf({ items, files: [] });
  assert.deepEqual([found.files.map(({ name }) => name), found.unread], [["a.png", "b.png", "c.png", "d.png"], 1]);
});
