// Painting masks: a brush and an eraser of one size.

import { blank, copied, grown, paint, whole } from "./bitmap.js";
import { Tool } from "./tool.js";
import { limited } from "./shapes.js";
import { forget, inherit, tinted } from "./stagelabels.js";
import { blocked, ground, store, target, valueOf } from "./toolmask.js";

/** @import { Bitmap } from "./bitmap.js" */
/** @import { EditorPointer } from "./editorpointer.js" */
/** @import { Point } from "./placing.js" */
/** @import { Press } from "./stage.js" */
/** @import { Painter } from "./stagelabels.js" */

const STEP = 1.2, SMALLEST = 0.5; // image pixels

export class BrushTool extends Tool {
  name = "brush";
  title = "Brush";
  key = "m";
  icon = "M13 2.5L7 8.5M7 8.5c-2-.5-3 1-3 2.5 0 1-.7 1.7-1.5 2 2.5 1 6.5.5 5.5-3.5z";
  cursor = "none";
  erases = false;
  hint = "Paint; the right button erases, Shift draws a straight line, Alt spares other classes, [ ] change the size";
  /** @type {{id: string | null, old: Bitmap | null, bitmap: Bitmap, value: number, over: number | null} | null} */
  work = null;
  /** @type {Point | null} */
  last = null; // where the last stroke ended, or where this one is

  /** @override */
  taken() {
    this.last = null;
  }

  /** @override @param {Press} press */
  down(press) {
    const { editor } = this, erase = this.erases || press.right;
    if (blocked(editor)) return true;
    if (erase && !editor.whole && !target(editor)) {
      editor.select(editor.under(press.at, 0).filter((one) => editor.model.masks.has(one)).slice(0, 1));
    }
    const id = target(editor), old = (id ? editor.model.masks.get(id) : null) ?? null, value = valueOf(editor, erase);
    if (erase && !old) return true;
    this.work = { id, old, bitmap: this.copy(old, press.at), value, over: press.alt ? editor.ground : null };
    if (editor.whole) editor.painted = this.work.bitmap;
    else editor.busy = id;
    editor.stain();
    const from = press.shift && this.last ? this.last : press.at;
    this.stroke(from, press.at);
    return true;
  }

  /** A mask to paint on. @param {Bitmap | null} old @param {Point} at @returns {Bitmap} */
  copy(old, at) {
    const { editor } = this;
    if (!old && editor.whole) return ground(editor);
    if (!old) return blank(whole({ x: at.x, y: at.y, width: 1, height: 1 }, editor.image));
    const made = copied(old);
    inherit(old, made);
    return made;
  }

  /** @param {Point} from @param {Point} to */
  stroke(from, to) {
    const { editor, work } = this, { radius } = editor.brush;
    if (!work) return;
    const part = {
      x: Math.min(from.x, to.x) - radius, width: Math.abs(from.x - to.x) + 2 * radius,
      y: Math.min(from.y, to.y) - radius, height: Math.abs(from.y - to.y) + 2 * radius,
    };
    const touched = whole(part, editor.image);
    if (work.value && !editor.whole) work.bitmap = grown(work.bitmap, touched, editor.image);
    paint(work.bitmap, from, to, radius, work.value, work.over);
    tinted(work.bitmap, this.colours(), touched);
    if (editor.whole) editor.stage.patch(touched);
    this.last = to;
    editor.stain("hand");
  }

  colours() {
    const { editor, work } = this;
    return editor.whole ? editor.tints() : new Map([[1, work?.id ? editor.colourOf(work.id) : editor.colour()]]);
  }

  /** @override @param {Press} press */
  move(press) {
    for (const at of this.work ? press.trail : []) this.stroke(this.last ?? at, at);
  }

  /** @override @param {Press} press */
  up(press) {
    const { editor, work } = this;
    this.move(press);
    [this.work, editor.busy, editor.painted] = [null, null, null];
    if (work) store(editor, work.id, work.bitmap, work.value === valueOf(editor, true) ? "erase" : "paint");
    editor.stain();
  }

  /** @override */
  cancel() {
    const { editor, work } = this;
    if (work?.old) forget(work.old);
    [this.work, editor.busy, editor.painted] = [null, null, null];
    editor.stain();
  }

  /** @override */
  drop() {
    const begun = this.work !== null;
    if (begun) this.cancel();
    return begun;
  }

  /** @override @param {number} steps */
  turn(steps) {
    const { brush, image } = this.editor, most = Math.max(image.width, image.height) / 2;
    const wanted = limited(brush.radius * STEP ** steps, SMALLEST, most);
    const little = Math.abs(wanted - brush.radius) < 0.25;
    brush.radius = little ? limited(brush.radius + steps * 0.5, SMALLEST, most) : wanted;
    this.editor.hooks.say(`Brush of ${Math.round(brush.radius * 2)} pixels`);
    this.editor.stain("hand");
    return true;
  }

  /** @override @param {Painter} painter */
  draw(painter) {
    const { editor, work } = this, { opacity } = editor.seen;
    if (work && !editor.whole) painter.mask(work.bitmap, this.colours(), Math.min(1, opacity + 0.15));
    const at = work ? this.last : editor.pointerAt();
    if (at) painter.ring(at, editor.brush.radius, this.erases ? "#fff" : editor.colour());
  }
}

/** @param {EditorPointer} editor */
export function eraser(editor) {
  return Object.assign(new BrushTool(editor), {
    name: "eraser", title: "Eraser", key: "e", erases: true,
    icon: "M6 12.5L2.5 9 9 2.5 13 6.5 7 12.5zM5.5 6l4 4M6 12.5h7",
    hint: "Erase from the mask that is selected, or under the pointer; [ and ] change its size",
  });
}
