// The saves of the open image: who changed what when, and the way back.

import { h } from "./dom.js";

/** @import { Entry, LabelerApi } from "./labelerapi.js" */

export class HistoryPanel {
  /** @param {LabelerApi} api @param {{undo: (entry: string) => Promise<void>}} on */
  constructor(api, on) {
    this.api = api;
    this.on = on;
    this.sample = "";
    this.root = h("section.history");
  }

  /** @param {string} sample */
  async open(sample) {
    this.sample = sample;
    const found = sample ? await this.api.journal(sample).catch(() => null) : null;
    if (this.sample !== sample) return;
    const entries = found?.entries ?? [];
    const rows = entries.map((one) => this.row(one));
    const none = h("p.none", {}, found ? "Nothing was changed here yet." : "The history cannot be read now.");
    this.root.replaceChildren(...(rows.length ? [h("ol", {}, ...rows)] : [none]));
  }

  /** @param {Entry} entry */
  row(entry) {
    const made = new Date(entry.made), time = made.toLocaleString([], { dateStyle: "short", timeStyle: "short" });
    const undo = h("button.text",
      { type: "button", title: "Take this save back", onclick: () => this.on.undo(entry.id) }, "undo");
    const who = h("small", {}, `${time} · ${entry.who}`);
    return h("li", {}, h("span.told", {}, h("span", {}, told(entry)), who), undo);
  }
}

/** What a save did, in words. @param {Entry} entry */
export function told({ changes, undoes }) {
  const count = (/** @type {string} */ action) =>
    new Set(changes.filter((one) => one.action === action).map((one) => one.label_id)).size;
  const parts = [["add", "added"], ["change", "changed"], ["delete", "deleted"]].flatMap(([action, word]) => {
    const number = count(action);
    return number ? [`${number} ${word}`] : [];
  });
  return `${undoes ? "undo: " : ""}${parts.join(", ") || "nothing"}`;
}
