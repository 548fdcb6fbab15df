// @ts-check
// Sixteen training samples with their labels as an augmentation changes them; the original under pointer or focus.
import { html, svg } from "./boxes.js";

/** @typedef {{width: number, height: number, image: string, overlay: string | null, boxes: number[][], labels: {name: string, colour: string}[]}} Shot */
/** @typedef {{dataset: string, field: string, side: number, steps: string, ids: string[], count: number}} Data */

const ROW = 4;

class Preview {
  /** @param {any} root */
  constructor(root) {
    this.root = root;
    /** @type {Data | null} */ this.data = null;
    this.key = "";
    this.seed = 0;
    this.from = 0;
    this.originals = false;
    this.labels = true;
    /** @type {Tile[]} */ this.tiles = [];
    this.control = new AbortController();
    this.bar = html("div", "bar");
    this.grid = html("div", "grid");
    root.replaceChildren(this.bar, this.grid);
  }

  /** @param {Data} data */
  update(data) {
    const key = JSON.stringify(data), place = JSON.stringify([data.dataset, data.field, data.side, data.ids]);
    if (key === this.key) return;
    const elsewhere = place !== this.place;
    [this.key, this.place, this.data] = [key, place, data];
    if (elsewhere) { this.from = 0; this.paint(); } else this.load();
  }

  /** @type {string} */ place = "";

  get ids() {
    const { ids, count } = /** @type {Data} */ (this.data);
    return ids.slice(this.from, this.from + count);
  }

  paint() {
    this.tiles = this.ids.map((id) => new Tile(id));
    this.grid.replaceChildren(...this.tiles.map((tile) => tile.element));
    this.look();
    this.load();
  }

  look() {
    const { ids, count } = /** @type {Data} */ (this.data);
    const next = /** @type {HTMLButtonElement} */ (button("Other images", () => { this.from = this.from + count < ids.length ? this.from + count : 0; this.paint(); }));
    next.disabled = ids.length <= count;
    const held = this.root.getRootNode().activeElement?.dataset?.name;
    this.bar.replaceChildren(
      button("Shuffle", () => { this.seed += 1; this.load(); }, "draw other random changes"),
      next,
      toggle("Originals", this.originals, () => { this.originals = !this.originals; this.look(); }),
      toggle("Labels", this.labels, () => { this.labels = !this.labels; this.look(); }),
      html("span", "hint", "the original shows under the pointer"),
    );
    /** @type {HTMLElement | null} */ (held ? this.bar.querySelector(`[data-name="${held}"]`) : null)?.focus({ preventScroll: true });
    for (const tile of this.tiles) tile.look(this.originals, this.labels);
  }

  /** Rows of four, so that the first are seen early. */
  load() {
    this.control.abort();
    this.control = new AbortController();
    for (let from = 0; from < this.tiles.length; from += ROW) void this.loadRow(this.tiles.slice(from, from + ROW), from, this.control.signal);
  }

  /** @param {Tile[]} tiles @param {number} from @param {AbortSignal} signal */
  async loadRow(tiles, from, signal) {
    const { steps } = /** @type {Data} */ (this.data), ids = tiles.map((tile) => tile.id);
    tiles.forEach((tile) => tile.element.classList.add("waiting"));
    try {
      const shots = await this.shots(ids, steps, this.seed * 1000 + from, signal);
      tiles.forEach((tile, number) => { tile.changed = shots[number]; tile.draw(); });
      if (!tiles.every((tile) => tile.original)) {
        const plain = await this.shots(ids, "[]", 0, signal);
        tiles.forEach((tile, number) => { tile.original = plain[number]; tile.draw(); });
      }
    } catch (error) {
      if (!signal.aborted) tiles.forEach((tile) => tile.fail(error instanceof Error ? error.message : String(error)));
    }
  }

  /** @param {string[]} ids @param {string} steps @param {number} seed @param {AbortSignal} signal @returns {Promise<(Shot | null)[]>} */
  async shots(ids, steps, seed, signal) {
    const { dataset, field, side } = /** @type {Data} */ (this.data);
    const query = new URLSearchParams({ ids: ids.join(","), field, side: String(side), steps, seed: String(seed) });
    const answer = await fetch(`/api/augmented/${encodeURIComponent(dataset)}?${query}`, { signal });
    const found = await answer.json();
    if (!answer.ok) throw new Error(found.error ?? "the server did not answer");
    return found;
  }
}

