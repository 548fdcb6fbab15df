// The state of the editor: the labels, which of them are selected, hidden, locked or being changed, and how they look.
// Tools give it their changes; each becomes a step.

import { h } from "./dom.js";
import { draw } from "./editordraw.js";
import { Model, newId } from "./editormodel.js";
import { Steps } from "./editorsteps.js";
import { laid } from "./bitmappng.js";
import { colouring } from "./palette.js";
import { storedOf, withoutVertex, withVertex } from "./shapeslabel.js";
import { Stage } from "./stage.js";

/** @import { Bitmap } from "./bitmap.js" */
/** @import { Attribute, Field, Hooks, Label, Picture } from "./labeling.js" */
/** @import { Change } from "./editormodel.js" */
/** @import { Part, Point } from "./placing.js" */
/** @import { Shape } from "./shapeslabel.js" */
/** @import { Hand, Layer } from "./stage.js" */
/** @typedef {{label: Label, shape: Shape}} Placed */
/**
 * How everything looks; brightness and contrast are factors, opacity is that of masks.
 * @typedef {{brightness: number, contrast: number, opacity: number, outlines: boolean, names: boolean,
 *   crosshair: boolean, snap: boolean}} Look
 */

const PAUSE = 400; // ms after which moves by arrow keys become a step
export const ANY = "object"; // the class of labels where none is declared

export class EditorState {
  /** @param {HTMLElement} host @param {Hooks} hooks */
  constructor(host, hooks) {
    this.host = host;
    this.hooks = hooks;
    this.stage = new Stage(this.hand());
    this.stage.frame.tabIndex = 0;
    this.stage.frame.setAttribute("aria-label", "Image and labels");
    host.append(h("div.editor", {}, this.stage.frame));
    this.steps = new Steps((step) => this.hooks.onstep(step), (text) => this.hooks.say(text));
    /** @type {Look} */
    this.seen = {
      brightness: 1, contrast: 1, opacity: 0.45, outlines: true, names: true, crosshair: true, snap: true,
    };
    /** @type {{picture: Picture, field: Field} | null} */
    this.opened = null;
    this.model = new Model(NOTHING, { width: 1, height: 1 }, []);
    /** @type {Set<string>} */
    this.selection = new Set();
    /** @type {Set<string>} */
    this.hidden = new Set();
    /** @type {Set<string>} */
    this.locked = new Set();
    /** @type {Map<string, Shape>} */
    this.held = new Map(); // shapes as the hand holds them
    /** @type {Placed[]} */
    this.others = []; // labels of another field
    /** @type {{x: number | null, y: number | null}[]} */
    this.guides = []; // lines that the pointer snapped to
    /** @type {string | null} */
    this.hovered = null;
    /** @type {string | null} */
    this.busy = null; // the label that a tool draws itself
    /** @type {Bitmap | null} */
    this.painted = null; // the whole mask while it is painted on
    this.brush = { radius: 8 }; // image pixels
    /** @type {"sam" | "grabcut"} */
    this.assistant = "grabcut"; // what finds masks
    this.className = ANY;
    this.classColour = colouring([]);
    this.pending = 0; // the timer of `later`
    this.words = "";
    /** @type {Promise<Map<string, Bitmap>>} */
    this.loading = Promise.resolve(new Map());
  }

  /** What the stage asks of the editor. @returns {Hand} */
  hand() {
    const no = () => false, nothing = () => undefined;
    return {
      down: no, move: nothing, hover: nothing, up: nothing, cancel: nothing, double: nothing, turn: no, holds: no,
      draw: (layer, context) => this.draw(layer, context),
    };
  }

  // --- what there is ----------------------------------------------------------------------------------------------

  get image() {
    return this.model.image;
  }

  get selected() {
    return [...this.selection];
  }

  /** Whether the field holds one mask of the whole image. */
  get whole() {
    return this.model.field.holds === "whole mask";
  }

  /** The value of pixels of a whole mask that have no class. */
  get ground() {
    return this.model.field.schema.classes.find(({ name, value }) => isNothing(name, value))?.value ?? 0;
  }

