// The geometry of labels: boxes, polygons and points in image pixels, counted from the top left corner of the image.
// Pure arithmetic, no elements.

/** @import { Box, Points } from "./labeling.js" */
/** @import { Part, Point, Size } from "./placing.js" */
/**
 * @typedef {"nw" | "n" | "ne" | "e" | "se" | "s" | "sw" | "w"} Side  of a box, by where it lies on the compass
 * @typedef {{part: number, index: number, point: Point, distance: number}} Spot  on the edge that starts at a vertex
 */

/** @type {Side[]} */
export const SIDES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];

/** A relative box in pixels. @param {Box} box @param {Size} image @returns {Part} */
export function partOf(box, image) {
  const [x, y, width, height] = box;
  return { x: x * image.width, y: y * image.height, width: width * image.width, height: height * image.height };
}

/** A box in pixels as a relative one. @param {Part} part @param {Size} image @returns {Box} */
export function boxOf(part, image) {
  return [part.x / image.width, part.y / image.height, part.width / image.width, part.height / image.height];
}

/** Relative points in pixels; null where one is unseen. @param {Points[]} parts @param {Size} image */
export function pixelsOf(parts, image) {
  return parts.map((part) => part.map(([x, y]) => seen(x, y, image)));
}

/** @param {(Point | null)[][]} parts @param {Size} image @returns {Points[]} */
export function pointsOf(parts, image) {
  return parts.map((part) => part.map((at) => (at ? [at.x / image.width, at.y / image.height] : [null, null])));
}

/** The box between two corners. @param {Point} a @param {Point} b @returns {Part} */
export function between(a, b) {
  return { x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) };
}

/** What of a box lies on the image. @param {Part} part @param {Size} image @returns {Part} */
export function clipped(part, image) {
  const [x, y] = [limited(part.x, 0, image.width), limited(part.y, 0, image.height)];
  const [right, bottom] = [part.x + part.width, part.y + part.height];
  return { x, y, width: limited(right, x, image.width) - x, height: limited(bottom, y, image.height) - y };
}

/** A point on the image. @param {Point} at @param {Size} image @returns {Point} */
export function inside(at, image) {
  return { x: limited(at.x, 0, image.width), y: limited(at.y, 0, image.height) };
}

/** @param {Part} part @param {Point} by @returns {Part} */
export function shifted(part, by) {
  return { ...part, x: part.x + by.x, y: part.y + by.y };
}

/**
 * As much of a move as keeps a box on the image, where it lies on it already.
 * @param {Part} part @param {Point} by @param {Size} image @returns {Point}
 */
export function allowed(part, by, image) {
  const one = (/** @type {number} */ move, /** @type {number} */ low, /** @type {number} */ high) =>
    limited(move, Math.min(0, -low), Math.max(0, high));
  return {
    x: one(by.x, part.x, image.width - part.x - part.width),
    y: one(by.y, part.y, image.height - part.y - part.height),
  };
}

/** Where the handle of a side lies. @param {Part} part @param {Side} side @returns {Point} */
export function handle(part, side) {
  const x = side.includes("w") ? 0 : side.includes("e") ? 1 : 0.5;
  const y = side.includes("n") ? 0 : side.includes("s") ? 1 : 0.5;
  return { x: part.x + x * part.width, y: part.y + y * part.height };
}

/**
 * A box whose side was dragged to a point; past the other side it turns over. `even` keeps its aspect ratio.
 * @param {Part} part @param {Side} side @param {Point} to @param {boolean} [even] @returns {Part}
 */
export function stretched(part, side, to, even = false) {
  let [left, top, right, bottom] = [part.x, part.y, part.x + part.width, part.y + part.height];
  if (side.includes("w")) left = to.x;
  if (side.includes("e")) right = to.x;
  if (side.includes("n")) top = to.y;
  if (side.includes("s")) bottom = to.y;
  if (even && side.length === 2 && part.height > 0) {
    const ratio = part.width / part.height, wide = Math.max(Math.abs(right - left), Math.abs(bottom - top) * ratio);
    const [dx, dy] = [wide * Math.sign(right - left || 1), (wide / ratio) * Math.sign(bottom - top || 1)];
    if (side.includes("w")) left = right - dx;
    else right = left + dx;
    if (side.includes("n")) top = bottom - dy;
    else bottom = top + dy;
  }
  return between({ x: left, y: top }, { x: right, y: bottom });
}

/** @param {Part} part @param {Point} at @param {number} [slack] pixels around it that count */
export function holds(part, at, slack = 0) {
  return at.x >= part.x - slack && at.y >= part.y - slack && at.x <= part.x + part.width + slack &&
    at.y <= part.y + part.height + slack;
}

/** Whether two boxes share a point. @param {Part} a @param {Part} b */
export function meet(a, b) {
  return a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height;
}

