// The editor of the labels of one field of one image: it shows them, and every gesture on them becomes a step. The page
// around it saves steps, undoes them, and chooses images.

import { decoded, laid } from "./bitmappng.js";
import { ANY } from "./editorstate.js";
import { EditorInput } from "./editorinput.js";
import { merge, split, tighten } from "./editormasks.js";
import { attribute, Model, newId } from "./editormodel.js";
import { colouring } from "./palette.js";
import { moved, shapeOf, storedOf } from "./shapeslabel.js";
import { levels, thumbnail } from "./stagepicture.js";

/** @import { Bitmap } from "./bitmap.js" */
/** @import { Look } from "./editorstate.js" */
/** @import { Change, Order } from "./editormodel.js" */
/** @import { Attribute, Edit, Field, Label, Picture } from "./labeling.js" */
/** @import { Shape } from "./shapeslabel.js" */
/** @typedef {Map<string, Bitmap> | Promise<Map<string, Bitmap>> | null} Masks  as `fetchMasks` gives them */

const BESIDE = 12; // screen pixels from a label to its copy
const ORDERS = { front: "to the front", back: "to the back", forward: "layer up", backward: "layer down" };

export class Editor extends EditorInput {
  turn = 0; // counts pictures that were opened
  /** @type {import("./editorstate.js").Placed[]} */
  clipboard = [];

  // --- what is open -----------------------------------------------------------------------------------------------

  /**
   * Show a picture and the labels of a field.
   * @param {Picture} picture @param {Field} field @param {Label[]} labels @param {Masks} [masks]
   */
  open(picture, field, labels, masks = null) {
    const same = this.model.field.name === field.name && this.model.field.kind === field.kind;
    this.close();
    this.opened = { picture, field };
    this.model = new Model(field, { width: picture.width, height: picture.height }, labels);
    this.steps.whole = this.whole;
    this.recolour(field);
    if (!same) this.equip();
    this.stage.show(this.model.image);
    this.load(picture, masks);
    this.stage.stain();
  }

  /** The field has other classes or attributes now. @param {Field} field */
  reschema(field) {
    if (!this.opened) return;
    this.settle();
    this.opened.field = this.model.field = field;
    this.recolour(field);
    this.stain();
  }

  /** Colours of the schema, else of the palette. @param {Field} field */
  recolour({ schema }) {
    const own = new Map(schema.classes.flatMap(({ name, colour }) => (colour ? [[name, colour]] : [])));
    const others = colouring(schema.classes.map(({ name }) => name));
    this.classColour = (/** @type {string} */ name) => own.get(name) ?? others(name);
    const known = schema.classes.some(({ name }) => name === this.className);
    if (!known) this.className = schema.classes[0]?.name ?? ANY;
  }

  /** Pictures and masks arrive when they do. @param {Picture} picture @param {Masks} masks */
  load(picture, masks) {
    const turn = (this.turn += 1), now = () => turn === this.turn;
    const failed = (/** @type {string} */ what) => (/** @type {Error} */ error) =>
      now() && this.hooks.say(`${what} could not be loaded: ${error.message}`);
    let sharp = false;
    this.stage.picture([]);
    levels(picture).then((found) => {
      sharp = true;
      if (now()) this.stage.picture(found);
    }).catch(failed("the image"));
    thumbnail(picture.thumbnail).then((found) => now() && !sharp && this.stage.picture(found)).catch(() => undefined);
    this.loading = Promise.resolve(masks ?? new Map()).then((found) => {
      if (now()) this.layMasks(found);
      return found;
    });
    this.loading.catch(failed("the masks"));
  }

  /** @param {Map<string, Bitmap>} found */
  layMasks(found) {
    for (const [id, stored] of found) {
      const label = this.model.labels.get(id);
      if (label && !this.model.masks.has(id)) this.model.setMask(id, laid(stored, label.box ?? null, this.image));
    }
    this.stain();
  }

  /** Decode a picture that is opened soon. @param {Picture} picture */
  prepare(picture) {
    levels(picture).catch(() => undefined); // opening it tells what is wrong
  }

  close() {
    if (!this.opened) return;
    this.settle();
    this.tool.leave();
    this.opened = null;
    this.turn += 1;
    const chosen = this.selection.size > 0;
    [this.clicks, this.cursor, this.pointer, this.hovered, this.busy] = [0, null, null, null, null];
    for (const some of [this.selection, this.hidden, this.locked, this.held]) some.clear();
    [this.guides, this.others] = [[], []];
    this.stage.picture([]);
    this.stain();
    if (chosen) this.hooks.onselect([]);
  }

