// Drawing boxes: drag from corner to corner, or click both corners.

import { Tool } from "./tool.js";
import { apart, between, clipped } from "./shapes.js";
import { boxed, neat } from "./shapeslabel.js";

/** @import { Point } from "./placing.js" */
/** @import { Press } from "./stage.js" */
/** @import { Painter } from "./stagelabels.js" */

const STILL = 4; // screen pixels: less is a click

export class BoxTool extends Tool {
  name = "box";
  title = "Box";
  key = "b";
  icon = "M3 4.5h10v7H3zM1.5 4.5h3M3 3v3M11.5 11.5h3M13 10v3";
  hint = "Drag from corner to corner, or click both";
  /** @type {Point | null} */
  from = null;
  /** @type {Point} */
  to = { x: 0, y: 0 };

  /** @override @param {Press} press */
  down(press) {
    if (press.right) return !this.drop();
    const at = this.editor.snap(press);
    if (!this.from) this.from = at;
    this.to = at;
    this.editor.stain("hand");
    return true;
  }

  /** @override @param {Press} press */
  move(press) {
    this.to = this.square(press);
    this.editor.stain("hand");
  }

  /** @override @param {Press | null} press */
  hover(press) {
    if (press && this.from) this.move(press);
  }

  /** @override @param {Press} press */
  up(press) {
    if (!this.from) return;
    this.to = this.square(press);
    if (apart(this.from, this.to) * this.editor.stage.place.scale >= STILL) this.finish();
  }

  /** @override */
  cancel() {
    this.drop();
  }

  /** @override */
  drop() {
    const begun = this.from !== null;
    this.from = null;
    this.editor.stain("hand");
    return begun;
  }

  /** @override */
  finish() {
    if (!this.from) return false;
    const part = this.part(this.from);
    this.from = null;
    if (part.width >= 1 && part.height >= 1) this.editor.add(boxed(part));
    this.editor.stain("hand");
    return true;
  }

  /** @override @param {Painter} painter */
  draw(painter) {
    if (!this.from) return;
    const part = this.part(this.from), colour = this.editor.colour();
    painter.box(part, { colour, strong: true, fill: 0.08 });
    painter.name(part, this.editor.measured(part), "#334155", true);
  }

  /** @param {Point} from */
  part(from) {
    return neat(clipped(between(from, this.to), this.editor.image));
  }

  /** With Shift the box is a square. @param {Press} press @returns {Point} */
  square(press) {
    const at = this.editor.snap(press);
    if (!press.shift || !this.from) return at;
    const side = Math.max(Math.abs(at.x - this.from.x), Math.abs(at.y - this.from.y));
    const way = (/** @type {number} */ to, /** @type {number} */ start) => start + side * (to < start ? -1 : 1);
    return { x: way(at.x, this.from.x), y: way(at.y, this.from.y) };
  }
}
