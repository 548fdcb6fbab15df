// Drawing polygons and lines: click corner after corner, or hold the button and draw freely.

import { Tool } from "./tool.js";
import { apart, inside, simplified } from "./shapes.js";
import { lined } from "./shapeslabel.js";

/** @import { EditorPointer } from "./editorpointer.js" */
/** @import { Point } from "./placing.js" */
/** @import { Press } from "./stage.js" */
/** @import { Painter } from "./stagelabels.js" */

const FREE = 5, SAME = 2; // screen pixels: between corners drawn freely, of a double click
const SLACK = 0.8; // screen pixels, of what was drawn freely
const LEAST = { closed: 3, open: 2 };

export class PolygonTool extends Tool {
  name = "polygon";
  title = "Polygon";
  key = "p";
  icon = "M3 6l5-3.5 5 4-2 6.5H5z";
  hint = "Click the corners, Enter or a double click closes it; Shift adds a part or a hole to what is selected";
  closed = true;
  /** @type {Point[]} */
  points = [];
  /** @type {Point | null} */
  to = null;
  freely = false;
  /** @type {{shift: boolean, alt: boolean}} */
  begun = { shift: false, alt: false };

  /** @override @param {Press} press */
  down(press) {
    if (press.right) return this.back() || true;
    const at = this.place(press), { scale } = this.editor.stage.place;
    if (!this.points.length) this.begun = { shift: press.shift, alt: press.alt };
    const first = this.points[0], last = this.points[this.points.length - 1];
    const ends = this.closed && this.points.length >= LEAST.closed;
    if (ends && apart(first, press.at) <= this.editor.reach(press)) this.finish();
    else if (!last || apart(last, at) * scale > SAME) this.append(at);
    this.to = at;
    this.editor.stain("hand");
    return true;
  }

  /** @override @param {Press} press */
  move(press) {
    const { scale } = this.editor.stage.place;
    for (const one of this.points.length ? press.trail : []) {
      const at = inside(one, this.editor.image);
      if (apart(this.points[this.points.length - 1], at) * scale < FREE) continue;
      this.append(at);
      this.freely = true;
    }
    this.hover(press);
  }

  /** @override @param {Press | null} press */
  hover(press) {
    if (press) this.to = this.place(press);
    this.editor.stain("hand");
  }

  /** @override */
  double() {
    this.finish();
  }

  /** A corner more. @param {Point} at */
  append(at) {
    this.points.push(at);
  }

  /** @override */
  back() {
    const had = this.points.pop() !== undefined;
    this.editor.stain("hand");
    return had;
  }

  /** @override */
  cancel() {
    if (this.points.length <= 1) this.drop();
  }

  /** @override */
  drop() {
    const had = this.points.length > 0;
    [this.points, this.freely] = [[], false];
    this.editor.stain("hand");
    return had;
  }

  /** @override */
  finish() {
    const least = this.closed ? LEAST.closed : LEAST.open;
    if (this.points.length < least) return false;
    const points = this.freely ? simplified(this.points, SLACK / this.editor.stage.place.scale) : this.points;
    this.drop();
    if (points.length >= least) this.made(points);
    return true;
  }

  /** What becomes of it. @param {Point[]} points */
  made(points) {
    const { editor } = this, [id] = editor.movable();
    const old = editor.selection.size === 1 && id ? editor.model.shape(id) : null;
    if (!this.begun.shift || !old?.joined || old.closed !== this.closed) {
      editor.add(lined([points], this.closed));
      return;
    }
    const parts = [...(old.points ?? []), points], shape = { ...old, points: parts };
    editor.commit(`add to ${editor.nameOf(id)}`, [editor.reshaped(id, shape)]);
  }

  /** @param {Press} press @returns {Point} */
  place(press) {
    return inside(this.editor.snap(press), this.editor.image);
  }

  /** @override @param {Painter} painter */
  draw(painter) {
    if (!this.points.length) return;
    const colour = this.editor.colour(), line = this.to ? [...this.points, this.to] : this.points;
    painter.lines([line], this.closed && line.length > 2, { colour, strong: true, fill: 0.12 });
    for (const [index, at] of this.points.entries()) painter.dot(at, index ? 3 : 5, "#fff", colour);
  }
}

/** A line that stays open. @param {EditorPointer} editor */
export function lineTool(editor) {
  const made = new PolygonTool(editor);
  return Object.assign(made, {
    name: "polyline", title: "Line", key: "l", icon: "M2.5 12l4-6 4 3 3-5", closed: false,
    hint: "Click its points, Enter or a double click ends it",
  });
}
