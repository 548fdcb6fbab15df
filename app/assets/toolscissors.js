// Intelligent scissors: from click to click the line follows the edges of the image.

import { apart } from "./shapes.js";
import { lined } from "./shapeslabel.js";
import { filled } from "./toolfill.js";
import { put } from "./toolmask.js";
import { PolygonTool } from "./toolpolygon.js";

/** @import { Point } from "./placing.js" */
/** @import { Press } from "./stage.js" */
/** @import { Painter } from "./stagelabels.js" */
/** @typedef {{to: Point, path: Point[], ready: Promise<void>}} Cut  the line to a click, straight until it was found */

export class ScissorsTool extends PolygonTool {
  name = "scissors";
  title = "Scissors along edges";
  key = "i";
  icon = "M4 3l7 8M12 3l-7 8M3 12.5a1.5 1.5 0 1 0 3 0 1.5 1.5 0 1 0-3 0M10 12.5a1.5 1.5 0 1 0 3 0 1.5 1.5 0 1 0-3 0";
  hint = "Click along the edge of an object; Enter or a double click closes it";
  /** @type {Cut[]} */
  cuts = [];

  /** @override @param {Point} at */
  append(at) {
    const from = this.points[this.points.length - 1];
    super.append(at);
    if (from) this.cuts.push(this.cut(from, at));
  }

  /** @param {Point} from @param {Point} to @returns {Cut} */
  cut(from, to) {
    /** @type {Cut} */
    const made = { to, path: [to], ready: Promise.resolve() };
    made.ready = this.follow(from, to).then((path) => {
      made.path = path;
      this.editor.stain("hand");
    }).catch((/** @type {Error} */ error) => this.editor.hooks.say(error.message));
    return made;
  }

  /**
   * The line along edges, without its first point.
   * @param {Point} from @param {Point} to @returns {Promise<Point[]>}
   */
  async follow(from, to) {
    const { width, height } = this.editor.image;
    const points = [from, to].map((at) => ({ x: at.x / width, y: at.y / height, inside: true }));
    const { path } = await this.editor.hooks.segment({ tool: "scissors", points, box: null });
    if (!path?.length) return [to];
    return [...path.map(([x, y]) => ({ x: x * width, y: y * height })), to];
  }

  /** Only clicks. @override @param {Press} press */
  move(press) {
    this.hover(press);
  }

  /** @override */
  back() {
    this.cuts.pop();
    return super.back();
  }

  /** @override */
  drop() {
    this.cuts = [];
    return super.drop();
  }

  /** @override */
  finish() {
    const [first] = this.points, last = this.points[this.points.length - 1];
    if (this.points.length < 3) return false;
    const cuts = [...this.cuts, this.cut(last, first)], { editor } = this;
    this.drop();
    const { opened } = editor;
    Promise.all(cuts.map((one) => one.ready)).then(() => {
      if (editor.opened === opened) this.closedLine([first, ...cuts.flatMap((one) => one.path)]);
    });
    return true;
  }

  /** @param {Point[]} line */
  closedLine(line) {
    const points = line.filter((at, index) => !index || apart(at, line[index - 1]) > 0.5);
    if (this.editor.model.field.holds === "polylines") {
      this.editor.add(lined([points], true));
      return;
    }
    const pixels = filled([points], this.editor);
    if (pixels) put(this.editor, pixels, { add: this.begun.shift, cut: this.begun.alt });
  }

  /** @override @param {Painter} painter */
  draw(painter) {
    if (!this.points.length) return;
    const colour = this.editor.colour(), line = [this.points[0], ...this.cuts.flatMap((one) => one.path)];
    painter.lines([line], false, { colour, strong: true });
    if (this.to) painter.lines([[line[line.length - 1], this.to]], false, { colour, dashed: true });
    for (const [index, at] of this.points.entries()) painter.dot(at, index ? 3 : 5, "#fff", colour);
  }
}
