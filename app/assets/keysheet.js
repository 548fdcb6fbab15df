// The sheet of keys, on `?`.

import { h, iconButton } from "./dom.js";

/** @typedef {{keys: string, does: string}} Key  keys as `Ctrl+Z` or `1…9` */
/** @typedef {{title: string, keys: Key[]}} Group */

/** @param {Group[]} groups @param {() => void} closed */
export function sheet(groups, closed) {
  const onkeydown = (/** @type {KeyboardEvent} */ event) => {
    event.stopPropagation();
    if (event.key === "?") dialog.close();
  };
  const onclose = () => {
    dialog.remove();
    closed();
  };
  const close = iconButton("close", "Close (Esc)", () => dialog.close());
  const parts = groups.filter((one) => one.keys.length).map(({ title, keys }) => {
    const rows = keys.map(({ keys: pressed, does }) => [h("dt", {}, ...caps(pressed)), h("dd", {}, does)]);
    return h("section", {}, h("h4", {}, title), h("dl", {}, ...rows.flat()));
  });
  /** @type {HTMLDialogElement} */
  const dialog = h(
    "dialog.keysheet",
      { "aria-label": "Keys", onkeydown, onclose, onclick: (event) => event.target === dialog && dialog.close() },
    h("header", {}, h("strong", {}, "Keys"), h("span.gap"), close), h("div.groups", {}, ...parts),
  );
  return dialog;
}

/** @param {string} keys */
function caps(keys) {
  return keys.split(" ").map((one) => (one === "or" ? h("span", {}, "or") : h("kbd", {}, one)));
}
