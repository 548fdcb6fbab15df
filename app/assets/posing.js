// Key points and lines over an image, as paths of SVG in a square of 1 by 1. Sums alone: nothing here touches a page.

/**
 * @typedef {[number, number] | null} Spot  relative to the image; null where a point has no place
 * @typedef {[number, number][]} Edges  pairs of positions of points
 * @typedef {object} Pose  the key points of one object
 * @property {Spot[]} points
 * @property {number[]} seen  of each: 0 not labelled, 1 hidden, 2 seen; of a prediction its confidence, from 0 to 1
 * @property {boolean} predicted
 * @property {Edges} edges
 */

export const SURE = 0.3; // predicted points below this confidence are faint, and no line leads to them
const DOT = 0.00001; // a line so short is drawn as its round caps

/** Whether a point is drawn in full. @param {Pose} pose @param {number} at */
export function plain(pose, at) {
  if (!pose.points[at]) return false;
  return pose.predicted ? (pose.seen[at] ?? 1) >= SURE : (pose.seen[at] ?? 2) > 0;
}

/** The lines between points that are drawn in full. @param {Pose} pose */
export function limbs(pose) {
  return pose.edges.flatMap(([from, to]) => {
    const [one, other] = [pose.points[from], pose.points[to]];
    return one && other && plain(pose, from) && plain(pose, to) ? [`M${place(one)}L${place(other)}`] : [];
  }).join("");
}

/**
 * Dots by how they are drawn: in full, hollow for hidden points, faint for unsure ones.
 * @param {Pose} pose @returns {{full: string, hollow: string, faint: string}}
 */
export function dots(pose) {
  const found = { full: "", hollow: "", faint: "" };
  for (const [at, point] of pose.points.entries()) {
    if (!point) continue;
    const kind = !plain(pose, at) ? "faint" : !pose.predicted && pose.seen[at] === 1 ? "hollow" : "full";
    found[kind] += `M${place(point)}h${DOT}`;
  }
  return found;
}

/** Parts of a polyline as one path. @param {Spot[][]} parts @param {boolean} closed */
export function lines(parts, closed) {
  const kept = parts.map((part) => part.filter((spot) => spot !== null)).filter((part) => part.length);
  return kept.map((part) => `M${part.map(place).join("L")}${closed ? "Z" : ""}`).join("");
}

/**
 * The box around all points; null without any.
 * @param {Spot[][]} parts @returns {[number, number, number, number] | null}
 */
export function around(parts) {
  const spots = parts.flat().filter((spot) => spot !== null);
  if (!spots.length) return null;
  const [xs, ys] = [spots.map((spot) => spot[0]), spots.map((spot) => spot[1])];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return [left, top, Math.max(...xs) - left, Math.max(...ys) - top];
}

/**
 * Key points that came as one flat list of x, y and how each is seen; null is no place.
 * @param {(number | null)[]} flat @returns {{points: Spot[], seen: number[]}}
 */
export function unpacked(flat) {
  /** @type {Spot[]} */
  const points = [];
  /** @type {number[]} */
  const seen = [];
  for (let at = 0; at + 2 < flat.length; at += 3) {
    const [x, y, how] = [flat[at], flat[at + 1], flat[at + 2]];
    points.push(x === null || y === null ? null : [x, y]);
    seen.push(how ?? 0);
  }
  return { points, seen };
}

/** @param {Spot} spot */
function place(spot) {
  return spot ? `${number(spot[0])} ${number(spot[1])}` : "";
}

/** @param {number} value */
function number(value) {
  return String(Math.round(value * 1e5) / 1e5);
}
