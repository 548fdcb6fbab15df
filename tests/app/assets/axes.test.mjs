// The axes of charts.

import assert from "node:assert/strict";
import { test } from "node:test";

import { PAD, ranges, scales, short, ticks } from "../../../app/assets/axes.js";

const chart = (points, more = {}) => ({ series: [{ points }], x_range: null, y_range: null, ...more });

test("steps are round and cover the range", () => {
  assert.deepEqual(ticks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(ticks(3, 47, 5), [10, 20, 30, 40]);
  assert.deepEqual(ticks(5, 5, 5), [5]);
});

test("values are short", () => {
  assert.deepEqual([0, 0.12345, 123.456, 0.00002, 1234567].map(short), ["0", "0.123", "123.5", "2.0e-5", "1.2e+6"]);
});

test("a range is as given, else what the finite points need with room above and below", () => {
  assert.deepEqual(ranges(chart([[1, 2]], { x_range: [0, 9], y_range: [0, 1] })), { x: [0, 9], y: [0, 1] });
  const { x, y } = ranges(chart([[1, 10], [3, 20], [2, NaN]]));
  assert.deepEqual([x, y], [[1, 3], [9.4, 20.6]]);
  assert.deepEqual(ranges(chart([])), { x: [0, 1], y: [0, 1] });
});

test("no value below zero is shown where there is none", () => {
  assert.equal(ranges(chart([[1, 0.01], [2, 5]])).y[0], 0);
  assert.ok(ranges(chart([[1, -0.01], [2, 5]])).y[0] < -0.01);
});

test("a single point has a range of its own", () => {
  assert.deepEqual(ranges(chart([[1, 4]])).x, [1, 2]);
});

test("the ends of a range lie at the ends of the axes", () => {
  const at = scales({ x: [0, 10], y: [-1, 1] }, 300, 200);
  assert.deepEqual([at.x(0), at.x(10)], [PAD.left, 300 - PAD.right]);
  assert.deepEqual([at.y(1), at.y(-1)], [PAD.top, 200 - PAD.bottom]);
});
