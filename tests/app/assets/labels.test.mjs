// Which labels are shown.

import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.fetch = async () => Response.json({ colours: ["#000000"] });
const { shown } = await import("../../../app/assets/labels.js");

const label = (name, confidence = null) => ({ id: null, label: name, box: [0, 0, 1, 1], confidence, crowd: false, mask: false });
const ROW = {
  labels: { ground_truth: [label("car"), label("bus")], pred_one: [label("car", 0.2), label("bus", 0.9)] },
};
const LOOK = {
  fields: [{ name: "ground_truth", predicted: false }, { name: "pred_one", predicted: true }, { name: "none", predicted: true }],
  hiddenFields: new Set(), hiddenClasses: new Set(), threshold: 0.25,
};
const keys = (look) => shown(ROW, { ...LOOK, ...look }).map((item) => item.key);

test("labels are shown, and predictions that are confident enough", () => {
  assert.deepEqual(keys({}), ["ground_truth:0", "ground_truth:1", "pred_one:1"]);
  assert.deepEqual(keys({ threshold: 0.1 }), ["ground_truth:0", "ground_truth:1", "pred_one:0", "pred_one:1"]);
});

test("hidden fields and classes are not", () => {
  assert.deepEqual(keys({ hiddenFields: new Set(["ground_truth"]) }), ["pred_one:1"]);
  assert.deepEqual(keys({ hiddenClasses: new Set(["bus"]) }), ["ground_truth:0"]);
});
