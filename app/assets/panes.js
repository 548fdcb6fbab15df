// A gallery of semantic masks: image, label, prediction and mistakes side by side, as strips in the gallery and as four
// panes in the viewer that pan and zoom together. The masks are pictures from the server, drawn over the image.

import { pane, photo, still } from "./canvas.js";
import { h, keep, kept, mounted, slider } from "./dom.js";
import { Gallery } from "./gallery.js";
import { layer } from "./overlay.js";
import { sideFor, thumbnail } from "./pictures.js";
import { around } from "./placing.js";

/** @import { Component as Drawn, Data as Listed, Item, Sample } from "./gallery.js" */
/**
 * @typedef {{name: "image" | "label" | "prediction" | "errors", title: string}} Pane
 * @typedef {{name: string, colour: string}} MistakeKind
 * @typedef {{name: string, iou: number, labelled: number, predicted: number}} ClassRow
 * @typedef {Listed & {dataset: string, fields: {label: string, prediction: string}, colours: Record<string, string>,
 *   kinds: MistakeKind[], kindsOfOne: MistakeKind[], focus: string, parts: Record<string, ClassRow[]>}} Data
 */

/** @type {Pane[]} */
const PANES = [
  { name: "image", title: "image" }, { name: "label", title: "label" },
  { name: "prediction", title: "prediction" }, { name: "errors", title: "mistakes" },
];
const KEPT = "foveal:panes";

/** @extends {Gallery<Data>} */
class Panes extends Gallery {
  /** @param {HTMLElement} root @param {Drawn<Data>} component */
  constructor(root, component) {
    super(root, component);
    const { opacity, contour } = kept(KEPT, { opacity: 0.6, contour: false });
    this.opacity = opacity;
    this.contour = Boolean(contour);
    this.only = ""; // the class that is shown alone
  }

  /** @param {Drawn<Data>} component */
  update(component) {
    if (component.data.key !== this.key) this.only = component.data.focus;
    super.update(component);
  }

  // --- what is drawn ----------------------------------------------------------------------------------------------

  /** @param {Item} _item @param {Sample} sample */
  picture(_item, sample) {
    const part = around(sample, null, this.ratio), pixels = 170;
    const thumbs = PANES.map(({ name, title }) => {
      const alt = `${sample.name}, ${title}`;
      const image = h("img", { src: thumbnail(sample, 256), alt, loading: "lazy", decoding: "async" });
      return h(`div.thumb.${name}`, { title }, still(sample, part, pixels, image, ...this.laid(sample, name, pixels)));
    });
    return h("div.strip", {}, ...thumbs);
  }

  /** @param {Item} _item @param {Sample} sample */
  panes(_item, sample) {
    const pixels = Math.min(1024, Math.max(sample.width, sample.height));
    return PANES.map(({ name, title }) => {
      const image = photo(sample.media, thumbnail(sample, 512), `${sample.name}, ${title}`);
      const words = name === "errors" && this.only ? `${title}: ${this.only}` : title;
      const made = pane(words, image, ...this.laid(sample, name, pixels));
      made.classList.add(name);
      return made;
    });
  }

  /**
   * The layer over an image; one that fails to load says so.
   * @param {Sample} sample @param {Pane["name"]} name @param {number} pixels
   */
  laid(sample, name, pixels) {
    if (name === "image") return [];
    const over = layer(this.address(sample, name, pixels));
    over.addEventListener("error", () => over.replaceWith(h("span.absent", {}, "no mask")));
    return [over];
  }

  /** @param {Sample} sample @param {"label" | "prediction" | "errors"} name @param {number} pixels */
  address(sample, name, pixels) {
    const { dataset, fields } = this.data, query = new URLSearchParams({ side: String(sideFor(pixels)) });
    if (this.only) query.set("only", this.only);
    if (name === "errors") return `/api/errors/${dataset}/${sample.id}/${fields.label}/${fields.prediction}?${query}`;
    if (this.contour) query.set("style", "contour");
    return `/api/overlay/${dataset}/${sample.id}/${fields[name]}?${query}`;
  }

