// The sample view: one image as large as the window, its labels, its fields; zoom, and steps to its neighbours.

import { h, icon } from "./dom.js";
import { overlay, shown, stencil } from "./overlay.js";
import { scene } from "./scene.js";

/**
 * @typedef {import("./api.js").Row} Row
 * @typedef {import("./api.js").Sample} Sample
 * @typedef {import("./grid.js").Grid} Grid
 */

const MOST_ZOOM = 40;

export class Viewer {
  /** @param {Grid} grid */
  constructor(grid) {
    this.grid = grid;
    /** @type {Sample | Row | null} */
    this.row = null;
    this.fetching = new AbortController();
    this.image = /** @type {HTMLImageElement} */ (h("img", { alt: "", draggable: "false" }));
    this.sheet = h("div.sheet", {}, this.image);
    this.stage = h("div.stage", { tabindex: -1, autofocus: true }, this.sheet);
    this.panel = h("aside.panel", { "aria-label": "About this sample" });
    this.title = h("div.name");
    this.dialog = /** @type {HTMLDialogElement} */ (h("dialog.viewer", { "aria-label": "Sample" }, this.head(), h("div.body", {}, this.stage, this.panel)));
    this.zoom = { scale: 1, x: 0, y: 0 };
    this.listen();
  }

  head() {
    const button = (/** @type {Parameters<typeof icon>[0]} */ name, /** @type {string} */ title, /** @type {() => unknown} */ run) =>
      h("button.plain", { type: "button", title, "aria-label": title, onclick: run }, icon(name));
    this.copied = h("span.copied", { role: "status" });
    return h("header", {}, button("left", "Previous sample (←)", () => this.step(-1)), button("right", "Next sample (→)", () => this.step(1)), this.title,
      h("span.gap"), this.copied, button("minus", "Smaller (−)", () => this.zoomBy(1 / 1.4)), button("plus", "Larger (+)", () => this.zoomBy(1.4)),
      button("fit", "Fit (0)", () => this.fit()), button("link", "Copy a link to this sample", () => this.copyLink()), button("close", "Close (Esc)", () => this.dialog.close()));
  }

