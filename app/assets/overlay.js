// What is drawn over an image: masks as pictures of the server, boxes, key points and lines as SVG with their names,
// names of the whole image as small words. Lines and names keep their size on the screen, however large the image is.

import { h, s } from "./dom.js";
import { dots, limbs } from "./posing.js";

/** @import { Pose } from "./posing.js" */

/**
 * @typedef {[number, number, number, number]} Box  x, y, width, height in [0, 1]
 * @typedef {object} Mark  what is drawn of one label
 * @property {Box | null} box  null is the whole image
 * @property {string} colour
 * @property {string} text  "" for none
 * @property {boolean} [predicted]  predictions are dashed
 * @property {boolean} [strong]
 * @property {string} [key]  under which it is found again
 * @property {Pose | null} [pose]  key points inside the box
 * @property {string} [path]  lines in a square of 1 by 1, in place of a box
 * @property {boolean} [faint]  the box gives way to what is in it; its name stays
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

/** What is drawn of a mark. @param {Mark} mark */
function outline(mark) {
  if (mark.path !== undefined) return path(mark);
  return mark.pose ? [...(mark.faint ? [] : rectangle(mark)), ...figure(mark, mark.pose)] : rectangle(mark);
}

/** A dark line below one in the colour. @param {Mark} mark */
function rectangle(mark) {
  const [x, y, width, height] = /** @type {Box} */ (mark.box);
  const kind = `${kinds(mark)}${mark.pose && !mark.strong ? " posed" : ""}`;
  const place = { x, y, width, height, ...line(mark) };
  const box = s("rect", { ...place, class: `box${kind}`, stroke: mark.colour, fill: mark.colour });
  return [s("rect", { ...place, class: `halo${kind}` }), box];
}

/** Lines, dark below and in the colour above. @param {Mark} mark */
function path(mark) {
  const kind = kinds(mark), props = { d: mark.path ?? "", ...line(mark) };
  const colours = { stroke: mark.colour, fill: mark.colour };
  return [s("path", { ...props, class: `halo${kind}` }), s("path", { ...props, class: `box${kind}`, ...colours })];
}

/**
 * Points, and the lines that join them: dots keep their size, hidden points are hollow, unsure ones faint.
 * @param {Mark} mark @param {Pose} pose
 */
function figure(mark, pose) {
  const kind = kinds(mark), joined = limbs(pose), { full, hollow, faint } = dots(pose);
  const drawn = (/** @type {string} */ d, /** @type {string} */ name, /** @type {string} */ stroke) =>
    d ? [s("path", { d, ...line(mark), class: `${name}${kind}`, ...(stroke ? { stroke } : {}) })] : [];
  return [
    ...drawn(joined, "halo limb", ""), ...drawn(joined, "limb", mark.colour),
    ...drawn(full + hollow, "halo point", ""), ...drawn(full + hollow, "point", mark.colour),
    ...drawn(hollow, "point hollow", ""), ...drawn(faint, "point faint", mark.colour),
  ];
}

/** @param {Mark} mark */
function kinds(mark) {
  return `${mark.predicted ? " predicted" : ""}${mark.strong ? " strong" : ""}`;
}

/** @param {Mark} mark */
function line(mark) {
  return { "vector-effect": "non-scaling-stroke", "data-key": mark.key };
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