  /** Pairs of key points that are joined. */
  get skeleton() {
    return this.model.field.schema.skeleton?.edges ?? [];
  }

  /** Ids of labels that are not hidden, the lowest first. */
  shown() {
    return this.hidden.size ? this.model.order.filter((id) => !this.hidden.has(id)) : [...this.model.order];
  }

  /** Those of the selected labels that may change. */
  movable() {
    return this.free(this.selected);
  }

  /** @param {string[]} ids */
  free(ids) {
    return ids.filter((id) => this.model.labels.has(id) && !this.locked.has(id));
  }

  /** @param {string} id */
  nameOf(id) {
    return this.model.labels.get(id)?.label ?? this.model.field.name;
  }

  /** @param {string} id */
  colourOf(id) {
    return this.classColour(this.model.labels.get(id)?.label ?? "");
  }

  /** Colour of the class at hand. */
  colour() {
    return this.classColour(this.className);
  }

  /** A size to read. @param {Part} part */
  measured({ width, height }) {
    return `${Math.round(width)} × ${Math.round(height)}`;
  }

  /** Colours of the values of a whole mask. @returns {Map<number, string>} */
  tints() {
    const { classes } = this.model.field.schema;
    const named = classes.filter(({ name, value }) => value !== null && !isNothing(name, value));
    return new Map(named.map(({ name, value }) => [Number(value), this.classColour(name)]));
  }

  // --- changes ----------------------------------------------------------------------------------------------------

  /** Make changes and tell them as a step. @param {string} words @param {Change[]} changes */
  commit(words, changes) {
    if (!this.opened) return;
    const { picture, field } = this.opened, { loading, model } = this;
    const { made, back } = model.apply(changes);
    if (!made.length) return;
    this.changed();
    this.steps.add({ sample: picture.id, field: field.name, words }, made, back, async (id) => {
      const stored = (await loading).get(id), own = [...made, ...back].filter((one) => one.label_id === id);
      const box = own.find((one) => one.label.box)?.label.box;
      return stored && laid(stored, box ?? null, model.image);
    });
  }

  /** What is selected and shown follows the labels. */
  changed() {
    const gone = this.selected.filter((id) => !this.model.labels.has(id));
    for (const id of gone) this.selection.delete(id);
    if (this.hovered && !this.model.labels.has(this.hovered)) this.hovered = null;
    if (gone.length) this.hooks.onselect(this.selected);
    this.stain();
  }

  /** A new label of the class at hand, selected; its id. @param {Shape} shape @param {string} [words] */
  add(shape, words = "draw") {
    const { many } = this.model.field, [old] = many ? [] : this.model.labels.keys();
    const { label, bitmap } = storedOf(shape, this.image), drawn = bitmap ? { bitmap } : {}, id = old ?? newId();
    if (old) this.commit(`redraw ${this.nameOf(old)}`, [{ action: "change", label_id: id, label, ...drawn }]);
    else {
      const values = { ...(this.whole ? {} : { label: this.className }), ...label, attributes: this.first(shape) };
      this.commit(`${words} ${this.className}`, [{ action: "add", label_id: id, label: values, ...drawn }]);
    }
    this.select([id]);
    return id;
  }

  /** The one mask of the image, where it had none; its id. @param {Bitmap} bitmap @param {string} words */
  addWhole(bitmap, words) {
    const id = newId();
    this.commit(words, [{ action: "add", label_id: id, label: { mask: true }, bitmap }]);
    return id;
  }

  /** Where the pointer is, on the image. @returns {Point | null} */
  pointerAt() {
    return null;
  }

  /**
   * Attributes of a new label: defaults of the schema, and whether its line is closed.
   * @param {Shape} shape @returns {Record<string, Attribute>}
   */
  first(shape) {
    const fit = this.model.field.schema.attributes.filter((one) => one.default !== null &&
      (!one.classes || one.classes.includes(this.className)));
    /** @type {Record<string, Attribute>} */
    const lines = shape.joined ? { closed: shape.closed, filled: shape.closed } : {};
    return { ...lines, ...Object.fromEntries(fit.map((one) => [one.name, one.default])) };
  }

