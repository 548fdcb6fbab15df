// Masks as bitmaps.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateSync } from "node:zlib";

import {
  blank, count, cropped, fill, filledPart, grown, movedBy, paint, pieces, pour, recut, resampled, rings, union,
  valueAt, without,
} from "../../../app/assets/bitmap.js";
import { encoded, laid, pixelPart, unpacked } from "../../../app/assets/bitmappng.js";

const IMAGE = { width: 40, height: 30 };

/** A bitmap of rows of letters; anything but a dot is inside. */
function drawn(x, y, ...rows) {
  const data = Uint8Array.from(rows.join(""), (letter) => Number(letter !== "."));
  return { x, y, width: rows[0].length, height: rows.length, data };
}

/** Rows of letters of a bitmap. */
const rows = ({ width, height, data }) =>
  Array.from({ length: height }, (_, y) => [...data.subarray(y * width, (y + 1) * width)].map((v) => v || ".").join(""));

test("a bitmap is cut to another part of the image, with nothing where it was not", () => {
  const cut = recut(drawn(2, 2, "11", "11"), { x: 1, y: 3, width: 3, height: 2 });
  assert.deepEqual([cut.x, cut.y, rows(cut)], [1, 3, [".11", "..."]]);
});

test("it is cropped to its pixels, and to nothing without any", () => {
  const mask = cropped(drawn(5, 5, "....", ".1..", "..1."));
  assert.deepEqual([mask.x, mask.y, rows(mask)], [6, 6, ["1.", ".1"]]);
  assert.equal(cropped(blank({ x: 0, y: 0, width: 3, height: 3 })), null);
  assert.deepEqual(filledPart(drawn(0, 0, "1.", "..", ".1")), { x: 0, y: 0, width: 2, height: 3 });
});

test("a stroke paints the pixels whose middle is no further away than its radius", () => {
  for (const [from, to, radius] of [[{ x: 8, y: 8 }, { x: 8, y: 8 }, 4], [{ x: 5.3, y: 6 }, { x: 30, y: 21.7 }, 3.5],
    [{ x: 20, y: 4 }, { x: 20, y: 25 }, 2], [{ x: 35, y: 3 }, { x: 4, y: 28 }, 6]]) {
    const mask = blank({ x: 1, y: 2, width: 38, height: 27 });
    paint(mask, from, to, radius, 1);
    for (let y = 0; y < 27; y += 1) {
      for (let x = 0; x < 38; x += 1) {
        const [px, py, dx, dy] = [x + 1.5, y + 2.5, to.x - from.x, to.y - from.y], long = dx * dx + dy * dy;
        const t = long ? Math.min(1, Math.max(0, ((px - from.x) * dx + (py - from.y) * dy) / long)) : 0;
        const away = Math.hypot(px - from.x - t * dx, py - from.y - t * dy);
        if (Math.abs(away - radius) > 1e-9) assert.equal(mask.data[y * 38 + x], Number(away < radius), `${x}, ${y}`);
      }
    }
  }
});

test("a stroke may paint over one value alone", () => {
  const mask = drawn(0, 0, "1.1.1");
  paint(mask, { x: 0, y: 0.5 }, { x: 5, y: 0.5 }, 1, 7, 0);
  assert.deepEqual(rows(mask), ["17171"]);
});

test("polygons are filled without their holes", () => {
  const mask = blank({ x: 10, y: 10, width: 6, height: 6 });
  const square = (from, to) => [[from, from], [to, from], [to, to], [from, to]].map(([x, y]) => ({ x, y }));
  fill(mask, [square(10, 16), square(12, 14)], 1);
  assert.deepEqual(rows(mask), ["111111", "111111", "11..11", "11..11", "111111", "111111"]);
});

test("a bucket fills what is connected by edges, and no other value", () => {
  const mask = drawn(0, 0, "..1..", ".1...", "1....");
  assert.deepEqual(pour(mask, { x: 0.5, y: 0.5 }, 3), { x: 0, y: 0, width: 2, height: 2 });
  assert.deepEqual(rows(mask), ["331..", "31...", "1...."]);
  assert.equal(pour(mask, { x: 0.5, y: 0.5 }, 3), null);
});

