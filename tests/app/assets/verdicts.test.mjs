// Verdicts on their way to the server.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Outbox, VERDICTS } from "../../../app/assets/verdicts.js";

const [ONE, TWO] = ["one", "two"].map((id) => ({ id, sample: `${id}-sample`, side: "label", verdict: null }));

test("all that is not stored yet is sent with each new verdict", () => {
  const box = new Outbox();
  box.give(ONE, "confirm", null);
  const sent = box.give(TWO, "relabel", "bus");
  assert.equal(sent.client, box.client);
  assert.deepEqual(sent.given, [
    { number: 1, item: "one", sample: "one-sample", side: "label", verdict: "confirm", label: null },
    { number: 2, item: "two", sample: "two-sample", side: "label", verdict: "relabel", label: "bus" },
  ]);
  box.settle({ [box.client]: 1, another: 7 });
  assert.deepEqual(box.waiting.map((one) => one.number), [2]);
  assert.deepEqual(box.give(ONE, "ignore", null).given.map((one) => one.number), [2, 3]);
});

test("a verdict is seen at once, and from the server once that has stored it", () => {
  const box = new Outbox(), stored = { ...ONE, verdict: { verdict: "ignore", label: null } };
  assert.equal(box.verdict(ONE), null);
  box.give(ONE, "confirm", null);
  assert.deepEqual(box.verdict(ONE), { verdict: "confirm", label: null });
  box.settle({ [box.client]: 1 });
  assert.deepEqual(box.verdict(stored), stored.verdict);
  box.give(stored, "undo", null);
  assert.equal(box.verdict(stored), null);
});

test("the verdict that can be taken back is the last one that was none", () => {
  const box = new Outbox();
  box.give(ONE, "confirm", null);
  assert.equal(box.last, "one");
  box.give(ONE, "undo", null);
  assert.equal(box.last, null);
});

test("two tabs have names of their own, and no two verdicts a key", () => {
  assert.notEqual(new Outbox().client, new Outbox().client);
  const keys = Object.values(VERDICTS).map((verdict) => verdict.key);
  assert.equal(new Set(keys).size, keys.length);
});
