// The labels of a sample as a person chose to see them: which are shown, and how they are drawn.

import { keep, kept } from "./dom.js";
import { layer, overlay } from "./overlay.js";
import { colouring, hash } from "./palette.js";
import { around, lines } from "./posing.js";

/** @import { Label, Row } from "./api.js" */
/** @import { Mark } from "./overlay.js" */
/** @import { Edges } from "./posing.js" */
/**
 * @typedef {{name: string, predicted: boolean, hidden: boolean, posed?: boolean, edges?: Edges}} Field
 * @typedef {{fields: Field[], hiddenFields: Set<string>, hiddenClasses: Set<string>, threshold: number, names: boolean,
 *   colour: (name: string) => string, opacity: number, outlines: boolean, instances: boolean, boxes: boolean,
 *   settled: number, palette: string}} Look  how labels are shown; `settled` is the threshold of masks, which follows
 *   at rest; `palette` tells the chosen colours, "" for none
 * @typedef {{field: Field, label: Label, key: string}} Shown
 * @typedef {Record<string, string | string[]>} How  masks of a field are painted
 */

/**
 * How labels were shown the last time a dataset was open here.
 * @param {string} dataset @param {Field[]} fields @param {string[]} classes
 * @param {Record<string, string>} chosen  colours of classes that people chose @returns {Look}
 */
export function remembered(dataset, fields, classes, chosen = {}) {
  const own = new Map(Object.entries(chosen)), other = colouring(classes);
  const palette = own.size ? String(hash([...own].flat().join(" "))) : "";
  const hiddenFields = fields.filter((field) => field.hidden).map((field) => field.name);
  const first = { hiddenFields, hiddenClasses: /** @type {string[]} */ ([]), threshold: 0.25, opacity: 0.6 };
  const look = kept(place(dataset), { ...first, outlines: false, instances: false, boxes: true, names: false });
  return {
    ...look, hiddenFields: new Set(look.hiddenFields), hiddenClasses: new Set(look.hiddenClasses), fields,
    settled: look.threshold, colour: (name) => own.get(name) ?? other(name), palette,
  };
}

/** @param {string} dataset @param {Look} look */
export function remember(dataset, look) {
  const { fields, settled, colour, palette, ...rest } = look;
  keep(place(dataset), { ...rest, hiddenFields: [...look.hiddenFields], hiddenClasses: [...look.hiddenClasses] });
}

/** The labels of a sample that are shown, ground truth first. @param {Row} row @param {Look} look */
export function shown(row, look) {
  /** @type {Shown[]} */
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
 * @param {Row} row @param {Look} look
 * @param {(field: string, how: How) => string} masks address of the masks of a field
 */
export function drawn(row, look, masks) {
  const drawable = shown(row, look).filter(({ label }) => !label.mask || (label.box && look.boxes));
  return overlay(drawable.map((item) => mark(item, look)), painted(row, look, masks));
}

/** @param {string} dataset */
function place(dataset) {
  return `foveal:look:${dataset}`;
}

/** @param {Shown} item @param {Look} look @returns {Mark} */
function mark({ field, label, key }, look) {
  const text = label.confidence === null ? label.label : `${label.label} ${label.confidence.toFixed(2)}`;
  const known = { colour: look.colour(label.label), text, predicted: field.predicted, key };
  const points = label.points ?? null;
  if (!points) return { ...known, box: label.box };
  if (!field.posed) return { ...known, box: around(points), path: lines(points, label.attributes?.closed === true) };
  const { predicted, edges = [] } = field, pose = { points: points[0] ?? [], seen: label.seen ?? [], predicted, edges };
  return { ...known, box: label.box ?? around(points), pose, faint: !look.boxes };
}

/**
 * A layer for each field with masks that is shown.
 * @param {Row} row @param {Look} look @param {(field: string, how: How) => string} masks
 */
function painted(row, look, masks) {
  const fields = look.fields.filter((field) => row.masks?.[field.name] && !look.hiddenFields.has(field.name));
  const [by, style] = [look.instances ? "instance" : "class", look.outlines ? "contour" : "fill"];
  return fields.map((field) => {
    /** @type {How} */
    const how = { hide: [...look.hiddenClasses].sort(), by, style };
    if (look.palette) how.palette = look.palette; // the picture has another address in other colours
    if (field.predicted) how.least = look.settled.toFixed(2);
    return layer(masks(field.name, how));
  });
}
