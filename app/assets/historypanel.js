// The saves of the open image, newest first: who changed what when, and the way back, of all or of one label.

import { h } from "./dom.js";
import { named } from "./labelerapi.js";

/** @import { Entry, LabelerApi } from "./labelerapi.js" */
/**
 * @typedef {object} On
 * @property {(entry: string) => Promise<void>} undo
 * @property {(entry: string, labels: string[] | null) => Promise<void>} restore
 */

/** @type {Record<string, string>} */
const PARTS = { bounding_box: "box", label: "class", mask_path: "mask" };

export class HistoryPanel {
  /** @param {LabelerApi} api @param {On} on */
  constructor(api, on) {
    this.api = api;
    this.on = on;
    this.sample = "";
    /** @type {Entry[] | null} */
    this.entries = [];
    /** @type {string[]} */
    this.only = []; // labels that are selected: their history alone is shown
    this.root = h("section.history");
  }

  /** @param {string} sample */
  async open(sample) {
    this.sample = sample;
    const found = sample ? await this.api.journal(sample).catch(() => null) : null;
    if (this.sample !== sample) return;
    this.entries = found?.entries ?? null;
    this.draw();
  }

  /** Show the history of these labels alone, of all for none. @param {string[]} labels */
  narrow(labels) {
    if (labels.join() === this.only.join()) return;
    this.only = labels;
    this.draw();
  }

  draw() {
    const { only, entries } = this,
      touches = (/** @type {Entry} */ one) => one.changes.some((change) => only.includes(change.label_id));
    const shown = (entries ?? []).filter((one) => !only.length || touches(one));
    const what = only.length ? `of ${only.length === 1 ? "the selected label" : `${only.length} selected labels`}` : "";
    const none = entries ? `Nothing was changed ${only.length ? "of it" : "here"} yet.`
      : "The history cannot be read now.";
    const rows = shown.map((one, index) => this.row(one, index));
    this.root.replaceChildren(
      ...(what ? [h("h4", {}, what)] : []), ...(rows.length ? [h("ol", {}, ...rows)] : [h("p.none", {}, none)]),
    );
  }

  /** @param {Entry} entry @param {number} index */
  row(entry, index) {
    const made = new Date(entry.made), time = made.toLocaleString([], { dateStyle: "short", timeStyle: "short" });
    const button = (/** @type {string} */ text, /** @type {string} */ title, /** @type {() => unknown} */ run) =>
      h("button.text", { type: "button", title, onclick: run }, text);
    const { only } = this, labels = only.length ? only : null;
    const undo = only.length ? null : button("undo", "take this save back", () => this.on.undo(entry.id));
    const title = only.length ? "make the label what it was after this save"
      : "make all labels what they were after this save";
    const back = index ? button("restore", title, () => this.on.restore(entry.id, labels)) : null;
    const who = h("small", { title: `${made.toLocaleString()} by ${entry.who}` }, `${time} · ${named(entry.who)}`);
    return h("li", {}, h("span.told", {}, h("span", {}, told(entry)), who), back, undo);
  }
}

/** What a save did, in words. @param {Pick<Entry, "changes" | "undoes">} entry */
export function told({ changes, undoes }) {
  const of = (/** @type {string} */ action) => changes.filter((one) => one.action === action);
  const parts = [["add", "added"], ["change", "changed"], ["delete", "deleted"]].flatMap(([action, word]) => {
    const some = of(action), count = new Set(some.map((one) => one.label_id)).size;
    const one = count === 1 ? (some[0].after ?? some[0].before)?.label : null;
    const names = action === "change" ? some[0]?.parts?.map((name) => PARTS[name] ?? name) : [];
    const named = one && names?.length ? `${one}: ${names.join(", ")}` : one;
    return count ? [`${named ?? count} ${word}`] : [];
  });
  return `${undoes ? "undo: " : ""}${parts.join(", ") || "nothing"}`;
}
