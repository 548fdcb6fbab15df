// The sums and words of confusion matrices.

import assert from "node:assert/strict";
import { test } from "node:test";

import { chosenClasses, layout, MOST, sentence, short, strongest } from "../../../app/assets/counts.js";

const REST = { name: "background", column: "missed", row: "predicted where no label is" };
const DATA = {
  classes: ["car", "bus"], rest: REST, unit: "labels", hit: "found", counts: [[6, 2, 2], [0, 0, 0], [3, 1, 0]],
};

test("a cell is told in words, with its share of the row", () => {
  assert.equal(sentence(DATA, 0, 0), "car found: 6 (60.0 % of its labels)");
  assert.equal(sentence(DATA, 0, 1), "car predicted as bus: 2 (20.0 % of its labels)");
  assert.equal(sentence(DATA, 0, 2), "car missed: 2 (20.0 % of its labels)");
  assert.equal(sentence(DATA, 2, 1), "bus predicted where no label is: 1 (25.0 % of such)");
  assert.equal(sentence(DATA, 1, 0), "bus predicted as car: 0 (0.0 % of its labels)");
});

test("the strongest cell is the largest share of a row, of mistakes alone where they are asked for", () => {
  assert.equal(strongest(DATA, false), 0.75);
  assert.equal(strongest({ ...DATA, counts: [[6, 2, 2], [0, 0, 0], [0, 0, 0]] }, true), 0.2);
  assert.equal(strongest({ ...DATA, counts: [[0, 0], [0, 0]] }, false), 1);
});

test("of many classes those with the most mistakes are shown, in their order", () => {
  const size = MOST + 3, counts = Array.from({ length: size + 1 }, () => Array(size + 1).fill(0));
  counts[1][1] = 99; // hits are no mistakes
  for (let row = 3; row < size; row += 1) counts[row][row - 1] = 1;
  counts[size][0] = 5; // the rest counts for the class
  const data = { ...DATA, classes: counts.slice(1).map((_, number) => String(number)), counts };
  const chosen = chosenClasses(data, false);
  assert.equal(chosen.length, MOST);
  assert.ok(chosen.includes(0) && !chosen.includes(1));
  assert.deepEqual(chosen, [...chosen].sort((a, b) => a - b));
  assert.equal(chosenClasses(data, true).length, size);
});

test("large counts are short", () => {
  assert.deepEqual([7, 9999, 10000, 2500000, 3e9].map(short), ["7", "9999", "10k", "3M", "3G"]);
});

test("cells get smaller with their number, and lose their digits", () => {
  assert.equal(layout(["a", "b"], 600).cell, 68);
  const many = layout(Array.from({ length: 80 }, (_, number) => `class ${number}`), 600);
  assert.deepEqual([many.cell, many.digits], [11, false]);
});
