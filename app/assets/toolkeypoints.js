// Placing key points: in the order of the skeleton, those that cannot be seen are skipped.

import { Tool } from "./tool.js";
import { bounds, inside } from "./shapes.js";
import { withVertex } from "./shapeslabel.js";

/** @import { Point } from "./placing.js" */
/** @import { Press } from "./stage.js" */
/** @import { Painter } from "./stagelabels.js" */

export class KeypointsTool extends Tool {
  name = "keypoints";
  title = "Key points";
  key = "k";
  icon = "M4 12l3.5-4.5 4.5-3M7.5 7.5l3 5";
  /** @type {(Point | null)[]} */
  points = [];
  /** @type {Point | null} */
  to = null;

  get names() {
    return this.editor.model.field.schema.skeleton?.points ?? [];
  }

  /** @override */
  taken() {
    const order = this.names.length ? "Click the points in their order; N or the right button skips an unseen one"
      : "Click the points, Enter ends";
    this.hint = `${order}; Shift places the first unseen point of what is selected`;
  }

  /** @override @param {Press} press */
  down(press) {
    const at = inside(press.at, this.editor.image);
    if (press.right) this.place(null);
    else if (!press.shift || !this.fill(at)) this.place(at);
    return true;
  }

  /** The next point. @param {Point | null} at */
  place(at) {
    this.points.push(at);
    if (this.names.length && this.points.length >= this.names.length) this.finish();
    this.tell();
  }

  /** The first unseen point of the selected label. @param {Point} at @returns {boolean} */
  fill(at) {
    const { editor } = this, [id] = editor.movable();
    const shape = editor.selection.size === 1 && id ? editor.model.shape(id) : null;
    const index = shape?.points?.[0]?.indexOf(null) ?? -1;
    if (!shape || index < 0) return false;
    editor.commit(`place a point of ${editor.nameOf(id)}`, [editor.reshaped(id, withVertex(shape, 0, index, at))]);
    return true;
  }

  /** @override @param {KeyboardEvent} event */
  press(event) {
    const held = event.ctrlKey || event.metaKey || event.altKey;
    if (event.key.toLowerCase() !== "n" || held || !this.names.length) return false;
    this.place(null);
    return true;
  }

  tell() {
    const next = this.points.length && this.names[this.points.length];
    if (next) this.editor.hooks.say(`next: ${next}`);
    this.editor.stain("hand");
  }

  /** @override @param {Press | null} press */
  hover(press) {
    this.to = press?.at ?? null;
  }

  /** @override @param {Press} press */
  move(press) {
    this.to = press.at;
  }

  /** @override */
  double() {
    if (!this.names.length) this.finish();
  }

  /** @override */
  back() {
    const had = this.points.pop() !== undefined;
    this.tell();
    return had;
  }

  /** @override */
  cancel() {
    this.back();
  }

  /** @override */
  drop() {
    const had = this.points.length > 0;
    this.points = [];
    this.editor.stain("hand");
    return had;
  }

  /** The rest is unseen. @override */
  finish() {
    const placed = this.points, unseen = Math.max(0, this.names.length - placed.length);
    if (!this.drop() || !placed.some(Boolean)) return placed.length > 0;
    const points = [[...placed, .../** @type {null[]} */ (Array(unseen).fill(null))]];
    this.editor.add({ part: bounds(placed), points, bitmap: null, closed: false, joined: false });
    return true;
  }

  /** @override @param {Painter} painter */
  draw(painter) {
    const colour = this.editor.colour(), next = this.names[this.points.length];
    if (this.points.length) painter.dots(this.points, this.editor.skeleton, { colour, strong: true });
    if (next && this.to) painter.name({ ...this.to, width: 0, height: 0 }, next, colour);
  }
}