  /** The change that gives a label another shape. @param {string} id @param {Shape} shape @returns {Change} */
  reshaped(id, shape) {
    const { label, bitmap } = storedOf(shape, this.image), { mask, ...place } = label;
    const same = bitmap && bitmap.data === this.model.masks.get(id)?.data;
    return { action: "change", label_id: id, label: same ? place : label, ...(bitmap ? { bitmap } : {}) };
  }

  /** @param {string} id @param {number} part @param {number} index */
  removeVertex(id, part, index) {
    const shape = this.model.shape(id);
    const left = shape.joined ? withoutVertex(shape, part, index) : withVertex(shape, part, index, null);
    if (left) this.commit(`reshape ${this.nameOf(id)}`, [this.reshaped(id, left)]);
  }

  /**
   * Show labels with other shapes, until they are committed; null for none.
   * @param {Map<string, Shape> | null} shapes
   */
  preview(shapes) {
    const before = [...this.held.keys()].join();
    this.held = shapes ?? new Map();
    if (before !== [...this.held.keys()].join()) this.stain("labels");
    this.stain("hand");
  }

  /** What is previewed becomes a step. @param {string} what */
  commitPreview(what) {
    const shapes = [...this.held].filter(([id]) => this.model.labels.has(id));
    this.held = new Map();
    if (!shapes.length) return;
    const one = shapes.length === 1 ? this.nameOf(shapes[0][0]) : `${shapes.length} labels`;
    this.commit(`${what} ${one}`, shapes.map(([id, shape]) => this.reshaped(id, shape)));
  }

  /** What is previewed becomes a step after a pause, or before anything else happens. @param {string} words */
  later(words) {
    if (this.pending && this.words !== words) {
      const held = this.held;
      this.settle();
      this.preview(held);
    }
    clearTimeout(this.pending);
    this.words = words;
    this.pending = Number(setTimeout(() => this.settle(), PAUSE));
  }

  /** What waits for a pause becomes a step now. */
  settle() {
    if (!this.pending) return;
    clearTimeout(this.pending);
    this.pending = 0;
    this.commitPreview(this.words);
  }

  // --- what is seen -----------------------------------------------------------------------------------------------

  /** @param {string[]} ids */
  select(ids) {
    this.settle();
    const kept = new Set(ids.filter((id) => this.model.labels.has(id)));
    if (kept.size === this.selection.size && [...kept].every((id) => this.selection.has(id))) return;
    this.selection = kept;
    this.stain("hand");
    this.hooks.onselect(this.selected);
  }

  /** @param {string | null} id @param {string} cursor */
  hovering(id, cursor) {
    this.stage.frame.style.setProperty("--cursor", cursor);
    if (id === this.hovered) return;
    this.hovered = id;
    this.stain("hand");
  }

  /** Whether something is drawn over the labels. */
  holding() {
    return this.hovered !== null || this.selection.size > 0 || this.held.size > 0 || this.guides.length > 0;
  }

  /** Draw these again; labels and what the hand holds without a name. @param {...Layer} layers */
  stain(...layers) {
    if (layers.length) this.stage.stain(...layers);
    else this.stage.stain("labels", "hand");
  }

  /** @param {Layer} layer @param {CanvasRenderingContext2D} context */
  draw(layer, context) {
    if (this.opened) draw(this, layer, context);
  }

  /** What tools draw over everything. @param {import("./stagelabels.js").Painter} _painter */
  drawTools(_painter) {}
}

/** @type {Field} */
const NOTHING = {
  name: "", kind: "", holds: "objects", many: true,
  schema: { classes: [], attributes: [], skeleton: null, rules: { smallest: 0, inside: true, overlap: null } },
};

/** Whether a class of a whole mask is no class, but what is left. @param {string} name @param {number | null} value */
function isNothing(name, value) {
  return value === 0 && ["background", "0"].includes(name.toLowerCase());
}
