// The shape of a label in image pixels, how gestures change it, and the values that it is stored with.

import { filledPart, movedBy, recut, resampled, valueAt, whole } from "./bitmap.js";
import {
  allowed, bounds, boxOf, clipped, handle, holds, nearest, partOf, pixelsOf, pointsOf, shifted, vertex, within,
} from "./shapes.js";

/** @import { Bitmap } from "./bitmap.js" */
/** @import { Label, Values } from "./labeling.js" */
/** @import { Part, Point, Size } from "./placing.js" */
/**
 * `part` is the box, or the smallest one around points. A whole mask and a class of the image have none.
 * @typedef {object} Shape
 * @property {Part | null} part
 * @property {(Point | null)[][] | null} points
 * @property {Bitmap | null} bitmap
 * @property {boolean} closed  whether its points are joined to polygons
 * @property {boolean} joined  whether its points are a line at all, and not keypoints
 */
/** @typedef {{label: Values, bitmap?: Bitmap}} Stored  values of a label, and its mask in place of a PNG */

const CORNERS = /** @type {const} */ (["nw", "ne", "se", "sw"]);
const FINE = 100; // steps of a pixel in which hands move things

/**
 * @param {Label} label @param {Size} image @param {Bitmap | undefined} bitmap @param {boolean} lines @returns {Shape}
 */
export function shapeOf(label, image, bitmap, lines) {
  const points = label.points ? pixelsOf(label.points, image) : null;
  const part = label.box ? partOf(label.box, image) : points && bounds(points.flat());
  return { part, points, bitmap: bitmap ?? null, closed: Boolean(label.attributes?.closed), joined: lines };
}

/** @param {Shape} shape @param {Size} image @returns {Stored} */
export function storedOf(shape, image) {
  if (shape.bitmap) return { label: { box: boxOf(shape.bitmap, image), mask: true }, bitmap: shape.bitmap };
  if (shape.points) return { label: { points: pointsOf(shape.points, image) } };
  return { label: shape.part ? { box: boxOf(shape.part, image) } : {} };
}

/** A shape of a box. @param {Part} part @returns {Shape} */
export function boxed(part) {
  return { part, points: null, bitmap: null, closed: false, joined: false };
}

/** A shape of lines. @param {Point[][]} points @param {boolean} closed @returns {Shape} */
export function lined(points, closed) {
  return { part: bounds(points.flat()), points, bitmap: null, closed, joined: true };
}

/** A mask as a shape; null when it is empty. @param {Bitmap} bitmap @returns {Shape | null} */
export function masked(bitmap) {
  const part = filledPart(bitmap);
  return part && { part, points: null, bitmap: recut(bitmap, part), closed: false, joined: false };
}

/**
 * Moved, as far as it stays on the image; a mask by whole pixels.
 * @param {Shape} shape @param {Point} by @param {Size} image @returns {Shape}
 */
export function moved(shape, by, image) {
  if (!shape.part) return shape;
  const step = allowed(shape.part, by, image);
  if (shape.bitmap) {
    const bitmap = movedBy(shape.bitmap, step, image);
    return { ...shape, bitmap, part: partOfBitmap(bitmap) };
  }
  const part = neat(shifted(shape.part, step)), exact = { x: part.x - shape.part.x, y: part.y - shape.part.y };
  const points = shape.points?.map((one) => one.map((at) => at && { x: at.x + exact.x, y: at.y + exact.y })) ?? null;
  return { ...shape, part: points ? bounds(points.flat()) : part, points };
}

/**
 * Stretched from the box around it to another one; a mask to whole pixels.
 * @param {Shape} shape @param {Part} to @param {Size} image @returns {Shape}
 */
