// A stand-in for the editor: it shows the image and its labels, and takes edits from the panels; nothing is drawn.

import { Canvas, pane, photo } from "./canvas.js";
import { applied, changed } from "./labeledits.js";
import { overlay } from "./overlay.js";
import { thumbnail } from "./pictures.js";

/** @import { EditorLike } from "./editorlike.js" */
/** @import { Attribute, Edit, Field, Hooks, Label, Picture } from "./labeling.js" */

/** @implements {EditorLike} */
export class StandIn {
  /** @param {HTMLElement} host @param {Hooks} hooks */
  constructor(host, hooks) {
    this.host = host;
    this.hooks = hooks;
    /** @type {Label[]} */
    this.labels = [];
    /** @type {string[]} */
    this.selected = [];
    /** @type {Field | null} */
    this.field = null;
    this.tool = "select";
    this.picture = { id: "", width: 1, height: 1, name: "", media: "", thumbnail: "" };
    this.pane = pane("", photo("", "", ""));
    this.canvas = new Canvas([this.pane]);
    host.replaceChildren(this.pane);
  }

  /** @param {Picture} picture @param {Field} field @param {Label[]} labels */
  open(picture, field, labels) {
    [this.picture, this.field, this.labels, this.selected] = [picture, field, labels, []];
    this.draw();
    this.canvas.show(picture);
  }

  draw() {
    const image = photo(this.picture.media, thumbnail(this.picture, 512), this.picture.name);
    const colour = (/** @type {Label} */ one) => (this.selected.includes(one.id) ? "#f97316" : "#0ea5a0");
    const marks = this.labels.filter((one) => one.box).map((one) =>
      ({ box: one.box ?? null, colour: colour(one), text: one.label ?? "", strong: this.selected.includes(one.id) }));
    this.pane.querySelector(".sheet")?.replaceChildren(image, overlay(marks));
  }

  close() {
    this.host.replaceChildren();
  }

  /** @param {Edit[]} edits */
  apply(edits) {
    this.labels = applied(this.labels, edits);
    this.draw();
  }

  /** @param {string[]} ids */
  select(ids) {
    this.selected = ids;
    this.draw();
    this.hooks.onselect(ids);
  }

  tools() {
    return [{ name: "select", title: "Select", key: "v", icon: "fit" }];
  }

  setTool() {}

  /** @param {string} name */
  setClass(name) {
    const some = this.labels.filter((one) => this.selected.includes(one.id));
    const forward = some.map((one) => edit(one, { label: name }));
    this.step(`make ${name}`, forward, some.map((one) => edit(one, { label: one.label ?? null })));
  }

  /** @param {string[]} ids @param {string} name @param {Attribute} value */
  setAttribute(ids, name, value) {
    const some = this.labels.filter((one) => ids.includes(one.id));
    const back = some.map((one) => edit(one, { attributes: { [name]: one.attributes?.[name] ?? null } }));
    this.step(name, some.map((one) => edit(one, { attributes: { [name]: value } })), back);
  }

  /** @param {string[]} ids */
  remove(ids) {
    const some = this.labels.filter((one) => ids.includes(one.id));
    const forward = some.map((one) => ({ action: /** @type {const} */ ("delete"), label_id: one.id, label: {} }));
    this.step("delete", forward, some.map(({ id, ...label }) => ({ action: "add", label_id: id, label })));
    this.select([]);
  }

  /** @param {string} words @param {Edit[]} forward @param {Edit[]} backward */
  step(words, forward, backward) {
    if (!forward.length) return;
    this.apply(forward);
    this.hooks.onstep({ sample: this.picture.id, field: this.field?.name ?? "", words, forward, backward });
  }

  copy() {
    this.copied = this.labels.filter((one) => this.selected.includes(one.id)).map((one) => changed(one, {}));
  }

  paste() {}
  setHidden() {}
  setLocked() {}
  look() {}
  references() {}

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === "Delete" && this.selected.length) {
      this.remove(this.selected);
      return true;
    }
    return this.canvas.key(event);
  }

  hotkeys() {
    return [{ keys: "Del", does: "delete what is selected" }];
  }

  stats() {
    return { clicks: 0 };
  }
}

/** @param {Label} label @param {Edit["label"]} values @returns {Edit} */
function edit(label, values) {
  return { action: "change", label_id: label.id, label: values };
}
