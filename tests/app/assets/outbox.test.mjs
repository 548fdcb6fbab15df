// The outbox: nothing is lost, nothing is sent out of order, nothing under two names.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Outbox } from "../../../app/assets/outbox.js";

const PLACE = { dataset: "street", sample: "s1", field: "ground_truth" }, OTHER = { ...PLACE, sample: "s2" };
const edit = (letter, label = "car") => ({ action: "change", label_id: letter.repeat(24), label: { label } });
const tick = () => new Promise((resolve) => setTimeout(resolve, 5));

/** A shelf as the browser's, in memory. */
function shelf(owner = "me", before = { changes: [], grounds: [] }) {
  const kept = new Map(before.changes.map((one) => [one.id, structuredClone(one)]));
  let grounds = [...before.grounds];
  return {
    owner, kept,
    put: async (changes, ground) => {
      for (const one of changes) kept.set(one.id, structuredClone(one));
      grounds = [ground];
    },
    drop: async (ids) => ids.forEach((id) => kept.delete(id)),
    left: async () => ({ changes: [...kept.values()], grounds }),
  };
}

/** A server that says what it is told to, and what it was sent. */
function server(answers = []) {
  const sent = [];
  let version = 0;
  const send = async (place, operations, etag) => {
    sent.push({ place, operations: structuredClone(operations), etag });
    await tick();
    return answers.shift() ?? { kind: "saved", etag: `v${++version}` };
  };
  return { send, sent };
}

async function settled(box) {
  for (let turn = 0; turn < 200 && box.count; turn += 1) await tick();
}

test("changes of a place follow each other, each with the version that the one before brought", async () => {
  const { send, sent } = server(), box = new Outbox(shelf(), send);
  box.opened(PLACE, { etag: "v0", labels: [] });
  box.add(PLACE, [edit("a")]);
  await tick();
  box.add(PLACE, [edit("b")]);
  box.add(PLACE, [edit("c")]);
  await settled(box);
  assert.deepEqual(sent.map((one) => one.etag), ["v0", "v1"]);
  assert.deepEqual(sent.map((one) => one.operations.length), [1, 2]);
  assert.equal(box.times.length, 2);
});

test("what was not acknowledged is sent again under the same ids, and stays on the shelf until then", async () => {
  const later = { kind: "later", offline: true, problem: { error: "no network", action: "" } };
  const { send, sent } = server([later, later]), held = shelf(), box = new Outbox(held, send);
  box.opened(PLACE, { etag: "v0", labels: [] });
  box.add(PLACE, [edit("a")]);
  await tick();
  await tick();
  assert.equal(box.offline, true);
  assert.equal(box.count, 1);
  assert.equal(held.kept.size, 1);
  box.add(PLACE, [edit("a", "van")]); // not joined: the first may have arrived
  await box.flush();
  await box.flush();
  await settled(box);
  const ids = sent.map((one) => one.operations.map((operation) => operation.id));
  assert.equal(ids[0][0], ids.at(-1)[0]);
  assert.equal(ids.at(-1).length, 2);
  assert.equal(box.offline, false);
  await box.writing;
  assert.equal(held.kept.size, 0);
});

test("strokes of a brush are collected, and become one change of the label", async () => {
  const { send, sent } = server(), box = new Outbox(shelf(), send);
  for (const mask of ["one", "two", "three"]) box.add(PLACE, [{ ...edit("a"), label: { mask } }], true);
  assert.equal(box.count, 1);
  await tick();
  assert.equal(sent.length, 0);
  await settled(box);
  assert.deepEqual(sent.map((one) => one.operations.map((operation) => operation.label.mask)), [["three"]]);
});

test("a conflict waits for a person, other places go on", async () => {
  const stored = { etag: "theirs", labels: [] };
  const { send, sent } = server([{ kind: "conflict", ours: [], stored }]), box = new Outbox(shelf(), send);
  box.add(PLACE, [edit("a")]);
  await tick();
  await tick();
  assert.deepEqual(box.stuck.map((lane) => lane.place), [PLACE]);
  box.add(PLACE, [edit("b")]);
  box.add(OTHER, [edit("c")]);
  await tick();
  await tick();
  await tick();
  assert.equal(box.count, 2);
  assert.equal(sent.length, 2);
  await box.resolve(PLACE, stored, [edit("d")]);
  await settled(box);
  assert.deepEqual([sent.at(-1).etag, sent.at(-1).operations.map((one) => one.label_id)], ["theirs", ["d".repeat(24)]]);
  assert.equal(box.stuck.length, 0);
});

test("what a tab left is taken over in its order, on the version that it was made on", async () => {
  const first = server([{ kind: "later", offline: true, problem: { error: "", action: "" } }]), held = shelf("gone");
  const gone = new Outbox(held, first.send);
  gone.opened(PLACE, { etag: "v7", labels: [] });
  gone.add(PLACE, [edit("a"), edit("b")]);
  await tick();
  await tick();
  await gone.writing;
  clearTimeout(gone.lane(PLACE).timer);
  const { send, sent } = server(), box = new Outbox(shelf("me", await held.left()), send);
  assert.equal(await box.adopt(), 2);
  await settled(box);
  assert.equal(sent[0].etag, "v7");
  const ids = first.sent[0].operations.map((one) => one.id);
  assert.deepEqual(sent[0].operations.map((one) => one.id), ids);
});

test("one request is neither too large nor empty", async () => {
  const { send, sent } = server(), box = new Outbox(shelf(), send), mask = "x".repeat(3 << 20);
  for (const letter of ["a", "b", "c"]) box.add(PLACE, [{ ...edit(letter), label: { mask } }]);
  await settled(box);
  assert.deepEqual(sent.map((one) => one.operations.length), [1, 1, 1]);
});

test("a change that the server refuses is told, and kept until somebody decides", async () => {
  const refused = { kind: "refused", problem: { error: "expected a box", action: "draw it anew" } };
  const { send } = server([refused]), box = new Outbox(shelf(), send);
  box.add(PLACE, [edit("a")]);
  await tick();
  await tick();
  assert.deepEqual(box.stuck.map((lane) => lane.refused?.error), ["expected a box"]);
  assert.equal(box.count, 1);
  box.again(PLACE);
  await settled(box);
  assert.equal(box.count, 0);
});
