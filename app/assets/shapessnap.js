// Snapping: a point that comes near an edge or a vertex of something else lies on it. Pure arithmetic.

/** @import { Part, Point, Size } from "./placing.js" */
/**
 * @typedef {{xs: number[], ys: number[], vertices: Point[]}} Magnets  in image pixels
 * @typedef {{at: Point, x: number | null, y: number | null}} Snapped  and on which lines it lies now
 */

/**
 * What draws points to it: the edges of the image, those of boxes, and vertices.
 * @param {Size} image @param {Part[]} parts @param {Point[]} vertices @returns {Magnets}
 */
export function magnets(image, parts, vertices) {
  return {
    xs: [0, image.width, ...parts.flatMap((part) => [part.x, part.x + part.width])],
    ys: [0, image.height, ...parts.flatMap((part) => [part.y, part.y + part.height])],
    vertices,
  };
}

/** @param {Point} at @param {Magnets} drawn @param {number} reach in image pixels @returns {Snapped} */
export function snapped(at, drawn, reach) {
  let best = reach, found = null;
  for (const one of drawn.vertices) {
    const distance = Math.hypot(one.x - at.x, one.y - at.y);
    if (distance <= best) [best, found] = [distance, one];
  }
  if (found) return { at: { ...found }, x: found.x, y: found.y };
  const [x, y] = [closest(drawn.xs, at.x, reach), closest(drawn.ys, at.y, reach)];
  return { at: { x: x ?? at.x, y: y ?? at.y }, x, y };
}

/**
 * How far to move a box so that the nearest of its edges lies on a line.
 * @param {Part} part @param {Magnets} drawn @param {number} reach
 * @returns {{by: Point, x: number | null, y: number | null}}
 */
export function snappedPart(part, drawn, reach) {
  const [x, dx] = edge([part.x, part.x + part.width], drawn.xs, reach);
  const [y, dy] = edge([part.y, part.y + part.height], drawn.ys, reach);
  return { by: { x: dx, y: dy }, x, y };
}

/** @param {number[]} edges @param {number[]} lines @param {number} reach @returns {[number | null, number]} */
function edge(edges, lines, reach) {
  /** @type {[number | null, number]} */
  let best = [null, 0], away = reach;
  for (const one of edges) {
    const line = closest(lines, one, away);
    if (line !== null && (best[0] === null || Math.abs(line - one) < away)) {
      [best, away] = [[line, line - one], Math.abs(line - one)];
    }
  }
  return best;
}

/** @param {number[]} values @param {number} to @param {number} reach @returns {number | null} */
function closest(values, to, reach) {
  let best = reach, found = null;
  for (const value of values) {
    const distance = Math.abs(value - to);
    if (distance <= best) [best, found] = [distance, value];
  }
  return found;
}
