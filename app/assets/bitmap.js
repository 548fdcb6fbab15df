// Masks as bitmaps: a byte for each pixel, cropped to where the mask lies on its image. In the mask of an object a byte
// is 1 inside and 0 outside; in a whole mask it is the value of a class. Pure, no elements.

/** @import { Part, Point, Size } from "./placing.js" */
/**
 * @typedef {{x: number, y: number, width: number, height: number, data: Uint8Array}} Bitmap  x and y in image pixels
 */

/** An empty bitmap. @param {Part} part whole pixels @returns {Bitmap} */
export function blank({ x, y, width, height }) {
  return { x, y, width, height, data: new Uint8Array(width * height) };
}

/** @param {Bitmap} bitmap @returns {Bitmap} */
export function copied(bitmap) {
  return { ...bitmap, data: bitmap.data.slice() };
}

/** The value at a point of the image; 0 outside the bitmap. @param {Bitmap} bitmap @param {Point} at */
export function valueAt(bitmap, at) {
  const [x, y] = [Math.floor(at.x) - bitmap.x, Math.floor(at.y) - bitmap.y];
  return x < 0 || y < 0 || x >= bitmap.width || y >= bitmap.height ? 0 : bitmap.data[y * bitmap.width + x];
}

/** How many pixels are not 0. @param {Bitmap} bitmap */
export function count(bitmap) {
  let sum = 0;
  for (const value of bitmap.data) if (value) sum += 1;
  return sum;
}

/** The smallest whole pixels around a part, on the image. @param {Part} part @param {Size} image @returns {Part} */
export function whole(part, image) {
  const [x, y] = [Math.max(0, Math.floor(part.x)), Math.max(0, Math.floor(part.y))];
  const right = Math.min(image.width, Math.ceil(part.x + part.width));
  const bottom = Math.min(image.height, Math.ceil(part.y + part.height));
  return { x, y, width: Math.max(0, right - x), height: Math.max(0, bottom - y) };
}

/**
 * The same pixels in a bitmap of another part of the image.
 * @param {Bitmap} bitmap @param {Part} part @returns {Bitmap}
 */
export function recut(bitmap, part) {
  const made = blank(part);
  const left = Math.max(bitmap.x, part.x), right = Math.min(bitmap.x + bitmap.width, part.x + part.width);
  const top = Math.max(bitmap.y, part.y), bottom = Math.min(bitmap.y + bitmap.height, part.y + part.height);
  for (let y = top; y < bottom && left < right; y += 1) {
    const from = (y - bitmap.y) * bitmap.width - bitmap.x;
    made.data.set(bitmap.data.subarray(from + left, from + right), (y - part.y) * part.width + left - part.x);
  }
  return made;
}

/** A bitmap that covers a part too, at least. @param {Bitmap} bitmap @param {Part} part @param {Size} image */
export function grown(bitmap, part, image) {
  const [x, y] = [Math.min(bitmap.x, part.x), Math.min(bitmap.y, part.y)];
  const right = Math.max(bitmap.x + bitmap.width, part.x + part.width);
  const bottom = Math.max(bitmap.y + bitmap.height, part.y + part.height);
  if (x === bitmap.x && y === bitmap.y && right === x + bitmap.width && bottom === y + bitmap.height) return bitmap;
  const room = 64; // so that a stroke does not grow it with every step
  const [width, height] = [right - x + 2 * room, bottom - y + 2 * room];
  return recut(bitmap, whole({ x: x - room, y: y - room, width, height }, image));
}

/** Where pixels are that are not 0; null when there are none. @param {Bitmap} bitmap @returns {Part | null} */
export function filledPart(bitmap) {
  const { width, height, data } = bitmap;
  let [top, bottom, left, right] = [-1, -1, width, -1];
  for (let y = 0; y < height; y += 1) {
    const row = data.subarray(y * width, (y + 1) * width), first = row.findIndex(Boolean);
    if (first < 0) continue;
    if (top < 0) top = y;
    bottom = y;
    left = Math.min(left, first);
    let last = width - 1;
    while (last > right && !row[last]) last -= 1;
    right = Math.max(right, last);
  }
  return top < 0 ? null : { x: bitmap.x + left, y: bitmap.y + top, width: right - left + 1, height: bottom - top + 1 };
}

