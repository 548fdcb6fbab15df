// A confusion matrix. Rows are labels, columns predictions; hits on the diagonal, mistakes off it; after the
// classes there may be a rest: background on both sides, or a column for no answer. Cells are opened by click, or by
// arrow keys and Enter. With many classes, those with the most mistakes are shown at first.

import { chosenClasses, layout, MOST, sentence, share, short, strongest, sum } from "./counts.js";
import { focused, mounted, s } from "./dom.js";

/** @import { Counts } from "./counts.js" */
/** @typedef {Counts & {chosen: [number, number] | null, opens: boolean}} Data */
/**
 * @typedef {{data: Data, parentElement: ParentNode, setTriggerValue: (name: string, value: unknown) => void}} Component
 * @typedef {[number, number]} Cell  row and column
 * @typedef {ReturnType<typeof layout>} At
 */

const MARGIN = 16; // pixels between names and cells

class Matrix {
  /** @param {HTMLElement} root @param {Component} component */
  constructor(root, component) {
    this.root = root;
    this.component = component;
    this.data = component.data;
    const found = (/** @type {string} */ selector) => component.parentElement.querySelector(selector);
    this.says = /** @type {HTMLElement} */ (found(".says"));
    this.only = /** @type {HTMLInputElement} */ (found(".only"));
    this.all = /** @type {HTMLInputElement} */ (found(".all"));
    /** @type {Cell} */
    this.at = [0, 0];
    /** @type {number[]} */
    this.rows = []; // numbers of the classes that are shown
    /** @type {number[]} */
    this.columns = [];
    this.width = 0;
    if (this.data.opens) this.says.textContent += "; click a cell to see its images";
    this.only.onchange = this.all.onchange = () => this.paint();
    new ResizeObserver(() => this.width === root.clientWidth || this.paint()).observe(root);
  }

  /** @param {Component} component */
  update(component) {
    this.component = component;
    this.data = component.data;
    const { length } = this.data.classes, { parentElement: label, nextElementSibling: words } = this.all;
    if (label) label.hidden = length <= MOST;
    if (words) words.textContent = `all ${length} classes, not just the ${MOST} with most mistakes`;
    this.paint();
  }

  /** Which classes are shown, by their numbers; the rest is the one behind the last. */
  choose() {
    const { classes, rest } = this.data, order = chosenClasses(this.data, this.all.checked);
    this.columns = rest ? [...order, classes.length] : order;
    this.rows = rest?.row ? this.columns : order;
    return this.columns.map((number) => classes[number] ?? rest?.name ?? "");
  }

  paint() {
    const names = this.choose(), { chosen, opens } = this.data, { rows, columns } = this;
    this.width = this.root.clientWidth;
    const at = layout(names, this.width || 600), edge = at.margin + MARGIN;
    const label = `confusion matrix; arrow keys move${opens ? ", Enter opens" : ""}`;
    const size = { width: edge + at.cell * columns.length + 2, height: edge + at.cell * rows.length + 2 };
    const ring = mark("ring", at.cell), around = mark("chosen", at.cell);
    const plot = s(
      "svg", { ...size, tabindex: 0, role: "grid", "aria-label": label },
      ...titles(names, rows.length, at, this.data.rest !== null),
      ...cells(this.data, rows, columns, at, this.only.checked),
      ...lines(rows.length, columns.length, at), around, ring,
    );
    const cell = /** @type {Cell} */ (chosen ? [rows.indexOf(chosen[0]), columns.indexOf(chosen[1])] : [-1, -1]);
    if (Math.min(...cell) >= 0) put(around, cell, edge, at.cell);
    this.listen(plot, ring, edge, at.cell);
    const held = focused(this.root);
    this.root.replaceChildren(plot);
    if (held) plot.focus({ preventScroll: true });
  }

  /** @param {SVGSVGElement} plot @param {SVGElement} ring @param {number} edge @param {number} size of a cell */
  listen(plot, ring, edge, size) {
    const { rows, columns } = this;
    const move = (/** @type {Cell} */ to) => {
      const [row, column] = [rows, columns].map((of, side) => Math.max(0, Math.min(of.length - 1, to[side])));
      this.at = [row, column];
      put(ring, this.at, edge, size);
      this.says.textContent = sentence(this.data, rows[this.at[0]], columns[this.at[1]]);
    };
    const under = (/** @type {MouseEvent} */ event) => {
      const box = plot.getBoundingClientRect();
      const [across, down] = [event.clientX - box.left - edge, event.clientY - box.top - edge];
      const row = Math.floor(down / size), column = Math.floor(across / size);
      if (!(row in rows && column in columns)) return false;
      move([row, column]);
      return true;
    };
    plot.addEventListener("pointermove", under);
    plot.addEventListener("click", (event) => under(event) && this.open());
    plot.addEventListener("keydown", (event) => {
      const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (event.key === "Enter") this.open();
      if (!step) return;
      event.preventDefault();
      move([this.at[0] + step[0], this.at[1] + step[1]]);
    });
  }

