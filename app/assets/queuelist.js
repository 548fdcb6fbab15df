// The queue beside the canvas: the samples of the view in its order, with their states; a list of any length, of which
// only what is seen is drawn.

import { h } from "./dom.js";
import { named } from "./labelerapi.js";

/** @import { LabelerApi, Progress, Queued, State } from "./labelerapi.js" */
/** @typedef {{open: (row: Queued) => unknown, failed: (error: unknown) => void, loaded?: () => void}} On */

const SIZE = 100; // rows of a request
const HEIGHT = 46; // pixels of a row
const SPARE = 6; // rows drawn above and below what is seen
const FEW = 3; // images that say nothing yet about how quickly people work
const SCAN = 50; // pages that are searched for a sample

/** @type {Record<State, {title: string, colour: string}>} */
export const STATES = {
  unlabeled: { title: "unlabeled", colour: "var(--quiet)" },
  draft: { title: "draft", colour: "#c7912a" },
  done: { title: "done", colour: "#4a6fd6" },
  returned: { title: "returned", colour: "#d9662b" },
  rejected: { title: "rejected", colour: "#b7497f" },
  accepted: { title: "accepted", colour: "#0e8577" },
};
export const OPEN = /** @type {State[]} */ (["unlabeled", "draft", "returned"]); // what is still to be done

export class QueueList {
  /** @param {LabelerApi} api @param {string} spec @param {On} on */
  constructor(api, spec, on) {
    this.api = api;
    this.spec = spec;
    this.on = on;
    /** @type {Map<number, Queued>} */
    this.rows = new Map(); // by position
    /** @type {Map<number, Promise<void>>} */
    this.asked = new Map(); // by page
    this.total = 0;
    /** @type {Record<string, number>} */
    this.counts = {};
    /** @type {State | ""} */
    this.state = "";
    this.at = -1; // the position of the open sample
    this.summary = h("div.summary");
    /** @type {Progress | null} */
    this.told = null; // how quickly people work
    this.filters = h("div.filters", { role: "group", "aria-label": "States" });
    this.inner = h("div.rows");
    const keys = { onscroll: () => this.draw(), onkeydown: (/** @type {KeyboardEvent} */ event) => this.key(event) };
    this.list = h("div.scroll", { role: "listbox", tabindex: 0, "aria-label": "Queue", ...keys }, this.inner);
    this.root = h("nav.queue", { "aria-label": "Queue" }, this.summary, this.filters, this.list);
    new ResizeObserver(() => this.draw()).observe(this.list);
  }

  // --- what is in it ----------------------------------------------------------------------------------------------

  /** Read the list anew, from the start. */
  async load() {
    [this.rows, this.asked] = [new Map(), new Map()];
    await this.need(0);
    this.draw();
  }

  /** Make sure that the row at a position is there. @param {number} position */
  need(position) {
    const page = Math.floor(position / SIZE) + 1;
    const known = this.asked.get(page);
    if (known) return known;
    const made = this.read(page).catch((error) => {
      this.asked.delete(page);
      this.on.failed(error);
    });
    this.asked.set(page, made);
    return made;
  }

  /** @param {number} page */
  async read(page) {
    const found = await this.api.queue(this.spec, page, SIZE, this.state);
    if (found.page === page) found.rows.forEach((row, index) => this.rows.set((page - 1) * SIZE + index, row));
    [this.total, this.counts] = [found.total, found.counts];
    this.head();
    this.draw();
    this.on.loaded?.();
  }

  /** The position of a sample; -1 where it is not in the list. @param {string} id */
  async find(id) {
    for (let page = 0; page < SCAN && page * SIZE < Math.max(1, this.total); page += 1) {
      await this.need(page * SIZE);
      for (const [position, row] of this.rows) if (row.id === id) return position;
    }
    return -1;
  }

  /** The row at a position; null outside the list. @param {number} position */
  async row(position) {
    if (position < 0 || (this.total && position >= this.total)) return null;
    await this.need(position);
    return this.rows.get(position) ?? null;
  }

  /** Rows that are here already, from a position on. @param {number} from @param {number} count @param {1 | -1} step */
  near(from, count, step) {
    const places = Array.from({ length: count }, (_, index) => from + step * (index + 1));
    return places.flatMap((place) => this.rows.get(place) ?? []);
  }

  /** The next sample here that is still to be done and that nobody holds. @param {number} after */
  async open(after) {
    for (let place = after + 1; place < this.total; place += 1) {
      const row = await this.row(place);
      if (row && (!row.holder || row.holder.mine) && (row.state === null || OPEN.includes(row.state))) return place;
    }
    return -1;
  }

  /** A sample has another state. @param {string} id @param {Partial<Queued>} values */
  change(id, values) {
    for (const row of this.rows.values()) {
      if (row.id !== id) continue;
      if (values.state && row.state && values.state !== row.state) {
        this.counts[row.state] = Math.max(0, (this.counts[row.state] ?? 1) - 1);
        this.counts[values.state] = (this.counts[values.state] ?? 0) + 1;
      }
      Object.assign(row, values);
    }
    this.head();
    this.draw();
  }

