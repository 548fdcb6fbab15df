// The classes beside the canvas: what new labels get, what the selected ones are, or what the image is; by click or by
// the key of the class. A new one is made in place.

import { h, icon } from "./dom.js";
import { hash } from "./palette.js";

/** @import { Field, SchemaClass } from "./labeling.js" */
/**
 * @typedef {object} On
 * @property {(name: string) => void} choose
 * @property {(name: string) => Promise<void>} make
 */
/** @typedef {{on: string[], counts: Map<string, number>, colour: (name: string) => string}} Shown */

const DIGITS = "1234567890";

/**
 * Classes with their keys: their own ones; that of a digit is the digit; the others get the digits that are left.
 * @param {SchemaClass[]} classes
 */
export function keyed(classes) {
  const named = (/** @type {SchemaClass} */ one) => one.hotkey || (DIGITS.includes(one.name) ? one.name : null);
  const taken = new Set(classes.map(named).filter(Boolean)),
    free = [...DIGITS].filter((key) => !taken.has(key));
  return classes.map((one) => ({ ...one, hotkey: named(one) ?? free.shift() ?? null }));
}

export class ClassPanel {
  /** @param {Field} field @param {On} on */
  constructor(field, on) {
    this.field = field;
    this.on = on;
    /** @type {Shown} */
    this.shown = { on: [], counts: new Map(), colour: (name) => `hsl(${hash(name) % 360} 60% 50%)` };
    this.input = h("input", {
      type: "search", placeholder: "find or add a class (/)", "aria-label": "Find or add a class",
      oninput: () => this.draw(), onkeydown: (event) => this.key(event),
    });
    this.list = h("div.classes", { role: "group", "aria-label": "Classes" });
    this.root = h("section.classpanel", {}, this.input, this.list);
  }

  /** @param {Shown} shown */
  update(shown) {
    this.shown = shown;
    this.draw();
  }

  get classes() {
    return keyed(this.field.schema.classes);
  }

  /** @returns {string} */
  get sought() {
    return this.input.value.trim();
  }

  found() {
    const text = this.sought.toLowerCase();
    return this.classes.filter((one) => one.name.toLowerCase().includes(text));
  }

  draw() {
    const { sought, shown } = this, found = this.found();
    const rows = found.map(({ name, hotkey, colour }) => {
      const dot = h("i", { style: { background: colour || shown.colour(name) } }), count = shown.counts.get(name);
      const key = hotkey ? h("kbd", {}, hotkey) : null, number = count ? h("b", {}, count.toLocaleString()) : null;
      const props = { type: "button", title: name, "aria-pressed": shown.on.includes(name),
        onclick: () => this.take(name) };
      return h("button.class", props, dot, h("span", {}, name), number, key);
    });
    const fresh = sought && !this.classes.some((one) => one.name === sought);
    const onclick = () => this.make();
    if (fresh) rows.push(h("button.class.fresh", { type: "button", onclick }, icon("plus"),
      h("span", {}, `Add class “${sought}”`)));
    const none = h("p.none", {}, "No class yet: type a name above, and press Enter.");
    this.list.replaceChildren(...(rows.length ? rows : [none]));
  }

  /** @param {string} name */
  take(name) {
    this.input.value = "";
    this.on.choose(name);
    this.draw();
  }

  async make() {
    const name = this.sought;
    if (!name) return;
    this.input.disabled = true;
    await this.on.make(name);
    this.input.disabled = false;
    this.take(name);
    this.input.blur();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    event.stopPropagation(); // letters are the name of a class here
    if (event.key === "Escape") {
      this.input.value = "";
      this.input.blur();
      this.draw();
    }
    if (event.key !== "Enter" || !this.sought) return;
    event.preventDefault();
    const exact = this.classes.find((one) => one.name.toLowerCase() === this.sought.toLowerCase()) ?? this.found()[0];
    if (!exact) void this.make();
    else {
      this.take(exact.name);
      this.input.blur();
    }
  }

  /** The class of a key, if it is one. @param {string} key */
  of(key) {
    return this.classes.find((one) => one.hotkey === key)?.name ?? null;
  }
}
