// The geometry of labels, in image pixels.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  allowed, area, between, bounds, boxOf, clipped, handle, iou, nearest, partOf, pixelsOf, pointsOf, simplified,
  stretched, vertex, within,
} from "../../../app/assets/shapes.js";
import {
  boxed, fittedTo, hits, lined, masked, moved, shapeOf, storedOf, withInserted, withoutVertex, withVertex,
} from "../../../app/assets/shapeslabel.js";
import { magnets, snapped, snappedPart } from "../../../app/assets/shapessnap.js";

const IMAGE = { width: 200, height: 100 };
const SQUARE = [{ x: 0, y: 0 }, { x: 10, y: 0 }, { x: 10, y: 10 }, { x: 0, y: 10 }];
const HOLE = [{ x: 4, y: 4 }, { x: 6, y: 4 }, { x: 6, y: 6 }, { x: 4, y: 6 }];
const part = (x, y, width, height) => ({ x, y, width, height });

test("relative boxes and points are pixels of the image, and go back", () => {
  assert.deepEqual(partOf([0.1, 0.2, 0.5, 0.4], IMAGE), part(20, 20, 100, 40));
  assert.deepEqual(boxOf(part(20, 20, 100, 40), IMAGE), [0.1, 0.2, 0.5, 0.4]);
  const pixels = pixelsOf([[[0.5, 0.5], [null, null]]], IMAGE);
  assert.deepEqual(pixels, [[{ x: 100, y: 50 }, null]]);
  assert.deepEqual(pointsOf(pixels, IMAGE), [[[0.5, 0.5], [null, null]]]);
});

test("a side that is dragged past the other turns the box over", () => {
  assert.deepEqual(stretched(part(10, 10, 20, 20), "e", { x: 4, y: 90 }), part(4, 10, 6, 20));
  assert.deepEqual(stretched(part(10, 10, 20, 20), "nw", { x: 40, y: 50 }), part(30, 30, 10, 20));
});

test("a corner keeps the aspect ratio when asked to", () => {
  assert.deepEqual(stretched(part(10, 10, 20, 10), "se", { x: 50, y: 21 }, true), part(10, 10, 40, 20));
  assert.deepEqual(stretched(part(10, 10, 20, 10), "nw", { x: 10, y: 0 }, true), part(-10, 0, 40, 20));
});

test("a box on the image stays on it, and one beyond it may come back", () => {
  assert.deepEqual(allowed(part(10, 10, 20, 20), { x: -50, y: 500 }, IMAGE), { x: -10, y: 70 });
  assert.deepEqual(allowed(part(-30, 10, 20, 20), { x: -5, y: 0 }, IMAGE), { x: 0, y: 0 });
  assert.deepEqual(allowed(part(-30, 10, 20, 20), { x: 5, y: 0 }, IMAGE), { x: 5, y: 0 });
  assert.deepEqual(clipped(part(-10, 90, 30, 30), IMAGE), part(0, 90, 20, 10));
});

test("handles lie on the compass", () => {
  assert.deepEqual(handle(part(10, 20, 40, 60), "n"), { x: 30, y: 20 });
  assert.deepEqual(handle(part(10, 20, 40, 60), "se"), { x: 50, y: 80 });
});

test("holes are outside, and do not count", () => {
  assert.equal(within([SQUARE], { x: 5, y: 5 }), true);
  assert.equal(within([SQUARE, HOLE], { x: 5, y: 5 }), false);
  assert.equal(area([SQUARE, HOLE]), 96);
});

test("overlap is intersection over union", () => {
  assert.equal(iou(part(0, 0, 10, 10), part(5, 0, 10, 10)), 50 / 150);
  assert.equal(iou(part(0, 0, 10, 10), part(10, 0, 10, 10)), 0);
});

test("the nearest place on a line; its last edge only where it is closed", () => {
  const open = nearest([SQUARE], { x: -2, y: 5 }, false), closed = nearest([SQUARE], { x: -2, y: 5 }, true);
  assert.deepEqual([closed.index, closed.point, closed.distance], [3, { x: 0, y: 5 }, 2]);
  assert.ok(open.distance > 2);
});

test("the nearest vertex within reach, and none of the unseen", () => {
  assert.deepEqual(vertex([SQUARE, HOLE], { x: 6.5, y: 6.5 }, 3), { part: 1, index: 2 });
  assert.equal(vertex([[null]], { x: 0, y: 0 }, 3), null);
});

