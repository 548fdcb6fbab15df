// A gallery of objects and of classified images: labels solid, predictions dashed; hits, false positives and missed
// labels differ in colour and sign.

import { pane, photo, still } from "./canvas.js";
import { h, mounted, slider } from "./dom.js";
import { Gallery } from "./gallery.js";
import { warmed } from "./heat.js";
import { layer, overlay } from "./overlay.js";
import { drawnLength, sideFor, source, thumbnail } from "./pictures.js";
import { around } from "./placing.js";
import { unpacked } from "./posing.js";

/** @import { Component, Data, Drawn, Item, Sample, Side } from "./gallery.js" */
/** @typedef {"" | "sign" | "full"} Named  what is written at a box */

const CROWD = 24; // boxes of an image from which on only mistakes are written out
const SIGNS = 14; // mistakes on a card that still have room for their signs
/** @type {Record<string, {colour: string, sign: string, text: string}>} */
const OUTCOMES = {
  tp: { colour: "#0ea5a0", sign: "\u2713", text: "hit" },
  fp: { colour: "#f97316", sign: "\u2715", text: "false positive" },
  fn: { colour: "#d946ef", sign: "\u25cb", text: "missed" },
  ignored: { colour: "#94a3b8", sign: "\u00b7", text: "left out" },
};

/** @extends {Gallery<Data>} */
class Patches extends Gallery {
  /** @param {HTMLElement} root @param {Component<Data>} component */
  constructor(root, component) {
    super(root, component);
    this.layers = { label: true, prediction: true };
    /** @type {Side} */
    this.filled = "label"; // the side whose masks are filled
    this.shade = 0.7; // of heat maps
    this.heated = new AbortController();
  }

  // --- what is drawn ----------------------------------------------------------------------------------------------

  /** @param {Item} item @param {Sample} sample */
  picture(item, sample) {
    const aspect = item.box ? 1 : this.ratio, pixels = this.data.shape === "images" ? 280 : 176;
    const part = around(sample, item.box, aspect);
    const length = drawnLength(sample, Math.max(part.width, part.height), pixels);
    const mistakes = sample.boxes.filter((one) => one.outcome !== "tp").length, few = !item.box && mistakes <= SIGNS;
    const image = h("img", { src: source(sample, length), alt: sample.name, draggable: "false", decoding: "async" });
    const over = this.drawn(item, sample, !item.box, length, (one) => (few && one.outcome !== "tp" ? "sign" : ""));
    return h("div.frame", {}, still(sample, part, pixels, image, over));
  }

  /** @param {Item} item @param {Sample} sample */
  panes(item, sample) {
    this.heated.abort();
    this.heated = new AbortController();
    const length = Math.max(sample.width, sample.height);
    const over = this.drawn(item, sample, true, Math.min(length, 1100), (one, strong) =>
      sample.boxes.length <= CROWD || strong ? "full" : one.outcome === "tp" ? "" : "sign");
    const image = () => photo(sample.media, thumbnail(sample, 512), sample.name);
    const maps = item.heat.map((heat) => warmed(image(), heat, this.heated.signal));
    return [pane(maps.length ? "image" : "", image(), over), ...maps];
  }

  /**
   * What is drawn over an image.
   * @param {Item} item @param {Sample} sample @param {boolean} all or only what is judged
   * @param {number} length in pixels @param {(one: Drawn, strong: boolean) => Named} named
   */
  drawn(item, sample, all, length, named) {
    const strong = (/** @type {Drawn} */ one) => one.id === item.id || item.others.includes(one.id);
    const masked = this.masked(sample); // then hits are seen by their masks
    const seen = (/** @type {Drawn} */ one) => strong(one) || (all && !(masked && one.outcome === "tp"));
    const shown = sample.boxes.filter((one) => this.layers[one.side] && seen(one));
    const edges = this.data.edges ?? [];
    const marks = shown.map((one) => mark(one, strong(one), named(one, strong(one)), edges));
    return overlay(marks, this.masks(sample, length));
  }

  /**
   * The masks of objects: one side filled, the other as outlines over it; a side shown alone is filled.
   * @param {Sample} sample @param {number} length in pixels
   */
  masks(sample, length) {
    const { filled } = this, sides = filled === "label" ? SIDES : [...SIDES].reverse();
    const found = sides.filter((side) => this.layers[side]).flatMap((side) => {
      const masks = sample.masks[side];
      return masks ? [{ side, masks }] : [];
    });
    const size = String(sideFor(length));
    return found.map(({ side, masks }) => {
      const style = found.length === 1 || side === filled ? "fill" : "contour";
      return layer(masks[style].replace("{side}", size));
    });
  }