  /** Outlines are drawn in full. */
  fade() {
    const opacity = String(this.contour ? 1 : this.opacity);
    for (const one of [this.root, this.dialog]) one?.style.setProperty("--masks", opacity);
  }

  // --- what it says -----------------------------------------------------------------------------------------------

  get keys() {
    const ours = ["e fix", "c confirm", "w wrong label", "i ignore", "u undo", "f outlines", "a all classes"];
    return `arrows move \u00b7 Enter opens \u00b7 ${ours.join(" \u00b7 ")}`;
  }

  knobs() {
    return [h("span.order", {}, PANES.map(({ title }) => title).join(" | ")), this.legend()];
  }

  legend() {
    const classes = Object.entries(this.data.colours).map(([name, colour]) => this.chip(name, name, colour));
    const mistakes = this.only ? this.data.kindsOfOne : this.data.kinds;
    const kinds = mistakes.map(({ name, colour }) => h("span.kind", {}, dot(colour), name));
    return h(
      "div.legend", {}, h("span.knobs", {}, this.strength(), this.styles()),
      h("span.classes", {}, this.chip("", "all classes", ""), ...classes),
      h("span.kinds", {}, h("span.kind", {}, "mistakes:"), ...kinds),
    );
  }

  strength() {
    const props = { value: this.opacity, disabled: this.contour, "aria-label": "Opacity of the masks" };
    return slider("Opacity", props, (value) => {
      this.opacity = value;
      this.fade();
      this.remember();
    });
  }

  styles() {
    const button = (/** @type {boolean} */ contour, /** @type {string} */ text) =>
      h("button", { "aria-pressed": this.contour === contour, onclick: () => this.outline(contour) }, text);
    return h("span.switch", {}, button(false, "filled"), button(true, "outlines"));
  }

  /** @param {string} name @param {string} text @param {string} colour */
  chip(name, text, colour) {
    const title = name ? `show ${name} alone, with its false positives and negatives` : "show all classes";
    const props = { title, "aria-pressed": this.only === name, onclick: () => this.flip(name) };
    return h("button.chip", props, colour ? dot(colour) : null, text);
  }

  /** The classes of the image, a click shows one alone. @param {Item} item */
  about(item) {
    const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
    const rows = (this.data.parts[item.sample] ?? []).map(({ name, iou, labelled, predicted }) => {
      const props = { tabindex: 0, "aria-pressed": this.only === name, onclick: () => this.flip(name) };
      const cells = cellsOf(name, iou.toFixed(2), percent(labelled), percent(predicted));
      return h("li", props, dot(this.data.colours[name] ?? "transparent"), ...cells);
    });
    const heading = h("li.heading", {}, ...cellsOf("class", "IoU", "label", "predicted"));
    return [this.legend(), h("ul.shares", {}, heading, ...rows)];
  }

  // --- what can be done -------------------------------------------------------------------------------------------

  /** @param {boolean} contour */
  outline(contour) {
    this.contour = contour;
    this.remember();
    this.again();
  }

  /** @param {string} name a class to show alone, or once more to show all; "" for all */
  flip(name) {
    this.only = this.only === name ? "" : name;
    this.again();
  }

  remember() {
    keep(KEPT, { opacity: this.opacity, contour: this.contour });
  }

  /** @param {KeyboardEvent} event */
  action(event) {
    const from = event.composedPath()[0];
    if (from instanceof HTMLLIElement && (event.key === "Enter" || event.key === " ")) return () => from.click();
    if (event.key === "f") return () => this.outline(!this.contour);
    return event.key === "a" ? () => this.flip("") : super.action(event);
  }
}

/** @param {string} colour */
function dot(colour) {
  return h("i", { style: { background: colour } });
}

/** @param {...string} words */
function cellsOf(...words) {
  return words.map((word) => h("span", {}, word));
}

export const render = mounted(".panes", (root, /** @type {Drawn<Data>} */ component) => new Panes(root, component));