test("a simplified line stays as near as asked and keeps its ends", () => {
  const wave = Array.from({ length: 50 }, (_, x) => ({ x, y: Math.sin(x / 8) * 10 })), few = simplified(wave, 0.5);
  assert.ok(few.length < 20);
  assert.deepEqual([few[0], few.at(-1)], [wave[0], wave.at(-1)]);
  for (const at of wave) assert.ok(nearest([few], at, false).distance <= 0.5);
});

test("a box that lies on the wrong side of nothing is the box between two corners", () => {
  assert.deepEqual(between({ x: 9, y: 2 }, { x: 4, y: 8 }), part(4, 2, 5, 6));
  assert.equal(bounds([null]), null);
});

test("a label becomes a shape and the same values again", () => {
  const label = { id: "1", box: [0.1, 0.2, 0.5, 0.4] };
  assert.deepEqual(storedOf(shapeOf(label, IMAGE, undefined, false), IMAGE), { label: { box: label.box } });
  const line = { id: "1", points: [[[0.1, 0.2], [0.5, 0.4]]], attributes: { closed: true } };
  const shape = shapeOf(line, IMAGE, undefined, true);
  assert.deepEqual([shape.part, shape.closed], [part(20, 20, 80, 20), true]);
  assert.deepEqual(storedOf(shape, IMAGE), { label: { points: line.points } });
});

test("moves stop at the edge of the image, points with their box", () => {
  assert.deepEqual(moved(boxed(part(190, 10, 10, 10)), { x: 5, y: 5 }, IMAGE).part, part(190, 15, 10, 10));
  const line = moved(lined([[{ x: 1, y: 1 }, { x: 5, y: 5 }]], false), { x: -9, y: 2 }, IMAGE);
  assert.deepEqual(line.points, [[{ x: 0, y: 3 }, { x: 4, y: 7 }]]);
});

test("what is stretched scales its points and its mask", () => {
  const line = fittedTo(lined([SQUARE], true), part(0, 0, 20, 5), IMAGE);
  assert.deepEqual(line.points[0][2], { x: 20, y: 5 });
  const mask = masked({ x: 2, y: 2, width: 2, height: 1, data: Uint8Array.of(1, 0) });
  assert.deepEqual(mask.part, part(2, 2, 1, 1));
  const wide = fittedTo(mask, part(2, 2, 3, 2), IMAGE).bitmap;
  assert.deepEqual([wide.width, wide.height, ...wide.data], [3, 2, 1, 1, 1, 1, 1, 1]);
});

test("vertices move, come and go, and a polygon keeps three", () => {
  const shape = lined([SQUARE, HOLE], true);
  assert.deepEqual(withVertex(shape, 1, 0, { x: 1, y: 2 }).points[1][0], { x: 1, y: 2 });
  assert.equal(withInserted(shape, 0, 1, { x: 10, y: 5 }).points[0].length, 5);
  const three = withoutVertex(withoutVertex(shape, 1, 0), 1, 0);
  assert.equal(three.points.length, 1, "a hole of two points goes");
  assert.equal(withoutVertex(lined([SQUARE.slice(0, 3)], true), 0, 0), null);
});

test("hits are inside polygons but not in their holes, on lines, and on pixels of masks", () => {
  assert.equal(hits(lined([SQUARE, HOLE], true), { x: 5, y: 5 }, 0.5), false);
  assert.equal(hits(lined([SQUARE], true), { x: 5, y: 5 }, 0.5), true);
  assert.equal(hits(lined([SQUARE], false), { x: 5, y: 5 }, 0.5), false);
  assert.equal(hits(lined([SQUARE], false), { x: 5, y: 0.4 }, 0.5), true);
  const mask = masked({ x: 0, y: 0, width: 3, height: 1, data: Uint8Array.of(1, 0, 1) });
  assert.deepEqual([0.5, 1.5, 2.5].map((x) => hits(mask, { x, y: 0.5 }, 1)), [true, false, true]);
});

test("points snap to vertices first, then to edges; boxes by whichever edge is nearer", () => {
  const drawn = magnets(IMAGE, [part(50, 20, 30, 30)], [{ x: 52, y: 22 }]);
  assert.deepEqual(snapped({ x: 53, y: 23 }, drawn, 4).at, { x: 52, y: 22 });
  assert.deepEqual(snapped({ x: 78, y: 70 }, drawn, 4), { at: { x: 80, y: 70 }, x: 80, y: null });
  assert.deepEqual(snapped({ x: 1, y: 98 }, drawn, 4).at, { x: 0, y: 100 });
  assert.deepEqual(snappedPart(part(82, 30, 10, 10), drawn, 4).by, { x: -2, y: 0 });
  assert.deepEqual(snappedPart(part(37, 9, 10, 10), drawn, 4).by, { x: 3, y: 1 });
});
