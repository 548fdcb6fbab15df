// Where an image lies on the screen.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  around, bounded, columns, dragged, fitted, pinched, reach, resized, scaled, toImage, toScreen,
} from "../../../app/assets/placing.js";

const IMAGE = { width: 640, height: 400 };
const FRAME = { width: 1000, height: 700 };

/** Records of numbers, but for what is lost in rounding. */
function near(found, wanted) {
  assert.deepEqual(Object.keys(found).sort(), Object.keys(wanted).sort());
  for (const [name, value] of Object.entries(wanted)) {
    assert.ok(Math.abs(found[name] - value) < 1e-9, `${name}: expected ${value}, found ${found[name]}`);
  }
}

test("an image that fits is in the middle, with a margin at its longer side", () => {
  const place = fitted(IMAGE, FRAME, 10);
  near(place, { scale: 980 / 640, x: 10, y: (700 - 400 * (980 / 640)) / 2 });
  near(fitted({ width: 10, height: 100 }, { width: 50, height: 120 }, 10), { scale: 1, x: 20, y: 10 });
});

test("screen and image pixels are told from each other both ways", () => {
  const place = { scale: 2.5, x: -30, y: 12 };
  near(toScreen(place, { x: 100, y: 40 }), { x: 220, y: 112 });
  near(toImage(place, { x: 220, y: 112 }), { x: 100, y: 40 });
});

test("what is under the pointer stays there when the image gets larger or smaller", () => {
  const place = fitted(IMAGE, FRAME), at = { x: 317, y: 81 };
  for (const scale of [0.2, 1, 7, 40]) near(toImage(scaled(place, scale, at), at), toImage(place, at));
});

test("an image is never smaller than half of what fits, nor its pixels larger than 40 of the screen", () => {
  assert.equal(bounded(0.01, 1.2), 0.6);
  assert.equal(bounded(500, 1.2), 40);
  assert.equal(bounded(3, 1.2), 3);
  assert.equal(bounded(500, 64), 64, "an image of few pixels may fill the frame");
});

test("a drag moves the image with the hand", () => {
  near(dragged({ scale: 2, x: 5, y: 6 }, { x: 10, y: 10 }, { x: 3, y: 30 }), { scale: 2, x: -2, y: 26 });
});

test("two fingers keep what lies between them and enlarge it by how far they part", () => {
  const place = fitted(IMAGE, FRAME), from = [{ x: 300, y: 300 }, { x: 400, y: 300 }], to = [{ x: 250, y: 350 }, { x: 450, y: 350 }];
  const after = pinched(place, from, to, place.scale);
  assert.ok(Math.abs(after.scale - 2 * place.scale) < 1e-9);
  near(toImage(after, { x: 350, y: 350 }), toImage(place, { x: 350, y: 300 }));
});

test("fingers that touch each other do not throw the image away", () => {
  const after = pinched({ scale: 1, x: 0, y: 0 }, [{ x: 5, y: 5 }, { x: 5, y: 5 }], [{ x: 5, y: 5 }, { x: 500, y: 5 }], 1);
  assert.equal(after.scale, 40);
  assert.ok(Number.isFinite(after.x) && Number.isFinite(after.y));
});

test("two fingers that move alike only drag", () => {
  const from = [{ x: 0, y: 0 }, { x: 30, y: 40 }], to = [{ x: 7, y: -2 }, { x: 37, y: 38 }];
  near(pinched({ scale: 3, x: 1, y: 1 }, from, to, 1), { scale: 3, x: 8, y: -1 });
});

test("a frame of another size has the same point in its middle", () => {
  const place = { scale: 5, x: -400, y: -90 }, after = { width: 400, height: 300 };
  near(toImage(resized(place, FRAME, after), { x: 200, y: 150 }), toImage(place, { x: 500, y: 350 }));
});

test("a hand hits as far away on the screen, whatever the scale", () => {
  assert.equal(reach({ scale: 4, x: 9, y: 9 }, 8), 2);
  assert.equal(reach({ scale: 0.25, x: 0, y: 0 }, 8), 32);
});

test("a box is shown with surroundings, in the shape of the frame and inside the image", () => {
  const part = around(IMAGE, [0.5, 0.5, 0.1, 0.1], 1);
  near(part, { x: 352 - 48, y: 220 - 48, width: 96, height: 96 }); // one and a half times the 64 pixels of its width
  const corner = around(IMAGE, [0, 0, 0.1, 0.1], 1);
  near(corner, { x: 0, y: 0, width: 96, height: 96 });
});

test("of a tiny box 24 pixels are shown", () => {
  const part = around(IMAGE, [0.5, 0.5, 0.001, 0.001], 1);
  assert.deepEqual([part.width, part.height], [24, 24]);
});

test("without a box the whole image is shown, in the middle of a frame of another shape", () => {
  near(around(IMAGE, null, 1.6), { x: 0, y: 0, width: 640, height: 400 });
  near(around(IMAGE, null, 1), { x: 0, y: -120, width: 640, height: 640 });
  near(around(IMAGE, null, 3.2), { x: -320, y: 0, width: 1280, height: 400 });
});

test("frames stand side by side or below each other, as images are largest", () => {
  assert.equal(columns(4, IMAGE, { width: 1100, height: 800 }), 2);
  assert.equal(columns(2, IMAGE, { width: 400, height: 900 }), 1);
  assert.equal(columns(3, { width: 100, height: 300 }, { width: 900, height: 800 }), 3);
  assert.equal(columns(1, IMAGE, FRAME), 1);
});
