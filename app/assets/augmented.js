// Sixteen training samples with their labels as an augmentation changes them; the original under pointer or focus.

import { still } from "./canvas.js";
import { focused, h, mounted } from "./dom.js";
import { layer, overlay } from "./overlay.js";
import { around } from "./placing.js";

/**
 * @typedef {{width: number, height: number, image: string, overlay: string | null, boxes: number[][],
 *   labels: {name: string, colour: string}[]}} Shot  boxes are x0, y0, x1, y1 in [0, 1]
 * @typedef {{dataset: string, field: string, side: number, steps: string, ids: string[], count: number}} Data
 * @typedef {{data: Data, parentElement: ParentNode}} Component
 */

const ROW = 4;
const ASPECT = 4 / 3; // of a tile
const WIDE = 288; // images of up to a third of this size are drawn with sharp pixels
const FEW = 6; // up to this many boxes have room for their names

class Preview {
  /** @param {HTMLElement} root @param {Component} component */
  constructor(root, component) {
    this.data = component.data;
    this.key = "";
    this.place = "";
    this.seed = 0;
    this.from = 0;
    this.originals = false;
    this.labels = true;
    /** @type {Tile[]} */
    this.tiles = [];
    this.control = new AbortController();
    this.bar = h("div.bar");
    this.grid = h("div.grid");
    root.replaceChildren(this.bar, this.grid);
  }

  /** @param {Component} component */
  update({ data }) {
    const key = JSON.stringify(data), place = JSON.stringify([data.dataset, data.field, data.side, data.ids]);
    if (key === this.key) return;
    const elsewhere = place !== this.place;
    [this.key, this.place, this.data] = [key, place, data];
    if (elsewhere) this.show(0);
    else this.load();
  }

  /** Show the samples from here on. @param {number} from */
  show(from) {
    this.from = from;
    this.tiles = this.data.ids.slice(from, from + this.data.count).map((id) => new Tile(id));
    this.grid.replaceChildren(...this.tiles.map((tile) => tile.element));
    this.look();
    this.load();
  }

  look() {
    const { ids, count } = this.data, held = focused(this.bar)?.dataset.name, next = this.from + count;
    const shuffle = () => {
      this.seed += 1;
      this.load();
    };
    const toggle = (/** @type {"originals" | "labels"} */ what) => () => {
      this[what] = !this[what];
      this.look();
    };
    const buttons = [
      button("Shuffle", shuffle, { title: "draw other random changes" }),
      button("Other images", () => this.show(next < ids.length ? next : 0), { disabled: ids.length <= count }),
      button("Originals", toggle("originals"), { "aria-pressed": this.originals }),
      button("Labels", toggle("labels"), { "aria-pressed": this.labels }),
    ];
    this.bar.replaceChildren(...buttons, h("span.hint", {}, "the original shows under the pointer"));
    buttons.find((one) => one.dataset.name === held)?.focus({ preventScroll: true });
    for (const tile of this.tiles) tile.look(this.originals, this.labels);
  }

  /** Rows of four, so that the first are seen early. */
  load() {
    this.control.abort();
    this.control = new AbortController();
    const { signal } = this.control;
    for (let from = 0; from < this.tiles.length; from += ROW) {
      void this.loadRow(this.tiles.slice(from, from + ROW), from, signal);
    }
  }

  /** @param {Tile[]} tiles @param {number} from @param {AbortSignal} signal */
  async loadRow(tiles, from, signal) {
    for (const tile of tiles) tile.element.classList.add("waiting");
    try {
      const changed = await this.shots(tiles, this.data.steps, this.seed * 1000 + from, signal);
      tiles.forEach((tile, number) => tile.take({ changed: changed[number] }));
      if (tiles.every((tile) => tile.original)) return;
      const original = await this.shots(tiles, "[]", 0, signal);
      tiles.forEach((tile, number) => tile.take({ original: original[number] }));
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (!signal.aborted) for (const tile of tiles) tile.fail(text);
    }
  }

  /**
   * @param {Tile[]} tiles @param {string} steps @param {number} seed @param {AbortSignal} signal
   * @returns {Promise<(Shot | null)[]>}
   */
  async shots(tiles, steps, seed, signal) {
    const { dataset, field, side } = this.data, ids = tiles.map((tile) => tile.id).join(",");
    const query = new URLSearchParams({ ids, field, side: String(side), steps, seed: String(seed) });
    const answer = await fetch(`/api/augmented/${encodeURIComponent(dataset)}?${query}`, { signal });
    if (answer.ok) return answer.json();
    /** @type {{error?: string}} */
    const { error } = await answer.json();
    throw new Error(error ?? "the server did not answer");
  }
}

class Tile {
  /** @param {string} id */
  constructor(id) {
    this.id = id;
    /** @type {{changed: Shot | null, original: Shot | null}} */
    this.shots = { changed: null, original: null };
    this.over = false;
    this.originals = false;
    this.labels = true;
    const over = (/** @type {boolean} */ on) => () => {
      this.over = on;
      this.draw();
    };
    this.element = h("button.tile", { onpointerenter: over(true), onpointerleave: over(false), onblur: over(false) });
    this.element.onfocus = () => this.element.matches(":focus-visible") && over(true)();
  }

  get original() {
    return this.shots.original;
  }

  /** @param {Partial<Tile["shots"]>} shots */
  take(shots) {
    Object.assign(this.shots, shots);
    this.draw();
  }

  /** @param {boolean} originals @param {boolean} labels */
  look(originals, labels) {
    [this.originals, this.labels] = [originals, labels];
    this.draw();
  }

  draw() {
    const plain = this.over !== this.originals, shown = this.shots[plain ? "original" : "changed"];
    if (!shown) return;
    this.element.classList.remove("waiting");
    this.element.classList.toggle("masked", shown.overlay !== null);
    const words = shown.labels.map((label) => label.name).join(", ");
    this.element.setAttribute("aria-label", `${plain ? "original" : "augmented"}${words ? `: ${words}` : ""}`);
    this.element.replaceChildren(sheet(shown, this.labels), ...(plain ? [h("span.tag", {}, "original")] : []));
  }

  /** @param {string} message */
  fail(message) {
    this.element.classList.remove("waiting");
    this.element.replaceChildren(h("span.wrong", {}, message));
  }
}

/** @param {Shot} shot @param {boolean} labels */
function sheet(shot, labels) {
  const over = labels ? [overlay(marks(shot), shot.overlay ? [layer(shot.overlay)] : [])] : [];
  return still(shot, around(shot, null, ASPECT), WIDE, h("img", { src: shot.image, alt: "" }), ...over);
}

/** @param {Shot} shot @returns {import("./overlay.js").Mark[]} */
function marks({ boxes, labels }) {
  if (!boxes.length) return labels.map(({ name, colour }) => ({ box: null, colour, text: name }));
  return boxes.map(([x0, y0, x1, y1], number) => {
    const { name, colour } = labels[number];
    return { box: [x0, y0, x1 - x0, y1 - y0], colour, text: boxes.length <= FEW ? name : "" };
  });
}

/** @param {string} name @param {() => void} onclick @param {import("./dom.js").Props} props */
function button(name, onclick, props) {
  return h("button.act", { "data-name": name, onclick, ...props }, name);
}

export const render = mounted(".augmented", (root, /** @type {Component} */ component) => new Preview(root, component));
