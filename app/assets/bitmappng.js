// Masks as they travel: PNG files of one channel in base64, and the file of `/api/masks` with all masks of a field.

import { blank, recut, resampled } from "./bitmap.js";

/** @import { Bitmap } from "./bitmap.js" */
/** @import { Box } from "./labeling.js" */
/** @import { Size } from "./placing.js" */

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const CRC = Uint32Array.from({ length: 256 }, (_, index) => {
  let sum = index;
  for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  return sum;
});

/**
 * A PNG of one channel in base64: pixels above 0 as 255, or `values` as they are.
 * @param {Bitmap} bitmap @param {boolean} [values] @returns {Promise<string>}
 */
export async function encoded(bitmap, values = false) {
  const { width, height, data } = bitmap, depth = values ? 8 : 1;
  const stride = values ? width : Math.ceil(width / 8);
  const rows = new Uint8Array((stride + 1) * height); // each begins with its filter, 0 for none
  for (let y = 0; y < height; y += 1) {
    const start = y * (stride + 1) + 1, row = data.subarray(y * width, (y + 1) * width);
    if (values) rows.set(row, start);
    else for (let x = 0; x < width; x += 1) if (row[x]) rows[start + (x >> 3)] |= 128 >> (x & 7);
  }
  const head = new DataView(new ArrayBuffer(13));
  head.setUint32(0, width);
  head.setUint32(4, height);
  head.setUint8(8, depth);
  const packed = await through(rows, new CompressionStream("deflate"));
  const parts = [Uint8Array.from(SIGNATURE), chunk("IHDR", new Uint8Array(head.buffer)), chunk("IDAT", packed),
    chunk("IEND", new Uint8Array(0))];
  return base64(parts);
}

/**
 * A PNG in base64 as a bitmap at 0, 0: pixels above 0 as 1, or with `values` the first channel.
 * @param {string} png @param {boolean} [values] @returns {Promise<Bitmap>}
 */
export async function decoded(png, values = false) {
  const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
  const file = new Blob([bytes], { type: "image/png" });
  const picture = await createImageBitmap(file, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  const { width, height } = picture, canvas = new OffscreenCanvas(width, height);
  const found = canvas.getContext("2d", { willReadFrequently: true });
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (found);
  context.drawImage(picture, 0, 0);
  picture.close();
  const { data } = context.getImageData(0, 0, width, height), made = blank({ x: 0, y: 0, width, height });
  for (let index = 0; index < made.data.length; index += 1) {
    const value = data[index * 4];
    made.data[index] = values ? value : Number(value > 0 && data[index * 4 + 3] > 0);
  }
  return made;
}

/**
 * All masks of a field of a sample, by label, as they are stored (`laid` says where they lie).
 * @param {string} token @param {string} dataset @param {string} sample @param {string} field
 * @param {AbortSignal} [signal]
 * @returns {Promise<Map<string, Bitmap>>}
 */
export async function fetchMasks(token, dataset, sample, field, signal) {
  const place = [dataset, sample, field].map(encodeURIComponent).join("/");
  const answer = await fetch(`/api/masks/${place}`, { headers: { "X-Foveal-Token": token }, signal });
  if (answer.ok) return unpacked(await answer.arrayBuffer());
  /** @type {{error?: string, action?: string}} */
  const { error, action } = await answer.json().catch(() => ({}));
  throw new Error([error ?? `the server answered ${answer.status}`, action ?? "try again"].join("; "));
}

/**
 * The masks in a file of `/api/masks`: the length of its head in four bytes, the head as JSON, then for every mask in
 * it its pixels, a bit each (`bits`) or a byte each, row by row, each row padded to whole bytes.
 * @param {ArrayBuffer} file @returns {Map<string, Bitmap>}
 */
export function unpacked(file) {
  const long = new DataView(file).getUint32(0, true), bytes = new Uint8Array(file, 4 + long);
  /** @type {{id: string, width: number, height: number, bits: boolean}[]} */
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 4, long)));
  const found = new Map();
  let start = 0;
  for (const { id, bits, width, height } of head) {
    const stride = bits ? Math.ceil(width / 8) : width, made = blank({ x: 0, y: 0, width, height });
    if (bits) unfold(bytes.subarray(start, start + stride * height), stride, made);
    else made.data.set(bytes.subarray(start, start + made.data.length));
    start += stride * height;
    found.set(id, made);
  }
  return found;
}

/**
 * A mask as it is stored, where it lies: as large as the image on all of it, else stretched over its box.
 * @param {Bitmap} stored @param {Box | null} box @param {Size} image @returns {Bitmap}
 */
export function laid(stored, box, image) {
  const full = stored.width === image.width && stored.height === image.height;
  if (!box) return full ? { ...stored, x: 0, y: 0 } : resampled(stored, { x: 0, y: 0, ...image });
  const part = pixelPart(box, image);
  return full ? recut({ ...stored, x: 0, y: 0 }, part) : resampled(stored, part);
}

/** Where the mask of an object lies: the whole pixels that its box covers best. @param {Box} box @param {Size} image */
export function pixelPart([x, y, wide, high], image) {
  const [left, top] = [Math.round(x * image.width), Math.round(y * image.height)];
  const right = Math.max(left + 1, Math.round((x + wide) * image.width));
  const bottom = Math.max(top + 1, Math.round((y + high) * image.height));
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** @param {Uint8Array} bytes @param {number} stride @param {Bitmap} into */
function unfold(bytes, stride, into) {
  const { width, height, data } = into;
  for (let y = 0; y < height; y += 1) {
    for (let at = 0; at < stride; at += 1) {
      const byte = bytes[y * stride + at], start = y * width + at * 8;
      if (!byte) continue;
      for (let bit = 0; bit < 8 && at * 8 + bit < width; bit += 1) data[start + bit] = (byte >> (7 - bit)) & 1;
    }
  }
}

/** @param {Uint8Array<ArrayBuffer>} bytes @param {CompressionStream} stream */
async function through(bytes, stream) {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

/** @param {string} name @param {Uint8Array} content */
function chunk(name, content) {
  const made = new Uint8Array(content.length + 12), view = new DataView(made.buffer);
  view.setUint32(0, content.length);
  for (let index = 0; index < 4; index += 1) made[4 + index] = name.charCodeAt(index);
  made.set(content, 8);
  let sum = 0xffffffff;
  for (let index = 4; index < content.length + 8; index += 1) sum = CRC[(sum ^ made[index]) & 255] ^ (sum >>> 8);
  view.setUint32(content.length + 8, ~sum >>> 0);
  return made;
}

/** @param {Uint8Array[]} parts */
function base64(parts) {
  const letters = [];
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 8192) letters.push(String.fromCharCode(...part.subarray(at, at + 8192)));
  }
  return btoa(letters.join(""));
}
