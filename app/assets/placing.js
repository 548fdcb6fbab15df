// Where an image lies on the screen, and how gestures change that: pure arithmetic, no elements. Image pixels count
// from the top left corner of the image, screen pixels (CSS) from that of its frame.

/**
 * @typedef {{x: number, y: number}} Point
 * @typedef {{width: number, height: number}} Size
 * @typedef {{x: number, y: number, width: number, height: number}} Part  of an image, in its pixels
 * @typedef {{scale: number, x: number, y: number}} Place  screen = image * scale + (x, y)
 */

const MARGIN = 8; // screen pixels around an image that fits
const MOST = 40; // screen pixels of one image pixel
const LEAST = 0.5; // of the scale that fits

/**
 * The whole image in the middle of its frame, as large as possible.
 * @param {Size} image @param {Size} frame @returns {Place}
 */
export function fitted(image, frame, margin = MARGIN) {
  const scale = Math.min((frame.width - 2 * margin) / image.width, (frame.height - 2 * margin) / image.height);
  return { scale, x: (frame.width - image.width * scale) / 2, y: (frame.height - image.height * scale) / 2 };
}

/** A scale within what can be looked at. @param {number} scale @param {number} fit the scale that fits */
export function bounded(scale, fit) {
  return Math.min(Math.max(scale, fit * LEAST), Math.max(MOST, fit));
}

/**
 * Another scale, with a point of the screen that stays where it is.
 * @param {Place} place @param {number} scale @param {Point} at @returns {Place}
 */
export function scaled(place, scale, at) {
  const ratio = scale / place.scale;
  return { scale, x: at.x - (at.x - place.x) * ratio, y: at.y - (at.y - place.y) * ratio };
}

/** @param {Place} place @param {Point} from @param {Point} to @returns {Place} */
export function dragged(place, from, to) {
  return { ...place, x: place.x + to.x - from.x, y: place.y + to.y - from.y };
}

/**
 * A pinch: what lay between the two fingers stays between them and scales with their distance.
 * @param {Place} place @param {[Point, Point]} from @param {[Point, Point]} to @param {number} fit the scale that fits
 */
export function pinched(place, from, to, fit) {
  const ratio = distance(...to) / Math.max(1, distance(...from));
  const [before, after] = [middle(...from), middle(...to)];
  return scaled(dragged(place, before, after), bounded(place.scale * ratio, fit), after);
}

/**
 * The frame was resized: what was in its middle stays there.
 * @param {Place} place @param {Size} before @param {Size} after
 */
export function resized(place, before, after) {
  const half = (/** @type {Size} */ size) => ({ x: size.width / 2, y: size.height / 2 });
  return dragged(place, half(before), half(after));
}

/** @param {Place} place @param {Point} point on the screen @returns {Point} */
export function toImage(place, point) {
  return { x: (point.x - place.x) / place.scale, y: (point.y - place.y) / place.scale };
}

/** @param {Place} place @param {Point} point of the image @returns {Point} */
export function toScreen(place, point) {
  return { x: point.x * place.scale + place.x, y: point.y * place.scale + place.y };
}

/**
 * The distance in image pixels at which a pointer still hits something: the tolerance is fixed on the screen.
 * @param {Place} place @param {number} pixels of the screen
 */
export function reach(place, pixels) {
  return pixels / place.scale;
}

/**
 * The part of an image to show in a frame that is `aspect` times as wide as high: a box with some of its surroundings,
 * or without one the whole image, with margins where the frame has another aspect ratio.
 * @param {Size} image @param {readonly number[] | null} box  x, y, width, height in [0, 1] @param {number} aspect
 * @returns {Part}
 */
export function around(image, box, aspect) {
  const whole = Math.max(image.height, image.width / aspect);
  const [x, y, wide, high] = box ?? [0, 0, 1, 1];
  const [w, h] = [wide * image.width, high * image.height];
  const height = box ? Math.min(Math.max(h * 1.5, (w * 1.5) / aspect, 24), whole) : whole, width = height * aspect;
  const from = (/** @type {number} */ middle, /** @type {number} */ size, /** @type {number} */ all) =>
    size >= all ? (all - size) / 2 : Math.max(0, Math.min(all - size, middle - size / 2));
  const [left, top] = [x * image.width + w / 2, y * image.height + h / 2];
  return { x: from(left, width, image.width), y: from(top, height, image.height), width, height };
}

/**
 * The number of columns in which frames of equal size show an image largest.
 * @param {number} count of frames @param {Size} image @param {Size} room for all
 */
export function columns(count, image, room) {
  const scale = (/** @type {number} */ wide) =>
    Math.min(room.width / wide / image.width, room.height / Math.ceil(count / wide) / image.height);
  const every = Array.from({ length: count }, (_, index) => index + 1);
  return every.reduce((best, wide) => (scale(wide) > scale(best) ? wide : best), 1);
}

/** @param {Point} a @param {Point} b */
function distance(a, b) {
  return Math.hypot(b.x - a.x, b.y - a.y);
}

/** @param {Point} a @param {Point} b */
function middle(a, b) {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}
