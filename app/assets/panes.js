// @ts-check
// A gallery of semantic masks: image, label, prediction and mistakes side by side, as strips in the gallery and as four
// panes in the viewer that move and zoom as one. The masks are pictures of the server, laid over the image.
import { html } from "./boxes.js";
import { Gallery } from "./patches.js";

/** @typedef {{name: string, title: string}} Pane */
const PANES = /** @type {Pane[]} */ ([
  { name: "image", title: "image" }, { name: "label", title: "label" },
  { name: "prediction", title: "prediction" }, { name: "errors", title: "mistakes" },
]);
const KEPT = "foveal:panes", MOST_ZOOM = 40;

/** The size of a picture that is sharp on so many pixels of the screen. @param {number} pixels */
function sideFor(pixels) {
  const wanted = pixels * Math.min(2, window.devicePixelRatio || 1);
  return [256, 512, 1024, 2048].find((side) => side >= wanted * 0.85) ?? 2048;
}

class Panes extends Gallery {
  /** @param {any} root */
  constructor(root) {
    super(root);
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    this.opacity = Number(kept.opacity ?? 0.6);
    this.contour = Boolean(kept.contour ?? false);
    this.only = "";
    this.zoom = { scale: 1, x: 0, y: 0 };
    /** @type {HTMLElement[]} */ this.sheets = [];
  }

  /** @param {any} data @param {(name: string, value: any) => void} send */
  update(data, send) {
    if (data.key !== this.key) this.only = data.focus;
    super.update(data, send);
  }

  // --- what is shown ----------------------------------------------------------------------------------------------

  boxed() { return true; }

  /** The address of the layer of a pane; none for the image. @param {any} sample @param {string} pane @param {number} pixels */
  layer(sample, pane, pixels) {
    const { dataset, fields } = this.data, query = new URLSearchParams({ side: String(sideFor(pixels)) });
    if (this.only) query.set("only", this.only);
    if (pane === "errors") return `/api/errors/${dataset}/${sample.id}/${fields.label}/${fields.prediction}?${query}`;
    if (pane === "image") return "";
    if (this.contour) query.set("style", "contour");
    return `/api/overlay/${dataset}/${sample.id}/${fields[pane]}?${query}`;
  }

  paint() {
    for (const [id, sample] of Object.entries(this.data.samples)) sample.id = id;
    this.root.style.setProperty("--opacity", String(this.contour ? 1 : this.opacity));
    super.paint();
  }

  bar() {
    const bar = super.bar(), keys = bar.querySelector(".keys");
    bar.querySelector(".legend")?.before(html("span", "order", PANES.map((pane) => pane.title).join(" | ")));
    if (keys) keys.textContent = "arrows move \u00b7 Enter opens \u00b7 c confirm \u00b7 w wrong label \u00b7 i ignore \u00b7 u undo \u00b7 f outlines \u00b7 a all classes";
    return bar;
  }

  legend() {
    const legend = html("div", "legend"), knobs = html("span", "knobs"), classes = html("span", "classes");
    knobs.append(this.slider(), this.styles());
    classes.append(this.chip("", "all classes", ""));
    for (const [name, colour] of Object.entries(this.data.colours)) classes.append(this.chip(name, name, colour));
    legend.append(knobs, classes, this.mistakes());
    return legend;
  }

  slider() {
    const label = html("label", "opacity", "Opacity"), input = /** @type {HTMLInputElement} */ (html("input"));
    Object.assign(input, { type: "range", min: "0", max: "1", step: "0.05", value: String(this.opacity), disabled: this.contour });
    input.setAttribute("aria-label", "Opacity of the masks");
    input.oninput = () => {
      this.opacity = Number(input.value);
      for (const one of [this.root, this.dialog]) one?.style.setProperty("--opacity", input.value);
      this.remember();
    };
    label.append(input);
    return label;
  }

