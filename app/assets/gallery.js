// A gallery of a run's mistakes: cards to be judged by button or key, and the whole image on click. Pages turn
// without asking the server. What the cards show is up to the galleries that extend it.

import { Canvas } from "./canvas.js";
import { focused, h } from "./dom.js";
import { columns } from "./placing.js";
import { choose, judged, Outbox, VERDICTS } from "./verdicts.js";

/** @import { Child } from "./dom.js" */
/** @import { Box } from "./overlay.js" */
/** @import { Pictured } from "./pictures.js" */
/** @import { Verdict } from "./verdicts.js" */
/**
 * @typedef {"label" | "prediction"} Side
 * @typedef {(number | null)[] | null} Flat  key points: x, y and how each is seen
 * @typedef {{id: string, side: Side, label: string, box: Box, outcome: string, confidence: number | null,
 *   points: Flat}} Drawn
 * @typedef {[string, Side, string, Box, string, number | null, Flat]} Packed  a box as `datasets.review.drawn.DrawnBox`
 * @typedef {Partial<Record<Side, {fill: string, contour: string}>>} Masks  addresses with `{side}` for the size
 * @typedef {Pictured & {name: string, page: string, masks: Masks}} Known
 * @typedef {Known & {id: string, boxes: Drawn[]}} Sample
 * @typedef {{title: string, address: string}} Heat
 * @typedef {object} Item  what is judged: a patch (with `box`) or a whole image
 * @property {string} id
 * @property {string} sample
 * @property {Side | "sample"} side
 * @property {string} title
 * @property {string} note
 * @property {Box | null} box
 * @property {string[]} others  ids of boxes that belong to it
 * @property {string | null} suggest
 * @property {Verdict | null} verdict
 * @property {string[]} verdicts
 * @property {string} outcome
 * @property {[string, number][]} top
 * @property {string[]} truth
 * @property {Heat[]} heat
 */
/**
 * @typedef {{key: string, items: Item[], samples: Record<string, Known & {boxes: Packed[]}>, classes: string[],
 *   total: number, empty: string, shape: string, size: number, stored: Record<string, number>,
 *   edges?: import("./posing.js").Edges}} Data
 */
/**
 * @template {Data} D
 * @typedef {{data: D, parentElement: ParentNode, setTriggerValue: (name: string, value: unknown) => void}} Component
 */

/** @template {Data} D */
export class Gallery {
  /** @param {HTMLElement} root @param {Component<D>} component */
  constructor(root, component) {
    this.root = root;
    this.component = component;
    this.data = component.data;
    /** @type {Record<string, Sample>} */
    this.samples = {};
    this.outbox = new Outbox();
    this.page = 0;
    this.at = 0;
    this.next = 0; // the page to turn to once its cards have come
    this.key = "";
    this.ratio = 1; // width by height of pictures of whole images
    this.opacity = 0.8; // of masks
    /** @type {HTMLDialogElement | undefined} */
    this.dialog = undefined;
    /** @type {Canvas | undefined} */
    this.canvas = undefined;
    root.addEventListener("keydown", (event) => this.typed(event));
  }

  /** @param {Component<D>} component */
  update(component) {
    this.component = component;
    const { data } = component, unpacked = Object.entries(data.samples).map(([id, sample]) => [id, unpack(id, sample)]);
    this.data = data;
    this.samples = Object.fromEntries(unpacked);
    if (data.key !== this.key) [this.page, this.at, this.key] = [0, 0, data.key];
    if (this.next && this.next < this.pages) [this.page, this.at, this.next] = [this.next, this.next * data.size, 0];
    this.outbox.settle(data.stored);
    this.paint();
  }

  // --- what galleries override ------------------------------------------------------------------------------------

  /** The picture of a card. @param {Item} _item @param {Sample} _sample @returns {HTMLElement} */
  picture(_item, _sample) {
    throw new Error("expected a gallery that draws its cards");
  }

  /**
   * What the viewer shows side by side, panes of a canvas.
   * @param {Item} _item @param {Sample} _sample @returns {HTMLElement[]}
   */
  panes(_item, _sample) {
    throw new Error("expected a gallery that draws its panes");
  }

  /** What the viewer says about an item. @param {Item} _item @param {Sample} _sample @returns {Child[]} */
  about(_item, _sample) {
    return [];
  }

  /** What stands above the cards, beside the pages. @returns {Child[]} */
  knobs() {
    return [];
  }

