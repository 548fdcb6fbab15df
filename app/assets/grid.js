// The grid: pages of thumbnails with labels, selection and keyboard moves. It fetches its pages itself; Streamlit
// learns only which samples are selected, which one is open and which page is shown.

import { Api, Problem } from "./api.js";
import { focused, h, mounted } from "./dom.js";
import { remember, remembered } from "./labels.js";
import { pager } from "./pager.js";
import { relabel, rest, skeleton, tile, vertical } from "./tiles.js";
import { toolbar } from "./toolbar.js";
import { Viewer } from "./viewer.js";

/** @import { Row } from "./api.js" */
/** @import { Field } from "./labels.js" */
/** @import { How } from "./tiles.js" */
/**
 * @typedef {{spec: string, dataset: string, token: string, size: number, page: number, sample: string | null,
 *   fields: Field[], classes: string[], colours: Record<string, string>, counts: Record<string, number>,
 *   revision: string, clear: number}} Data
 * @typedef {{data: Data, parentElement: ParentNode, setStateValue: (name: string, value: unknown) => void,
 *   setTriggerValue: (name: string, value: unknown) => void}} Component
 */

const THUMBNAIL_SIDES = [256, 512];

export class Grid {
  /** @param {HTMLElement} root @param {Component} component */
  constructor(root, component) {
    this.root = root;
    this.component = component;
    this.data = component.data;
    this.api = new Api(this.data.token, this.data.dataset);
    /** @type {Row[]} */
    this.rows = [];
    this.total = 0;
    this.page = Math.max(1, this.data.page);
    this.active = 0;
    this.anchor = 0;
    /** @type {Set<string>} */
    this.selected = new Set();
    this.loading = new AbortController();
    this.reporting = 0;
    /** @type {Record<string, unknown>} */
    this.told = {};
    this.look = this.remembered();
    this.height = Number(localStorage.getItem("foveal:height")) || 170;
    this.bar = h("div");
    const list = { role: "listbox", tabindex: 0, "aria-multiselectable": true, "aria-label": "Samples" };
    this.tiles = h("div.tiles", { ...list, onclick: (event) => this.click(event) });
    this.pager = h("div.pager");
    this.viewer = new Viewer(this);
    root.replaceChildren(this.bar, this.tiles, this.pager, this.viewer.dialog);
    root.addEventListener("keydown", (event) => this.key(event));
    this.drawToolbar();
    void this.load(this.page, this.data.sample);
  }

  /** Take over what Python changed. @param {Component} component */
  update(component) {
    const before = this.data;
    this.component = component;
    this.data = component.data;
    if (before === this.data) return;
    this.api = new Api(this.data.token, this.data.dataset);
    const { spec, dataset, size } = this.data;
    const view = before.spec !== spec || before.dataset !== dataset || before.size !== size;
    const drawn = (/** @type {Data} */ data) => JSON.stringify([data.fields, data.colours]);
    if (view || drawn(before) !== drawn(this.data)) this.look = this.remembered();
    if (view || before.clear !== this.data.clear) this.select(() => this.selected.clear());
    this.drawToolbar();
    if (view) {
      this.report("page", this.data.page);
      this.report("sample", this.data.sample);
      void this.load(this.data.page, this.data.sample);
    }
    if (!view && before.revision !== this.data.revision) void this.load(this.page);
  }

  remembered() {
    const { dataset, fields, classes, colours } = this.data;
    return remembered(dataset, fields, classes, colours);
  }

  get pages() {
    return Math.max(1, Math.ceil(this.total / this.data.size));
  }

  /** Fetch and draw a page. @param {number} page @param {string | null} [open]  a sample to open in it */
  async load(page, open = null) {
    this.loading.abort();
    this.loading = new AbortController();
    const { signal } = this.loading;
    const late = setTimeout(() => this.drawSkeleton(), this.rows.length ? 150 : 0);
    try {
      const found = await this.api.page(this.data.spec, page, this.data.size, signal);
      [this.rows, this.total, this.page] = [found.rows, found.total, found.page];
      this.active = this.anchor = 0;
      this.drawTiles();
      if (open) await this.viewer.openId(open).catch((error) => this.drawMissing(error));
    } catch (error) {
      if (!signal.aborted) this.drawProblem(error);
    } finally {
      clearTimeout(late);
    }
  }

  /** @param {number} page @param {"first" | "last"} [where]  which sample becomes the active one */
  async turn(page, where = "first") {
    const wanted = Math.min(Math.max(1, page), this.pages);
    if (wanted === this.page) return;
    await this.load(wanted);
    this.activate(where === "first" ? 0 : this.rows.length - 1);
    this.root.scrollIntoView({ block: "nearest" });
    this.report("page", this.page);
  }

  // --- what is shown ----------------------------------------------------------------------------------------------