  styles() {
    const group = html("span", "switch");
    for (const [contour, text] of /** @type {[boolean, string][]} */ ([[false, "filled"], [true, "outlines"]])) {
      const button = html("button", "", text);
      button.setAttribute("aria-pressed", String(this.contour === contour));
      button.onclick = () => this.outline(contour);
      group.append(button);
    }
    return group;
  }

  /** @param {string} name @param {string} text @param {string} colour */
  chip(name, text, colour) {
    const chip = html("button", "chip", text);
    if (colour) { const dot = html("i"); dot.style.background = colour; chip.prepend(dot); }
    chip.setAttribute("aria-pressed", String(this.only === name));
    chip.title = name ? `show ${name} alone, with its false positives and negatives` : "show all classes";
    chip.onclick = () => this.show(this.only === name ? "" : name);
    return chip;
  }

  mistakes() {
    const kinds = html("span", "kinds");
    kinds.append(html("span", "kind", "mistakes:"));
    for (const kind of this.only ? this.data.kindsOfOne : this.data.kinds) {
      const entry = html("span", "kind", kind.name), dot = html("i");
      dot.style.background = kind.colour;
      entry.prepend(dot);
      kinds.append(entry);
    }
    return kinds;
  }

  /** @param {boolean} contour */
  outline(contour) {
    this.contour = contour;
    this.remember();
    this.again();
  }

  /** @param {string} name a class, or none for all */
  show(name) {
    this.only = name;
    this.again();
  }

  /** Draw anew with another look; the viewer keeps its zoom. */
  again() {
    this.paint();
    if (!this.dialog?.open) return;
    const { zoom } = this;
    this.whole();
    this.place(zoom);
  }

  remember() {
    localStorage.setItem(KEPT, JSON.stringify({ opacity: this.opacity, contour: this.contour }));
  }

  // --- the gallery ------------------------------------------------------------------------------------------------

  /** @param {any} item @param {any} sample @param {number} at */
  card(item, sample, at) {
    const card = html("article", "card"), verdict = this.verdict(item), strip = html("div", "strip");
    card.tabIndex = at === this.at ? 0 : -1;
    card.dataset.at = String(at);
    if (verdict) card.classList.add("judged");
    for (const pane of PANES) strip.append(this.thumbnail(sample, pane));
    strip.onclick = () => { this.at = at; this.open(); };
    const words = html("div", "words"), foot = html("div", "foot");
    words.append(html("b", "", item.title), html("small", "", item.note));
    foot.append(words, this.buttons(item, verdict, at));
    card.append(strip, foot);
    card.onfocus = () => { this.at = at; };
    return card;
  }

  /** @param {any} sample @param {Pane} pane */
  thumbnail(sample, pane) {
    const frame = html("div", `thumb ${pane.name}`);
    frame.title = pane.title;
    const image = /** @type {HTMLImageElement} */ (html("img"));
    Object.assign(image, { src: sample.thumbnail.replace("{side}", "256"), alt: `${sample.name}, ${pane.title}`, loading: "lazy", decoding: "async" });
    frame.append(image, ...this.laid(sample, pane, 170));
    return frame;
  }

  /** The layer over an image; one that cannot be had says so. @param {any} sample @param {Pane} pane @param {number} pixels */
  laid(sample, pane, pixels) {
    const source = this.layer(sample, pane.name, pixels);
    if (!source) return [];
    const layer = /** @type {HTMLImageElement} */ (html("img", "layer"));
    Object.assign(layer, { src: source, alt: "", loading: "lazy", decoding: "async", draggable: false });
    layer.onerror = () => layer.replaceWith(html("span", "absent", "no mask"));
    return [layer];
  }

  // --- the viewer -------------------------------------------------------------------------------------------------

  open() {
    super.open();
    this.dialog?.classList.add("panes");
  }

