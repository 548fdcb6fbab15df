// @ts-check
// A gallery of mistakes: one card per patch or image, verdicts by button or key, the whole image on click.
// Pages turn without asking the server. Verdicts are sent again until the server says that it has stored them.
import { crop, html, OUTCOMES, picture } from "./boxes.js";

const VERDICTS = /** @type {Record<string, {key: string, sign: string, title: string, done: string}>} */ ({
  confirm: { key: "c", sign: "\u2713", title: "Confirm: the labels are right", done: "confirmed" },
  relabel: { key: "r", sign: "\u21c4", title: "Relabel: give it another class", done: "relabelled" },
  wrong: { key: "w", sign: "\u2717", title: "Wrong label: to be drawn anew", done: "wrong label" },
  ignore: { key: "i", sign: "\u2298", title: "Ignore: leave it out", done: "ignored" },
  undo: { key: "u", sign: "\u21b6", title: "Undo the verdict", done: "" },
});

/** A box as it travels: a tuple in the order of `datasets.review.drawn.DrawnBox`. @param {any} row */
function unpacked(row) {
  if (!Array.isArray(row)) return row;
  const [id, side, label, box, outcome, confidence] = row;
  return { id, side, label, box, outcome, confidence };
}

export class Gallery {
  /** @param {any} root */
  constructor(root) {
    this.root = root;
    /** @type {any} */ this.data = null;
    /** @type {(name: string, value: any) => void} */ this.send = () => {};
    this.page = 0;
    this.at = 0;
    this.key = "";
    this.client = Math.random().toString(36).slice(2);
    this.count = 0;
    /** @type {string | null} */ this.last = null;  // the item that was judged last
    this.next = 0;  // the page to turn to once its cards have come
    /** @type {any[]} */ this.waiting = [];
    /** @type {Record<string, any>} */ this.given = {};
    this.layers = { label: true, prediction: true };
    this.filled = "label";  // the side whose masks are filled
    this.opacity = 0.8;
    /** @type {AbortController | undefined} */ this.heated = undefined;
    /** @type {number | undefined} */ this.shade = undefined;
    root.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.typed(event));
  }

  /** @param {any} data @param {(name: string, value: any) => void} send */
  update(data, send) {
    this.data = data;
    this.send = send;
    for (const sample of Object.values(data.samples)) sample.boxes = sample.boxes.map(unpacked);
    if (data.key !== this.key) { this.page = 0; this.at = 0; this.given = {}; this.key = data.key; }
    if (this.next && this.next < this.pages) { this.page = this.next; this.at = this.page * data.size; this.next = 0; }
    const stored = data.stored?.[this.client] ?? 0;
    this.waiting = this.waiting.filter((one) => one.number > stored);
    const open = new Set(this.waiting.map((one) => one.item));  // what the server has stored, or refused, it shows itself
    for (const id of Object.keys(this.given)) if (!open.has(id)) delete this.given[id];
    this.paint();
  }

  get pages() { return Math.max(1, Math.ceil(this.data.items.length / this.data.size)); }
  get item() { return this.data.items[this.at]; }
  /** @param {any} item */
  verdict(item) { return item.id in this.given ? this.given[item.id] : item.verdict; }

  paint() {
    const { items, size, samples } = this.data;
    this.page = Math.min(this.page, this.pages - 1);
    const from = this.page * size, cards = html("div", `cards ${this.data.shape}`);
    const shape = samples[items[from]?.sample];
    if (shape) cards.style.setProperty("--ratio", String(Math.max(0.75, Math.min(2, shape.width / shape.height))));
    items.slice(from, from + size).forEach((/** @type {any} */ item, /** @type {number} */ i) => cards.append(this.card(item, samples[item.sample], from + i)));
    const held = this.root.getRootNode().activeElement, buttons = [...this.root.querySelectorAll(".bar button")];
    const [card, place] = [held?.closest?.(".card") && this.root.contains(held), buttons.indexOf(held)];
    this.root.replaceChildren(this.bar(), items.length ? cards : html("div", "none", this.data.empty));
    if (card) this.root.querySelector(`[data-at="${this.at}"]`)?.focus({ preventScroll: true });
    else if (place >= 0) this.root.querySelectorAll(".bar button")[place]?.focus({ preventScroll: true });
  }

  bar() {
    const bar = html("div", "bar"), total = this.data.items.length, from = this.page * this.data.size;
    bar.append(html("span", "range", total ? `${from + 1}\u2013${Math.min(total, from + this.data.size)} of ${this.data.total}` : ""));
    for (const [sign, step, name] of /** @type {[string, number, string][]} */ ([["\u2190", -1, "previous page"], ["\u2192", 1, "next page"]])) {
      const button = /** @type {HTMLButtonElement} */ (html("button", "turn", sign));
      button.title = name; button.setAttribute("aria-label", name);
      const more = this.page + step >= this.pages && this.data.total > total;
      button.disabled = this.page + step < 0 || (this.page + step >= this.pages && !more);
      button.onclick = () => { if (more) { this.next = this.page + 1; this.send("more", total); return; } this.page += step; this.at = this.page * this.data.size; this.paint(); };
      if (this.pages > 1 || this.data.total > total) bar.append(button);
    }
    if (this.boxed()) bar.append(this.legend());
    bar.append(html("span", "keys", "arrows move \u00b7 Enter opens \u00b7 c confirm \u00b7 r relabel \u00b7 i ignore \u00b7 u undo"));
    return bar;
  }

  /** Whether anything is drawn over the images. */
  boxed() { return Object.values(this.data.samples).some((sample) => sample.boxes.length); }

  legend() {
    const legend = html("span", "legend");
    for (const [side, text] of /** @type {[("label" | "prediction"), string][]} */ ([["label", "labels"], ["prediction", "predictions"]])) {
      const button = html("button", `layer ${side}`, text);
      button.setAttribute("aria-pressed", String(this.layers[side]));
      button.title = `show or hide ${text}`;
      button.onclick = () => { this.layers[side] = !this.layers[side]; this.paint(); };
      legend.append(button);
    }
    if (Object.values(this.data.samples).some((sample) => this.masked(sample))) legend.append(this.masks());
    for (const outcome of ["tp", "fp", "fn"]) {
      const entry = html("span", "entry", `${OUTCOMES[outcome].sign} ${OUTCOMES[outcome].text}`);
      entry.style.color = `color-mix(in srgb, ${OUTCOMES[outcome].color} 80%, var(--st-text-color))`;
      legend.append(entry);
    }
    return legend;
  }

  /** @param {any} sample */
  masked(sample) { return Boolean(this.filled && (sample.masks.label || sample.masks.prediction)); }

  /** Which side's masks are filled, and how strongly masks are laid over the images. */
  masks() {
    const group = html("span", "switch"), input = /** @type {HTMLInputElement} */ (html("input"));
    for (const [side, text] of [["label", "fill labels"], ["prediction", "fill predictions"]]) {
      const button = html("button", "", text);
      button.title = "the masks of the other side are outlines; every object has a colour of its own";
      button.setAttribute("aria-pressed", String(this.filled === side));
      button.onclick = () => { this.filled = side; this.paint(); if (this.dialog?.open) this.whole(); };
      group.append(button);
    }
    Object.assign(input, { type: "range", min: "0", max: "1", step: "0.05", value: String(this.opacity) });
    input.setAttribute("aria-label", "Opacity of the masks");
    input.oninput = () => { this.opacity = Number(input.value); for (const one of [this.root, this.dialog]) one?.style.setProperty("--masks", input.value); };
    group.append(input);
    return group;
  }

  /** @param {any} item @param {any} sample @param {number} at */
  card(item, sample, at) {
    const card = html("article", "card"), verdict = this.verdict(item), whole = !item.box;
    card.tabIndex = at === this.at ? 0 : -1;
    card.dataset.at = String(at);
    if (verdict) card.classList.add("judged");
    const frame = html("div", "frame"), aspect = whole ? 4 / 3 : 1;
    const strong = (/** @type {any} */ part) => part.id === item.id || item.others.includes(part.id), masked = this.masked(sample);
    const wrong = sample.boxes.filter((/** @type {any} */ part) => part.outcome !== "tp").length;
    frame.append(picture(sample, {
      view: crop(sample, item.box, aspect), pixels: this.data.shape === "images" ? 280 : 176,
      strong, named: (part) => whole && wrong <= 14 && part.outcome !== "tp" ? "sign" : "", filled: this.filled, layers: this.layers,
      shown: (part) => this.layers[/** @type {"label"} */ (part.side)] && (strong(part) || (whole && !(masked && part.outcome === "tp"))),
    }));
    frame.onclick = () => { this.at = at; this.open(); };
    const words = html("div", "words");
    const title = html("b", "", item.title), look = OUTCOMES[item.outcome];
    if (look) { const sign = html("span", "sign", `${look.sign} `); sign.style.setProperty("--key", look.color); title.prepend(sign); }
    title.title = item.title;
    words.append(title, html("small", "", item.note));
    card.append(frame, words, this.buttons(item, verdict, at));
    card.onfocus = () => { this.at = at; };
    return card;
  }

  /** @param {any} item @param {any} verdict @param {number} at @param {boolean} [words] */
  buttons(item, verdict, at, words = false) {
    const row = html("div", "row");
    if (verdict) row.append(html("span", "done", verdict.verdict === "relabel" ? `\u21c4 ${verdict.label}` : `${VERDICTS[verdict.verdict].sign} ${VERDICTS[verdict.verdict].done}`));
    for (const name of verdict ? ["undo"] : item.verdicts) {
      const adds = name === "relabel" && item.side === "prediction";
      const title = adds ? "Add as a label: the label is missing" : VERDICTS[name].title;
      const button = html("button", `verdict ${name}`, `${adds ? "+" : VERDICTS[name].sign}${words ? ` ${adds ? "add as label" : name}` : ""}`);
      button.title = `${title} (${VERDICTS[name].key})`;
      button.setAttribute("aria-label", title);
      button.onclick = (event) => { event.stopPropagation(); this.at = at; this.judge(name); };
      row.append(button);
    }
    return row;
  }

  /** @param {string} name */
  judge(name) {
    if (name === "undo" && this.item && !this.verdict(this.item)) this.goBack();
    const item = this.item;
    if (!item || (name !== "undo" && !item.verdicts.includes(name)) || (name === "undo" && !this.verdict(item))) return;
    if (name === "relabel") this.choose((label) => this.store(item, name, label));
    else this.store(item, name, null);
  }

  /** Undo on a card without a verdict means the one that was judged last. */
  goBack() {
    const at = this.data.items.findIndex((/** @type {any} */ one) => one.id === this.last);
    if (at >= 0) [this.at, this.page] = [at, Math.floor(at / this.data.size)];
  }

  /** @param {any} item @param {string} verdict @param {string | null} label */
  store(item, verdict, label) {
    this.count += 1;
    this.last = verdict === "undo" ? null : item.id;
    this.given[item.id] = verdict === "undo" ? null : { verdict, label };
    this.waiting.push({ number: this.count, item: item.id, sample: item.sample, side: item.side, verdict, label });
    this.send("verdicts", { client: this.client, given: this.waiting });
    if (verdict !== "undo" && this.at < this.data.items.length - 1) this.go(this.at + 1);
    else this.paint();
    this.focus();
  }

  /** @param {number} at */
  go(at) {
    this.at = Math.max(0, Math.min(this.data.items.length - 1, at));
    this.page = Math.floor(this.at / this.data.size);
    this.paint();
    this.focus();
    if (this.dialog?.open) this.whole();
  }

  focus() {
    if (this.dialog?.open) return;
    const card = this.root.querySelector(`[data-at="${this.at}"]`);
    card?.focus({ preventScroll: true });
    card?.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  typed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || /** @type {HTMLElement} */ (event.composedPath()[0]).tagName === "INPUT") return;
    const cards = this.root.querySelector(".cards");
    const columns = cards && !this.dialog?.open ? getComputedStyle(cards).gridTemplateColumns.split(" ").length : 1;
    const step = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns })[event.key];
    const verdict = Object.keys(VERDICTS).find((name) => VERDICTS[name].key === event.key);
    if (step) this.go(this.at + step);
    else if (verdict) this.judge(verdict);
    else if (event.key === "Enter" && !this.dialog?.open) this.open();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Ask for a class: type to narrow, Enter takes the first. @param {(label: string) => void} done */
  choose(done) {
    const dialog = /** @type {HTMLDialogElement} */ (html("dialog", "choose")), list = html("div", "list");
    const input = /** @type {HTMLInputElement} */ (html("input"));
    input.placeholder = "class\u2026";
    const take = (/** @type {string} */ label) => { dialog.close(); done(label); };
    const suggested = this.item?.suggest, ordered = [...new Set([suggested, ...this.data.classes])].filter(Boolean);
    const fill = () => list.replaceChildren(...ordered.filter((/** @type {string} */ name) => name.toLowerCase().includes(input.value.toLowerCase())).map((/** @type {string} */ name) => {
      const button = html("button", "", name);
      button.onclick = () => take(name);
      return button;
    }));
    input.oninput = fill;
    input.onkeydown = (event) => { if (event.key === "Enter" && list.firstChild) { event.preventDefault(); take(/** @type {any} */ (list.firstChild).textContent); } };
    dialog.append(html("b", "", "The right class"), input, list);
    dialog.onclose = () => { dialog.remove(); this.focus(); };
    fill();
    this.root.parentNode.append(dialog);
    dialog.showModal();
    input.focus();
  }

  open() {
    this.dialog = /** @type {HTMLDialogElement} */ (html("dialog", "whole"));
    this.dialog.onkeydown = (event) => this.typed(event);
    this.dialog.onclose = () => { this.heated?.abort(); this.dialog?.remove(); this.dialog = undefined; this.focus(); };
    this.root.parentNode.append(this.dialog);
    this.dialog.showModal();
    this.whole();
  }

  /** The whole image of the current item, with every box, inside the dialog. */
  whole() {
    const item = this.item, sample = this.data.samples[item.sample], side = html("aside"), head = html("header");
    const view = [0, 0, sample.width, sample.height], strong = (/** @type {any} */ part) => part.id === item.id || item.others.includes(part.id);
    const image = picture(sample, { view, pixels: Math.min(1100, window.innerWidth * 0.7), filled: this.filled, layers: this.layers, strong, named: (part) => sample.boxes.length <= 24 || strong(part) ? "full" : part.outcome === "tp" ? "" : "sign", shown: (part) => this.layers[/** @type {"label"} */ (part.side)] && (strong(part) || !(this.masked(sample) && part.outcome === "tp")) });
    const close = html("button", "close", "\u2715"), link = /** @type {HTMLAnchorElement} */ (html("a", "", "Open in Browse"));
    close.setAttribute("aria-label", "close");
    close.onclick = () => this.dialog?.close();
    link.href = sample.page;
    link.target = "_blank";
    head.append(html("b", "", item.title), html("small", "", `${this.at + 1} of ${this.data.items.length}`), close);
    side.append(head, html("p", "", item.note), html("p", "path", sample.name), this.buttons(item, this.verdict(item), this.at, true));
    if (sample.boxes.length) side.append(this.legend(), this.parts(sample));
    if (item.top.length) side.append(this.ranking(item));
    const frame = html("div", "stage");
    this.heated?.abort();
    this.heated = new AbortController();
    if (item.heat.length) frame.classList.add("several");
    frame.classList.toggle("wide", sample.width > 1.15 * sample.height || window.innerWidth < 900);
    frame.append(item.heat.length ? titled("image", image) : image, ...item.heat.map((/** @type {any} */ heat) => warmed(sample, heat, /** @type {any} */ (this.heated).signal)));
    if (item.heat.length) side.append(this.strength());
    side.append(link);
    this.dialog?.replaceChildren(frame, side);
  }

  /** How strongly the maps of heat are laid over the images. */
  strength() {
    const label = html("label", "strength", "heat map"), input = /** @type {HTMLInputElement} */ (html("input"));
    Object.assign(input, { type: "range", min: "0", max: "1", step: "0.05", value: String(this.shade ?? 0.7) });
    const apply = () => { this.shade = Number(input.value); this.dialog?.style.setProperty("--shade", input.value); };
    input.oninput = apply;
    apply();
    label.append(input);
    return label;
  }

  /** The most probable classes of an image. @param {any} item */
  ranking(item) {
    const list = html("ul", "ranking");
    for (const [name, share] of item.top) {
      const own = item.truth.includes(name), row = html("li", own ? "truth" : ""), meter = html("i");
      meter.style.width = `${100 * share}%`;
      row.append(html("span", "", own ? `${name} \u00b7 label` : name), html("small", "", share.toFixed(3)), meter);
      list.append(row);
    }
    return list;
  }

  /** @param {any} sample */
  parts(sample) {
    const list = html("ul", "parts");
    const first = [...sample.boxes].sort((a, b) => Number(a.outcome === "tp") - Number(b.outcome === "tp"));
    for (const part of first) {
      const row = html("li", part.side), look = OUTCOMES[part.outcome] ?? OUTCOMES.ignored;
      row.append(html("span", "sign", look.sign), html("span", "", part.label), html("small", "", part.side === "label" ? `label, ${look.text}` : `${(part.confidence ?? 1).toFixed(2)}, ${look.text}`));
      row.style.setProperty("--key", look.color);
      list.append(row);
    }
    return list;
  }
}

