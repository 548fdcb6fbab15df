// Moves between the tiles of the grid.

import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.fetch = async () => Response.json({ colours: ["#000000"] });
const { vertical } = await import("../../../app/assets/tiles.js");

// two rows of tiles of different widths, and a last row of one
const PLACES = [[0, 0, 100], [100, 0, 50], [150, 0, 100], [0, 80, 60], [60, 80, 190], [0, 160, 90]]
  .map(([left, top, width]) => ({ left, top, width }));

test("the nearest tile of the next row is taken", () => {
  assert.equal(vertical(PLACES, 0, 1), 3);
  assert.equal(vertical(PLACES, 2, 1), 4);
  assert.equal(vertical(PLACES, 4, 1), 5);
});

test("and of the row before", () => {
  assert.equal(vertical(PLACES, 5, -1), 3);
  assert.equal(vertical(PLACES, 4, -1), 1);
});

test("at the edge there is none", () => {
  assert.equal(vertical(PLACES, 1, -1), undefined);
  assert.equal(vertical(PLACES, 5, 1), undefined);
  assert.equal(vertical([], 0, 1), undefined);
});
