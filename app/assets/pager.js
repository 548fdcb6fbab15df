// Below the grid: which samples are shown, how many are selected, and the way to other pages.

import { h, iconButton } from "./dom.js";

/**
 * @typedef {{page: number, pages: number, start: number, rows: number, total: number, selected: number}} State
 * @typedef {{turn: (page: number) => unknown, selectPage: () => void, clear: () => void}} On
 */

/** The parts of the pager. @param {State} state pages count from 1, `start` from 0 @param {On} on */
export function pager(state, on) {
  const { page, pages, start, rows, total, selected } = state;
  const [first, last, all] = [start + 1, start + rows, total].map((count) => count.toLocaleString());
  const range = total ? `${first}–${last} of ${all}` : "0 samples";
  const selection = h(
    "div.selection", { "aria-live": "polite" },
    selected ? h("strong", {}, `${selected.toLocaleString()} selected`) : h("span", {}, range),
    rows ? h("button.plain", { type: "button", onclick: on.selectPage }, "Select page") : null,
    selected ? h("button.plain", { type: "button", onclick: on.clear }, "Clear") : null,
  );
  /** @param {"first" | "left" | "right" | "last"} sign @param {string} title @param {number} to */
  const move = (sign, title, to) => iconButton(sign, title, () => on.turn(to), to < 1 || to > pages || to === page);
  const jump = h("input", {
    type: "number", min: 1, max: pages, value: page, "aria-label": "Page",
    onchange: () => { on.turn(Number(jump.value)); },
  });
  const moves = h(
    "div.moves", {}, move("first", "First page", 1), move("left", "Previous page", page - 1), jump,
    h("span", {}, `of ${pages.toLocaleString()}`), move("right", "Next page", page + 1),
    move("last", "Last page", pages),
  );
  return [selection, ...(selected ? [h("span.range", {}, range)] : []), moves];
}
