// How labels look on the stage: outlines as wide on the screen at any scale, masks in the colour of their class, names.

import { rings } from "./bitmap.js";
import { visible } from "./stagepicture.js";
import { meet, simplified } from "./shapes.js";

/** @import { Bitmap } from "./bitmap.js" */
/** @import { Part, Place, Point, Size } from "./placing.js" */
/** @import { Shape } from "./shapeslabel.js" */
/** @typedef {{colour: string, strong?: boolean, dashed?: boolean, fill?: number}} Style  fill: opacity inside */

const DARK = "rgb(2 6 23 / .55)", TEXT = "600 11px ui-sans-serif, system-ui, sans-serif";
const HIGH = 16; // of a name
const HANDLE = 8;
/** @type {WeakMap<Bitmap, {colours: string, canvas: OffscreenCanvas}>} */
const tints = new WeakMap();
const BUDGET = 6; // ms of a frame for outlines that were not traced yet
/** @type {WeakMap<Bitmap, {rings: Point[][], paths: Map<number, Path2D>}>} */
const edges = new WeakMap();
/** @type {Map<string, ImageBitmap>} */
const names = new Map();

/** Draws on a canvas in pixels of the screen what is given in pixels of the image. */
export class Painter {
  /**
   * @param {CanvasRenderingContext2D} context @param {Place} place @param {Size} room @param {Size} image
   * @param {number} density
   */
  constructor(context, place, room, image, density) {
    this.context = context;
    this.place = place;
    this.room = room;
    this.density = density;
    this.image = image;
    this.spent = 0; // ms, on tracing
    this.late = false; // whether something is left for the next frame
    const seen = visible(image, place, room), slack = 40 / place.scale;
    const [width, height] = [seen.width + 2 * slack, seen.height + 2 * slack];
    this.seen = { x: seen.x - slack, y: seen.y - slack, width, height };
  }

  /** Whether something of a part can be seen. @param {Part | null} part */
  sees(part) {
    return part !== null && meet(part, this.seen);
  }

  /** @param {Point} at @returns {[number, number]} on the screen */
  on(at) {
    return [at.x * this.place.scale + this.place.x, at.y * this.place.scale + this.place.y];
  }

  /** @param {Shape} shape @param {Style} style @param {[number, number][]} [edges] of a skeleton */
  shape(shape, style, edges = []) {
    if (shape.bitmap) this.contour(shape.bitmap, style);
    else if (shape.points && shape.joined) this.lines(shape.points, shape.closed, style);
    else if (shape.points) this.dots(shape.points[0] ?? [], edges, style);
    else if (shape.part) this.box(shape.part, style);
  }

  /** @param {Part} part @param {Style} style */
  box(part, style) {
    const context = this.context, [x, y] = this.on(part), { scale } = this.place;
    const [left, top] = [Math.round(x), Math.round(y)], right = Math.round(x + part.width * scale);
    const bottom = Math.round(y + part.height * scale), wide = style.strong ? 3 : 2;
    if (style.fill) {
      context.globalAlpha = style.fill;
      context.fillStyle = style.colour;
      context.fillRect(left, top, right - left, bottom - top);
      context.globalAlpha = 1;
    }
    if (style.dashed) {
      this.stroke(() => context.rect(left, top, right - left, bottom - top), style);
      return;
    }
    context.fillStyle = DARK;
    this.edge(left, top, right, bottom, wide + 2);
    context.fillStyle = style.colour;
    this.edge(left, top, right, bottom, wide);
  }

  /**
   * Four bars: they are much quicker than a stroke.
   * @param {number} left @param {number} top @param {number} right @param {number} bottom @param {number} wide
   */
  edge(left, top, right, bottom, wide) {
    const context = this.context, out = Math.floor(wide / 2); // whole pixels are quicker too
    context.fillRect(left - out, top - out, right - left + wide, wide);
    context.fillRect(left - out, bottom - out, right - left + wide, wide);
    context.fillRect(left - out, top - out + wide, wide, bottom - top - wide);
    context.fillRect(right - out, top - out + wide, wide, bottom - top - wide);
  }

  /** @param {(Point | null)[][]} parts @param {boolean} closed @param {Style} style */
  lines(parts, closed, style) {
    const context = this.context;
    const trace = () => {
      for (const part of parts) {
        for (const [index, at] of part.entries()) {
          if (!at) continue;
          if (index) context.lineTo(...this.on(at));
          else context.moveTo(...this.on(at));
        }
        if (closed) context.closePath();
      }
    };
    if (closed && style.fill) {
      context.beginPath();
      trace();
      context.globalAlpha = style.fill;
      context.fillStyle = style.colour;
      context.fill("evenodd");
      context.globalAlpha = 1;
    }
    this.stroke(trace, style);
  }

