// The arithmetic of charts: round steps, ranges, and where a value lies on the screen.

/**
 * @typedef {[number, number]} Pair
 * @typedef {{name: string, points: Pair[], color: string, dashed: boolean, strong: boolean, faint: boolean}} Series
 * @typedef {{left: number, right: number, top: number, bottom: number, color: string, name: string, text: string,
 *   says: string, faint: boolean}} Bar
 * @typedef {{title: string, series: Series[], x_title: string, y_title: string, x_range: Pair | null,
 *   y_range: Pair | null, marks: {x: number, y: number, text: string, color: string}[], bars: Bar[], whole: boolean,
 *   height: number, empty: string}} Chart
 */

export const PAD = { left: 46, right: 12, top: 8, bottom: 34 }; // pixels around the lines

/**
 * Round steps (1, 2, 5 times a power of ten) that cover a range with about `wanted` lines.
 * @param {number} low @param {number} high @param {number} wanted
 */
export function ticks(low, high, wanted) {
  const raw = (high - low || 1) / wanted, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((times) => times * power).find((one) => one >= raw) ?? raw;
  const found = [], first = Math.ceil(low / step - 1e-9) * step;
  for (let at = first; at <= high + step * 1e-6; at += step) found.push(Number(at.toPrecision(10)));
  return found;
}

/** @param {number} value */
export function short(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e5)) return value.toExponential(1);
  return String(Number(value.toPrecision(size >= 100 ? 4 : 3)));
}

/** The ranges of both axes: as given, else what the points need. @param {Chart} chart @returns {{x: Pair, y: Pair}} */
export function ranges({ series, x_range: x, y_range: y }) {
  const points = series.flatMap((one) => one.points);
  return { x: x ?? wide(ends(points, 0)), y: y ?? roomy(ends(points, 1)) };
}

/**
 * Where values lie, in pixels of a chart of this size.
 * @param {{x: Pair, y: Pair}} range @param {number} width @param {number} height
 */
export function scales({ x: [x0, x1], y: [y0, y1] }, width, height) {
  const [wide, high] = [width - PAD.left - PAD.right, height - PAD.top - PAD.bottom];
  return {
    x: (/** @type {number} */ value) => PAD.left + ((value - x0) / (x1 - x0)) * wide,
    y: (/** @type {number} */ value) => PAD.top + (1 - (value - y0) / (y1 - y0)) * high,
  };
}

/** @param {Pair[]} points @param {0 | 1} axis @returns {Pair | null} */
function ends(points, axis) {
  const values = points.map((point) => point[axis]).filter(Number.isFinite);
  return values.length ? [Math.min(...values), Math.max(...values)] : null;
}

/** @param {Pair | null} ends @returns {Pair} */
function wide(ends) {
  if (!ends) return [0, 1];
  return ends[0] === ends[1] ? [ends[0], ends[0] + 1] : ends;
}

/** Some margin above and below; no negative range without negative values. @param {Pair | null} ends @returns {Pair} */
function roomy(ends) {
  if (!ends) return [0, 1];
  const [low, high] = ends, room = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  return [low >= 0 && low - room < 0 ? 0 : low - room, high + room];
}
