// Somebody else changed the labels that were changed here: both versions as pictures and label by label. Both are kept
// until a person has chosen.

import { h, s } from "./dom.js";
import { between, chosen, pairs } from "./labeledits.js";
import { thumbnail } from "./pictures.js";

/** @import { Pair, Side } from "./labeledits.js" */
/** @import { Edit, Label, Picture } from "./labeling.js" */
/** @import { Lane, Stored } from "./outbox.js" */
/**
 * @typedef {object} Asked
 * @property {Lane} lane
 * @property {Label[]} mine
 * @property {Picture} picture
 * @property {(name: string) => string} colour
 * @property {(stored: Stored, edits: Edit[]) => Promise<void>} done
 * @property {() => void} closed
 */

const WORDS = { same: "same", mine: "changed here", theirs: "changed elsewhere", both: "changed in both" };

/** @param {Asked} asked */
export function conflict({ lane, mine, picture, colour, done, closed }) {
  const stored = /** @type {NonNullable<Lane["conflict"]>} */ (lane.conflict).stored;
  const all = pairs(lane.base, mine, stored.labels), open = all.filter((one) => one.changed !== "same");
  /** @type {Map<string, Side>} */
  const sides = new Map(open.map((one) => [one.id, one.changed === "theirs" ? "theirs" : "mine"]));
  const list = h("ul.pairs"), was = new Set(lane.base.map((one) => one.id));
  const finish = async (/** @type {Label[]} */ labels) => {
    dialog.close();
    await done(stored, between(stored.labels, labels));
  };
  const draw = () => list.replaceChildren(...open.map((pair) => row(pair, sides, colour, draw, !was.has(pair.id))));
  const merge = () => finish(chosen(all, (pair) => sides.get(pair.id) ?? "theirs"));
  const button = (/** @type {string} */ text, /** @type {string} */ title, /** @type {() => unknown} */ run,
    kind = "") =>
    h(`button${kind}`, { type: "button", title, onclick: run }, text);
  const count = lane.waiting.length, changes = count === 1 ? "change stays" : `${count} changes stay`;
  const text = `Somebody else saved labels of ${picture.name} meanwhile. Your ${changes} here until you choose.`;
  const both = h(
    "div.both", {}, view("Yours", mine, stored.labels, picture, colour),
      view("Stored", stored.labels, mine, picture, colour),
  );
  const actions = h(
    "footer", {}, button("Later", "keep both and decide later", () => dialog.close()), h("span.gap"),
    button("Take theirs", "drop what was changed here", () => finish(stored.labels)),
    button("Take mine", "replace what is stored by what is here", () => finish(mine)),
    button("Merge", "take each label as chosen above", merge, ".main"),
  );
  const onclose = () => {
    dialog.remove();
    closed();
  };
  const onkeydown = (/** @type {KeyboardEvent} */ event) => event.stopPropagation();
  /** @type {HTMLDialogElement} */
  const dialog = h(
    "dialog.conflict", { "aria-label": "Two versions", onclose, onkeydown },
      h("header", {}, h("strong", {}, "Two versions of these labels")),
    h("p", {}, text), both, list, actions,
  );
  draw();
  return dialog;
}

/**
 * The server refused changes: try again, or drop them.
 * @param {Lane} lane @param {{again: () => void, drop: () => Promise<void>, closed: () => void}} on
 */
export function refusal(lane, { again, drop, closed }) {
  const { error, action } = lane.refused ?? { error: "", action: "" }, count = lane.waiting.length;
  const onclose = () => {
    dialog.remove();
    closed();
  };
  const button = (/** @type {string} */ text, /** @type {() => unknown} */ run, kind = "") => {
    const onclick = () => {
      dialog.close();
      void run();
    };
    return h(`button${kind}`, { type: "button", onclick }, text);
  };
  const what = count === 1 ? "a change" : `${count} changes`, advice = action ? `; ${action}` : "";
  const onkeydown = (/** @type {KeyboardEvent} */ event) => event.stopPropagation();
  /** @type {HTMLDialogElement} */
  const dialog = h(
    "dialog.asks", { "aria-label": "A change was refused", onclose, onkeydown },
    h("strong", {}, "A change was refused"), h("p", {}, `The server refused ${what}: ${error}${advice}.`),
    h("footer", {}, button("Later", () => {}), h("span.gap"), button("Drop", drop),
      button("Try again", again, ".main")),
  );
  return dialog;
}

/**
 * @param {Pair} pair @param {Map<string, Side>} sides @param {(name: string) => string} colour @param {() => void} draw
 * @param {boolean} fresh  whether it was made since both read the labels
 */
function row(pair, sides, colour, draw, fresh) {
  const name = pair.mine?.label ?? pair.theirs?.label ?? "label";
  const choice = (/** @type {Side} */ side, /** @type {Label | null} */ label) => {
    const text = label ? told(label) : fresh ? "not there" : "deleted";
    const onclick = () => {
      sides.set(pair.id, side);
      draw();
    };
    const title = side === "mine" ? "yours" : "stored";
    return h("button", { type: "button", "aria-pressed": sides.get(pair.id) === side, title, onclick },
      h("small", {}, title), text);
  };
  const dot = h("i", { style: { background: colour(name) } });
  const words = h("span.told", {}, h("span", {}, name), h("small", {}, WORDS[pair.changed]));
  return h("li", {}, dot, words, choice("mine", pair.mine), choice("theirs", pair.theirs));
}

/** A label in few words. @param {Label} label */
function told({ label, box, points, mask }) {
  const place = box ? `${Math.round(box[0] * 100)}, ${Math.round(box[1] * 100)} %` : points
    ? `${points.flat().length} points` : "";
  return [label ?? "no class", place, mask ? "mask" : ""].filter(Boolean).join(" · ");
}

/**
 * @param {string} title @param {Label[]} labels @param {Label[]} others @param {Picture} picture
 * @param {(name: string) => string} colour
 */
function view(title, labels, others, picture, colour) {
  const known = new Map(others.map((one) => [one.id, JSON.stringify(one)]));
  const marks = labels.flatMap((one) => {
    /** @type {SVGElement[]} */
    const none = [];
    const props = { stroke: colour(one.label ?? ""), fill: "none", "vector-effect": "non-scaling-stroke",
      "stroke-width": known.get(one.id) === JSON.stringify(one) ? 1.2 : 3 };
    if (one.box) return none.concat(s("rect",
      { ...props, x: one.box[0], y: one.box[1], width: one.box[2], height: one.box[3] }));
    return none.concat((one.points
      ?? []).map((part) => s("polyline",
        { ...props, points: part.filter(([x]) => x !== null).map((xy) => xy.join()).join(" ") })));
  });
  const svg = s("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none" }, ...marks);
  const frame = h("div.frame", { style: { "aspect-ratio": `${picture.width} / ${picture.height}` } },
    h("img", { src: thumbnail(picture, 512), alt: "" }), svg);
  const classes = labels.every((one) => !one.box && !one.points) ? labels.map((one) => one.label).join(", ")
    : `${labels.length} labels`;
  return h("figure", {}, h("figcaption", {}, h("strong", {}, title), h("span", {}, classes)), frame);
}
