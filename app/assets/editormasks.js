// Splitting, merging and tightening what is selected, as changes.

import { count, cropped, pieces, union } from "./bitmap.js";
import { newId } from "./editormodel.js";
import { around, bounds, boxOf, iou } from "./shapes.js";
import { masked, storedOf } from "./shapeslabel.js";

/** @import { Bitmap } from "./bitmap.js" */
/** @import { Change } from "./editormodel.js" */
/** @import { Desk } from "./editordesk.js" */
/** @import { Shape } from "./shapeslabel.js" */

const SPECK = 4; // pixels: smaller pieces of a mask are left out

/**
 * Every piece becomes a label of its own: connected pixels of a mask, parts of a line; the largest keeps the label.
 * @param {Desk} desk @returns {Change[]}
 */
export function split(desk) {
  return desk.movable().flatMap((id) => {
    const shapes = piecesOf(desk.model.shape(id)), { id: own, box, points, mask, ...values } = desk.model.label(id);
    if (shapes.length < 2) return [];
    return shapes.map((shape, index) => {
      if (!index) return desk.reshaped(own, shape);
      const { label, bitmap } = storedOf(shape, desk.image);
      return { action: "add", label_id: newId(), label: { ...values, ...label }, ...(bitmap ? { bitmap } : {}) };
    });
  });
}

/** @param {Shape} shape @returns {Shape[]} */
function piecesOf(shape) {
  if (shape.bitmap) {
    const found = pieces(shape.bitmap), large = found.filter((one, index) => !index || count(one) >= SPECK);
    return large.flatMap((one) => masked(one) ?? []);
  }
  if (!shape.joined || !shape.points) return [shape];
  return shape.points.map((part) => ({ ...shape, points: [part], part: bounds(part) }));
}

/**
 * What is selected becomes one label: masks and lines join, of boxes the one around all is left. The first is kept.
 * @param {Desk} desk @returns {Change[]}
 */
export function merge(desk) {
  const ids = desk.movable(), [first, ...rest] = ids, shapes = ids.map((id) => desk.model.shape(id));
  const joined = ids.length > 1 ? together(shapes) : null;
  if (!joined) return [];
  /** @type {Change[]} */
  const gone = rest.map((id) => ({ action: "delete", label_id: id, label: {} }));
  return [desk.reshaped(first, joined), ...gone];
}

/** @param {Shape[]} shapes @returns {Shape | null} */
function together(shapes) {
  const masks = shapes.flatMap((one) => one.bitmap ?? []), [first] = shapes;
  if (masks.length === shapes.length) return masked(union(masks));
  if (masks.length) return null;
  const part = around(shapes.flatMap((one) => one.part ?? []));
  if (!first.points) return { ...first, part };
  if (!shapes.every((one) => one.joined && one.closed === first.closed)) return null;
  return { ...first, points: shapes.flatMap((one) => one.points ?? []), part };
}

/** Boxes of masks fit their pixels. @param {Desk} desk @returns {Change[]} */
export function tighten(desk) {
  return desk.movable().flatMap((id) => {
    const { bitmap } = desk.model.shape(id), tight = bitmap && cropped(bitmap), shape = tight && masked(tight);
    if (!shape || same(tight, bitmap, desk, id)) return [];
    return [desk.reshaped(id, shape)];
  });
}

/** @param {Bitmap} tight @param {Bitmap} bitmap @param {Desk} desk @param {string} id */
function same(tight, bitmap, desk, id) {
  const box = desk.model.label(id).box, exact = boxOf(tight, desk.image);
  const near = box && box.every((value, index) => Math.abs(value - exact[index]) < 1e-9);
  return near && iou(tight, bitmap) === 1;
}
