// Proposals: labels of another field, such as a run's predictions, shown below the labels until a person accepts them.
// What overlaps a label of the same class by more than half counts as accepted already.

import { fetchMasks } from "./bitmappng.js";
import { h, icon, slider } from "./dom.js";

/** @import { Bitmap } from "./bitmap.js" */
/** @import { LabelerApi } from "./labelerapi.js" */
/** @import { Label } from "./labeling.js" */
/** @typedef {{name: string, kind: string, holds: string, many: boolean, predicted: boolean}} FieldInfo */
/**
 * @typedef {object} On
 * @property {(labels: Label[], masks: Map<string, Bitmap>) => void} show  on the canvas
 * @property {(labels: Label[], field: FieldInfo) => Promise<void>} accept
 * @property {(field: FieldInfo | null) => void} chosen
 */

const COVERED = 0.5; // IoU with a label of the class from which on a proposal is there already

export class Proposals {
  /** @param {LabelerApi} api @param {FieldInfo[]} fields that fit @param {On} on */
  constructor(api, fields, on) {
    this.api = api;
    this.fields = fields;
    this.on = on;
    /** @type {FieldInfo | null} */
    this.field = null;
    /** @type {Label[]} */
    this.labels = []; // of the open sample
    /** @type {Label[]} */
    this.known = []; // labels of the field that is edited
    this.threshold = 0.25;
    /** @type {Map<string, Bitmap>} */
    this.masks = new Map();
    this.sample = "";
    this.wanted = ""; // the proposal that a person came for: it stands first
    /** @type {(name: string) => string} */
    this.colour = () => "";
    this.root = h("section.proposals");
    this.draw();
  }

  /** @param {string | null} name of the field; null for none */
  async choose(name) {
    this.field = this.fields.find((one) => one.name === name) ?? null;
    this.on.chosen(this.field);
    await this.open(this.sample);
  }

  /** Read the proposals of a sample. @param {string} sample */
  async open(sample) {
    [this.sample, this.labels, this.masks] = [sample, [], new Map()];
    const { field } = this;
    if (field && sample) {
      const found = await this.api.labels(sample, field.name).catch(() => ({ labels: [], etag: "" }));
      if (this.sample !== sample || this.field !== field) return;
      this.labels = [...found.labels].sort((one, other) => (other.confidence ?? 1) - (one.confidence ?? 1));
    }
    this.draw();
    this.tell();
    if (!field || !this.labels.some((one) => one.mask)) return;
    const { token, dataset } = this.api, masks = await fetchMasks(token, dataset, sample, field.name).catch(() => null);
    if (!masks || this.sample !== sample || this.field !== field) return;
    this.masks = masks;
    this.tell();
  }

  /** The labels of the edited field changed. @param {Label[]} labels @param {(name: string) => string} colour */
  update(labels, colour) {
    const before = this.left.length;
    [this.known, this.colour] = [labels, colour];
    if (this.field && this.left.length !== before) {
      this.draw();
      this.tell();
    }
  }

  /** Those that are left to be judged, strongest first. */
  get left() {
    const strong = (/** @type {Label} */ one) => (one.confidence ?? 1) >= this.threshold || one.id === this.wanted;
    const left = this.labels.filter((one) => strong(one) && !this.covered(one));
    return left.sort((one, other) => Number(other.id === this.wanted) - Number(one.id === this.wanted));
  }

  tell() {
    this.on.show(this.left, this.masks);
  }

  /** @param {Label} proposal */
  covered(proposal) {
    return this.known.some((one) => one.label === proposal.label && overlap(one, proposal) > COVERED);
  }

  /** @param {Label[]} some */
  async accept(some) {
    if (this.field && some.length) await this.on.accept(some, this.field);
  }

  /** Accept the strongest that is left. */
  first() {
    return this.accept(this.left.slice(0, 1));
  }

  all() {
    return this.accept(this.left);
  }

  draw() {
    const { fields, field, left } = this;
    const options = [h("option", { value: "" }, "no proposals"),
      ...fields.map((one) => h("option", { value: one.name }, one.name))];
    const changed = () => { void this.choose(select.value || null); };
    const select = h("select", { "aria-label": "Proposals from", onchange: changed },
      ...options);
    select.value = field?.name ?? "";
    if (!fields.length) {
      const text = "No other field of this kind: train a model, or pre-label this view, to accept its predictions.";
      this.root.replaceChildren(h("p.none", {}, text));
      return;
    }
    if (!field) {
      this.root.replaceChildren(select,
        h("p.none", {}, "Choose a run's predictions, or another field, to accept labels from it."));
      return;
    }
    const shown = h("output", {}, this.threshold.toFixed(2));
    const range = slider("At least",
      { step: 0.01, value: this.threshold, "aria-label": "Confidence of proposals, at least" }, (value) => {
      this.threshold = value;
      shown.textContent = value.toFixed(2);
      list.replaceChildren(...this.rows());
      button.disabled = !this.left.length;
      words.textContent = this.words();
      this.tell();
    });
    range.append(shown);
    const words = h("span", {}, this.words());
    const button = h("button.main",
      { type: "button", disabled: !left.length, title: "Accept all that are shown (Shift+Y)",
        onclick: () => this.all() }, icon("check"), words);
    const list = h("ul.labels", {}, ...this.rows());
    this.root.replaceChildren(select, range, button, list);
  }

  words() {
    const { length } = this.left;
    return length ? `Accept ${length === 1 ? "this one" : `all ${length}`}` : "Nothing left to accept";
  }

  rows() {
    return this.left.map((one, index) => {
      const sure = one.confidence === null || one.confidence === undefined ? "" : one.confidence.toFixed(2);
      const dot = h("i", { style: { background: one.label ? this.colour(one.label) : "var(--quiet)" } });
      const title = index ? "Accept" : "Accept (Y)";
      const button = h("button.plain",
        { type: "button", title, "aria-label": title, onclick: () => this.accept([one]) }, icon("check"));
      return h("li", {}, dot, h("span.told", {}, h("span", {}, one.label ?? "mask")), h("b", {}, sure), button);
    });
  }
}

/**
 * IoU of the boxes of two labels, or of what lies around their points; 1 for classes of the image. @param {Label} one
 * @param {Label} other
 */
export function overlap(one, other) {
  const [a, b] = [around(one), around(other)];
  if (!a || !b) return a || b ? 0 : 1;
  const wide = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]);
  const high = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]);
  const both = Math.max(0, wide) * Math.max(0, high), all = a[2] * a[3] + b[2] * b[3] - both;
  return all > 0 ? both / all : 0;
}

/** @param {Label} label @returns {number[] | null} */
function around({ box, points }) {
  if (box) return box;
  const seen = (points?.flat() ?? []).filter(([x]) => x !== null).map(([x, y]) => [Number(x), Number(y)]);
  if (!seen.length) return null;
  const [xs, ys] = [seen.map(([x]) => x), seen.map(([, y]) => y)], [x, y] = [Math.min(...xs), Math.min(...ys)];
  return [x, y, Math.max(...xs) - x, Math.max(...ys) - y];
}