/** Cropped to its pixels; null when there are none. @param {Bitmap} bitmap @returns {Bitmap | null} */
export function cropped(bitmap) {
  const part = filledPart(bitmap);
  return part && recut(bitmap, part);
}

/**
 * Set every pixel whose middle lies no further than `radius` from a stroke.
 * @param {Bitmap} bitmap @param {Point} from @param {Point} to @param {number} radius @param {number} value
 * @param {number | null} [over] set only pixels of this value @returns {Part} what was touched, in image pixels
 */
export function paint(bitmap, from, to, radius, value, over = null) {
  const [ax, ay, bx, by] = [from.x - bitmap.x, from.y - bitmap.y, to.x - bitmap.x, to.y - bitmap.y];
  const top = Math.max(0, Math.floor(Math.min(ay, by) - radius)), r2 = radius * radius;
  const bottom = Math.min(bitmap.height - 1, Math.ceil(Math.max(ay, by) + radius));
  const long = Math.hypot(bx - ax, by - ay), [nx, ny] = long ? [(ay - by) / long, (bx - ax) / long] : [0, 0];
  const corners = long ? [[1, 0], [1, 1], [-1, 1], [-1, 0]].map(([sign, end]) =>
    [(end ? bx : ax) + sign * nx * radius, (end ? by : ay) + sign * ny * radius]) : [];
  for (let y = top; y <= bottom; y += 1) {
    const middle = y + 0.5;
    let [left, right] = [Infinity, -Infinity];
    for (const [cx, cy] of [[ax, ay], [bx, by]]) {
      const half = r2 - (middle - cy) ** 2;
      if (half >= 0) [left, right] = [Math.min(left, cx - Math.sqrt(half)), Math.max(right, cx + Math.sqrt(half))];
    }
    for (let i = 0, j = corners.length - 1; i < corners.length; j = i, i += 1) {
      const [[px, py], [qx, qy]] = [corners[j], corners[i]];
      if (py > middle === qy > middle) continue;
      const x = px + ((middle - py) / (qy - py)) * (qx - px);
      [left, right] = [Math.min(left, x), Math.max(right, x)];
    }
    span(bitmap, y, left, right, value, over);
  }
  const x = Math.min(from.x, to.x) - radius, width = Math.abs(from.x - to.x) + 2 * radius;
  return { x, y: Math.min(from.y, to.y) - radius, width, height: Math.abs(from.y - to.y) + 2 * radius };
}

/**
 * Set every pixel whose middle lies inside polygons; one inside another is a hole.
 * @param {Bitmap} bitmap @param {Point[][]} parts @param {number} value @param {number | null} [over]
 */
export function fill(bitmap, parts, value, over = null) {
  for (let y = 0; y < bitmap.height; y += 1) {
    const middle = bitmap.y + y + 0.5, crossed = [];
    for (const part of parts) {
      for (let i = 0, j = part.length - 1; i < part.length; j = i, i += 1) {
        const [a, b] = [part[i], part[j]];
        if (a.y > middle !== b.y > middle) crossed.push(a.x + ((middle - a.y) / (b.y - a.y)) * (b.x - a.x) - bitmap.x);
      }
    }
    crossed.sort((one, other) => one - other);
    for (let i = 0; i + 1 < crossed.length; i += 2) span(bitmap, y, crossed[i], crossed[i + 1], value, over);
  }
}

/**
 * @param {Bitmap} bitmap @param {number} y @param {number} left @param {number} right @param {number} value
 * @param {number | null} over
 */