  /** @param {(Point | null)[]} points @param {[number, number][]} edges @param {Style} style */
  dots(points, edges, style) {
    const context = this.context, radius = style.strong ? 4.5 : 3.5;
    this.stroke(() => {
      for (const [from, to] of edges) {
        const [a, b] = [points[from], points[to]];
        if (!a || !b) continue;
        context.moveTo(...this.on(a));
        context.lineTo(...this.on(b));
      }
    }, style);
    for (const at of points) if (at) this.dot(at, radius, style.colour);
  }

  /** @param {Point} at @param {number} radius @param {string} colour @param {string} [rim] */
  dot(at, radius, colour, rim = "#fff") {
    const context = this.context, [x, y] = this.on(at);
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = colour;
    context.fill();
    context.lineWidth = 1.25;
    context.strokeStyle = rim;
    context.stroke();
  }

  /** A dark line below one in the colour. @param {() => void} trace @param {Style} style */
  stroke(trace, style) {
    const context = this.context;
    context.beginPath();
    trace();
    context.lineJoin = "round";
    context.setLineDash(style.dashed ? [5, 3.5] : []);
    [context.lineWidth, context.strokeStyle] = [style.strong ? 4.2 : 3, DARK];
    context.stroke();
    [context.lineWidth, context.strokeStyle] = [style.strong ? 2.4 : 1.6, style.colour];
    context.stroke();
    context.setLineDash([]);
  }

  /**
   * The pixels of a mask, a colour for each value.
   * @param {Bitmap} bitmap @param {Map<number, string>} colours @param {number} opacity
   */
  mask(bitmap, colours, opacity) {
    const { scale } = this.place, context = this.context, seen = this.seen;
    const x = Math.max(0, Math.floor(seen.x - bitmap.x)), y = Math.max(0, Math.floor(seen.y - bitmap.y));
    const right = Math.min(bitmap.width, Math.ceil(seen.x + seen.width - bitmap.x));
    const bottom = Math.min(bitmap.height, Math.ceil(seen.y + seen.height - bitmap.y));
    if (right <= x || bottom <= y) return;
    context.globalAlpha = opacity;
    context.imageSmoothingEnabled = false;
    const [left, top] = this.on({ x: bitmap.x + x, y: bitmap.y + y });
    const [wide, high] = [right - x, bottom - y];
    context.drawImage(tinted(bitmap, colours), x, y, wide, high, left, top, wide * scale, high * scale);
    context.globalAlpha = 1;
  }

  /** The outline of a mask; later, where tracing it takes too long now. @param {Bitmap} bitmap @param {Style} style */
  contour(bitmap, style) {
    if (!edges.has(bitmap) && this.spent > BUDGET && !style.strong) {
      this.late = true;
      return;
    }
    const began = performance.now(), path = traced(bitmap, this.place.scale);
    this.spent += performance.now() - began;
    const context = this.context, { scale, x, y } = this.place;
    context.save();
    context.transform(scale, 0, 0, scale, x, y);
    context.setLineDash(style.dashed ? [5 / scale, 3.5 / scale] : []);
    [context.lineWidth, context.strokeStyle] = [(style.strong ? 3.5 : 2.5) / scale, DARK];
    if (style.strong) context.stroke(path);
    [context.lineWidth, context.strokeStyle] = [(style.strong ? 1.8 : 1.2) / scale, style.colour];
    context.stroke(path);
    context.restore();
  }

  /**
   * A name above a part, inside the frame.
   * @param {Part} part @param {string} text @param {string} colour @param {boolean} [below]
   */
  name(part, text, colour, below = false) {
    const made = named(text, colour, this.density), { room } = this;
    const [wide, high] = [made.width / this.density, made.height / this.density];
    const [x, y] = this.on(part), bottom = y + part.height * this.place.scale;
    const left = Math.round(Math.min(Math.max(x - 1, 0), Math.max(0, room.width - wide)));
    const top = Math.round(below ? Math.min(bottom + 3, room.height - high) : Math.max(y - high - 1, 0));
    this.context.drawImage(made, left, top, wide, high);
  }

  /** A handle to drag. @param {Point} at @param {string} colour @param {boolean} [small] */
  handle(at, colour, small = false) {
    const context = this.context, [x, y] = this.on(at), side = small ? HANDLE - 3 : HANDLE;
    context.fillStyle = "#fff";
    context.strokeStyle = small ? DARK : colour;
    context.lineWidth = 1.5;
    context.beginPath();
    context.rect(Math.round(x - side / 2), Math.round(y - side / 2), side, side);
    context.fill();
    context.stroke();
  }

  /** A thin line over the whole frame. @param {number | null} x @param {number | null} y @param {string} colour */
  ruler(x, y, colour) {
    const context = this.context, [left, top] = this.on({ x: x ?? 0, y: y ?? 0 });
    context.fillStyle = colour;
    if (x !== null) context.fillRect(Math.round(left), 0, 1, this.room.height);
    if (y !== null) context.fillRect(0, Math.round(top), this.room.width, 1);
  }

