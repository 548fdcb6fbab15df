// What is drawn over an image: masks as pictures of the server, boxes as SVG with their names, names of the whole image
// as small words. Lines and names keep their size on the screen, however large the image is drawn.

import { h, s } from "./dom.js";

/**
 * @typedef {[number, number, number, number]} Box  x, y, width, height in [0, 1]
 * @typedef {object} Mark  what is drawn of one label
 * @property {Box | null} box  null is the whole image
 * @property {string} colour
 * @property {string} text  "" for none
 * @property {boolean} [predicted]  predictions are dashed
 * @property {boolean} [strong]
 * @property {string} [key]  under which it is found again
 */

/** @param {Mark[]} marks @param {HTMLElement[]} masks below the marks @returns {HTMLElement} */
export function overlay(marks, masks = []) {
  const boxed = marks.filter((mark) => mark.box), words = marks.filter((mark) => !mark.box);
  boxed.sort((one, other) => Number(one.strong ?? false) - Number(other.strong ?? false));
  const view = { viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" };
  const svg = s("svg", view, ...boxed.flatMap(outline));
  const row = words.length ? h("div.words", {}, ...words.map((mark) => named("word", mark))) : null;
  return h("div.overlay", {}, ...masks, svg, ...boxed.filter((mark) => mark.text).map(caption), row);
}

/**
 * A picture that covers the image, with the opacity `--masks`.
 * @param {string} address @param {string} [kind] a class
 */
export function layer(address, kind = "masks") {
  return h(`img.${kind}`, { src: address, alt: "", loading: "lazy", decoding: "async", draggable: "false" });
}

/** One mask alone, in a colour. @param {Box} box @param {string} colour @param {string} address */
export function stencil(box, colour, address) {
  const [left, top, width, height] = box.map((share) => `${share * 100}%`), mask = `url("${address}")`;
  return h("div.stencil", { style: { left, top, width, height, background: colour, "mask-image": mask } });
}

/** A dark line below one in the colour. @param {Mark} mark */
function outline(mark) {
  const [x, y, width, height] = /** @type {Box} */ (mark.box);
  const kind = `${mark.predicted ? " predicted" : ""}${mark.strong ? " strong" : ""}`;
  const place = { x, y, width, height, "vector-effect": "non-scaling-stroke", "data-key": mark.key };
  const box = s("rect", { ...place, class: `box${kind}`, stroke: mark.colour, fill: mark.colour });
  return [s("rect", { ...place, class: `halo${kind}` }), box];
}

/** The name of a box: of a label above it, of a prediction below, both inside the image. @param {Mark} mark */
function caption(mark) {
  const [x, y, , height] = /** @type {Box} */ (mark.box);
  const made = named("caption", mark), high = "var(--line-height)";
  const top = mark.predicted ? `${(y + height) * 100}%` : `calc(${y * 100}% - ${high})`;
  made.style.left = `${x * 100}%`;
  made.style.top = `clamp(0px, ${top}, calc(100% - ${high}))`;
  return made;
}

/** @param {string} kind @param {Mark} mark */
function named(kind, mark) {
  const style = { "--c": mark.colour };
  return h(`span.${kind}${mark.predicted ? ".predicted" : ""}`, { style, "data-key": mark.key }, mark.text);
}
