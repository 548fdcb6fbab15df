// The grid: pages of thumbnails with labels, selection and keyboard moves. It fetches its pages itself; Streamlit learns
// only which samples are selected, which one is open and which page is shown.

import { Api, Problem } from "./api.js";
import { h, icon } from "./dom.js";
import { overlay, shown } from "./overlay.js";
import { colouring } from "./palette.js";
import { scene } from "./scene.js";
import { toolbar } from "./toolbar.js";
import { Viewer } from "./viewer.js";

/**
 * @typedef {import("./api.js").Row} Row
 * @typedef {import("./overlay.js").Field} Field
 * @typedef {{spec: string, dataset: string, token: string, size: number, page: number, sample: string | null,
 *   fields: Field[], classes: string[], counts: Record<string, number>, revision: string, clear: number}} Data
 * @typedef {{data: Data, parentElement: ParentNode, setStateValue: (name: string, value: unknown) => void}} Component
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
    this.look = this.remembered();
    this.height = Number(localStorage.getItem("foveal:height")) || 170;
    this.bar = h("div");
    this.tiles = h("div.tiles", { role: "listbox", tabindex: 0, "aria-multiselectable": "true", "aria-label": "Samples" });
    this.pager = h("div.pager");
    this.viewer = new Viewer(this);
    root.replaceChildren(this.bar, this.tiles, this.pager, this.viewer.dialog);
    root.addEventListener("keydown", (event) => this.key(event));
    this.tiles.addEventListener("click", (event) => this.click(event));
    this.drawToolbar();
    void this.load(this.page, this.data.sample);
  }

  /** Take over what Python changed. @param {Component} component */
  update(component) {
    const before = this.data;
    this.component = component;
    this.data = component.data;
    this.api = new Api(this.data.token, this.data.dataset);
    const view = before.spec !== this.data.spec || before.dataset !== this.data.dataset || before.size !== this.data.size;
    if (view || JSON.stringify(before.fields) !== JSON.stringify(this.data.fields)) this.look = this.remembered();
    if (view || before.clear !== this.data.clear) this.select(() => this.selected.clear());
    this.drawToolbar();
    if (view) {
      this.report("page", this.data.page);
      this.report("sample", this.data.sample);
      void this.load(this.data.page, this.data.sample);
    }
    if (!view && before.revision !== this.data.revision) void this.load(this.page);
  }

  /** How labels were shown the last time this dataset was open here. */
  remembered() {
    const hidden = this.data.fields.filter((field) => field.hidden).map((field) => field.name);
    const kept = JSON.parse(localStorage.getItem(`foveal:look:${this.data.dataset}`) ?? "{}");
    const threshold = Number(kept.threshold ?? 0.25);
    return {
      fields: this.data.fields,
      hiddenFields: new Set(/** @type {string[]} */ (kept.hiddenFields ?? hidden)),
      hiddenClasses: new Set(/** @type {string[]} */ (kept.hiddenClasses ?? [])),
      threshold,
      settled: threshold,
      opacity: Number(kept.opacity ?? 0.6),
      outlines: Boolean(kept.outlines ?? false),
      instances: Boolean(kept.instances ?? false),
      boxes: Boolean(kept.boxes ?? true),
      names: Boolean(kept.names ?? false),
      colour: colouring(this.data.classes),
    };
  }

  remember() {
    const { hiddenFields, hiddenClasses, threshold, names, opacity, outlines, instances, boxes } = this.look;
    const kept = { hiddenFields: [...hiddenFields], hiddenClasses: [...hiddenClasses], threshold, names, opacity, outlines, instances, boxes };
    localStorage.setItem(`foveal:look:${this.data.dataset}`, JSON.stringify(kept));
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
    const focused = /** @type {HTMLElement | null} */ (this.bar.querySelector(":focus"));
    const place = focused ? [...this.bar.querySelectorAll("button, input")].indexOf(focused) : -1;
    const changed = () => {
      this.remember();
      this.redraw();
    };
    const dragging = focused instanceof HTMLInputElement;
    if (!dragging) {
      this.bar.replaceChildren(toolbar(this.look, { counts: this.data.counts, height: this.height, masks: this.masks() }, { changed, faded: () => this.fade(), resized: (height) => this.resize(height) }));
      /** @type {HTMLElement | undefined} */ ([...this.bar.querySelectorAll("button, input")][place])?.focus();
    }
  }

  /** What masks there are on this page: of objects, of whole images. */
  masks() {
    const labels = this.rows.flatMap((row) => Object.keys(row.masks ?? {}).flatMap((field) => row.labels[field])).filter((label) => label.mask);
    return { objects: labels.some((label) => label.box), whole: labels.some((label) => !label.box) };
  }

  /** Masks are laid over the images as strongly as the look says. */
  fade() {
    this.remember();
    this.root.style.setProperty("--masks", String(this.look.opacity));
  }

  /** Labels changed their look, the images did not. */
  redraw() {
    this.drawToolbar();
    this.root.style.setProperty("--masks", String(this.look.opacity));
    for (const [index, tile] of this.eachTile()) {
      tile.querySelector(".overlay")?.replaceWith(this.overlayOf(this.rows[index]));
      tile.querySelector(".scene")?.replaceWith(this.sceneOf(this.rows[index]));
    }
    this.tiles.classList.toggle("names", this.look.names);
    this.viewer.redraw();
  }

  /** @param {number} height */
  resize(height) {
    this.height = height;
    localStorage.setItem("foveal:height", String(height));
    this.root.style.setProperty("--height", `${height}`);
    for (const [index, tile] of this.eachTile()) {
      const image = /** @type {HTMLImageElement} */ (tile.querySelector("img"));
      const source = this.api.thumbnail(this.rows[index], this.side());
      if (!image.src.endsWith(source)) image.src = source;
    }
  }

  side() {
    const wanted = this.height * 1.35 * Math.min(devicePixelRatio, 2);
    return THUMBNAIL_SIDES.find((side) => side >= wanted) ?? THUMBNAIL_SIDES[THUMBNAIL_SIDES.length - 1];
  }

  drawTiles() {
    this.root.style.setProperty("--height", `${this.height}`);
    this.root.style.setProperty("--masks", String(this.look.opacity));
    this.drawToolbar();
    this.tiles.classList.toggle("names", this.look.names);
    this.tiles.removeAttribute("aria-busy");
    if (!this.rows.length) {
      this.tiles.replaceChildren(h("div.nothing", {}, h("strong", {}, "No samples here"), h("span", {}, "Loosen a filter, or import images.")));
    } else {
      this.tiles.replaceChildren(...this.rows.map((row, index) => this.tile(row, index)), h("div.rest"));
    }
    this.drawPager();
    this.mark();
  }

  /** @param {Row} row @param {number} index */
  tile(row, index) {
    const ratio = Math.min(Math.max(row.width / row.height || 1, 0.4), 3);
    const image = h("img", { src: this.api.thumbnail(row, this.side()), alt: row.name, draggable: "false", decoding: "async", loading: index < 40 ? "eager" : "lazy" });
    const tile = h("div.tile", { role: "option", id: `tile-${index}`, "data-index": index, title: row.name, style: { "--ratio": ratio } }, image, this.overlayOf(row), this.sceneOf(row));
    image.addEventListener("load", () => tile.classList.add("loaded"));
    image.addEventListener("error", () => tile.classList.add("broken"));
    tile.append(h("span.tick", { title: "Select" }, icon("check")));
    if (row.tags.length) tile.append(h("span.tags", {}, ...row.tags.slice(0, 3).map((tag) => h("em", {}, tag))));
    return tile;
  }

  /** @param {Row} row */
  overlayOf(row) {
    return overlay(row, this.look, (field, how) => this.api.overlay(row, field, { ...how, side: String(this.side()) }));
  }

  /** What is on an image, in words, of the first field that shows something. @param {Row} row */
  sceneOf(row) {
    const items = shown(row, this.look), field = items.find((item) => item.label.box)?.field;
    const words = field ? scene(items.filter((item) => item.field === field)) : "";
    return h(words ? "div.scene" : "div.scene.bare", { hidden: !words }, words);
  }

  drawSkeleton() {
    this.root.style.setProperty("--height", `${this.height}`);
    this.tiles.setAttribute("aria-busy", "true");
    const count = Math.min(this.data.size, 24);
    this.tiles.replaceChildren(...Array.from({ length: count }, () => h("div.tile.skeleton", { style: { "--ratio": 1.35 } })), h("div.rest"));
  }

  /** @param {unknown} error */
  drawProblem(error) {
    const action = error instanceof Problem ? error.action : "is the app still running?";
    const again = h("button.plain", { type: "button", onclick: () => this.load(this.page) }, "Try again");
    const text = error instanceof Error ? error.message : String(error);
    this.tiles.removeAttribute("aria-busy");
    this.tiles.replaceChildren(h("div.nothing.problem", { role: "alert" }, h("strong", {}, text), h("span", {}, action), again));
    this.pager.replaceChildren();
  }

  /** The sample that the address names is not there: its page is shown all the same. @param {unknown} error */
  drawMissing(error) {
    const text = error instanceof Error ? error.message : String(error);
    this.tiles.prepend(h("div.note", { role: "alert" }, `The sample in this address cannot be opened: ${text}.`));
    this.report("sample", null);
  }

  drawPager() {
    const start = (this.page - 1) * this.data.size;
    const range = this.total ? `${(start + 1).toLocaleString()}–${(start + this.rows.length).toLocaleString()} of ${this.total.toLocaleString()}` : "0 samples";
    const chosen = this.selected.size;
    const selection = h("div.selection", { "aria-live": "polite" },
      chosen ? h("strong", {}, `${chosen.toLocaleString()} selected`) : h("span", {}, range),
      this.rows.length ? h("button.plain", { type: "button", onclick: () => this.selectPage() }, "Select page") : null,
      chosen ? h("button.plain", { type: "button", onclick: () => this.select(() => this.selected.clear()) }, "Clear") : null);
    const jump = h("input", { type: "number", min: 1, max: this.pages, value: this.page, "aria-label": "Page",
      onchange: (/** @type {Event} */ event) => this.turn(Number(/** @type {HTMLInputElement} */ (event.target).value)) });
    const moves = h("div.moves", {}, this.move("first", "First page", 1), this.move("left", "Previous page", this.page - 1),
      jump, h("span", {}, `of ${this.pages.toLocaleString()}`), this.move("right", "Next page", this.page + 1), this.move("last", "Last page", this.pages));
    this.pager.replaceChildren(selection, chosen ? h("span.range", {}, range) : "", moves);
  }

  /** @param {"first" | "left" | "right" | "last"} name @param {string} title @param {number} page */
  move(name, title, page) {
    const idle = page < 1 || page > this.pages || page === this.page;
    return h("button.plain", { type: "button", title, "aria-label": title, disabled: idle, onclick: () => this.turn(page) }, icon(name));
  }

  /** @returns {[number, HTMLElement][]} */
  eachTile() {
    return [...this.tiles.querySelectorAll(".tile[data-index]")].map((tile, index) => [index, /** @type {HTMLElement} */ (tile)]);
  }

  /** Show which tile is active and which are selected. */
  mark() {
    for (const [index, tile] of this.eachTile()) {
      tile.setAttribute("aria-selected", String(this.selected.has(this.rows[index].id)));
      tile.classList.toggle("active", index === this.active);
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
    const from = /** @type {Element} */ (event.target);
    const tile = /** @type {HTMLElement | null} */ (from.closest(".tile[data-index]"));
    if (!tile) return;
    const index = Number(tile.dataset.index);
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
    const tiles = this.eachTile().map(([, tile]) => tile.getBoundingClientRect());
    const here = tiles[this.active];
    if (!here) return;
    const middle = here.left + here.width / 2;
    const beyond = tiles.map((place, index) => ({ place, index })).filter(({ place }) => (place.top - here.top) * step > 4);
    const row = step > 0 ? beyond[0]?.place.top : beyond[beyond.length - 1]?.place.top;
    const near = beyond.filter(({ place }) => Math.abs(place.top - (row ?? 0)) < 4);
    near.sort((a, b) => Math.abs(a.place.left + a.place.width / 2 - middle) - Math.abs(b.place.left + b.place.width / 2 - middle));
    if (near[0]) this.activate(near[0].index);
  }

  /** Every key stays here: Streamlit has shortcuts of its own. @param {KeyboardEvent} event */
  key(event) {
    event.stopPropagation();
    const typing = event.composedPath()[0] instanceof HTMLInputElement;
    if (this.viewer.dialog.open || typing || event.altKey) return;
    const moves = /** @type {Record<string, () => unknown>} */ ({
      ArrowRight: () => this.step(1), ArrowLeft: () => this.step(-1), ArrowDown: () => this.vertical(1), ArrowUp: () => this.vertical(-1),
      Home: () => this.activate(0), End: () => this.activate(this.rows.length - 1),
      PageDown: () => this.turn(this.page + 1), PageUp: () => this.turn(this.page - 1),
      Enter: () => this.open(this.active), " ": () => this.flip(this.active), Escape: () => this.select(() => this.selected.clear()),
      a: () => (event.ctrlKey || event.metaKey) && this.selectPage(),
    });
    const onButton = event.composedPath()[0] instanceof HTMLButtonElement;
    const move = moves[event.key];
    if (!move || (event.key === "a" && !(event.ctrlKey || event.metaKey)) || (onButton && (event.key === "Enter" || event.key === " "))) return;
    event.preventDefault();
    const before = this.active;
    void Promise.resolve(move()).then(() => {
      if (event.shiftKey && event.key.startsWith("Arrow") && this.active !== before) this.extend(this.active);
    });
  }

  /** Tell Python, once the hand rests. @param {"selected" | "sample" | "page"} name @param {unknown} value */
  report(name, value) {
    this.told = { ...this.told, [name]: value };
    clearTimeout(this.reporting);
    this.reporting = setTimeout(() => {
      const told = this.told ?? {};
      this.told = {};
      for (const [key, item] of Object.entries(told)) this.component.setStateValue(key, item);
    }, 200);
  }

  /** @type {Record<string, unknown>} */
  told = {};
}

/** @type {WeakMap<ParentNode, Grid>} */
const live = new WeakMap();

/** Draw the component, or hand new data to the one that is drawn. @param {Component} component */
export function render(component) {
  const root = /** @type {HTMLElement} */ (component.parentElement.querySelector(".foveal-grid"));
  const grid = live.get(root);
  if (grid) grid.update(component);
  else live.set(root, new Grid(root, component));
}