/** Intersection over union. @param {Part} a @param {Part} b */
export function iou(a, b) {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / (a.width * a.height + b.width * b.height - width * height);
}

/** The smallest box around points; null without any. @param {Iterable<Point | null>} points @returns {Part | null} */
export function bounds(points) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const at of points) {
    if (!at) continue;
    [left, top] = [Math.min(left, at.x), Math.min(top, at.y)];
    [right, bottom] = [Math.max(right, at.x), Math.max(bottom, at.y)];
  }
  return right < left ? null : { x: left, y: top, width: right - left, height: bottom - top };
}

/** The smallest box around boxes; null without any. @param {Part[]} parts */
export function around(parts) {
  return bounds(parts.flatMap((part) => [handle(part, "nw"), handle(part, "se")]));
}

/**
 * Whether a point lies inside polygons, where one inside another is a hole.
 * @param {Point[][]} parts @param {Point} at
 */
export function within(parts, at) {
  let odd = false;
  for (const part of parts) {
    for (let i = 0, j = part.length - 1; i < part.length; j = i, i += 1) {
      const [a, b] = [part[i], part[j]];
      if (a.y > at.y !== b.y > at.y && at.x < ((b.x - a.x) * (at.y - a.y)) / (b.y - a.y) + a.x) odd = !odd;
    }
  }
  return odd;
}

/** The area of polygons without their holes, in pixels. @param {Point[][]} parts */
export function area(parts) {
  const each = parts.map((part) => Math.abs(part.reduce((sum, a, index) => {
    const b = part[(index + 1) % part.length];
    return sum + a.x * b.y - b.x * a.y;
  }, 0) / 2));
  const others = (/** @type {number} */ index) => parts.filter((_, other) => other !== index);
  const holes = parts.map((part, index) => part.length > 0 && within(others(index), part[0]));
  return each.reduce((sum, one, index) => sum + (holes[index] ? -one : one), 0);
}

/**
 * The nearest place on the edges of lines.
 * @param {Point[][]} parts @param {Point} at @param {boolean} closed @returns {Spot | null}
 */
export function nearest(parts, at, closed) {
  /** @type {Spot | null} */
  let best = null;
  for (const [part, points] of parts.entries()) {
    for (let index = 0; index < points.length - (closed ? 0 : 1); index += 1) {
      const point = onEdge(points[index], points[(index + 1) % points.length], at);
      const distance = apart(point, at);
      if (!best || distance < best.distance) best = { part, index, point, distance };
    }
  }
  return best;
}

/** The point of an edge that lies nearest. @param {Point} a @param {Point} b @param {Point} at @returns {Point} */
export function onEdge(a, b, at) {
  const [dx, dy] = [b.x - a.x, b.y - a.y], long = dx * dx + dy * dy;
  const share = long ? limited(((at.x - a.x) * dx + (at.y - a.y) * dy) / long, 0, 1) : 0;
  return { x: a.x + share * dx, y: a.y + share * dy };
}

/**
 * The nearest vertex within reach.
 * @param {(Point | null)[][]} parts @param {Point} at @param {number} reach
 * @returns {{part: number, index: number} | null}
 */
export function vertex(parts, at, reach) {
  let best = reach, found = null;
  for (const [part, points] of parts.entries()) {
    for (const [index, point] of points.entries()) {
      const distance = point ? apart(point, at) : Infinity;
      if (distance <= best) [best, found] = [distance, { part, index }];
    }
  }
  return found;
}

/**
 * A line with fewer vertices that stays within `slack` pixels of it (Ramer, Douglas and Peucker, 1972 and 1973).
 * @param {Point[]} line @param {number} slack @returns {Point[]}
 */
export function simplified(line, slack) {
  if (line.length < 3) return line;
  const kept = new Uint8Array(line.length), todo = [[0, line.length - 1]];
  kept[0] = kept[line.length - 1] = 1;
  for (let range = todo.pop(); range; range = todo.pop()) {
    const [from, to] = range;
    let [far, at] = [slack, -1];
    for (let index = from + 1; index < to; index += 1) {
      const distance = apart(onEdge(line[from], line[to], line[index]), line[index]);
      if (distance > far) [far, at] = [distance, index];
    }
    if (at < 0) continue;
    kept[at] = 1;
    todo.push([from, at], [at, to]);
  }
  return line.filter((_, index) => kept[index]);
}

/** @param {Point} a @param {Point} b */
export function apart(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** @param {number} value @param {number} low @param {number} high */
export function limited(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

/** @param {number | null} x @param {number | null} y @param {Size} image @returns {Point | null} */
function seen(x, y, image) {
  return x === null || y === null ? null : { x: x * image.width, y: y * image.height };
}
