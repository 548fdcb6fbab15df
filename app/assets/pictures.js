// Copies of images that are sharp enough for the size at which they are shown.

/** @import { Size } from "./placing.js" */
/** @typedef {Size & {thumbnail: string, media: string}} Pictured  addresses of copies (with `{side}`) and file */

const SIDES = [256, 512, 1024, 2048];
const THUMBNAIL = 1024; // the largest one
const ENOUGH = 0.85; // of the wanted pixels look as sharp

/** The longest side of a picture that is sharp on so many pixels of the screen. @param {number} pixels */
export function sideFor(pixels, density = Math.min(2, globalThis.devicePixelRatio || 1)) {
  return SIDES.find((side) => side >= pixels * density * ENOUGH) ?? SIDES[SIDES.length - 1];
}

/**
 * How many pixels long an image is drawn, when `seen` of its pixels are drawn `pixels` long.
 * @param {Size} image @param {number} seen @param {number} pixels
 */
export function drawnLength(image, seen, pixels) {
  return (pixels * Math.max(image.width, image.height)) / seen;
}

/**
 * The thumbnail that is sharp enough for this size on screen; the file itself if none is.
 * @param {Pictured} sample @param {number} pixels
 */
export function source(sample, pixels, density = Math.min(2, globalThis.devicePixelRatio || 1)) {
  const wanted = sideFor(pixels, density);
  return wanted <= THUMBNAIL ? thumbnail(sample, wanted) : sample.media;
}

/** @param {Pictured} sample @param {number} side */
export function thumbnail(sample, side) {
  return sample.thumbnail.replace("{side}", String(side));
}