test("masks are joined, cut out of each other, and moved to the edge of the image", () => {
  const [a, b] = [drawn(0, 0, "11", "11"), drawn(1, 1, "11", "11")];
  assert.deepEqual(rows(union([a, b])), ["11.", "111", ".11"]);
  assert.deepEqual(rows(without(a, b)), ["11", "1."]);
  assert.equal(count(a), 4);
  const out = movedBy(a, { x: -1, y: 0 }, IMAGE);
  assert.deepEqual([out.x, out.width, out.height], [0, 1, 2]);
});

test("pieces touch at their corners; the largest comes first", () => {
  const found = pieces(drawn(3, 3, "1..11", ".1.11", "...11"));
  assert.deepEqual(found.map((one) => [one.x, one.y, count(one)]), [[6, 3, 6], [3, 3, 2]]);
});

test("a mask of another size is stretched by nearest neighbours", () => {
  const wide = resampled(drawn(0, 0, "1.", ".1"), { x: 4, y: 5, width: 4, height: 2 });
  assert.deepEqual([wide.x, wide.y, rows(wide)], [4, 5, ["11..", "..11"]]);
});


test("a bitmap grows where it must, and not beyond the image", () => {
  const mask = grown(drawn(5, 5, "1"), { x: 8, y: 5, width: 1, height: 1 }, IMAGE);
  assert.deepEqual([mask.x, mask.y, mask.width, mask.height, valueAt(mask, { x: 5.5, y: 5.5 })], [0, 0, 40, 30, 1]);
  assert.equal(grown(mask, { x: 1, y: 1, width: 5, height: 5 }, IMAGE), mask);
});

test("a PNG holds the pixels of an object as bits, those of a whole mask as values", async () => {
  const bytes = Buffer.from(await encoded(drawn(0, 0, "1.1.1.1.1.", ".........1")), "base64");
  assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20), bytes[24], bytes[25]], [10, 2, 1, 0]);
  const rows = inflateSync(bytes.subarray(41, 41 + bytes.readUInt32BE(33)));
  assert.deepEqual([...rows], [0, 0b10101010, 0b10000000, 0, 0, 0b01000000]);
  const whole = Buffer.from(await encoded({ x: 0, y: 0, width: 2, height: 1, data: Uint8Array.of(7, 255) }, true), "base64");
  assert.deepEqual([...inflateSync(whole.subarray(41, 41 + whole.readUInt32BE(33)))], [0, 7, 255]);
});

test("a file of masks is read by its head", () => {
  const head = Buffer.from(JSON.stringify([
    { id: "a", width: 10, height: 1, bits: true }, { id: "b", width: 2, height: 1, bits: false },
  ]));
  const long = Buffer.alloc(4);
  long.writeUInt32LE(head.length);
  const file = Buffer.concat([long, head, Buffer.from([0b10000001, 0b01000000, 9, 255])]);
  const found = unpacked(file.buffer.slice(file.byteOffset, file.byteOffset + file.length));
  assert.deepEqual(rows(found.get("a")), ["1......1.1"]);
  assert.deepEqual([...found.get("b").data], [9, 255]);
});

test("a stored mask lies on its box, or where it is as large as the image on all of it", () => {
  const box = [0.1, 0.1, 0.1, 0.1]; // 4, 3, 4, 3
  assert.deepEqual(pixelPart(box, IMAGE), { x: 4, y: 3, width: 4, height: 3 });
  const inside = laid(drawn(0, 0, "1"), box, IMAGE);
  assert.deepEqual([inside.x, inside.y, inside.width, inside.height, count(inside)], [4, 3, 4, 3, 12]);
  const whole = blank({ x: 0, y: 0, ...IMAGE });
  whole.data[3 * 40 + 5] = 1;
  assert.deepEqual(rows(laid(whole, box, IMAGE)), [".1..", "....", "...."]);
  assert.equal(laid(whole, null, IMAGE).width, 40);
});

test("outlines of a mask are polygons that fill the same pixels again, holes and corners too", () => {
  for (const mask of [drawn(3, 4, "111.", "1.11", "1111"), drawn(0, 0, "1.", ".1"), drawn(2, 2, "1.1", "...", "111")]) {
    const again = blank(mask);
    fill(again, rings(mask), 1);
    assert.deepEqual(rows(again), rows(mask));
  }
  assert.equal(rings(drawn(0, 0, "1.", ".1")).length, 2, "pixels that touch at a corner are apart");
  assert.deepEqual(rings(drawn(5, 5, "11", "11")), [[[5, 5], [7, 5], [7, 7], [5, 7]].map(([x, y]) => ({ x, y }))]);
});