  /** Leave the page: nothing of the editor stays. */
  dispose() {
    this.close();
    this.life.abort();
    this.host.replaceChildren();
  }

  /** Wait until every gesture was told as a step. */
  async settled() {
    this.settle();
    await this.steps.settled();
  }

  // --- labels -----------------------------------------------------------------------------------------------------

  get labels() {
    return [...this.model.labels.values()];
  }

  /**
   * Edits that come from elsewhere: undo, another tab, accepted proposals. They are no steps.
   * @param {Edit[]} edits
   */
  async apply(edits) {
    this.settle();
    const { turn } = this, changes = await Promise.all(edits.map((edit) => this.drawn(edit)));
    if (turn !== this.turn) return;
    this.model.apply(changes);
    this.changed();
  }

  /** An edit with its mask as a bitmap. @param {Edit} edit @returns {Promise<Change>} */
  async drawn({ action, label_id, label }) {
    const old = this.model.masks.get(label_id), box = label.box ?? this.model.labels.get(label_id)?.box ?? null;
    if (typeof label.mask === "string") {
      const stored = await decoded(label.mask, this.whole), values = { ...label, mask: true };
      return { action, label_id, label: values, bitmap: laid(stored, box, this.image) };
    }
    const { mask, ...rest } = label, values = mask === null ? label : rest;
    return { action, label_id, label: values, ...(label.box && old ? { bitmap: laid(old, box, this.image) } : {}) };
  }

  /** Select the next label, in the order of its place on the image. @param {number} by */
  step(by) {
    const ids = this.shown().sort((one, other) => place(this.model.shape(one)) - place(this.model.shape(other)));
    if (!ids.length) return;
    const at = this.selection.size ? ids.indexOf(this.selected[0]) : by > 0 ? -1 : 0;
    this.select([ids[(at + by + ids.length) % ids.length]]);
  }

  /** The class of new labels, and of those selected; of a field of classes, that of the image. @param {string} name */
  setClass(name) {
    this.settle();
    this.className = name;
    const { holds } = this.model.field, ids = this.whole ? [] : this.movable();
    const others = ids.filter((id) => this.model.label(id).label !== name);
    if (holds === "one class" || holds === "many classes") this.classify(name);
    else this.commit(`relabel as ${name}`, others.map((id) => relabelled(id, name)));
    this.stain("hand");
  }

  /** @param {string} name */
  classify(name) {
    const old = this.labels.find((one) => !this.model.field.many || one.label === name), id = old?.id ?? newId();
    if (!old) this.commit(`class ${name}`, [{ action: "add", label_id: id, label: { label: name } }]);
    else if (old.label === name) this.commit(`not ${name}`, [{ action: "delete", label_id: id, label: {} }]);
    else this.commit(`class ${name}`, [relabelled(id, name)]);
  }

  /** @param {string[]} ids @param {string} name @param {Attribute} value null removes it */
  setAttribute(ids, name, value) {
    this.settle();
    this.commit(`set ${name}`, this.free(ids).map((id) => attribute(id, name, value)));
  }

  /** @param {string[]} ids */
  remove(ids) {
    this.settle();
    const free = new Set(this.free(ids)), what = free.size === 1 ? this.nameOf([...free][0]) : `${free.size} labels`;
    const gone = [...this.model.labels.keys()].filter((id) => free.has(id)).reverse(); // they come back in order
    this.commit(`delete ${what}`, gone.map((id) => ({ action: "delete", label_id: id, label: {} })));
  }

  /** Delete the last point of what is drawn, or what is selected. */
  erase() {
    if (!this.tool.back()) this.remove(this.selected);
  }

  /** Copy what is selected. @returns {Label[]} */
  copy() {
    this.settle();
    this.clipboard = this.selected.map((id) => ({ label: this.model.label(id), shape: this.model.shape(id) }));
    if (this.clipboard.length) this.hooks.say(`${this.clipboard.length} copied`);
    return this.clipboard.map(({ label }) => label);
  }

