// Verdicts on labels: the choices, by button or key, and how they reach the server.

import { h } from "./dom.js";

/** @import { Item } from "./gallery.js" */
/**
 * @typedef {{verdict: string, label: string | null}} Verdict
 * @typedef {Verdict & {number: number, item: string, sample: string, side: string}} Sent
 */

/** @type {Record<string, {key: string, sign: string, title: string, done: string}>} */
export const VERDICTS = {
  confirm: { key: "c", sign: "\u2713", title: "Confirm: the labels are right", done: "confirmed" },
  relabel: { key: "r", sign: "\u21c4", title: "Relabel: give it another class", done: "relabelled" },
  wrong: { key: "w", sign: "\u2717", title: "Wrong label: to be drawn anew", done: "wrong label" },
  ignore: { key: "i", sign: "\u2298", title: "Ignore: leave it out", done: "ignored" },
  undo: { key: "u", sign: "\u21b6", title: "Undo the verdict", done: "" },
};

/** Verdicts that were given here. All that the server has not stored yet are sent with each new one. */
export class Outbox {
  constructor() {
    this.client = Math.random().toString(36).slice(2);
    this.count = 0;
    /** @type {Sent[]} */
    this.waiting = [];
    /** @type {string | null} */
    this.last = null; // the item that was judged last
  }

  /** @param {Item} item @param {string} verdict @param {string | null} label */
  give(item, verdict, label) {
    this.count += 1;
    this.last = verdict === "undo" ? null : item.id;
    this.waiting.push({ number: this.count, item: item.id, sample: item.sample, side: item.side, verdict, label });
    return { client: this.client, given: this.waiting };
  }

  /**
   * The server has stored, or refused, all up to a number: it shows them itself.
   * @param {Record<string, number>} stored by client
   */
  settle(stored) {
    this.waiting = this.waiting.filter((one) => one.number > (stored[this.client] ?? 0));
  }

  /** What holds for an item now. @param {Item} item @returns {Verdict | null} */
  verdict(item) {
    const given = this.waiting.filter((one) => one.item === item.id).at(-1);
    if (!given) return item.verdict;
    return given.verdict === "undo" ? null : { verdict: given.verdict, label: given.label };
  }
}

/**
 * The verdict of an item, and buttons for others.
 * @param {Item} item @param {Verdict | null} verdict @param {(name: string) => void} judge
 * @param {boolean} words whether buttons have words
 * @param {() => void} [fix] go and correct the labels
 */
export function judged(item, verdict, judge, words, fix) {
  const done = verdict && (verdict.verdict === "relabel" ? `\u21c4 ${verdict.label}` : told(verdict.verdict));
  const buttons = (verdict ? ["undo"] : item.verdicts).map((name) => {
    const adds = name === "relabel" && item.side === "prediction";
    const title = adds ? "Add as a label: the label is missing" : VERDICTS[name].title;
    const text = `${adds ? "+" : VERDICTS[name].sign}${words ? ` ${adds ? "add as label" : name}` : ""}`;
    const onclick = (/** @type {Event} */ event) => {
      event.stopPropagation();
      judge(name);
    };
    const props = { title: `${title} (${VERDICTS[name].key})`, "aria-label": title, onclick };
    return h(`button.verdict.${name}`, props, text);
  });
  const onfix = (/** @type {Event} */ event) => {
    event.stopPropagation();
    fix?.();
  };
  const title = "Fix: correct the labels of this image", sign = `\u270e${words ? " fix" : ""}`;
  const pen = fix ? h("button.verdict.fix", { title: `${title} (e)`, "aria-label": title, onclick: onfix }, sign)
    : null;
  return h("div.row", {}, done ? h("span.done", {}, done) : null, ...buttons, pen);
}

/**
 * Ask for a class: type to narrow, Enter takes the first.
 * @param {Node} parent @param {string[]} classes @param {(label: string) => void} done @param {() => void} closed
 */
export function choose(parent, classes, done, closed) {
  const take = (/** @type {string} */ label) => {
    dialog.close();
    done(label);
  };
  const input = h("input", { placeholder: "class\u2026", oninput: () => { fill(); } }), list = h("div.list");
  const found = () => classes.filter((name) => name.toLowerCase().includes(input.value.toLowerCase()));
  const fill = () => list.replaceChildren(...found().map((name) => h("button", { onclick: () => take(name) }, name)));
  const onkeydown = (/** @type {KeyboardEvent} */ event) => {
    event.stopPropagation(); // Streamlit has shortcuts of its own
    if (event.key !== "Enter" || event.composedPath()[0] !== input || !found().length) return;
    event.preventDefault();
    take(found()[0]);
  };
  const onclose = () => {
    dialog.remove();
    closed();
  };
  const dialog = h("dialog.choose", { onkeydown, onclose }, h("b", {}, "The right class"), input, list);
  fill();
  parent.appendChild(dialog);
  dialog.showModal();
  input.focus();
}

/** @param {string} name */
function told(name) {
  return `${VERDICTS[name].sign} ${VERDICTS[name].done}`;
}