  /** Four panes of the current item, inside the dialog. */
  whole() {
    const item = this.item, sample = this.data.samples[item.sample], grid = html("div", "stage four"), side = html("aside");
    this.dialog?.style.setProperty("--opacity", String(this.contour ? 1 : this.opacity));
    this.sheets = [];
    this.sample = sample;
    for (const pane of PANES) grid.append(this.pane(sample, pane));
    side.append(this.head(item), html("p", "", item.note), this.buttons(item, this.verdict(item), this.at, true), this.legend(), this.table(item), this.link(sample));
    this.dialog?.replaceChildren(grid, side);
    grid.tabIndex = -1;
    grid.focus({ preventScroll: true });
    grid.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.watched?.disconnect();
    this.watched = new ResizeObserver(() => this.fit());
    this.watched.observe(grid);
    this.fit();
  }

  /** @param {any} item */
  head(item) {
    const head = html("header"), close = html("button", "close", "\u2715");
    close.setAttribute("aria-label", "close");
    close.onclick = () => this.dialog?.close();
    const moves = html("span", "moves");
    for (const [sign, step, name] of /** @type {[string, number, string][]} */ ([["\u2190", -1, "previous"], ["\u2192", 1, "next"]])) {
      const button = /** @type {HTMLButtonElement} */ (html("button", "", sign));
      button.title = name;
      button.setAttribute("aria-label", name);
      button.disabled = this.at + step < 0 || this.at + step >= this.data.items.length;
      button.onclick = () => this.go(this.at + step);
      moves.append(button);
    }
    head.append(html("b", "", item.title), html("small", "", `${this.at + 1} of ${this.data.items.length}`), moves, close);
    return head;
  }

  /** @param {any} sample */
  link(sample) {
    const link = /** @type {HTMLAnchorElement} */ (html("a", "", "Open in Browse"));
    link.href = sample.page;
    link.target = "_blank";
    return link;
  }

  /** The classes of the image, a click shows one alone. @param {any} item */
  table(item) {
    const list = html("ul", "shares");
    list.append(this.row(["class", "IoU", "label", "predicted"], "heading"));
    for (const part of this.data.parts[item.sample] ?? []) {
      const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
      const row = this.row([part.name, part.iou.toFixed(2), percent(part.labelled), percent(part.predicted)]), dot = html("i");
      dot.style.background = this.data.colours[part.name] ?? "transparent";
      row.prepend(dot);
      row.setAttribute("aria-pressed", String(this.only === part.name));
      row.tabIndex = 0;
      row.onclick = () => this.show(this.only === part.name ? "" : part.name);
      list.append(row);
    }
    return list;
  }

  /** @param {string[]} words @param {string} [name] */
  row(words, name = "") {
    const row = html("li", name);
    row.append(...words.map((word) => html("span", "", word)));
    return row;
  }

  /** @param {any} sample @param {Pane} pane */
  pane(sample, pane) {
    const frame = html("div", `pane ${pane.name}`), sheet = html("div", "sheet"), image = /** @type {HTMLImageElement} */ (html("img"));
    Object.assign(image, { src: sample.media, alt: `${sample.name}, ${pane.title}`, draggable: false });
    image.style.backgroundImage = `url("${sample.thumbnail.replace("{side}", "512")}")`;
    sheet.append(image, ...this.laid(sample, pane, Math.min(1024, Math.max(sample.width, sample.height))));
    frame.append(sheet, html("span", "title", pane.name === "errors" && this.only ? `${pane.title}: ${this.only}` : pane.title), html("i", "cross"));
    frame.addEventListener("pointerdown", (event) => this.drag(event, frame));
    frame.addEventListener("pointermove", (event) => this.point(event, frame));
    frame.addEventListener("pointerleave", () => this.dialog?.classList.remove("pointing"));
    frame.addEventListener("dblclick", (event) => (this.zoom.scale > this.fitting(frame) * 1.05 ? this.fit() : this.zoomBy(3, event, frame)));
    this.sheets.push(sheet);
    return frame;
  }

