// A new field of labels, made in place: a name, what it holds, its first classes.

import { h } from "./dom.js";

/** @import { LabelerApi } from "./labelerapi.js" */

/** Kinds that the labeler edits, in the words of a person. */
const KINDS = [
  ["detections", "boxes and masks"], ["polylines", "polygons and lines"], ["keypoints", "key points"],
  ["classification", "one class an image"], ["classifications", "several classes an image"],
    ["segmentation", "every pixel"],
];

/** @param {LabelerApi} api @param {(name: string) => void} made @param {string[]} [known] names that are taken */
export function newField(api, made, known = []) {
  const free = ["ground_truth", "labels", ...Array.from({ length: 99 }, (_, at) => `labels_${at + 2}`)];
  const first = free.find((one) => !known.includes(one)) ?? "";
  const name = h("input", { type: "text", value: first, "aria-label": "Name of the field", onkeydown: stop });
  const kind = h("select", { "aria-label": "What it holds" },
    ...KINDS.map(([value, text]) => h("option", { value }, text)));
  const classes = h("input",
    { type: "text", placeholder: "car, person", "aria-label": "First classes", onkeydown: stop });
  const told = h("p.problem", { role: "alert" });
  const make = async () => {
    button.disabled = true;
    told.textContent = "";
    const names = classes.value.split(",").map((one) => one.trim()).filter(Boolean);
    try {
      await api.newField({ name: name.value.trim(), kind: kind.value, classes: names });
      made(name.value.trim());
    } catch (error) {
      const action = error instanceof Error && "action" in error ? error.action : "";
      told.textContent = [error instanceof Error ? error.message : String(error), action].filter(Boolean).join("; ");
      button.disabled = false;
    }
  };
  const button = h("button.main", { type: "button", onclick: make }, "Make the field");
  const row = (/** @type {string} */ title, /** @type {HTMLElement} */ input) => h("label.attribute", {},
    h("span", {}, title), input);
  return h("section.newfield", {}, h("strong", {}, "A new field of labels"), row("What is labelled", kind),
    row("Classes", classes), row("Name", name), told, button);
}

/** Letters are text here. @param {KeyboardEvent} event */
function stop(event) {
  event.stopPropagation();
}