  drawToolbar() {
    const held = focused(this.bar);
    if (held instanceof HTMLInputElement) return; // a slider in use stays
    const place = held ? this.knobs().indexOf(held) : -1;
    const state = { counts: this.data.counts, height: this.height, masks: this.masks() };
    const changed = () => {
      this.keep();
      this.redraw();
    };
    const faded = () => {
      this.keep();
      this.fade();
    };
    this.bar.replaceChildren(toolbar(this.look, state, { changed, faded, resized: (height) => this.resize(height) }));
    this.knobs()[place]?.focus();
  }

  /** @returns {HTMLElement[]} */
  knobs() {
    return [...this.bar.querySelectorAll(/** @type {"button"} */ ("button, input"))];
  }

  /** What masks there are on this page: of objects, of whole images. */
  masks() {
    const fields = (/** @type {Row} */ row) => Object.keys(row.masks ?? {}).flatMap((field) => row.labels[field]);
    const labels = this.rows.flatMap(fields).filter((label) => label.mask);
    return { objects: labels.some((label) => label.box), whole: labels.some((label) => !label.box) };
  }

  keep() {
    remember(this.data.dataset, this.look);
  }

  /** Apply the opacity of masks. */
  fade() {
    this.root.style.setProperty("--masks", String(this.look.opacity));
  }

  /** The style of labels changed, the images did not. */
  redraw() {
    this.drawToolbar();
    this.fade();
    for (const [index, made] of this.eachTile()) relabel(made, this.rows[index], this.how);
    this.tiles.classList.toggle("names", this.look.names);
    this.viewer.redraw();
  }

  /** @param {number} height */
  resize(height) {
    this.height = height;
    localStorage.setItem("foveal:height", String(height));
    this.root.style.setProperty("--height", `${height}`);
    for (const [index, made] of this.eachTile()) {
      const image = made.querySelector("img"), source = this.api.thumbnail(this.rows[index], this.side);
      if (image && !image.src.endsWith(source)) image.src = source;
    }
  }

  get side() {
    const wanted = this.height * 1.35 * Math.min(devicePixelRatio, 2);
    return THUMBNAIL_SIDES.find((side) => side >= wanted) ?? THUMBNAIL_SIDES[THUMBNAIL_SIDES.length - 1];
  }

  /** @returns {How} */
  get how() {
    return { api: this.api, look: this.look, side: this.side };
  }

  drawTiles() {
    this.root.style.setProperty("--height", `${this.height}`);
    this.fade();
    this.drawToolbar();
    this.tiles.classList.toggle("names", this.look.names);
    this.tiles.removeAttribute("aria-busy");
    const tiles = this.rows.map((row, index) => tile(row, index, this.how));
    if (tiles.length) this.tiles.replaceChildren(...tiles, rest());
    else this.tiles.replaceChildren(nothing("No samples here", "Loosen a filter, or import images."));
    this.drawPager();
    this.mark();
  }

  drawSkeleton() {
    this.root.style.setProperty("--height", `${this.height}`);
    this.tiles.setAttribute("aria-busy", "true");
    this.tiles.replaceChildren(...skeleton(Math.min(this.data.size, 24)), rest());
  }

  /** @param {unknown} error */
  drawProblem(error) {
    const action = error instanceof Problem ? error.action : "is the app still running?";
    const again = h("button.plain", { type: "button", onclick: () => this.load(this.page) }, "Try again");
    const said = nothing(told(error), action, again);
    said.classList.add("problem");
    said.role = "alert";
    this.tiles.removeAttribute("aria-busy");
    this.tiles.replaceChildren(said);
    this.pager.replaceChildren();
  }

  /** The sample that the address names does not exist: its page is shown all the same. @param {unknown} error */
  drawMissing(error) {
    const text = `The sample in this address cannot be opened: ${told(error)}.`;
    this.tiles.prepend(h("div.note", { role: "alert" }, text));
    this.report("sample", null);
  }

  drawPager() {
    const { page, pages, total, rows, selected } = this;
    const start = (page - 1) * this.data.size;
    const state = { page, pages, total, start, rows: rows.length, selected: selected.size };
    const clear = () => this.select(() => this.selected.clear());
    const on = { turn: (/** @type {number} */ to) => this.turn(to), selectPage: () => this.selectPage(), clear };
    this.pager.replaceChildren(...pager(state, on));
  }

  /** @returns {[number, HTMLElement][]} */
  eachTile() {
    const tiles = this.tiles.querySelectorAll(/** @type {"div"} */ (".tile[data-index]"));
    return [...tiles].map((made, index) => [index, made]);
  }