function span(bitmap, y, left, right, value, over) {
  const from = Math.max(0, Math.ceil(left - 0.5)), to = Math.min(bitmap.width - 1, Math.ceil(right - 0.5) - 1);
  if (to < from) return;
  const start = y * bitmap.width;
  if (over === null) bitmap.data.fill(value, start + from, start + to + 1);
  else for (let at = start + from; at <= start + to; at += 1) if (bitmap.data[at] === over) bitmap.data[at] = value;
}

/**
 * Set the connected pixels of one value around a point (four neighbours).
 * @param {Bitmap} bitmap @param {Point} at @param {number} value @returns {Part | null} what was touched
 */
export function pour(bitmap, at, value) {
  const [x, y] = [Math.floor(at.x) - bitmap.x, Math.floor(at.y) - bitmap.y], { width, height, data } = bitmap;
  if (x < 0 || y < 0 || x >= width || y >= height || data[y * width + x] === value) return null;
  const old = data[y * width + x], todo = [[x, y]];
  let [left, top, right, bottom] = [x, y, x, y];
  for (let next = todo.pop(); next; next = todo.pop()) {
    const row = next[1] * width;
    let [from, to] = [next[0], next[0]];
    if (data[row + from] !== old) continue;
    while (from > 0 && data[row + from - 1] === old) from -= 1;
    while (to < width - 1 && data[row + to + 1] === old) to += 1;
    data.fill(value, row + from, row + to + 1);
    [left, right] = [Math.min(left, from), Math.max(right, to)];
    [top, bottom] = [Math.min(top, next[1]), Math.max(bottom, next[1])];
    for (const other of [next[1] - 1, next[1] + 1]) {
      if (other < 0 || other >= height) continue;
      for (let column = from; column <= to; column += 1) {
        const here = other * width + column;
        if (data[here] === old && (column === from || data[here - 1] !== old)) todo.push([column, other]);
      }
    }
  }
  return { x: bitmap.x + left, y: bitmap.y + top, width: right - left + 1, height: bottom - top + 1 };
}

/** All pixels of some masks. @param {Bitmap[]} bitmaps at least one @returns {Bitmap} */
export function union(bitmaps) {
  const x = Math.min(...bitmaps.map((one) => one.x)), y = Math.min(...bitmaps.map((one) => one.y));
  const right = Math.max(...bitmaps.map((one) => one.x + one.width));
  const bottom = Math.max(...bitmaps.map((one) => one.y + one.height));
  const made = blank({ x, y, width: right - x, height: bottom - y });
  for (const one of bitmaps) combine(made, one, (_, other) => other, true);
  return made;
}

/** The pixels of a mask that are not in another. @param {Bitmap} bitmap @param {Bitmap} other @returns {Bitmap} */
export function without(bitmap, other) {
  const made = copied(bitmap);
  combine(made, other, () => 0, true);
  return made;
}

/**
 * Change a bitmap where another lies on it. @param {Bitmap} bitmap @param {Bitmap} other
 * @param {(mine: number, theirs: number) => number} how @param {boolean} inside only where the other is not 0
 */
export function combine(bitmap, other, how, inside) {
  const left = Math.max(bitmap.x, other.x), right = Math.min(bitmap.x + bitmap.width, other.x + other.width);
  const top = Math.max(bitmap.y, other.y), bottom = Math.min(bitmap.y + bitmap.height, other.y + other.height);
  for (let y = top; y < bottom; y += 1) {
    let mine = (y - bitmap.y) * bitmap.width + left - bitmap.x, theirs = (y - other.y) * other.width + left - other.x;
    for (let x = left; x < right; x += 1, mine += 1, theirs += 1) {
      if (!inside || other.data[theirs]) bitmap.data[mine] = how(bitmap.data[mine], other.data[theirs]);
    }
  }
}

/**
 * A mask moved by whole pixels; what leaves the image is cut off.
 * @param {Bitmap} bitmap @param {Point} by @param {Size} image
 */
export function movedBy(bitmap, by, image) {
  const made = { ...bitmap, x: bitmap.x + Math.round(by.x), y: bitmap.y + Math.round(by.y) };
  const part = whole(made, image);
  return part.width === made.width && part.height === made.height ? made : recut(made, part);
}

