// The labels that are open in the editor, and what gestures change of them: no elements, no pictures.

import { shapeOf } from "./shapeslabel.js";

/** @import { Bitmap } from "./bitmap.js" */
/** @import { Attribute, Edit, Field, Label, Values } from "./labeling.js" */
/** @import { Size } from "./placing.js" */
/** @import { Shape } from "./shapeslabel.js" */
/**
 * An edit whose mask is a bitmap: `label.mask` is true where its pixels change; else it only lies elsewhere.
 * @typedef {{action: Edit["action"], label_id: string, label: Values, bitmap?: Bitmap}} Change
 */
/** @typedef {"front" | "back" | "forward" | "backward"} Order */

/** What a new label has. @returns {Values} */
const free = () => ({ crowd: false, tags: [], attributes: {} });

export class Model {
  /** @param {Field} field @param {Size} image @param {Label[]} labels */
  constructor(field, image, labels) {
    this.field = field;
    this.image = image;
    this.labels = new Map(labels.map((label) => [label.id, label]));
    /** @type {Map<string, Bitmap>} */
    this.masks = new Map();
    /** @type {Map<string, Shape>} */
    this.shapes = new Map();
    /** @type {string[] | null} */
    this.sorted = null;
  }

  /** Ids in the order in which they are drawn, the lowest first. */
  get order() {
    this.sorted ??= ordered([...this.labels.values()]);
    return this.sorted;
  }

  /** @param {string} id @returns {Shape} */
  shape(id) {
    let found = this.shapes.get(id);
    if (!found) {
      found = shapeOf(this.label(id), this.image, this.masks.get(id), this.field.holds === "polylines");
      this.shapes.set(id, found);
    }
    return found;
  }

  /** @param {string} id */
  label(id) {
    const found = this.labels.get(id);
    if (!found) throw new Error(`expected a label with id ${id}, found none; open the image again`);
    return found;
  }

  /** @param {string} id @param {Bitmap} bitmap where it lies on the image */
  setMask(id, bitmap) {
    this.masks.set(id, bitmap);
    this.shapes.delete(id);
  }

  /**
   * Make changes, in order; those that do not fit (a label that is gone, or there already) are left out.
   * @param {Change[]} changes
   * @returns {{made: Change[], back: Change[]}} those made, and what takes them back, in order
   */
  apply(changes) {
    const made = [], back = [];
    for (const change of changes) {
      const before = this.labels.get(change.label_id);
      if ((change.action === "add") === (before !== undefined)) continue;
      made.push(change);
      back.unshift(this.inverse(change, before));
      this.make(change, before);
    }
    return { made, back };
  }

  /** @param {Change} change @param {Label | undefined} before @returns {Change} */
  inverse({ action, label_id, label }, before) {
    const bitmap = this.masks.get(label_id);
    if (!before) return { action: "delete", label_id, label: {} };
    if (action === "delete") {
      const { id, ...values } = before;
      return { action: "add", label_id: id, label: values, ...(bitmap ? { bitmap } : {}) };
    }
    const placed = label.mask !== undefined || label.box !== undefined;
    return { action, label_id, label: earlier(before, label), ...(placed && bitmap ? { bitmap } : {}) };
  }

  /** @param {Change} change @param {Label | undefined} before */
  make({ action, label_id, label, bitmap }, before) {
    if (action === "delete") this.labels.delete(label_id);
    else this.labels.set(label_id, merged(before ?? { id: label_id, ...free() }, label));
    if (action === "delete" || label.mask === null) this.masks.delete(label_id);
    else if (bitmap) this.masks.set(label_id, bitmap);
    this.shapes.delete(label_id);
    this.sorted = null;
  }

  /** What gives labels another place among the others. @param {string[]} ids @param {Order} how @returns {Change[]} */
  reordered(ids, how) {
    const chosen = this.order.filter((id) => ids.includes(id)), rest = this.order.filter((id) => !ids.includes(id));
    if (!chosen.length) return [];
    const edge = how === "forward" ? chosen[chosen.length - 1] : chosen[0];
    const below = this.order.slice(0, this.order.indexOf(edge)).filter((id) => !ids.includes(id)).length;
    const at = { front: rest.length, back: 0, forward: below + 1, backward: below - 1 }[how];
    const cut = Math.max(0, at), wanted = [...rest.slice(0, cut), ...chosen, ...rest.slice(cut)];
    if (how === "back" || how === "backward") return raised(this, wanted.reverse(), -1);
    return raised(this, wanted, 1);
  }
}

/** @param {Label[]} labels as they are stored @returns {string[]} */
function ordered(labels) {
  return labels.map((label, index) => ({ id: label.id, z: layerOf(label), index }))
    .sort((one, other) => one.z - other.z || one.index - other.index).map(({ id }) => id);
}

/**
 * The fewest layers that make an order, from one end of it. @param {Model} model @param {string[]} wanted
 * @param {1 | -1} step @returns {Change[]}
 */
function raised(model, wanted, step) {
  const place = new Map([...model.labels.keys()].map((id, index) => [id, index])), changes = [];
  let [last, before] = [-Infinity * step, -1];
  for (const id of wanted) {
    const old = layerOf(model.label(id)), index = /** @type {number} */ (place.get(id));
    const after = (old - last) * step > 0 || (old === last && (index - before) * step > 0 && before >= 0);
    const z = after || !Number.isFinite(last) ? old : (index - before) * step > 0 ? last : last + step;
    if (z !== old) changes.push(attribute(id, "z_order", z));
    [last, before] = [z, index];
  }
  return changes;
}

/** The layer of a label. @param {Label} label */
export function layerOf(label) {
  const z = label.attributes?.z_order;
  return typeof z === "number" ? z : 0;
}

/** @param {string} id @param {string} name @param {Attribute} value @returns {Change} */
export function attribute(id, name, value) {
  return { action: "change", label_id: id, label: { attributes: { [name]: value } } };
}

/** A new id of a label: 24 hexadecimal digits, the first eight of them the time in seconds. */
export function newId() {
  const rest = [...crypto.getRandomValues(new Uint8Array(8))];
  return [Math.floor(Date.now() / 1000) >>> 0].map((time) => time.toString(16).padStart(8, "0"))
    .concat(rest.map((byte) => byte.toString(16).padStart(2, "0"))).join("");
}

/** A label with other values. @param {Label} label @param {Values} values @returns {Label} */
function merged(label, values) {
  const attributes = { ...label.attributes, ...values.attributes };
  for (const [name, value] of Object.entries(values.attributes ?? {})) if (value === null) delete attributes[name];
  const mask = Boolean(values.mask === undefined ? label.mask : values.mask);
  const all = Object.entries({ ...label, ...values, attributes, mask }).filter(([, value]) => value !== null);
  return /** @type {Label} */ (Object.fromEntries(all));
}

/** The values that a change replaces. @param {Label} label @param {Values} values @returns {Values} */
function earlier(label, values) {
  /** @type {Values} */
  const before = {};
  if (values.label !== undefined) before.label = label.label ?? null;
  if (values.box !== undefined) before.box = label.box ?? null;
  if (values.points !== undefined) before.points = label.points ?? null;
  if (values.mask !== undefined) before.mask = label.mask ? true : null;
  if (values.confidence !== undefined) before.confidence = label.confidence ?? null;
  if (values.crowd !== undefined) before.crowd = label.crowd ?? false;
  if (values.tags !== undefined) before.tags = label.tags ?? [];
  if (values.attributes) {
    const names = Object.keys(values.attributes);
    before.attributes = Object.fromEntries(names.map((name) => [name, label.attributes?.[name] ?? null]));
  }
  return before;
}