  /** Show which tile is active and which are selected. */
  mark() {
    for (const [index, made] of this.eachTile()) {
      made.setAttribute("aria-selected", String(this.selected.has(this.rows[index].id)));
      made.classList.toggle("active", index === this.active);
    }
    this.tiles.classList.toggle("selecting", this.selected.size > 0);
    this.tiles.setAttribute("aria-activedescendant", `tile-${this.active}`);
  }

  // --- selection --------------------------------------------------------------------------------------------------

  /** @param {() => void} change */
  select(change) {
    change();
    this.mark();
    this.drawPager();
    this.report("selected", [...this.selected]);
  }

  selectPage() {
    this.select(() => this.rows.forEach((row) => this.selected.add(row.id)));
  }

  /** @param {number} index */
  flip(index) {
    const { id } = this.rows[index];
    this.anchor = index;
    this.select(() => this.selected.delete(id) || this.selected.add(id));
  }

  /** @param {number} index */
  extend(index) {
    const [from, to] = [Math.min(this.anchor, index), Math.max(this.anchor, index)];
    this.select(() => this.rows.slice(from, to + 1).forEach((row) => this.selected.add(row.id)));
  }

  /** @param {MouseEvent} event */
  click(event) {
    const from = /** @type {Element} */ (event.target), made = from.closest(/** @type {"div"} */ (".tile[data-index]"));
    if (!made) return;
    const index = Number(made.dataset.index);
    this.activate(index);
    if (event.shiftKey) this.extend(index);
    else if (event.ctrlKey || event.metaKey || from.closest(".tick") || this.selected.size) this.flip(index);
    else void this.open(index);
  }

  // --- moves ------------------------------------------------------------------------------------------------------

  /** @param {number} index */
  activate(index) {
    this.active = Math.min(Math.max(0, index), Math.max(0, this.rows.length - 1));
    this.mark();
    this.tiles.querySelector(".tile.active")?.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} index */
  async open(index) {
    if (this.rows[index]) await this.viewer.open(this.rows[index]);
  }

  /** The next or previous sample, across pages. @param {1 | -1} step */
  async step(step) {
    const next = this.active + step;
    if (next < 0 && this.page > 1) await this.turn(this.page - 1, "last");
    else if (next >= this.rows.length && this.page < this.pages) await this.turn(this.page + 1);
    else this.activate(next);
    return this.rows[this.active];
  }

  /** The tile above or below the active one. @param {1 | -1} step */
  vertical(step) {
    const near = vertical(this.eachTile().map(([, made]) => made.getBoundingClientRect()), this.active, step);
    if (near !== undefined) this.activate(near);
  }

  /** Every key stays here: Streamlit has shortcuts of its own. @param {KeyboardEvent} event */
  key(event) {
    event.stopPropagation();
    const from = event.composedPath()[0], control = event.ctrlKey || event.metaKey;
    if (this.viewer.dialog.open || from instanceof HTMLInputElement || event.altKey) return;
    const moves = /** @type {Record<string, () => unknown>} */ ({
      ArrowRight: () => this.step(1), ArrowLeft: () => this.step(-1), ArrowDown: () => this.vertical(1),
      ArrowUp: () => this.vertical(-1), Home: () => this.activate(0), End: () => this.activate(this.rows.length - 1),
      PageDown: () => this.turn(this.page + 1), PageUp: () => this.turn(this.page - 1),
      Enter: () => this.open(this.active), " ": () => this.flip(this.active),
      Escape: () => this.select(() => this.selected.clear()), a: () => this.selectPage(),
      e: () => this.rows[this.active] && this.label(this.rows[this.active].id),
    });
    const move = moves[event.key], pressed = from instanceof HTMLButtonElement && ["Enter", " "].includes(event.key);
    if (!move || (event.key === "a" && !control) || (event.key === "e" && control) || pressed) return;
    event.preventDefault();
    const before = this.active;
    void Promise.resolve(move()).then(() => {
      if (event.shiftKey && event.key.startsWith("Arrow") && this.active !== before) this.extend(this.active);
    });
  }

  /** Go and label a sample. @param {string} id */
  label(id) {
    this.component.setTriggerValue("label", id);
  }

  /** Tell Python, after a short pause. @param {"selected" | "sample" | "page"} name @param {unknown} value */
  report(name, value) {
    this.told[name] = value;
    clearTimeout(this.reporting);
    this.reporting = setTimeout(() => {
      const told = this.told;
      this.told = {};
      for (const [key, item] of Object.entries(told)) this.component.setStateValue(key, item);
    }, 200);
  }
}

/** @param {string} text @param {string} advice @param {...Node} more */
function nothing(text, advice, ...more) {
  return h("div.nothing", {}, h("strong", {}, text), h("span", {}, advice), ...more);
}

/** @param {unknown} error */
function told(error) {
  return error instanceof Error ? error.message : String(error);
}

export const render = mounted(".foveal-grid", (root, /** @type {Component} */ component) => new Grid(root, component));
