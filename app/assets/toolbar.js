// What is shown over the images: classes, fields, confidence; and how large they are.

import { h } from "./dom.js";

/** @typedef {import("./overlay.js").Look} Look */

/**
 * @param {Look} look
 * @param {{counts: Record<string, number>, height: number}} state
 * @param {{changed: () => void, resized: (height: number) => void}} on
 * @returns {HTMLElement}
 */
export function toolbar(look, state, on) {
  const left = h("div.legend", { role: "group", "aria-label": "Classes" }, ...classes(look, state.counts, on.changed));
  const right = h("div.knobs", {}, ...fields(look, on.changed), threshold(look, on.changed), names(look, on.changed), size(state.height, on.resized));
  return h("div.toolbar", {}, left, right);
}

/** @param {Look} look @param {Record<string, number>} counts @param {() => void} changed */
function classes(look, counts, changed) {
  const names = Object.keys(counts);
  return names.map((name) => {
    const hidden = look.hiddenClasses.has(name);
    const title = `${hidden ? "Show" : "Hide"} ${name}; with Alt show it alone`;
    const choose = (/** @type {MouseEvent} */ event) => {
      if (event.altKey) solo(look, names, name);
      else flip(look.hiddenClasses, name);
      changed();
    };
    const dot = h("i", { style: { background: look.colour(name) } });
    const number = h("b", {}, counts[name].toLocaleString());
    return h("button.class", { type: "button", "aria-pressed": String(!hidden), title, onclick: choose }, dot, name, number);
  });
}

/** @param {Look} look @param {string[]} names @param {string} name */
function solo(look, names, name) {
  const alone = names.every((other) => other === name || look.hiddenClasses.has(other));
  look.hiddenClasses.clear();
  if (!alone) for (const other of names) if (other !== name) look.hiddenClasses.add(other);
}

/** @param {Look} look @param {() => void} changed */
function fields(look, changed) {
  return look.fields.map((field) => {
    const choose = () => {
      flip(look.hiddenFields, field.name);
      changed();
    };
    const pressed = String(!look.hiddenFields.has(field.name));
    const title = field.predicted ? "predictions, drawn dashed" : "labels, drawn solid";
    const line = h(`i.line${field.predicted ? ".dashed" : ""}`);
    return h("button.field", { type: "button", "aria-pressed": pressed, title, onclick: choose }, line, field.name);
  });
}

/** @param {Look} look @param {() => void} changed */
function threshold(look, changed) {
  if (!look.fields.some((field) => field.predicted && !look.hiddenFields.has(field.name))) return null;
  const shown = h("output", {}, look.threshold.toFixed(2));
  const input = h("input", {
    type: "range", min: 0, max: 1, step: 0.01, value: look.threshold, "aria-label": "Confidence of predictions, at least",
    oninput: (/** @type {Event} */ event) => {
      look.threshold = Number(/** @type {HTMLInputElement} */ (event.target).value);
      shown.textContent = look.threshold.toFixed(2);
      changed();
    },
  });
  return h("label.slider", { title: "Predictions below this confidence are not drawn" }, "Confidence", input, shown);
}

/** @param {Look} look @param {() => void} changed */
function names(look, changed) {
  const choose = () => {
    look.names = !look.names;
    changed();
  };
  return h("button.field", { type: "button", "aria-pressed": String(look.names), title: "Write the class at every box", onclick: choose }, "Names");
}

/** @param {number} height @param {(height: number) => void} resized */
function size(height, resized) {
  const input = h("input", {
    type: "range", min: 80, max: 420, step: 10, value: height, "aria-label": "Size of the images",
    oninput: (/** @type {Event} */ event) => resized(Number(/** @type {HTMLInputElement} */ (event.target).value)),
  });
  return h("label.slider", { title: "Size of the images" }, "Size", input);
}

/** @param {Set<string>} set @param {string} name */
function flip(set, name) {
  if (!set.delete(name)) set.add(name);
}