export function fittedTo(shape, to, image) {
  const from = shape.part;
  if (!from) return shape;
  const part = neat(clipped(to, image));
  if (part.width <= 0 || part.height <= 0) return shape;
  if (shape.bitmap) {
    const bitmap = resampled(shape.bitmap, wholePart(part, image));
    return { ...shape, bitmap, part: partOfBitmap(bitmap) };
  }
  const [wide, high] = [from.width ? part.width / from.width : 1, from.height ? part.height / from.height : 1];
  const scaled = (/** @type {Point | null} */ at) =>
    at && { x: part.x + (at.x - from.x) * wide, y: part.y + (at.y - from.y) * high };
  return { ...shape, part, points: shape.points?.map((one) => one.map(scaled)) ?? null };
}

/**
 * With one vertex elsewhere; null makes a keypoint unseen.
 * @param {Shape} shape @param {number} part @param {number} index @param {Point | null} to @returns {Shape}
 */
export function withVertex(shape, part, index, to) {
  const changed = (/** @type {(Point | null)[]} */ one) => one.map((old, i) => (i === index ? to : old));
  const points = shape.points?.map((one, i) => (i === part ? changed(one) : one)) ?? null;
  return { ...shape, points, part: points && bounds(points.flat()) };
}

/**
 * With a vertex more, after `index`.
 * @param {Shape} shape @param {number} part @param {number} index @param {Point} at @returns {Shape}
 */
export function withInserted(shape, part, index, at) {
  const grown = (/** @type {(Point | null)[]} */ one) => [...one.slice(0, index + 1), at, ...one.slice(index + 1)];
  const points = shape.points?.map((one, i) => (i === part ? grown(one) : one)) ?? null;
  return { ...shape, points };
}

/**
 * Without a vertex; null where nothing would be left: a polygon has three, a line two. A part that is too short goes.
 * @param {Shape} shape @param {number} part @param {number} index @returns {Shape | null}
 */
export function withoutVertex(shape, part, index) {
  const least = shape.closed ? 3 : 2;
  const points = (shape.points ?? []).map((one, i) => (i === part ? one.filter((_, other) => other !== index) : one));
  const left = points.filter((one) => one.length >= least);
  return left.length ? { ...shape, points: left, part: bounds(left.flat()) } : null;
}

/**
 * Whether a point hits a shape: its pixels, inside it, or its line.
 * @param {Shape} shape @param {Point} at @param {number} reach
 */
export function hits(shape, at, reach) {
  if (!shape.part || !holds(shape.part, at, reach)) return false;
  if (shape.bitmap) return valueAt(shape.bitmap, at) > 0;
  if (!shape.points) return true;
  if (vertex(shape.points, at, reach)) return true;
  const lines = solid(shape.points);
  if (!shape.joined) return false;
  if (shape.closed && within(lines, at)) return true;
  return (nearest(lines, at, shape.closed)?.distance ?? Infinity) <= reach;
}

/** How far a point is from the outline of a box. @param {Part} part @param {Point} at */
export function fromEdge(part, at) {
  const corners = CORNERS.map((side) => handle(part, side));
  return nearest([corners], at, true)?.distance ?? Infinity;
}

/** The points that are seen. @param {(Point | null)[][]} parts @returns {Point[][]} */
export function solid(parts) {
  return parts.map((part) => part.filter((at) => at !== null));
}

/** A box in steps of a hundredth of a pixel. @param {Part} part @returns {Part} */
export function neat(part) {
  const round = (/** @type {number} */ value) => Math.round(value * FINE) / FINE;
  return { x: round(part.x), y: round(part.y), width: round(part.width), height: round(part.height) };
}

/** @param {Part} part @param {Size} image */
function wholePart(part, image) {
  const [left, top] = [Math.round(part.x), Math.round(part.y)];
  const [right, bottom] = [Math.round(part.x + part.width), Math.round(part.y + part.height)];
  const x = Math.min(left, image.width - 1), y = Math.min(top, image.height - 1);
  return whole({ x, y, width: Math.max(1, right - x), height: Math.max(1, bottom - y) }, image);
}

/** @param {Bitmap} bitmap @returns {Part} */
function partOfBitmap({ x, y, width, height }) {
  return { x, y, width, height };
}
