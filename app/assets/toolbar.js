// What is shown over the images: classes, fields, confidence; and how large they are.

import { h, slider } from "./dom.js";

/** @import { Look } from "./labels.js" */
/**
 * @typedef {Record<string, number | null>} Counts  of labels by class; null where unknown
 * @typedef {{objects: boolean, whole: boolean}} Masks  which there are: of objects, of whole images
 * @typedef {{changed: () => void, faded: () => void, resized: (height: number) => void}} On
 */

/** @param {Look} look @param {{counts: Counts, height: number, masks: Masks}} state @param {On} on */
export function toolbar(look, state, on) {
  const left = h("div.legend", { role: "group", "aria-label": "Classes" }, ...classes(look, state.counts, on));
  const range = { min: 80, max: 420, step: 10, value: state.height, "aria-label": "Size of the images" };
  const right = h(
    "div.knobs", {}, ...fields(look, on), threshold(look, on), ...masks(look, state.masks, on),
    choice(look, "names", "Names", "Write the class at every box", on), slider("Size", range, on.resized),
  );
  return h("div.toolbar", {}, left, right);
}

/**
 * A switch.
 * @param {string} text @param {string} title @param {boolean} on @param {() => void} choose @param {Node} [sign]
 */
function knob(text, title, on, choose, sign) {
  return h("button.field", { type: "button", "aria-pressed": on, title, onclick: choose }, sign, text);
}

/** @param {Look} look @param {Counts} counts @param {On} on */
function classes(look, counts, on) {
  const names = Object.keys(counts);
  return names.map((name) => {
    const hidden = look.hiddenClasses.has(name);
    const title = `${hidden ? "Show" : "Hide"} ${name}; with Alt show it alone`;
    const onclick = (/** @type {MouseEvent} */ event) => {
      if (event.altKey) solo(look, names, name);
      else flip(look.hiddenClasses, name);
      on.changed();
    };
    const dot = h("i", { style: { background: look.colour(name) } });
    const number = counts[name] === null ? null : h("b", {}, counts[name].toLocaleString());
    return h("button.class", { type: "button", "aria-pressed": !hidden, title, onclick }, dot, name, number);
  });
}

/** @param {Look} look @param {string[]} names @param {string} name */
function solo(look, names, name) {
  const alone = names.every((other) => other === name || look.hiddenClasses.has(other));
  look.hiddenClasses.clear();
  if (!alone) for (const other of names) if (other !== name) look.hiddenClasses.add(other);
}

/** @param {Look} look @param {On} on */
function fields(look, on) {
  return look.fields.map(({ name, predicted }) => {
    const choose = () => {
      flip(look.hiddenFields, name);
      on.changed();
    };
    const title = predicted ? "predictions, drawn dashed" : "labels, drawn solid";
    return knob(name, title, !look.hiddenFields.has(name), choose, h(`i.line${predicted ? ".dashed" : ""}`));
  });
}

/** @param {Look} look @param {On} on */
function threshold(look, on) {
  if (!look.fields.some((field) => field.predicted && !look.hiddenFields.has(field.name))) return null;
  const shown = h("output", {}, look.threshold.toFixed(2));
  const settle = () => {
    look.settled = look.threshold;
    on.changed();
  };
  const props = {
    step: 0.01, value: look.threshold, "aria-label": "Confidence of predictions, at least",
    title: "Predictions below this confidence are not drawn",
  };
  const made = slider("Confidence", { ...props, onchange: settle }, (value) => {
    look.threshold = value;
    shown.textContent = value.toFixed(2);
    on.changed();
  });
  made.append(shown);
  return made;
}

/** @param {Look} look @param {Masks} there @param {On} on */
function masks(look, there, on) {
  if (!there.objects && !there.whole) return [];
  const opacity = slider("Masks", { value: look.opacity, "aria-label": "Opacity of the masks" }, (value) => {
    look.opacity = value;
    on.faded();
  });
  const outlines = choice(look, "outlines", "Outlines", "Masks as outlines", on);
  if (!there.objects) return [opacity, outlines];
  const own = "Every object in a colour of its own, instead of that of its class";
  return [
    opacity, outlines, choice(look, "instances", "Each its colour", own, on),
    choice(look, "boxes", "Boxes", "Boxes around objects that have masks", on),
  ];
}

/**
 * @param {Look} look @param {"outlines" | "instances" | "boxes" | "names"} name @param {string} text
 * @param {string} title @param {On} on
 */
function choice(look, name, text, title, on) {
  return knob(text, title, look[name], () => {
    look[name] = !look[name];
    on.changed();
  });
}

/** @param {Set<string>} set @param {string} name */
function flip(set, name) {
  if (!set.delete(name)) set.add(name);
}
