// Splitting, merging and tightening what is selected, as changes.

import { count, cropped, pieces, union } from "./bitmap.js";
import { newId } from "./editormodel.js";
import { around, bounds, boxOf, iou } from "./shapes.js";
import { masked, storedOf } from "./shapeslabel.js";

/** @import { Bitmap } from "./bitmap.js" */
/** @import { Change } from "./editormodel.js" */
/** @import { EditorState } from "./editorstate.js" */
/** @import { Shape } from "./shapeslabel.js" */

const SPECK = 4; // pixels: smaller pieces of a mask are left out

/**
 * Every piece becomes a label of its own: connected pixels of a mask, parts of a line; the largest keeps the label.
 * @param {EditorState} editor @returns {Change[]}
 */
export function split(editor) {
  return editor.movable().flatMap((id) => {
    const shapes = piecesOf(editor.model.shape(id)), { id: own, box, points, mask, ...values } = editor.model.label(id);
    if (shapes.length < 2) return [];
    return shapes.map((shape, index) => {
      if (!index) return editor.reshaped(own, shape);
      const { label, bitmap } = storedOf(shape, editor.image);
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
 * @param {EditorState} editor @returns {Change[]}
 */
export function merge(editor) {
  const ids = editor.movable(), [first, ...rest] = ids, shapes = ids.map((id) => editor.model.shape(id));
  const joined = ids.length > 1 ? together(shapes) : null;
  if (!joined) return [];
  /** @type {Change[]} */
  const gone = rest.map((id) => ({ action: "delete", label_id: id, label: {} }));
  return [editor.reshaped(first, joined), ...gone];
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

/** Boxes of masks fit their pixels. @param {EditorState} editor @returns {Change[]} */
export function tighten(editor) {
  return editor.movable().flatMap((id) => {
    const { bitmap } = editor.model.shape(id), tight = bitmap && cropped(bitmap), shape = tight && masked(tight);
    if (!shape || same(tight, bitmap, editor, id)) return [];
    return [editor.reshaped(id, shape)];
  });
}

/** @param {Bitmap} tight @param {Bitmap} bitmap @param {EditorState} editor @param {string} id */
function same(tight, bitmap, editor, id) {
  const box = editor.model.label(id).box, exact = boxOf(tight, editor.image);
  const near = box && box.every((value, index) => Math.abs(value - exact[index]) < 1e-9);
  return near && iou(tight, bitmap) === 1;
}
