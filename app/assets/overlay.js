// Labels drawn over an image: boxes as SVG, masks as one coloured layer for each field, classes of the whole image as
// small words.

import { h, s } from "./dom.js";

/**
 * @typedef {import("./api.js").Label} Label
 * @typedef {import("./api.js").Row} Row
 * @typedef {{name: string, predicted: boolean, hidden: boolean}} Field
 * @typedef {{fields: Field[], hiddenFields: Set<string>, hiddenClasses: Set<string>, threshold: number, names: boolean,
 *   colour: (name: string) => string, opacity: number, outlines: boolean, instances: boolean, boxes: boolean, settled: number}} Look
 *   how labels are shown; `settled` is the threshold of masks, which follows when the hand rests
 * @typedef {{field: Field, label: Label, key: string}} Shown
 */

/**
 * The labels of a sample that are shown, ground truth first.
 * @param {Row} row
 * @param {Look} look
 * @returns {Shown[]}
 */
export function shown(row, look) {
  const found = [];
  for (const field of look.fields) {
    if (look.hiddenFields.has(field.name)) continue;
    for (const [index, label] of (row.labels[field.name] ?? []).entries()) {
      const weak = field.predicted && label.confidence !== null && label.confidence < look.threshold;
      if (!weak && !look.hiddenClasses.has(label.label)) found.push({ field, label, key: `${field.name}:${index}` });
    }
  }
  return found;
}

/**
 * @param {Row} row
 * @param {Look} look
 * @param {(field: string, how: Record<string, string | string[]>) => string} masks  address of the masks of a field
 * @returns {HTMLElement}
 */
export function overlay(row, look, masks) {
  const svg = s("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" });
  const layer = h("div.overlay", {}, ...painted(row, look, masks), svg);
  const words = h("div.words");
  for (const item of shown(row, look)) {
    const colour = look.colour(item.label.label);
    if (item.label.box && (look.boxes || !item.label.mask)) {
      svg.append(...outline(item, colour));
      layer.append(caption(item, colour));
    } else if (!item.label.box && !item.label.mask) words.append(word(item, colour));
  }
  if (words.childElementCount) layer.append(words);
  return layer;
}

/** @param {Shown} item @param {string} colour */
function outline(item, colour) {
  const [x, y, width, height] = /** @type {[number, number, number, number]} */ (item.label.box);
  const place = { x, y, width, height, "vector-effect": "non-scaling-stroke", "data-key": item.key };
  const halo = s("rect", { ...place, class: "halo" });
  const box = s("rect", { ...place, class: item.field.predicted ? "box predicted" : "box", stroke: colour, fill: colour });
  return [halo, box];
}

/** @param {Shown} item @param {string} colour */
function caption(item, colour) {
  const [x, y, , height] = /** @type {[number, number, number, number]} */ (item.label.box);
  const below = item.field.predicted;
  const place = { left: `${x * 100}%`, top: `${(below ? y + height : y) * 100}%`, background: colour };
  return h(`span.caption${below ? ".below" : ""}`, { style: place, "data-key": item.key }, text(item.label));
}

/** @param {Shown} item @param {string} colour */
function word(item, colour) {
  return h(`span.word${item.field.predicted ? ".predicted" : ""}`, { style: { "--c": colour }, "data-key": item.key }, text(item.label));
}

/**
 * A layer for each field with masks that is shown.
 * @param {Row} row @param {Look} look @param {(field: string, how: Record<string, string | string[]>) => string} masks
 */
function painted(row, look, masks) {
  const fields = look.fields.filter((field) => row.masks?.[field.name] && !look.hiddenFields.has(field.name));
  return fields.map((field) => {
    /** @type {Record<string, string | string[]>} */
    const how = { hide: [...look.hiddenClasses].sort(), by: look.instances ? "instance" : "class", style: look.outlines ? "contour" : "fill" };
    if (field.predicted) how.least = look.settled.toFixed(2);
    return h("img.masks", { src: masks(field.name, how), alt: "", loading: "lazy", decoding: "async", draggable: "false" });
  });
}

/** One mask alone, in the colour of its class. @param {Shown} item @param {string} colour @param {string} address */
export function stencil(item, colour, address) {
  const [x, y, width, height] = item.label.box ?? [0, 0, 1, 1];
  const style = { left: `${x * 100}%`, top: `${y * 100}%`, width: `${width * 100}%`, height: `${height * 100}%` };
  const paint = { background: colour, "mask-image": `url("${address}")`, "-webkit-mask-image": `url("${address}")` };
  return h("div.stencil", { style: { ...style, ...paint } });
}

/** @param {Label} label */
function text(label) {
  return label.confidence === null ? label.label : `${label.label} ${label.confidence.toFixed(2)}`;
}