/** A mask stretched over another part, by nearest neighbours. @param {Bitmap} bitmap @param {Part} part whole pixels */
export function resampled(bitmap, part) {
  if (part.width === bitmap.width && part.height === bitmap.height) return { ...bitmap, x: part.x, y: part.y };
  const made = blank(part), [wide, high] = [bitmap.width / part.width, bitmap.height / part.height];
  for (let y = 0, at = 0; y < part.height; y += 1) {
    const row = Math.floor((y + 0.5) * high) * bitmap.width;
    for (let x = 0; x < part.width; x += 1, at += 1) made.data[at] = bitmap.data[row + Math.floor((x + 0.5) * wide)];
  }
  return made;
}

/** The connected pieces of a mask (eight neighbours), the largest first. @param {Bitmap} bitmap @returns {Bitmap[]} */
export function pieces(bitmap) {
  const { width, height, data } = bitmap, seen = new Uint8Array(data.length);
  /** @type {{area: number, piece: Bitmap}[]} */
  const found = [];
  for (let start = 0; start < data.length; start += 1) {
    if (!data[start] || seen[start]) continue;
    const todo = [start], members = [start];
    seen[start] = 1;
    for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
      const [x, y] = [at % width, Math.floor(at / width)];
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row += 1) {
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column += 1) {
          const next = row * width + column;
          if (!data[next] || seen[next]) continue;
          seen[next] = 1;
          todo.push(next);
          members.push(next);
        }
      }
    }
    const piece = blank(bitmap);
    for (const at of members) piece.data[at] = 1;
    found.push({ area: members.length, piece: /** @type {Bitmap} */ (cropped(piece)) });
  }
  return found.sort((one, other) => other.area - one.area).map(({ piece }) => piece);
}

const RIGHT = 1, DOWN = 2, LEFT = 4, UP = 8; // ways that an edge runs

/**
 * The outlines of a mask as polygons in image pixels, holes too: each runs along the edges of pixels, the mask on its
 * right. Pixels that touch at a corner are apart.
 * @param {Bitmap} bitmap @returns {Point[][]}
 */
export function rings(bitmap) {
  const wide = bitmap.width + 1, ways = edgesOf(bitmap), found = [];
  for (let start = 0; start < ways.length; start += 1) {
    if (!ways[start]) continue;
    const ring = [];
    let [here, way] = [start, 0];
    while (ways[here]) {
      const next = turned(ways[here], way);
      if (next !== way) ring.push({ x: bitmap.x + (here % wide), y: bitmap.y + Math.floor(here / wide) });
      ways[here] &= ~next;
      here += next === RIGHT ? 1 : next === LEFT ? -1 : next === DOWN ? wide : -wide;
      way = next;
    }
    found.push(ring);
    start -= 1; // another may begin at the same corner
  }
  return found;
}

/** For every corner between pixels the ways in which edges leave it. @param {Bitmap} bitmap */
function edgesOf({ width, height, data }) {
  const wide = width + 1, ways = new Uint8Array(wide * (height + 1));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0, at = y * width, corner = y * wide; x < width; x += 1, at += 1, corner += 1) {
      if (!data[at]) continue;
      if (!y || !data[at - width]) ways[corner] |= RIGHT;
      if (x === width - 1 || !data[at + 1]) ways[corner + 1] |= DOWN;
      if (y === height - 1 || !data[at + width]) ways[corner + wide + 1] |= LEFT;
      if (!x || !data[at - 1]) ways[corner + wide] |= UP;
    }
  }
  return ways;
}

/**
 * The way on from a corner: where two pixels touch at it, around the same pixel.
 * @param {number} ways @param {number} way
 */
function turned(ways, way) {
  const right = way === UP ? RIGHT : way << 1;
  if (ways & right) return right;
  return [RIGHT, DOWN, LEFT, UP].find((one) => ways & one) ?? 0;
}
