// The sample view: one image as large as the window, its labels, its fields; zoom, and steps to its neighbours.

import { Canvas } from "./canvas.js";
import { h, iconButton } from "./dom.js";
import { drawn, shown } from "./labels.js";
import { stencil } from "./overlay.js";
import { scene } from "./scene.js";

/** @import { Row, Sample } from "./api.js" */
/** @import { Grid } from "./grid.js" */
/** @import { Field, Shown } from "./labels.js" */

export class Viewer {
  /** @param {Grid} grid */
  constructor(grid) {
    this.grid = grid;
    /** @type {Sample | Row | null} */
    this.row = null;
    this.fetching = new AbortController();
    this.image = h("img", { alt: "", draggable: "false" });
    this.sheet = h("div.sheet", {}, this.image);
    const stage = h("div.canvas.stage", { tabindex: -1, autofocus: true }, this.sheet);
    this.canvas = new Canvas([stage]);
    this.panel = h("aside.panel", { "aria-label": "About this sample" });
    this.title = h("div.name");
    this.copied = h("span.copied", { role: "status" });
    const listeners = {
      onclose: () => this.closed(),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.key(event),
    };
    const body = h("div.body", {}, stage, this.panel);
    this.dialog = h("dialog.viewer", { "aria-label": "Sample", ...listeners }, this.head(), body);
  }

  /** @returns {HTMLElement} */
  head() {
    return h(
      "header", {}, iconButton("left", "Previous sample (←)", () => this.step(-1)),
      iconButton("right", "Next sample (→)", () => this.step(1)), this.title, h("span.gap"), this.copied,
      ...this.canvas.buttons(), iconButton("edit", "Label this sample (E)", () => this.edit()),
        iconButton("link", "Copy a link to this sample", () => this.copyLink()),
      iconButton("close", "Close (Esc)", () => this.dialog.close()),
    );
  }

  /** @param {string} id */
  async openId(id) {
    const index = this.grid.rows.findIndex((row) => row.id === id);
    if (index >= 0) this.grid.activate(index);
    await this.open(index >= 0 ? this.grid.rows[index] : await this.grid.api.sample(id));
  }

  /** @param {Row} row */
  async open(row) {
    this.row = row;
    if (!this.dialog.open) this.dialog.showModal();
    this.grid.report("sample", row.id);
    this.title.replaceChildren(h("strong", {}, row.name), h("span", {}, `${row.width} × ${row.height}`));
    this.image.style.backgroundImage = `url("${this.grid.api.thumbnail(row, 512)}")`;
    this.image.src = this.grid.api.media(row);
    this.canvas.show(row);
    this.redraw();
    this.fetching.abort();
    this.fetching = new AbortController();
    const { signal } = this.fetching;
    try {
      this.row = await this.grid.api.sample(row.id, signal);
      this.redraw();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (!signal.aborted) this.panel.prepend(h("p.problem", { role: "alert" }, text));
    }
  }

  closed() {
    this.fetching.abort();
    this.row = null;
    this.grid.report("sample", null);
    this.grid.tiles.focus({ preventScroll: true });
  }

  /** @param {1 | -1} step */
  async step(step) {
    const row = await this.grid.step(step);
    if (row && row.id !== this.row?.id) await this.open(row);
  }

  // --- what is shown ----------------------------------------------------------------------------------------------

  redraw() {
    const { row, grid } = this;
    if (!row) return;
    const side = Math.max(row.width, row.height) > 1100 ? "2048" : "1024";
    const over = drawn(row, grid.look, (field, how) => grid.api.overlay(row, field, { ...how, side }));
    this.sheet.replaceChildren(this.image, over);
    const fields = "values" in row ? this.fields(row) : [];
    this.panel.replaceChildren(...this.labels(row), ...this.tags(row), ...fields);
  }

  /** @param {Row} row */
  labels(row) {
    const items = shown(row, this.grid.look);
    const of = (/** @type {Field} */ field) => items.filter((item) => item.field.name === field.name);
    return this.grid.look.fields.flatMap((field) => this.labelled(field, of(field)));
  }

  /** @param {Field} field @param {Shown[]} items */
  labelled(field, items) {
    const words = scene(items), list = h("ul.labels", {}, ...items.map((item) => this.label(item)));
    return [
      h("h4", {}, h(`i.line${field.predicted ? ".dashed" : ""}`), field.name, h("b", {}, String(items.length))),
      ...(words ? [h("p.scene", {}, words)] : []),
      items.length ? list : h("p.quiet", {}, "no label shown"),
    ];
  }

  /** @param {Shown} item */
  label(item) {
    const { label, confidence } = item.label;
    const [on, off] = [() => this.light(item), () => this.light(null)];
    const props = { tabindex: 0, onmouseenter: on, onmouseleave: off, onfocus: on, onblur: off };
    const dot = label ? h("i", { style: { background: this.grid.look.colour(label) } }) : null;
    const sure = h("b", {}, confidence === null ? "" : confidence.toFixed(2));
    return h("li", props, dot, h("span", {}, label || "mask of the whole image"), sure);
  }

  /** @param {Row} row */
  tags(row) {
    const words = [...(row.split && !row.tags.includes(row.split) ? [row.split] : []), ...row.tags];
    const chips = words.map((word) => h("em", {}, word));
    return [h("h4", {}, "split and tags"), words.length ? h("p.chips", {}, ...chips) : h("p.quiet", {}, "none")];
  }

  /** @param {Sample} row */
  fields(row) {
    const values = { path: row.path, id: row.id, size: `${row.width} × ${row.height}`, ...row.values };
    const cells = Object.entries(values).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, readable(value))]);
    return [h("h4", {}, "fields"), h("dl", {}, ...cells)];
  }

  /** Highlight one label. @param {Shown | null} item */
  light(item) {
    const { sheet, row, grid } = this;
    sheet.classList.toggle("lit", item !== null);
    for (const part of sheet.querySelectorAll("[data-key]")) {
      part.classList.toggle("on", part.getAttribute("data-key") === item?.key);
    }
    sheet.querySelector(".stencil")?.remove();
    if (!item?.label.mask || !item.label.box || !row) return;
    const address = grid.api.mask(row, item.field.name, item.label);
    sheet.querySelector(".overlay")?.append(stencil(item.label.box, grid.look.colour(item.label.label), address));
  }

  edit() {
    if (this.row) this.grid.label(this.row.id);
  }

  async copyLink() {
    const link = new URL(location.href);
    if (this.row) link.searchParams.set("sample", this.row.id);
    await navigator.clipboard.writeText(link.href);
    this.copied.textContent = "Link copied";
    setTimeout(() => { this.copied.textContent = ""; }, 1500);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    event.stopPropagation();
    const step = /** @type {const} */ ({ ArrowRight: 1, ArrowLeft: -1 })[event.key];
    if (event.key === "e" && !event.ctrlKey && !event.metaKey && !event.altKey) this.edit();
    if (this.canvas.key(event) || !step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    void this.step(step);
  }
}

/** @param {unknown} value */
function readable(value) {
  if (typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+$/.test(value)) return value.slice(0, 16).replace("T", " ");
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return Number.isInteger(value) ? value.toLocaleString() : value.toPrecision(5);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