  /** @param {Sample} sample */
  masked(sample) {
    return Boolean(sample.masks.label ?? sample.masks.prediction);
  }

  /** @param {Item} item */
  sign(item) {
    const outcome = OUTCOMES[item.outcome];
    return outcome ? h("span.sign", { style: { "--key": outcome.colour } }, `${outcome.sign} `) : null;
  }

  // --- what it says -----------------------------------------------------------------------------------------------

  knobs() {
    return Object.values(this.samples).some((sample) => sample.boxes.length) ? [this.legend()] : [];
  }

  legend() {
    const masked = Object.values(this.samples).some((sample) => this.masked(sample));
    const entries = ["tp", "fp", "fn"].map((name) => {
      const { colour, sign, text } = OUTCOMES[name];
      const style = { color: `color-mix(in srgb, ${colour} 80%, var(--st-text-color))` };
      return h("span.entry", { style }, `${sign} ${text}`);
    });
    return h("span.legend", {}, ...SIDES.map((side) => this.switch(side)), masked ? this.filling() : null, ...entries);
  }

  /** @param {Side} side */
  switch(side) {
    const onclick = () => {
      this.layers[side] = !this.layers[side];
      this.again();
    };
    const props = { "aria-pressed": this.layers[side], title: `show or hide ${side}s`, onclick };
    return h(`button.layer.${side}`, props, `${side}s`);
  }

  /** Which side's masks are filled, and the opacity of masks. */
  filling() {
    const title = "the masks of the other side are outlines; every object has a colour of its own";
    const buttons = SIDES.map((side) => {
      const onclick = () => {
        this.filled = side;
        this.again();
      };
      return h("button", { title, "aria-pressed": this.filled === side, onclick }, `fill ${side}s`);
    });
    const opacity = slider("", { value: this.opacity, "aria-label": "Opacity of the masks" }, (value) => {
      this.opacity = value;
      this.fade();
    });
    return h("span.switch", {}, ...buttons, opacity);
  }

  /** @param {Item} item @param {Sample} sample */
  about(item, sample) {
    return [
      ...(sample.boxes.length ? [this.legend(), parts(sample)] : []),
      ...(item.top.length ? [ranking(item)] : []),
      ...(item.heat.length ? [this.strength()] : []),
    ];
  }

  /** The opacity of heat maps. */
  strength() {
    const apply = (/** @type {number} */ value) => {
      this.shade = value;
      this.dialog?.style.setProperty("--shade", String(value));
    };
    apply(this.shade);
    return slider("heat map", { value: this.shade }, apply);
  }

  closed() {
    this.heated.abort();
  }
}

const SIDES = /** @type {Side[]} */ (["label", "prediction"]);

/**
 * @param {Drawn} one @param {boolean} strong @param {Named} named @param {import("./posing.js").Edges} edges
 * @returns {import("./overlay.js").Mark}
 */
function mark({ box, side, label, outcome, confidence, points }, strong, named, edges) {
  const { colour, sign } = OUTCOMES[outcome] ?? OUTCOMES.ignored;
  const full = `${sign} ${label}${confidence === null ? "" : ` ${confidence.toFixed(2)}`}`;
  const predicted = side === "prediction", pose = points ? { ...unpacked(points), predicted, edges } : null;
  return { box, colour, text: named === "full" ? full : named && sign, predicted, strong, pose };
}

/** The most probable classes of an image. @param {Item} item */
function ranking(item) {
  const rows = item.top.map(([name, share]) => {
    const own = item.truth.includes(name), meter = h("i", { style: { width: `${100 * share}%` } });
    const words = [h("span", {}, own ? `${name} \u00b7 label` : name), h("small", {}, share.toFixed(3))];
    return h(own ? "li.truth" : "li", {}, ...words, meter);
  });
  return h("ul.ranking", {}, ...rows);
}

/** The boxes of an image in words, mistakes first. @param {Sample} sample */
function parts(sample) {
  const first = [...sample.boxes].sort((a, b) => Number(a.outcome === "tp") - Number(b.outcome === "tp"));
  const rows = first.map(({ side, label, outcome, confidence }) => {
    const { colour, sign, text } = OUTCOMES[outcome] ?? OUTCOMES.ignored;
    const note = `${side === "label" ? "label" : (confidence ?? 1).toFixed(2)}, ${text}`;
    const words = [h("span.sign", {}, sign), h("span", {}, label), h("small", {}, note)];
    return h(`li.${side}`, { style: { "--key": colour } }, ...words);
  });
  return h("ul.parts", {}, ...rows);
}

/** @param {HTMLElement} root @param {Component<Data>} component */
const made = (root, component) => new Patches(root, component);

export const render = mounted(".patches", made);
