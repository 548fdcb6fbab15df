// What is shown over the images: classes, fields, confidence; and how large they are.

import { h } from "./dom.js";

/** @typedef {import("./overlay.js").Look} Look */

/**
 * @param {Look} look
 * @param {{counts: Record<string, number | null>, height: number, masks: {objects: boolean, whole: boolean}}} state  counts are null where unknown
 * @param {{changed: () => void, faded: () => void, resized: (height: number) => void}} on
 * @returns {HTMLElement}
 */
export function toolbar(look, state, on) {
  const left = h("div.legend", { role: "group", "aria-label": "Classes" }, ...classes(look, state.counts, on.changed));
  const right = h("div.knobs", {}, ...fields(look, on.changed), threshold(look, on.changed), ...masks(look, state.masks, on.changed, on.faded), names(look, on.changed), size(state.height, on.resized));
  return h("div.toolbar", {}, left, right);
}

/** @param {Look} look @param {Record<string, number | null>} counts @param {() => void} changed */
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
    const number = counts[name] === null ? null : h("b", {}, Number(counts[name]).toLocaleString());
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
    onchange: () => {
      look.settled = look.threshold;
      changed();
    },
  });
  return h("label.slider", { title: "Predictions below this confidence are not drawn" }, "Confidence", input, shown);
}

/** @param {Look} look @param {{objects: boolean, whole: boolean}} there @param {() => void} changed @param {() => void} faded */
function masks(look, there, changed, faded) {
  if (!there.objects && !there.whole) return [];
  const input = h("input", {
    type: "range", min: 0, max: 1, step: 0.05, value: look.opacity, "aria-label": "Opacity of the masks",
    oninput: (/** @type {Event} */ event) => {
      look.opacity = Number(/** @type {HTMLInputElement} */ (event.target).value);
      faded();
    },
  });
  const knob = (/** @type {"outlines" | "instances" | "boxes"} */ name, /** @type {string} */ text, /** @type {string} */ title) => {
    const choose = () => {
      look[name] = !look[name];
      changed();
    };
    return h("button.field", { type: "button", "aria-pressed": String(look[name]), title, onclick: choose }, text);
  };
  return [
    h("label.slider", { title: "Opacity of the masks" }, "Masks", input),
    knob("outlines", "Outlines", "Masks as outlines"),
    ...(there.objects ? [knob("instances", "Each its colour", "Every object in a colour of its own, instead of that of its class"), knob("boxes", "Boxes", "Boxes around objects that have masks")] : []),
  ];
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