class Tile {
  /** @param {string} id */
  constructor(id) {
    this.id = id;
    this.element = html("button", "tile");
    /** @type {Shot | null} */ this.changed = null;
    /** @type {Shot | null} */ this.original = null;
    this.over = false;
    this.originals = false;
    this.labels = true;
    for (const [name, over] of /** @type {[string, boolean][]} */ ([["pointerenter", true], ["pointerleave", false], ["focus", true], ["blur", false]]))
      this.element.addEventListener(name, () => { if (name !== "focus" || this.element.matches(":focus-visible")) { this.over = over; this.draw(); } });
  }

  /** @param {boolean} originals @param {boolean} labels */
  look(originals, labels) {
    [this.originals, this.labels] = [originals, labels];
    this.draw();
  }

  draw() {
    const plain = this.over !== this.originals, shown = plain ? this.original : this.changed;
    if (!shown) return;
    this.element.classList.remove("waiting");
    const words = shown.labels.map((label) => label.name).join(", ");
    this.element.setAttribute("aria-label", `${plain ? "original" : "augmented"}${words ? `: ${words}` : ""}`);
    this.element.replaceChildren(painted(shown, this.labels));
    if (plain) this.element.append(html("span", "tag", "original"));
  }

  /** @param {string} message */
  fail(message) {
    this.element.classList.remove("waiting");
    this.element.replaceChildren(html("span", "wrong", message));
  }
}

/** @param {Shot} shot @param {boolean} labels */
function painted(shot, labels) {
  const { width, height } = shot, unit = Math.max(width, height) / 190;
  const image = svg("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "xMidYMid meet" });
  image.append(svg("image", { href: shot.image, width, height, ...(width < 96 ? { style: "image-rendering: pixelated" } : {}) }));
  if (!labels) return image;
  if (shot.overlay) image.append(svg("image", { href: shot.overlay, width, height, style: "image-rendering: pixelated" }));
  const named = shot.boxes.length <= 6;
  shot.boxes.forEach(([x0, y0, x1, y1], number) => {
    const { name, colour } = shot.labels[number], at = { x: x0 * width, y: y0 * height, width: (x1 - x0) * width, height: (y1 - y0) * height };
    const shape = { ...at, fill: "none", "vector-effect": "non-scaling-stroke" };
    if (!shot.overlay) image.append(svg("rect", { ...shape, stroke: "#000", "stroke-opacity": 0.5, "stroke-width": 3 }), svg("rect", { ...shape, stroke: colour, "stroke-width": 1.6 }));
    if (named) image.append(chip(name, colour, at.x, Math.max(0, at.y - 14 * unit), unit));
  });
  if (!shot.boxes.length) shot.labels.forEach((label, number) => image.append(chip(label.name, label.colour, 4 * unit, height - (number + 1) * 18 * unit, unit)));
  return image;
}

/** A name on its colour. @param {string} name @param {string} colour @param {number} x @param {number} y @param {number} unit */
function chip(name, colour, x, y, unit) {
  const group = svg("g");
  group.append(svg("rect", { x, y, width: (name.length * 6 + 8) * unit, height: 14 * unit, rx: 3 * unit, fill: "#0f172a", "fill-opacity": 0.82 }));
  group.append(svg("rect", { x, y, width: 3 * unit, height: 14 * unit, fill: colour }));
  group.append(svg("text", { x: x + 5.5 * unit, y: y + 10.5 * unit, "font-size": 10.5 * unit, fill: "#fff", "font-weight": 600 }, name));
  return group;
}

/** @param {string} name @param {() => void} act @param {string} [title] */
function button(name, act, title = "") {
  const made = html("button", "act", name);
  made.dataset.name = name;
  made.title = title;
  made.onclick = act;
  return made;
}

/** @param {string} name @param {boolean} on @param {() => void} act */
function toggle(name, on, act) {
  const made = button(name, act);
  made.setAttribute("aria-pressed", String(on));
  return made;
}

/** @param {any} component */
export default function (component) {
  const root = component.parentElement.querySelector(".augmented");
  root.preview ??= new Preview(root);
  root.preview.update(component.data);
}