  open() {
    const [from, to] = [this.rows[this.at[0]], this.columns[this.at[1]]];
    if (!this.data.opens || !this.data.counts[from]?.[to]) return;
    this.component.setTriggerValue("cell", { true: from, predicted: to });
  }
}

/** A frame around a cell. @param {string} name @param {number} size */
function mark(name, size) {
  return s("rect", { class: name, width: size + 1, height: size + 1, visibility: "hidden" });
}

/** @param {SVGElement} frame @param {Cell} cell @param {number} edge @param {number} size */
function put(frame, [row, column], edge, size) {
  const place = { x: edge + column * size - 1, y: edge + row * size - 1, visibility: "visible" };
  for (const [name, value] of Object.entries(place)) frame.setAttribute(name, String(value));
}

/**
 * @param {string[]} names of columns @param {number} rows @param {At} at
 * @param {boolean} rest whether the last is one
 */
function titles(names, rows, { cell, margin, font }, rest) {
  const middle = (/** @type {number} */ index) => margin + MARGIN + (index + 0.5) * cell + font * 0.35;
  const shown = names.map((name, index) => {
    const props = { class: rest && index === names.length - 1 ? "name background" : "name", "font-size": font };
    return { name: clip(name), props, at: middle(index) };
  });
  return [
    ...shown.slice(0, rows).map(({ name, props, at }) =>
      s("text", { ...props, x: margin + 10, y: at, "text-anchor": "end" }, name)),
    ...shown.map(({ name, props, at }) =>
      s("text", { ...props, transform: `translate(${at} ${margin + 10}) rotate(-90)` }, name)),
    s("text", { class: "side", x: margin + MARGIN, y: 11 }, "predicted \u2192"),
    s("text", { class: "side", x: margin + 8, y: margin + 8, "text-anchor": "end" }, "label \u2193"),
  ];
}

/** @param {string} name */
function clip(name) {
  return name.length > 18 ? `${name.slice(0, 17)}\u2026` : name;
}

/**
 * @param {Counts} data @param {number[]} rows @param {number[]} columns @param {At} at
 * @param {boolean} mistakes alone
 */
function cells(data, rows, columns, at, mistakes) {
  const top = strongest(data, mistakes), edge = at.margin + MARGIN, { cell } = at;
  const size = { width: cell * columns.length, height: cell * rows.length };
  const field = s("rect", { class: "field", x: edge, y: edge, ...size });
  const totals = data.counts.map(sum);
  const drawn = rows.flatMap((from, t) => columns.flatMap((to, p) => {
    const count = data.counts[from][to];
    if (!count || (mistakes && from === to)) return [];
    const alpha = 0.1 + 0.9 * Math.sqrt(Math.min(1, share(count, totals[from]) / top));
    const x = edge + p * cell, y = edge + t * cell;
    const paint = { class: from === to ? "hit" : "miss", "fill-opacity": alpha.toFixed(3), "data-cell": `${t},${p}` };
    const box = s("rect", { ...paint, x, y, width: cell - 1, height: cell - 1 });
    const words = short(count), size = Math.min(12.5, (cell * 1.5) / Math.max(words.length, 1.4));
    if (!at.digits || size < 7) return [box];
    const place = { x: x + cell / 2, y: y + cell / 2 + 4, "text-anchor": "middle", "font-size": size };
    return [box, s("text", { class: alpha > 0.62 ? "count light" : "count", ...place }, words)];
  }));
  return [field, ...drawn];
}

/**
 * Between cells; every fifth where cells are small.
 * @param {number} rows @param {number} columns @param {At} at
 */
function lines(rows, columns, { cell, margin }) {
  const edge = margin + MARGIN, wide = edge + cell * columns, high = edge + cell * rows;
  const places = (/** @type {number} */ all) => Array.from({ length: all + 1 }, (_, i) => i)
    .filter((i) => cell > 13 || i % 5 === 0 || i >= all - 1).map((i) => edge + i * cell - 0.5);
  return [
    ...places(rows).map((y) => s("line", { class: "grid", x1: edge, x2: wide, y1: y, y2: y })),
    ...places(columns).map((x) => s("line", { class: "grid", y1: edge, y2: high, x1: x, x2: x })),
  ];
}

export const render = mounted(".matrix", (root, /** @type {Component} */ component) => new Matrix(root, component));