  /** @param {HTMLElement} frame */
  fitting(frame) {
    return Math.min((frame.clientWidth - 8) / this.sample.width, (frame.clientHeight - 8) / this.sample.height);
  }

  fit() {
    const frame = this.sheets[0]?.parentElement;
    if (!frame?.clientWidth) return;
    const scale = this.fitting(frame);
    this.place({ scale, x: (frame.clientWidth - this.sample.width * scale) / 2, y: (frame.clientHeight - this.sample.height * scale) / 2 });
  }

  /** Put all four sheets in the same place. @param {{scale: number, x: number, y: number}} zoom */
  place(zoom) {
    this.zoom = zoom;
    for (const sheet of this.sheets) {
      const style = { left: zoom.x, top: zoom.y, width: this.sample.width * zoom.scale, height: this.sample.height * zoom.scale };
      for (const [name, value] of Object.entries(style)) sheet.style.setProperty(name, `${value}px`);
      sheet.classList.toggle("pixels", zoom.scale > 3);
    }
  }

  /** @param {number} factor @param {MouseEvent | null} at the point that stays; the middle without it @param {HTMLElement} frame */
  zoomBy(factor, at, frame) {
    const edge = frame.getBoundingClientRect(), least = this.fitting(frame);
    const [x, y] = at ? [at.clientX - edge.left, at.clientY - edge.top] : [edge.width / 2, edge.height / 2];
    const scale = Math.min(Math.max(this.zoom.scale * factor, least * 0.5), Math.max(MOST_ZOOM, least)), ratio = scale / this.zoom.scale;
    this.place({ scale, x: x - (x - this.zoom.x) * ratio, y: y - (y - this.zoom.y) * ratio });
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    const frame = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(".pane"));
    if (!frame) return;
    event.preventDefault();
    this.zoomBy(Math.exp(-event.deltaY * 0.0018), event, frame);
  }

  /** @param {PointerEvent} event @param {HTMLElement} frame */
  drag(event, frame) {
    if (event.button !== 0) return;
    const [fromX, fromY, { scale, x, y }] = [event.clientX, event.clientY, this.zoom];
    const move = (/** @type {PointerEvent} */ now) => this.place({ scale, x: x + now.clientX - fromX, y: y + now.clientY - fromY });
    frame.setPointerCapture(event.pointerId);
    frame.addEventListener("pointermove", move);
    frame.addEventListener("lostpointercapture", () => frame.removeEventListener("pointermove", move), { once: true });
  }

  /** The pointer is shown at the same place of every pane. @param {PointerEvent} event @param {HTMLElement} frame */
  point(event, frame) {
    const edge = frame.getBoundingClientRect();
    this.dialog?.classList.add("pointing");
    this.dialog?.style.setProperty("--x", `${event.clientX - edge.left}px`);
    this.dialog?.style.setProperty("--y", `${event.clientY - edge.top}px`);
  }

  /** @param {KeyboardEvent} event */
  typed(event) {
    const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
    const frame = this.sheets[0]?.parentElement, open = this.dialog?.open && frame;
    const moves = /** @type {Record<string, () => void>} */ ({
      f: () => this.outline(!this.contour), a: () => this.show(""),
      ...(open ? { "+": () => this.zoomBy(1.4, null, frame), "=": () => this.zoomBy(1.4, null, frame), "-": () => this.zoomBy(1 / 1.4, null, frame), 0: () => this.fit() } : {}),
    });
    const pressed = target.tagName === "LI" && (event.key === "Enter" || event.key === " ");
    const move = event.ctrlKey || event.metaKey || event.altKey ? undefined : pressed ? () => target.click() : moves[event.key];
    if (!move) { super.typed(event); return; }
    event.preventDefault();
    event.stopPropagation();
    move();
  }
}

/** @param {any} component */
export function render(component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".panes");
  root.gallery ??= new Panes(root);
  root.gallery.update(data, setTriggerValue);
}