/** A picture with its title below. @param {string} title @param {Element} image */
function titled(title, image) {
  const figure = html("figure");
  figure.append(image, html("figcaption", "", title));
  return figure;
}

/** The image under a map of heat, which the server computes when it is asked for the first time. @param {any} sample @param {any} heat @param {AbortSignal} signal */
function warmed(sample, heat, signal) {
  const image = picture(sample, { view: [0, 0, sample.width, sample.height], pixels: 512, strong: () => false, named: () => "", shown: () => false });
  const figure = titled(heat.title, image), says = html("p", "says", "computing \u2026");
  figure.append(says);
  const fetched = async () => {
    const answer = await fetch(heat.address, { signal });
    if (!answer.ok) { const { error, action } = await answer.json().catch(() => ({ error: `the server answered ${answer.status}` })); throw new Error([error, action].filter(Boolean).join("; ")); }
    const map = await answer.blob(), size = await createImageBitmap(map);
    if (size.width === 1) { says.textContent = "nothing in the image speaks for it"; return; }
    const address = URL.createObjectURL(map);
    const layer = document.createElementNS("http://www.w3.org/2000/svg", "image");
    for (const [name, value] of Object.entries({ href: address, width: sample.width, height: sample.height, preserveAspectRatio: "none", class: "heat" })) layer.setAttribute(name, String(value));
    layer.addEventListener("error", () => { says.textContent = "the server sent no picture; reload the page"; figure.append(says); });
    layer.addEventListener("load", () => URL.revokeObjectURL(address));
    image.append(layer);
    says.remove();
  };
  // a moment later, so that turning pages by key asks for nothing
  const late = setTimeout(() => fetched().catch((error) => { if (!signal.aborted) says.textContent = error.message; }), 250);
  signal.addEventListener("abort", () => clearTimeout(late));
  return figure;
}

/** @param {any} component */
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".patches");
  root.gallery ??= new Gallery(root);
  root.gallery.update(data, setTriggerValue);
}
