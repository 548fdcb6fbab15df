// Pictures that are ready to be drawn at any size: decoded once, with copies of half the size each.

/** @import { Picture } from "./labeling.js" */
/** @import { Part, Place, Size } from "./placing.js" */
/** @typedef {{source: CanvasImageSource, width: number, height: number}} Level */

const SMALLEST = 256; // pixels of the longer side of the last copy
const KEPT = 5; // pictures: the open one, two after it, one before, one to spare
const SHARP = 3; // from this many screen pixels per image pixel on, pixels are drawn as squares

/** @type {Map<string, Promise<Level[]>>} */
const known = new Map();

/**
 * A picture and its smaller copies, the largest first; decoded once, and kept for a while.
 * @param {Picture} picture @returns {Promise<Level[]>}
 */
export function levels(picture) {
  const found = known.get(picture.media) ?? decoded(picture.media);
  known.delete(picture.media);
  known.set(picture.media, found);
  found.catch(() => known.delete(picture.media));
  for (const old of [...known.keys()].slice(0, -KEPT)) known.delete(old);
  return found;
}

/** @param {string} address @returns {Promise<Level[]>} */
async function decoded(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`expected the image, the server answered ${answer.status}; open the image again`);
  const full = await createImageBitmap(await answer.blob());
  /** @type {ImageBitmap[]} */
  const made = [full];
  for (let last = full; Math.max(last.width, last.height) > 2 * SMALLEST; last = made[made.length - 1]) {
    const [resizeWidth, resizeHeight] = [Math.ceil(last.width / 2), Math.ceil(last.height / 2)];
    made.push(await createImageBitmap(last, { resizeWidth, resizeHeight, resizeQuality: "medium" }));
  }
  return made.map((source) => ({ source, width: source.width, height: source.height }));
}

/** The thumbnail alone, until the picture is there. @param {string} address @returns {Promise<Level[]>} */
export async function thumbnail(address) {
  const image = new Image();
  image.src = address;
  await image.decode();
  return [{ source: image, width: image.naturalWidth, height: image.naturalHeight }];
}

/**
 * Draw what of a picture can be seen, from the smallest copy that is sharp.
 * @param {CanvasRenderingContext2D} context in pixels of the screen @param {Level[]} from @param {Size} image as shown
 * @param {Place} place in pixels of the screen @param {Size} room
 */
export function drawPicture(context, from, image, place, room) {
  const wanted = image.width * place.scale;
  const level = [...from].reverse().find((one) => one.width >= wanted) ?? from[0];
  const seen = visible(image, place, room), ratio = level.width / image.width, high = level.height / image.height;
  if (seen.width <= 0 || seen.height <= 0) return;
  context.imageSmoothingEnabled = place.scale < SHARP;
  context.imageSmoothingQuality = "low";
  const [left, top] = [seen.x * place.scale + place.x, seen.y * place.scale + place.y];
  context.fillStyle = "white"; // what is see-through is white, as in thumbnails and for networks
  context.fillRect(left, top, seen.width * place.scale, seen.height * place.scale);
  context.drawImage(level.source, seen.x * ratio, seen.y * high, seen.width * ratio, seen.height * high,
    left, top, seen.width * place.scale, seen.height * place.scale);
}

/**
 * The part of the image inside the frame, in whole image pixels.
 * @param {Size} image @param {Place} place @param {Size} room @returns {Part}
 */
export function visible(image, place, room) {
  const x = Math.max(0, Math.floor(-place.x / place.scale)), y = Math.max(0, Math.floor(-place.y / place.scale));
  const right = Math.min(image.width, Math.ceil((room.width - place.x) / place.scale));
  const bottom = Math.min(image.height, Math.ceil((room.height - place.y) / place.scale));
  return { x, y, width: right - x, height: bottom - y };
}
