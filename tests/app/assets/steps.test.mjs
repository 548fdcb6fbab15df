// Undo and redo across images; time and clicks; keys; words about saving.

import assert from "node:assert/strict";
import { test } from "node:test";

import { asked, CHORDS } from "../../../app/assets/labelerkeys.js";
import { saving } from "../../../app/assets/saving.js";
import { Steps } from "../../../app/assets/steps.js";
import { Watch } from "../../../app/assets/watch.js";

const step = (sample, words = "draw") => ({ sample, field: "f", words, forward: [], backward: [] });

test("steps are undone from the last on, also those of another image, and redone in order", () => {
  const steps = new Steps();
  ["one", "two", "two"].forEach((sample, index) => steps.push(step(sample, String(index))));
  assert.deepEqual([steps.undo()?.words, steps.undo()?.words, steps.redo()?.words], ["2", "1", "1"]);
  steps.push(step("three"));
  assert.equal(steps.redo(), null);
  steps.forget("two");
  assert.deepEqual(steps.past.map((one) => one.sample), ["one", "three"]);
});

test("steps with heavy masks leave, the newest stays", () => {
  const steps = new Steps(), mask = "x".repeat(30 << 20);
  const heavy = { ...step("one"), forward: [{ action: "change", label_id: "a", label: { mask } }] };
  for (let turn = 0; turn < 5; turn += 1) steps.push(heavy);
  assert.equal(steps.past.length, 2);
});

test("time at rest does not count", () => {
  let now = 0;
  const watch = new Watch(() => now);
  now = 4000;
  watch.beat(true);
  now = 4_000_000;
  watch.beat(true);
  assert.deepEqual(watch.take(), { seconds: 34, clicks: 2 });
  assert.deepEqual(watch.take(), { seconds: 0, clicks: 0 });
});

const pressed = (key, more = {}) => asked({ key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...more });

test("keys ask for what the sheet says", () => {
  assert.equal(pressed("d"), "next");
  assert.equal(pressed("Z", { ctrlKey: true, shiftKey: true }), "redo");
  assert.equal(pressed("z", { metaKey: true }), "undo");
  assert.equal(pressed("?", { shiftKey: true }), "help");
  assert.equal(pressed("z"), null);
  assert.equal(pressed("z", { ctrlKey: true, altKey: true }), null);
  const chords = Object.values(CHORDS).flat().map((one) => JSON.stringify([one.key, !!one.control, !!one.shift]));
  assert.equal(new Set(chords).size, chords.length);
});

test("the page says what is kept where", () => {
  const calm = { count: 0, offline: false, trouble: null, stuck: [] };
  assert.equal(saving(calm).text, "saved");
  assert.equal(saving({ ...calm, count: 3, offline: true }).text, "offline, 3 changes kept here");
  assert.equal(saving({ ...calm, count: 1 }).kind, "saving");
  const full = { error: "the disk is full", action: "free some space" };
  assert.deepEqual(saving({ ...calm, count: 1, trouble: full }).title, "the disk is full; free some space");
});
