// Below the grid: which samples are shown, how many are selected, and the way to other pages.

import { h, icon } from "./dom.js";

/**
 * @typedef {{page: number, pages: number, start: number, rows: number, total: number, selected: number}} State
 * @typedef {{turn: (page: number) => unknown, selectPage: () => void, clear: () => void}} On
 */

/** The parts of the pager. @param {State} state pages count from 1, `start` from 0 @param {On} on */
export function pager(state, on) {
  const { page, pages, start, rows, total, selected } = state;
  const last = start + rows;
  const range = total ? `${(start + 1).toLocaleString()}–${last.toLocaleString()} of ${total.toLocaleString()}` : "0 samples";
  const selection = h(
    "div.selection", { "aria-live": "polite" },
    selected ? h("strong", {}, `${selected.toLocaleString()} selected`) : h("span", {}, range),
    rows ? h("button.plain", { type: "button", onclick: on.selectPage }, "Select page") : null,
    selected ? h("button.plain", { type: "button", onclick: on.clear }, "Clear") : null,
  );
  const move = (/** @type {"first" | "left" | "right" | "last"} */ sign, /** @type {string} */ title, /** @type {number} */ to) => {
    const disabled = to < 1 || to > pages || to === page;
    return h("button.plain", { type: "button", title, "aria-label": title, disabled, onclick: () => on.turn(to) }, icon(sign));
  };
  const jump = h("input", {
    type: "number", min: 1, max: pages, value: page, "aria-label": "Page",
    onchange: () => { on.turn(Number(jump.value)); },
  });
  const moves = h(
    "div.moves", {}, move("first", "First page", 1), move("left", "Previous page", page - 1), jump,
    h("span", {}, `of ${pages.toLocaleString()}`), move("right", "Next page", page + 1), move("last", "Last page", pages),
  );
  return [selection, ...(selected ? [h("span.range", {}, range)] : []), moves];
}