  /** Ask how quickly people work. */
  async progress() {
    this.told = this.api.queued ? await this.api.progress(this.spec).catch(() => null) : null;
    this.head();
  }

  // --- how it looks -----------------------------------------------------------------------------------------------

  head() {
    const { counts, total } = this, all = Object.values(counts).reduce((sum, one) => sum + one, 0);
    const names = /** @type {State[]} */ (Object.keys(STATES)), finished = (counts.done ?? 0) + (counts.accepted ?? 0);
    const bars = names.filter((name) => name !== "unlabeled" && counts[name]).map((name) =>
      h("i", { title: `${counts[name]} ${name}`, style: { flex: counts[name], background: STATES[name].colour } }));
    const words = all ? `${finished.toLocaleString()} of ${all.toLocaleString()} done`
      : `${total.toLocaleString()} images`;
    const rest = h("i.rest", { style: { flex: counts.unlabeled ?? 0 } });
    const rate = this.told ? rates(this.told) : "", meter = all ? h("div.meter", {}, ...bars, rest) : null;
    this.summary.replaceChildren(h("strong", {}, words), meter ?? "", rate ? h("small", {}, rate) : "");
    const chip = (/** @type {State | ""} */ name, /** @type {string} */ text, /** @type {number} */ count) => {
      const props = { type: "button", "aria-pressed": this.state === name, onclick: () => this.filter(name) };
      return h("button.chip", props, text, h("b", {}, count.toLocaleString()));
    };
    const shown = names.filter((name) => counts[name] || this.state === name);
    this.filters.hidden = !all;
    this.filters.replaceChildren(chip("", "all", all), ...shown.map((name) => chip(name, name, counts[name] ?? 0)));
  }

  /** @param {State | ""} state */
  async filter(state) {
    this.state = state;
    const open = this.rows.get(this.at)?.id;
    this.list.scrollTop = 0;
    await this.load();
    const position = [...this.rows].find(([, row]) => row.id === open)?.[0];
    this.show(position ?? -1);
  }

  /** Mark the open sample. @param {number} position */
  show(position) {
    this.at = position;
    const top = position * HEIGHT, { scrollTop, clientHeight } = this.list;
    if (position >= 0 && (top < scrollTop + HEIGHT || top + 2 * HEIGHT > scrollTop + clientHeight)) {
      this.list.scrollTop = top - clientHeight / 2 + HEIGHT / 2;
    }
    this.draw();
  }

  draw() {
    const { scrollTop, clientHeight } = this.list;
    this.inner.style.height = `${this.total * HEIGHT}px`;
    const first = Math.max(0, Math.floor(scrollTop / HEIGHT) - SPARE);
    const last = Math.min(this.total, Math.ceil((scrollTop + clientHeight) / HEIGHT) + SPARE);
    const made = [];
    for (let place = first; place < last; place += 1) {
      const row = this.rows.get(place);
      if (!row) void this.need(place);
      made.push(this.entry(place, row));
    }
    if (!this.total
      && this.asked.size) made.push(h("p.none", {}, this.state ? `none is ${this.state}` : "no image here"));
    this.inner.replaceChildren(...made);
  }

  /** @param {number} place @param {Queued | undefined} row */
  entry(place, row) {
    const style = { top: `${place * HEIGHT}px` };
    if (!row) return h("div.entry.empty", { style });
    const thumbnail = this.api.picture(row).thumbnail.replace("{side}", "128");
    const { state, holder } = row, away = holder !== null && !holder.mine;
    const note = away ? `open: ${named(holder.who)}` : [state, row.by && named(row.by)].filter(Boolean).join(" · ");
    const dot = state ? h("i.state", { title: state, style: { background: STATES[state]?.colour ?? "none" } }) : null;
    const about = h("div.about", {}, h("span", {}, row.name), h("small", {}, row.comment ? `“${row.comment}”` : note));
    const props = { role: "option", title: row.name, "aria-selected": place === this.at, style };
    const image = h("img", { src: thumbnail, alt: "", decoding: "async", draggable: "false" });
    return h(`div.entry${away ? ".held" : ""}`, { ...props, onclick: () => this.on.open(row) }, image, about,
      dot);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], to = this.rows.get(this.at + (step ?? 0));
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (to) this.on.open(to);
  }
}

/** How quickly people work, in words; "" before anything was counted. @param {Progress} progress */
export function rates({ whole, seconds_left: left }) {
  if (whole.done < FEW) return "";
  const hour = whole.per_hour ? `${Math.round(whole.per_hour)} an hour` : "";
  const label = whole.seconds_per_label ? `${whole.seconds_per_label.toFixed(1)} s` : "";
  const clicks = whole.clicks_per_label ? `${whole.clicks_per_label.toFixed(1)} clicks` : "";
  const each = [label, clicks].filter(Boolean).join(", "), minutes = left ? Math.ceil(left / 60) : 0;
  const rest = minutes > 90 ? `${Math.round(minutes / 60)} h left` : minutes ? `${minutes} min left` : "";
  return [hour, each ? `${each} a label` : "", rest].filter(Boolean).join(" · ");
}