  /**
   * Put down copies of these labels, else of what was copied, where they were; on their own image a little beside.
   * @param {Label[]} [labels]
   */
  paste(labels) {
    this.settle();
    const given = labels?.map((label) => ({ label, shape: this.shapeOf(label) })), { field } = this.model;
    const changes = (given ?? this.clipboard).map(({ label, shape }) => this.pasted(label, shape));
    if (!changes.length || (!field.many && this.model.labels.size)) return;
    this.commit(changes.length === 1 ? "paste" : `paste ${changes.length} labels`, changes);
    this.select(changes.map((one) => one.label_id));
  }

  /** @param {Label} label @param {Shape} shape @returns {Change} */
  pasted(label, shape) {
    const { id, confidence, ...values } = label, there = this.model.labels.has(id);
    const beside = there ? BESIDE / this.stage.place.scale : 0;
    const same = shape.bitmap && laid(shape.bitmap, label.box ?? null, this.image); // the image may have another size
    const own = shapeOf(label, this.image, same ?? undefined, shape.joined);
    const { label: place, bitmap } = storedOf(moved(own, { x: beside, y: beside }, this.image), this.image);
    const copied = { ...values, ...(there || bitmap ? place : {}) };
    return { action: "add", label_id: newId(), label: copied, ...(bitmap ? { bitmap } : {}) };
  }

  /** @param {Label} label @param {Bitmap} [stored] */
  shapeOf(label, stored = this.model.masks.get(label.id)) {
    const bitmap = stored && laid(stored, label.box ?? null, this.image);
    return shapeOf(label, this.image, bitmap, this.model.field.holds === "polylines");
  }

  /** @param {string[]} ids @param {Order} how */
  order(ids, how) {
    this.settle();
    this.commit(ORDERS[how], this.model.reordered(this.free(ids), how));
  }

  /** Boxes of masks fit their pixels. */
  tighten() {
    this.settle();
    this.commit("tighten", tighten(this));
  }

  /** What is selected becomes one label. */
  merge() {
    this.settle();
    const changes = merge(this);
    if (!changes.length) this.hooks.say("Select two or more labels of one sort to merge them");
    this.commit(`merge ${changes.length} labels`, changes);
  }

  /** Every piece becomes a label of its own. */
  split() {
    this.settle();
    const changes = split(this), made = changes.map((one) => one.label_id);
    if (!changes.length) this.hooks.say("It has no pieces that lie apart");
    this.commit(`split into ${changes.length}`, changes);
    if (made.length) this.select(made);
  }

  /** @param {number} steps */
  resizeBrush(steps) {
    this.tool.turn(steps);
  }

  // --- what is seen -----------------------------------------------------------------------------------------------

  /** @param {string[]} ids @param {boolean} on */
  setHidden(ids, on) {
    for (const id of ids) this.hidden[on ? "add" : "delete"](id);
    if (on) this.select(this.selected.filter((id) => !this.hidden.has(id)));
    this.stain();
  }

  /** @param {string[]} ids @param {boolean} on */
  setLocked(ids, on) {
    this.settle();
    for (const id of ids) this.locked[on ? "add" : "delete"](id);
    this.stain("hand");
  }

  /** Lock what is selected; unlock it where all of it is locked. */
  flipLocks() {
    this.setLocked(this.selected, this.selected.some((id) => !this.locked.has(id)));
  }

  /**
   * Labels of another field, below: a click on one asks `hooks.onreference`.
   * @param {Label[]} labels @param {{threshold?: number, masks?: Map<string, Bitmap>}} [how]
   */
  references(labels, { threshold = 0, masks } = {}) {
    const sure = labels.filter((one) => typeof one.confidence !== "number" || one.confidence >= threshold);
    this.others = sure.map((label) => ({ label, shape: this.shapeOf(label, masks?.get(label.id)) }));
    this.stain("labels");
  }

  /** @param {Partial<Look>} change */
  look(change) {
    Object.assign(this.seen, change);
    const { brightness, contrast } = this.seen;
    const light = brightness === 1 && contrast === 1 ? "none" : `brightness(${brightness}) contrast(${contrast})`;
    this.stage.frame.style.setProperty("--light", light);
    this.stain();
  }

}

/** @param {string} id @param {string} name @returns {Change} */
function relabelled(id, name) {
  return { action: "change", label_id: id, label: { label: name } };
}

/** Rows of labels from left to right. @param {Shape} shape */
function place({ part }) {
  return part ? Math.round(part.y / 40) * 1e6 + part.x : 0;
}