  listen() {
    this.dialog.addEventListener("close", () => this.closed());
    this.dialog.addEventListener("keydown", (event) => this.key(event));
    this.stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.stage.addEventListener("dblclick", (event) => (this.zoom.scale > this.fitting() * 1.05 ? this.fit() : this.zoomBy(3, event)));
    this.stage.addEventListener("pointerdown", (event) => this.drag(event));
    new ResizeObserver(() => this.fit()).observe(this.stage);
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
    this.fit();
    this.redraw();
    this.fetching.abort();
    this.fetching = new AbortController();
    const { signal } = this.fetching;
    try {
      this.row = await this.grid.api.sample(row.id, signal);
      this.redraw();
    } catch (error) {
      if (!signal.aborted) this.panel.prepend(h("p.problem", { role: "alert" }, error instanceof Error ? error.message : String(error)));
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
    this.sheet.querySelector(".overlay")?.remove();
    const side = Math.max(row.width, row.height) > 1100 ? "2048" : "1024";
    const layer = overlay(row, grid.look, (field, how) => grid.api.overlay(row, field, { ...how, side }));
    this.dialog.style.setProperty("--masks", String(grid.look.opacity));
    this.sheet.append(layer);
    this.panel.replaceChildren(...this.labels(row), ...this.tags(row), ...("values" in row ? this.fields(row) : []));
  }

  /** @param {Row} row */
  labels(row) {
    const items = shown(row, this.grid.look);
    const parts = [];
    for (const field of this.grid.look.fields) {
      const own = items.filter((item) => item.field.name === field.name);
      const list = own.map((item) => {
        const lit = (/** @type {boolean} */ on) => this.light(on ? item : null);
        const sure = item.label.confidence === null ? "" : item.label.confidence.toFixed(2);
        return h("li", { tabindex: 0, onmouseenter: () => lit(true), onmouseleave: () => lit(false), onfocus: () => lit(true), onblur: () => lit(false) },
          item.label.label ? h("i", { style: { background: this.grid.look.colour(item.label.label) } }) : null, h("span", {}, item.label.label || "mask of the whole image"), h("b", {}, sure));
      });
      parts.push(h("h4", {}, h(`i.line${field.predicted ? ".dashed" : ""}`), field.name, h("b", {}, String(own.length))));
      const words = scene(own);
      if (words) parts.push(h("p.scene", {}, words));
      parts.push(list.length ? h("ul.labels", {}, ...list) : h("p.quiet", {}, "no label shown"));
    }
    return parts;
  }

  /** @param {Row} row */
  tags(row) {
    const words = [...(row.split && !row.tags.includes(row.split) ? [row.split] : []), ...row.tags];
    return [h("h4", {}, "split and tags"), words.length ? h("p.chips", {}, ...words.map((word) => h("em", {}, word))) : h("p.quiet", {}, "none")];
  }

  /** @param {Sample} row */
  fields(row) {
    const values = { path: row.path, id: row.id, size: `${row.width} × ${row.height}`, ...row.values };
    const cells = Object.entries(values).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, readable(value))]);
    return [h("h4", {}, "fields"), h("dl", {}, ...cells)];
  }

  /** Highlight one label. @param {import("./overlay.js").Shown | null} item */
  light(item) {
    this.sheet.classList.toggle("lit", item !== null);
    for (const part of this.sheet.querySelectorAll("[data-key]")) part.classList.toggle("on", part.getAttribute("data-key") === item?.key);
    this.sheet.querySelector(".stencil")?.remove();
    if (!item?.label.mask || !item.label.box || !this.row) return;
    const address = this.grid.api.mask(this.row, item.field.name, item.label);
    this.sheet.querySelector(".overlay")?.append(stencil(item, this.grid.look.colour(item.label.label), address));
  }

  async copyLink() {
    const link = new URL(location.href);
    if (this.row) link.searchParams.set("sample", this.row.id);
    await navigator.clipboard.writeText(link.href);
    if (this.copied) this.copied.textContent = "Link copied";
    setTimeout(() => this.copied && (this.copied.textContent = ""), 1500);
  }

  // --- zoom -------------------------------------------------------------------------------------------------------

  fitting() {
    const { clientWidth, clientHeight } = this.stage;
    return this.row ? Math.min((clientWidth - 24) / this.row.width, (clientHeight - 24) / this.row.height) : 1;
  }

  fit() {
    if (!this.row || !this.stage.clientWidth) return;
    const scale = this.fitting();
    const x = (this.stage.clientWidth - this.row.width * scale) / 2;
    const y = (this.stage.clientHeight - this.row.height * scale) / 2;
    this.place({ scale, x, y });
  }

  /** @param {{scale: number, x: number, y: number}} zoom */
  place(zoom) {
    if (!this.row) return;
    this.zoom = zoom;
    const style = { left: zoom.x, top: zoom.y, width: this.row.width * zoom.scale, height: this.row.height * zoom.scale };
    for (const [name, value] of Object.entries(style)) this.sheet.style.setProperty(name, `${value}px`);
    this.image.classList.toggle("pixels", zoom.scale > 3);
  }

  /** @param {number} factor @param {MouseEvent} [at]  the point that stays; the middle without it */
  zoomBy(factor, at) {
    const frame = this.stage.getBoundingClientRect();
    const [x, y] = at ? [at.clientX - frame.left, at.clientY - frame.top] : [frame.width / 2, frame.height / 2];
    const scale = Math.min(Math.max(this.zoom.scale * factor, this.fitting() * 0.5), Math.max(MOST_ZOOM, this.fitting()));
    const ratio = scale / this.zoom.scale;
    this.place({ scale, x: x - (x - this.zoom.x) * ratio, y: y - (y - this.zoom.y) * ratio });
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    event.preventDefault();
    this.zoomBy(Math.exp(-event.deltaY * 0.0018), event);
  }

  /** @param {PointerEvent} event */
  drag(event) {
    if (event.button !== 0) return;
    const [fromX, fromY, { scale, x, y }] = [event.clientX, event.clientY, this.zoom];
    const move = (/** @type {PointerEvent} */ now) => this.place({ scale, x: x + now.clientX - fromX, y: y + now.clientY - fromY });
    this.stage.setPointerCapture(event.pointerId);
    this.stage.addEventListener("pointermove", move);
    this.stage.addEventListener("lostpointercapture", () => this.stage.removeEventListener("pointermove", move), { once: true });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    event.stopPropagation();
    const moves = /** @type {Record<string, () => unknown>} */ ({
      ArrowRight: () => this.step(1), ArrowLeft: () => this.step(-1), "+": () => this.zoomBy(1.4), "=": () => this.zoomBy(1.4),
      "-": () => this.zoomBy(1 / 1.4), 0: () => this.fit(),
    });
    const move = event.ctrlKey || event.metaKey || event.altKey ? undefined : moves[event.key];
    if (!move) return;
    event.preventDefault();
    void move();
  }
}

/** @param {unknown} value */
function readable(value) {
  if (typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+$/.test(value)) return value.slice(0, 16).replace("T", " ");
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return Number.isInteger(value) ? value.toLocaleString() : value.toPrecision(5);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
