// The labels that are open in the editor, and what takes changes back.

import assert from "node:assert/strict";
import { test } from "node:test";

import { attribute, Model, newId } from "../../../app/assets/editormodel.js";

const FIELD = { name: "truth", kind: "detections", holds: "objects", many: true, schema: { classes: [], attributes: [] } };
const IMAGE = { width: 100, height: 100 };
const label = (id, values = {}) => ({ id, label: "car", box: [0.1, 0.1, 0.2, 0.2], crowd: false, mask: false, tags: [],
  attributes: {}, ...values });
const model = (...labels) => new Model(FIELD, IMAGE, labels);
const mask = { x: 10, y: 10, width: 1, height: 1, data: Uint8Array.of(1) };

test("every change is taken back by its inverse, unknown values and all", () => {
  const before = [label("a", { attributes: { odd: [1, 2], z_order: 3 }, tags: ["kept"], confidence: 0.5 }), label("b")];
  const open = model(...before);
  const { back } = open.apply([
    { action: "change", label_id: "a", label: { label: "bus", box: [0, 0, 1, 1], attributes: { odd: null, fresh: 1 } } },
    { action: "change", label_id: "a", label: { confidence: null } },
    { action: "add", label_id: "c", label: { label: "man" } },
    { action: "delete", label_id: "a", label: {} },
  ]);
  assert.deepEqual([...open.labels.keys()], ["b", "c"]);
  open.apply(back);
  assert.deepEqual(open.label("a"), before[0]);
  assert.deepEqual([...open.labels.keys()].sort(), ["a", "b"]);
});

test("changes that do not fit are left out", () => {
  const open = model(label("a"));
  const { made, back } = open.apply([
    { action: "add", label_id: "a", label: {} }, { action: "change", label_id: "x", label: {} },
    { action: "delete", label_id: "y", label: {} }, attribute("a", "size", 3),
  ]);
  assert.deepEqual(made.map((one) => one.label_id), ["a"]);
  assert.deepEqual(back, [{ action: "change", label_id: "a", label: { attributes: { size: null } } }]);
});

test("a mask goes with its label and comes back with it", () => {
  const open = model(label("a", { mask: true }));
  open.setMask("a", mask);
  const { back } = open.apply([{ action: "delete", label_id: "a", label: {} }]);
  assert.equal(back[0].bitmap, mask);
  assert.equal(open.masks.size, 0);
  open.apply(back);
  assert.deepEqual([open.shape("a").bitmap, open.label("a").mask], [mask, true]);
});

test("a mask that only moved is told by its box, and lies there", () => {
  const open = model(label("a", { mask: true })), there = { ...mask, x: 50 };
  open.setMask("a", mask);
  const { back } = open.apply([{ action: "change", label_id: "a", label: { box: [0.5, 0.1, 0.2, 0.2] }, bitmap: there }]);
  assert.equal(open.shape("a").bitmap, there);
  assert.deepEqual([back[0].label, back[0].bitmap], [{ box: [0.1, 0.1, 0.2, 0.2] }, mask]);
});

test("layers change as little as an order needs", () => {
  const order = (open, ids, how) => {
    const changes = open.reordered(ids, how);
    open.apply(changes);
    return [open.order.join(""), changes.length];
  };
  const four = () => model(label("a"), label("b"), label("c"), label("d"));
  assert.deepEqual(order(four(), ["a"], "front"), ["bcda", 1]);
  assert.deepEqual(order(four(), ["d"], "back"), ["dabc", 1]);
  assert.deepEqual(order(four(), ["b"], "forward")[0], "acbd");
  assert.deepEqual(order(four(), ["c"], "backward")[0], "acbd");
  assert.deepEqual(order(four(), ["a", "c"], "front"), ["bdac", 2]);
  assert.deepEqual(order(four(), ["d"], "front"), ["abcd", 0]);
  assert.deepEqual(order(four(), ["d"], "forward"), ["abcd", 0]);
  const layered = model(label("a", { attributes: { z_order: 5 } }), label("b"));
  assert.deepEqual([layered.order.join(""), order(layered, ["b"], "front")], ["ba", ["ab", 1]]);
});

test("ids are 24 hexadecimal digits, and differ", () => {
  const some = new Set(Array.from({ length: 100 }, newId));
  assert.equal(some.size, 100);
  for (const id of some) assert.match(id, /^[0-9a-f]{24}$/);
});
