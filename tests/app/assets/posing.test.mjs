// Key points and lines as paths.

import assert from "node:assert/strict";
import { test } from "node:test";

const { around, dots, limbs, lines, unpacked } = await import("../../../app/assets/posing.js");

const pose = (more) => ({
  points: [[0.1, 0.2], [0.3, 0.4], null, [0.5, 0.123456789]], seen: [2, 1, 0, 2], predicted: false,
  edges: [[0, 1], [1, 2], [0, 3], [0, 9]], ...more,
});

test("lines join the points that have a place", () => {
  assert.equal(limbs(pose()), "M0.1 0.2L0.3 0.4M0.1 0.2L0.5 0.12346");
  assert.equal(limbs(pose({ edges: [] })), "");
});

test("hidden points are hollow, and points without a place are not there", () => {
  const { full, hollow, faint } = dots(pose());
  assert.equal(full, "M0.1 0.2h0.00001M0.5 0.12346h0.00001");
  assert.equal(hollow, "M0.3 0.4h0.00001");
  assert.equal(faint, "");
});

test("unsure points of a prediction are faint, and no line leads to them", () => {
  const found = pose({ predicted: true, seen: [0.9, 1, 0, 0.1] });
  assert.equal(limbs(found), "M0.1 0.2L0.3 0.4");
  assert.deepEqual(dots(found), { full: "M0.1 0.2h0.00001M0.3 0.4h0.00001", hollow: "", faint: "M0.5 0.12346h0.00001" });
});

test("the parts of a line are one path, closed or open", () => {
  const parts = [[[0, 0], [1, 0], [1, 1]], [[0.5, 0.5], null, [0.6, 0.6]], []];
  assert.equal(lines(parts, true), "M0 0L1 0L1 1ZM0.5 0.5L0.6 0.6Z");
  assert.equal(lines(parts, false), "M0 0L1 0L1 1M0.5 0.5L0.6 0.6");
});

test("the box around points leaves out those without a place", () => {
  assert.deepEqual(around([[[0.25, 0.5], null], [[0.75, 0.25]]]), [0.25, 0.25, 0.5, 0.25]);
  assert.equal(around([[null], []]), null);
});

test("a flat list becomes points", () => {
  assert.deepEqual(unpacked([0.1, 0.2, 2, null, null, 0]), { points: [[0.1, 0.2], null], seen: [2, 0] });
});
