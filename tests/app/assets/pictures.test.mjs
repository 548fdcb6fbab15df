// Copies of images that are sharp enough.

import assert from "node:assert/strict";
import { test } from "node:test";

import { drawnLength, sideFor, source, thumbnail } from "../../../app/assets/pictures.js";

const SAMPLE = { width: 4000, height: 2000, thumbnail: "/t?side={side}", media: "/m" };

test("the smallest picture with nearly as many pixels as the screen is taken", () => {
  assert.deepEqual([1, 256, 300, 302, 900, 5000].map((pixels) => sideFor(pixels, 1)), [256, 256, 256, 512, 1024, 2048]);
  assert.equal(sideFor(256, 2), 512);
});

test("what is shown in part needs a larger copy of the whole", () => {
  assert.equal(drawnLength(SAMPLE, 4000, 280), 280);
  assert.equal(drawnLength(SAMPLE, 1000, 280), 1120);
});

test("where no thumbnail is sharp the file itself is shown", () => {
  assert.equal(source(SAMPLE, 380, 1), "/t?side=512");
  assert.equal(source(SAMPLE, 1120, 1), "/t?side=1024");
  assert.equal(source(SAMPLE, 1300, 1), "/m");
  assert.equal(thumbnail(SAMPLE, 256), "/t?side=256");
});
