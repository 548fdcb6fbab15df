// Asking a model, or a classical tool, for the mask of an object: by clicks inside and outside of it, or by a box.

import { decoded, laid } from "./bitmappng.js";
import { rings } from "./bitmap.js";
import { Tool } from "./tool.js";
import { apart, between, boxOf, clipped, inside, simplified } from "./shapes.js";
import { boxed, lined } from "./shapeslabel.js";
import { put } from "./toolmask.js";

/** @import { Bitmap } from "./bitmap.js" */
/** @import { Prompt } from "./labeling.js" */
/** @import { Part, Point } from "./placing.js" */
/** @import { Press } from "./stage.js" */
/** @import { Painter } from "./stagelabels.js" */

const STILL = 5; // screen pixels: less is a click
const SLACK = 1; // image pixels, of a polygon around a mask

export class SmartTool extends Tool {
  name = "smart";
  title = "Smart mask";
  key = "s";
  icon = "M8 2v2.5M8 11.5V14M2 8h2.5M11.5 8H14M5.5 8a2.5 2.5 0 1 0 5 0 2.5 2.5 0 1 0-5 0";
  /** @type {{at: Point, inside: boolean}[]} */
  points = [];
  /** @type {Part | null} */
  box = null;
  /** @type {{from: Point, to: Point, outside: boolean} | null} */
  dragged = null;
  /** @type {Bitmap | null} */
  result = null;
  asked = 0; // counts questions: the answer to an older one is not shown
  waits = false;

  /** @override */
  taken() {
    const model = this.editor.assistant === "sam";
    const first = model ? "Click an object or drag a box around it" : "Drag a box around an object";
    this.hint = `${first}; Alt or the right button marks what is outside; Enter keeps it, Shift+Enter its box alone`;
  }

  /** @override @param {Press} press */
  down(press) {
    const at = inside(press.at, this.editor.image);
    this.dragged = { from: at, to: at, outside: press.right || press.alt };
    return true;
  }

  /** @override @param {Press} press */
  move(press) {
    if (this.dragged) this.dragged.to = inside(press.at, this.editor.image);
    this.editor.stain("hand");
  }

  /** @override @param {Press} press */
  up(press) {
    this.move(press);
    const { dragged, editor } = this;
    this.dragged = null;
    if (!dragged) return;
    if (apart(dragged.from, dragged.to) * editor.stage.place.scale < STILL) {
      this.points.push({ at: dragged.from, inside: !dragged.outside });
    } else [this.box, this.points] = [clipped(between(dragged.from, dragged.to), editor.image), []];
    this.ask();
  }

  async ask() {
    const { editor } = this, asked = (this.asked += 1), { width, height } = editor.image;
    /** @type {Prompt} */
    const prompt = {
      tool: editor.assistant, box: this.box && boxOf(this.box, editor.image),
      points: this.points.map((one) => ({ x: one.at.x / width, y: one.at.y / height, inside: one.inside })),
    };
    this.waits = true;
    editor.stain("hand");
    try {
      const { box, mask, score } = await editor.hooks.segment(prompt);
      const found = box && mask ? laid(await decoded(mask), box, editor.image) : null;
      if (asked !== this.asked) return;
      this.result = found;
      const sure = typeof score === "number" ? ` (${score.toFixed(2)})` : "";
      editor.hooks.say(found ? `Enter keeps the mask${sure}; further clicks refine it` : "Nothing was found there");
    } catch (error) {
      if (asked === this.asked) editor.hooks.say(/** @type {Error} */ (error).message);
    }
    if (asked !== this.asked) return;
    this.waits = false;
    editor.stain("hand");
  }

  /** @override @param {KeyboardEvent} event */
  press(event) {
    const boxes = this.editor.model.field.holds === "objects";
    if (event.key !== "Enter" || !event.shiftKey || !this.result || !boxes) return false;
    const { x, y, width, height } = this.result;
    this.drop();
    this.editor.add(boxed({ x, y, width, height }));
    return true;
  }

  /** @override */
  finish() {
    const { editor, result } = this;
    if (!this.drop() || !result) return false;
    if (editor.model.field.holds !== "polylines") put(editor, result);
    else {
      const parts = rings(result).map((ring) => simplified(ring, SLACK)).filter((ring) => ring.length > 2);
      if (parts.length) editor.add(lined(parts, true));
    }
    return true;
  }

  /** The last click is taken back. @override */
  back() {
    if (!this.points.length && !this.box) return false;
    if (this.points.length) this.points.pop();
    else this.box = null;
    if (this.points.length || this.box) this.ask();
    else this.drop();
    return true;
  }

  /** @override */
  cancel() {
    this.dragged = null;
  }

  /** @override */
  drop() {
    const begun = this.points.length > 0 || this.box !== null;
    [this.points, this.box, this.result, this.dragged, this.waits] = [[], null, null, null, false];
    this.asked += 1;
    this.editor.stain("hand");
    return begun;
  }

  /** @override @param {Painter} painter */
  draw(painter) {
    const colour = this.editor.colour(), { dragged, result } = this;
    if (result) {
      painter.mask(result, new Map([[1, colour]]), 0.5);
      painter.contour(result, { colour, strong: true });
    }
    const box = dragged && apart(dragged.from, dragged.to) > 1 ? between(dragged.from, dragged.to) : this.box;
    if (box) painter.box(box, { colour, dashed: true });
    for (const { at, inside: good } of this.points) painter.dot(at, 5, good ? "#22c55e" : "#ef4444");
    const last = this.points[this.points.length - 1]?.at ?? box;
    if (this.waits && last) painter.name({ ...last, width: 0, height: 0 }, "\u2026", "#334155");
  }
}