  /** A circle as large as the brush. @param {Point} at @param {number} radius image pixels @param {string} colour */
  ring(at, radius, colour) {
    const context = this.context, [x, y] = this.on(at);
    for (const [wide, paint] of /** @type {[number, string][]} */ ([[3, DARK], [1.5, colour]])) {
      context.beginPath();
      context.arc(x, y, Math.max(1.5, radius * this.place.scale), 0, 2 * Math.PI);
      [context.lineWidth, context.strokeStyle] = [wide, paint];
      context.stroke();
    }
  }
}

/** Forget the colours of a mask that was painted on. @param {Bitmap} bitmap */
export function forget(bitmap) {
  tints.delete(bitmap);
  edges.delete(bitmap);
}

/** The copy of a mask takes over its picture, to be painted on. @param {Bitmap} from @param {Bitmap} to */
export function inherit(from, to) {
  const known = tints.get(from);
  if (known) tints.set(to, known);
  tints.delete(from);
}

/**
 * A mask as a picture; only this part of it again, where it was painted since.
 * @param {Bitmap} bitmap @param {Map<number, string>} colours @param {Part} [fresh] whole pixels of the image
 */
export function tinted(bitmap, colours, fresh) {
  const key = [...colours].join(), known = tints.get(bitmap);
  if (known?.colours === key && !fresh) return known.canvas;
  const same = known?.colours === key ? known.canvas : null;
  const canvas = same ?? new OffscreenCanvas(bitmap.width, bitmap.height);
  const all = { x: bitmap.x, y: bitmap.y, width: bitmap.width, height: bitmap.height };
  put(canvas, bitmap, table(colours), same && fresh ? fresh : all);
  tints.set(bitmap, { colours: key, canvas });
  return canvas;
}

/** @param {OffscreenCanvas} canvas @param {Bitmap} bitmap @param {Uint32Array} colours @param {Part} part */
function put(canvas, bitmap, colours, part) {
  const left = Math.max(0, part.x - bitmap.x), right = Math.min(bitmap.width, part.x - bitmap.x + part.width);
  const top = Math.max(0, part.y - bitmap.y), bottom = Math.min(bitmap.height, part.y - bitmap.y + part.height);
  if (right <= left || bottom <= top) return;
  const picture = new ImageData(right - left, bottom - top), pixels = new Uint32Array(picture.data.buffer);
  for (let y = top, at = 0; y < bottom; y += 1) {
    const row = y * bitmap.width;
    for (let x = left; x < right; x += 1, at += 1) pixels[at] = colours[bitmap.data[row + x]];
  }
  /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d")).putImageData(picture, left, top);
}

/** Pixels (little-endian RGBA) by value. @param {Map<number, string>} colours @returns {Uint32Array} */
function table(colours) {
  const made = new Uint32Array(256);
  for (const [value, colour] of colours) {
    const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
    made[value] = (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0;
  }
  return made;
}

/**
 * The outline of a mask with as many corners as can be seen at a scale.
 * @param {Bitmap} bitmap @param {number} scale
 */
function traced(bitmap, scale) {
  let known = edges.get(bitmap);
  if (!known) edges.set(bitmap, (known = { rings: rings(bitmap), paths: new Map() }));
  const slack = scale >= 2 ? 0 : 2 ** Math.round(Math.log2(0.6 / scale)), found = known.paths.get(slack);
  if (found) return found;
  const path = new Path2D();
  for (const ring of known.rings) {
    const corners = slack ? simplified([...ring, ring[0]], slack) : ring;
    for (const [index, { x, y }] of corners.entries()) path[index ? "lineTo" : "moveTo"](x, y);
    path.closePath();
  }
  known.paths.set(slack, path);
  return path;
}

/** @param {string} text @param {string} colour @param {number} density */
function named(text, colour, density) {
  const key = `${density}|${colour}|${text}`, known = names.get(key);
  if (known) return known;
  const made = new OffscreenCanvas(1, Math.ceil(HIGH * density));
  let context = /** @type {OffscreenCanvasRenderingContext2D} */ (made.getContext("2d"));
  context.font = TEXT;
  made.width = Math.ceil((context.measureText(text).width + 8) * density);
  context = /** @type {OffscreenCanvasRenderingContext2D} */ (made.getContext("2d"));
  context.scale(density, density);
  context.fillStyle = colour;
  context.beginPath();
  context.roundRect(0, 0, made.width / density, HIGH, 3);
  context.fill();
  [context.font, context.fillStyle, context.textBaseline] = [TEXT, "#fff", "middle"];
  [context.shadowColor, context.shadowBlur] = ["rgb(0 0 0 / .7)", 2 * density];
  context.fillText(text, 4, HIGH / 2 + 0.5);
  if (names.size > 2000) names.clear();
  const picture = made.transferToImageBitmap();
  names.set(key, picture);
  return picture;
}