  /** What a key does. @param {KeyboardEvent} event @returns {(() => void) | undefined} */
  action(event) {
    const verdict = Object.keys(VERDICTS).find((name) => VERDICTS[name].key === event.key);
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.columns, ArrowUp: -this.columns }[event.key];
    if (step) return () => this.go(this.at + step);
    if (verdict) return () => this.judge(verdict);
    if (event.key === "e") return () => this.fix();
    return event.key === "Enter" && !this.dialog ? () => this.open() : undefined;
  }

  get keys() {
    return ["arrows move", "Enter opens", "e fix", "c confirm", "r relabel", "i ignore", "u undo"].join(" \u00b7 ");
  }

  // --- the cards --------------------------------------------------------------------------------------------------

  get pages() {
    return Math.max(1, Math.ceil(this.data.items.length / this.data.size));
  }

  /** @returns {Item | undefined} */
  get item() {
    return this.data.items[this.at];
  }

  get columns() {
    const cards = this.root.querySelector(".cards");
    return cards && !this.dialog ? getComputedStyle(cards).gridTemplateColumns.split(" ").length : 1;
  }

  paint() {
    const { items, size, shape, empty } = this.data;
    this.page = Math.min(this.page, this.pages - 1);
    const from = this.page * size, first = this.samples[items[from]?.sample];
    if (first) this.ratio = Math.max(0.75, Math.min(2, first.width / first.height));
    const cards = items.slice(from, from + size).map((item, i) => this.card(item, from + i));
    const style = { "--ratio": this.ratio };
    const held = focused(this.root), place = held ? this.buttons().indexOf(held) : -1;
    this.fade();
    this.root.replaceChildren(
      this.bar(), cards.length ? h(`div.cards.${shape}`, { style }, ...cards) : h("div.none", {}, empty),
    );
    const again = held?.closest(".card") ? this.current() : this.buttons()[place];
    again?.focus({ preventScroll: true });
  }

  /** Apply the opacity of masks. */
  fade() {
    for (const one of [this.root, this.dialog]) one?.style.setProperty("--masks", String(this.opacity));
  }

  /** Draw with changed settings; the viewer keeps its place. */
  again() {
    this.paint();
    if (this.dialog) this.whole(true);
  }

  /** @returns {HTMLElement[]} */
  buttons() {
    return [...this.root.querySelectorAll(/** @type {"button"} */ (".bar button"))];
  }

  /** The card of the current item. */
  current() {
    return this.root.querySelector(/** @type {"article"} */ (`[data-at="${this.at}"]`));
  }

  bar() {
    const { items, size, total } = this.data, from = this.page * size, many = this.pages > 1 || total > items.length;
    const range = items.length ? `${from + 1}\u2013${Math.min(items.length, from + size)} of ${total}` : "";
    const turns = many ? [this.turn("\u2190", -1, "previous page"), this.turn("\u2192", 1, "next page")] : [];
    return h("div.bar", {}, h("span.range", {}, range), ...turns, ...this.knobs(), h("span.keys", {}, this.keys));
  }

  /** @param {string} sign @param {1 | -1} step @param {string} title */
  turn(sign, step, title) {
    const { items, size, total } = this.data, to = this.page + step, more = to >= this.pages && total > items.length;
    const turn = () => {
      if (more) {
        this.next = to;
        this.component.setTriggerValue("more", items.length);
        return;
      }
      [this.page, this.at] = [to, to * size];
      this.paint();
    };
    const disabled = to < 0 || (to >= this.pages && !more);
    return h("button.turn", { title, "aria-label": title, disabled, onclick: turn }, sign);
  }

  /** @param {Item} item @param {number} at */
  card(item, at) {
    const verdict = this.outbox.verdict(item), picture = this.picture(item, this.samples[item.sample]);
    const judge = (/** @type {string} */ name) => {
      this.at = at;
      this.judge(name);
    };
    picture.addEventListener("click", () => {
      this.at = at;
      this.open();
    });
    const title = h("b", { title: item.title }, this.sign(item), item.title);
    const words = h("div.text", {}, title, h("small", {}, item.note));
    const props = { tabindex: at === this.at ? 0 : -1, "data-at": at, onfocus: () => { this.at = at; } };
    const fix = () => {
      this.at = at;
      this.fix();
    };
    const foot = h("div.foot", {}, words, judged(item, verdict, judge, false, fix));
    return h(verdict ? "article.card.judged" : "article.card", props, picture, foot);
  }

  /** The sign of an item's outcome, beside its title. @param {Item} _item @returns {Child} */
  sign(_item) {
    return null;
  }

  /** @param {number} at */
  go(at) {
    this.at = Math.max(0, Math.min(this.data.items.length - 1, at));
    this.page = Math.floor(this.at / this.data.size);
    this.paint();
    this.focus();
    if (this.dialog) this.whole();
  }

  focus() {
    if (this.dialog) return;
    this.current()?.focus({ preventScroll: true });
    this.current()?.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  typed(event) {
    const from = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey || from instanceof HTMLInputElement) return;
    const ours = this.dialog && this.canvas?.key(event), action = ours ? undefined : this.action(event);
    if (!ours && !action) return;
    event.preventDefault();
    event.stopPropagation();
    action?.();
  }

  // --- verdicts ---------------------------------------------------------------------------------------------------

  /** @param {string} name */
  judge(name) {
    if (name === "undo" && this.item && !this.outbox.verdict(this.item)) this.goBack();
    const { item } = this, given = item && this.outbox.verdict(item);
    if (!item || (name === "undo" ? !given : !item.verdicts.includes(name))) return;
    if (name !== "relabel") {
      this.store(item, name, null);
      return;
    }
    const classes = [...new Set([item.suggest ?? "", ...this.data.classes])].filter(Boolean);
    choose(this.home, classes, (label) => this.store(item, name, label), () => this.focus());
  }

  /** Undo on a card without a verdict applies to the card that was judged last. */
  goBack() {
    const at = this.data.items.findIndex((one) => one.id === this.outbox.last);
    if (at >= 0) [this.at, this.page] = [at, Math.floor(at / this.data.size)];
  }

  /** @param {Item} item @param {string} verdict @param {string | null} label */
  store(item, verdict, label) {
    this.component.setTriggerValue("verdicts", this.outbox.give(item, verdict, label));
    if (verdict !== "undo" && this.at < this.data.items.length - 1) this.go(this.at + 1);
    else this.again();
    this.focus();
  }

  /** Go and correct the labels of the current item. */
  fix() {
    const { item } = this;
    if (!item) return;
    this.dialog?.close();
    this.component.setTriggerValue("fix", { item: item.id, sample: item.sample, side: item.side });
  }

  // --- the viewer -------------------------------------------------------------------------------------------------

  /** Where dialogs are put. */
  get home() {
    return /** @type {ParentNode} */ (this.root.parentNode);
  }

  open() {
    const onclose = () => {
      this.dialog?.remove();
      this.dialog = this.canvas = undefined;
      this.closed();
      this.focus();
    };
    this.dialog = h("dialog.whole", { onkeydown: (event) => this.typed(event), onclose });
    this.home.append(this.dialog);
    this.fade();
    this.dialog.showModal();
    this.whole();
  }

  /** The viewer was closed. */
  closed() {}

  /** Show the current item in the viewer. @param {boolean} [stays] whether the image stays where it is */
  whole(stays = false) {
    const { item, dialog } = this;
    if (!item || !dialog) return;
    const sample = this.samples[item.sample], panes = this.panes(item, sample), canvas = new Canvas(panes);
    const stage = h("div.stage", { tabindex: -1 }, ...panes);
    const link = h("a", { href: sample.page, target: "_blank" }, "Open in Browse");
    const judge = (/** @type {string} */ name) => this.judge(name);
    const verdicts = judged(item, this.outbox.verdict(item), judge, true, () => this.fix());
    const words = [h("p", {}, item.note), h("p.path", {}, sample.name), verdicts, ...this.about(item, sample), link];
    dialog.replaceChildren(stage, h("aside", {}, this.head(item, canvas), ...words));
    const room = { width: stage.clientWidth, height: stage.clientHeight };
    stage.style.setProperty("--columns", String(columns(panes.length, sample, room)));
    stage.focus({ preventScroll: true });
    canvas.show(sample, stays ? this.canvas : undefined);
    this.canvas = canvas;
  }

  /** @param {Item} item @param {Canvas} canvas */
  head(item, canvas) {
    const moves = /** @type {[string, number, string][]} */ ([["\u2190", -1, "previous"], ["\u2192", 1, "next"]]).map(
      ([sign, step, title]) => {
        const disabled = !this.data.items[this.at + step];
        return h("button", { title, "aria-label": title, disabled, onclick: () => this.go(this.at + step) }, sign);
      },
    );
    const close = h("button.close", { "aria-label": "close", onclick: () => this.dialog?.close() }, "\u2715");
    const place = h("small", {}, `${this.at + 1} of ${this.data.items.length}`);
    return h("header", {}, h("b", {}, item.title), place, h("span.moves", {}, ...moves, ...canvas.buttons()), close);
  }
}

/** @param {string} id @param {Known & {boxes: Packed[]}} sample @returns {Sample} */
function unpack(id, sample) {
  const named = (/** @type {Packed} */ [id, side, label, box, outcome, confidence, points]) =>
    ({ id, side, label, box, outcome, confidence, points: points ?? null });
  return { ...sample, id, boxes: sample.boxes.map(named) };
}
