// Choosing labels, and changing where they lie: move, stretch by handles, move, add and take away vertices.

import { Tool } from "./tool.js";
import { apart, around, between, handle, inside, meet, nearest, SIDES, stretched, vertex } from "./shapes.js";
import { fittedTo, moved, solid, withInserted, withVertex } from "./shapeslabel.js";

/** @import { Part, Point } from "./placing.js" */
/** @import { Shape } from "./shapeslabel.js" */
/** @import { Side } from "./shapes.js" */
/** @import { Press } from "./stage.js" */
/** @import { Painter } from "./stagelabels.js" */
/**
 * What the pointer has in hand, from where on.
 * @typedef {{what: "move", from: Point, frame: Part, click: string | null}
 *   | {what: "stretch", side: Side, frame: Part}
 *   | {what: "vertex", id: string, part: number, index: number, shape: Shape}
 *   | {what: "band", from: Point, to: Point, more: boolean}} Grip
 */

const STILL = 3; // screen pixels: less is a click
const CURSORS = { nw: "nwse", se: "nwse", ne: "nesw", sw: "nesw", n: "ns", s: "ns", e: "ew", w: "ew" };
const WAYS = /** @type {Record<string, [number, number]>} */ ({
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
});

export class SelectTool extends Tool {
  name = "select";
  title = "Select and change";
  key = "v";
  icon = "M4 2.5l8.5 5.3-3.7.8 2 4-1.7.9-2-4L4 12z";
  cursor = "default";
  draws = false;
  hint = "Click a label, drag it or its handles; Shift for several";
  /** @type {Grip | null} */
  grip = null;
  begun = false;
  /** @type {Point} */
  start = { x: 0, y: 0 };

  /** @override @param {Press} press */
  down(press) {
    const { editor } = this;
    [this.begun, this.start] = [false, press.at];
    this.grip = this.handled(press) ?? this.picked(press);
    const proposal = press.touch && editor.referenceAt(press.at, editor.reach(press) / 2);
    if (!this.grip && !proposal && (press.touch || press.right)) return false; // a finger pans
    this.grip ??= { what: "band", from: press.at, to: press.at, more: press.shift };
    editor.stain("hand");
    return true;
  }

  /** A handle or a vertex under the pointer. @param {Press} press @returns {Grip | null} */
  handled(press) {
    const { editor } = this, reach = editor.reach(press), ids = editor.movable();
    if (!ids.length) return null;
    if (ids.length === 1) {
      const found = this.onVertex(ids[0], press, reach);
      if (found) return found;
    }
    const frame = this.frame(ids), side = frame && this.side(frame, press.at, reach);
    return frame && side ? { what: "stretch", side, frame } : null;
  }

  /** @param {string} id @param {Press} press @param {number} reach @returns {Grip | null} */
  onVertex(id, press, reach) {
    const { editor } = this, shape = editor.model.shape(id);
    if (!shape.points) return null;
    const hit = vertex(shape.points, press.at, reach);
    if (hit && press.alt) {
      editor.removeVertex(id, hit.part, hit.index);
      return null;
    }
    if (hit) return { what: "vertex", id, ...hit, shape };
    const middle = shape.joined && vertex(middles(shape), press.at, reach);
    if (!middle) return null;
    const grown = withInserted(shape, middle.part, middle.index, press.at);
    return { what: "vertex", id, part: middle.part, index: middle.index + 1, shape: grown };
  }

  /** The label under the pointer becomes selected. @param {Press} press @returns {Grip | null} */
  picked(press) {
    const { editor } = this, found = editor.under(press.at, editor.reach(press) / 2);
    if (!found.length) return null;
    const among = found.find((id) => editor.selection.has(id));
    if (press.shift) editor.select(toggled(editor.selection, found[0]));
    else if (!among) editor.select([found[0]]);
    const deeper = among && !press.shift ? found[(found.indexOf(among) + 1) % found.length] : null;
    const frame = this.frame(editor.movable());
    return { what: "move", from: press.at, frame: frame ?? between(press.at, press.at), click: deeper };
  }

  /** @override @param {Press} press */
  move(press) {
    const { editor, grip } = this, { scale } = editor.stage.place;
    if (!grip || (!this.begun && apart(this.start, press.at) * scale < STILL)) return;
    this.begun = true;
    if (grip.what === "band") grip.to = press.at;
    else editor.preview(this.changed(grip, press));
    editor.stain("hand");
  }

  /**
   * Shapes as the hand holds them.
   * @param {Exclude<Grip, {what: "band"}>} grip @param {Press} press @returns {Map<string, Shape>}
   */
  changed(grip, press) {
    const { editor } = this, ids = editor.movable(), { image } = editor;
    if (grip.what === "vertex") {
      const at = inside(editor.snap(press, [grip.id]), image);
      return new Map([[grip.id, withVertex(grip.shape, grip.part, grip.index, at)]]);
    }
    if (grip.what === "move") {
      const by = editor.snapMove(grip.frame, { x: press.at.x - grip.from.x, y: press.at.y - grip.from.y }, press, ids);
      return new Map(ids.map((id) => [id, moved(editor.model.shape(id), by, image)]));
    }
    const to = stretched(grip.frame, grip.side, inside(editor.snap(press, ids), image), press.shift);
    return fitted(ids, grip.frame, to, editor);
  }

  /** @override @param {Press} press */
  up(press) {
    const { editor, grip } = this;
    this.move(press);
    this.grip = null;
    if (!grip) return;
    if (!this.begun) this.clicked(grip, press);
    else if (grip.what === "band") this.caught(grip);
    else editor.commitPreview({ move: "move", stretch: "resize", vertex: "reshape" }[grip.what]);
    editor.stain("hand");
  }

  /** A click that moved nothing. @param {Grip} grip @param {Press} press */
  clicked(grip, press) {
    const { editor } = this;
    if (grip.what === "move" && grip.click && !press.shift) editor.select([grip.click]);
    if (grip.what !== "band") return;
    const proposal = editor.referenceAt(press.at, editor.reach(press) / 2);
    if (proposal) editor.hooks.onreference(proposal);
    else if (!press.shift) editor.select([]);
  }

  /** The labels inside the band. @param {Extract<Grip, {what: "band"}>} grip */
  caught({ from, to, more }) {
    const { editor } = this, band = between(from, to);
    const found = editor.shown().filter((id) => {
      const { part } = editor.model.shape(id);
      return part && meet(part, band) && part.x >= band.x && part.y >= band.y &&
        part.x + part.width <= band.x + band.width && part.y + part.height <= band.y + band.height;
    });
    editor.select(more ? [...editor.selection, ...found] : found);
  }

  /** @override */
  cancel() {
    this.grip = null;
    this.editor.preview(null);
  }

  /** @override */
  drop() {
    const begun = this.grip !== null || this.editor.selection.size > 0;
    this.cancel();
    this.editor.select([]);
    return begun;
  }

  /** What is selected stays. @override */
  leave() {
    this.cancel();
  }

  /** A vertex more on an edge of the selected label. @override @param {Press} press */
  double(press) {
    const { editor } = this, [id] = editor.movable(), alone = editor.selection.size === 1;
    const shape = alone && id ? editor.model.shape(id) : null;
    if (!shape?.points || !shape.joined || vertex(shape.points, press.at, editor.reach(press))) return;
    const spot = nearest(solid(shape.points), press.at, shape.closed);
    if (!spot || spot.distance > editor.reach(press)) return;
    editor.preview(new Map([[id, withInserted(shape, spot.part, spot.index, spot.point)]]));
    editor.commitPreview("reshape");
  }

  /** @override @param {Press | null} press */
  hover(press) {
    const { editor } = this, ids = editor.movable();
    if (!press) return;
    const reach = editor.reach(press), frame = this.frame(ids), side = frame && this.side(frame, press.at, reach);
    const shape = ids.length === 1 ? editor.model.shape(ids[0]) : null;
    const points = shape?.points ? [...shape.points, ...(shape.joined ? middles(shape) : [])] : [], { at } = press;
    const onPoint = vertex(points, at, reach);
    const over = editor.under(press.at, reach / 2)[0] ?? null;
    editor.hovering(over, onPoint ? "crosshair" : side ? `${CURSORS[side]}-resize` : over ? "move" : "default");
  }

  /** Arrow keys move, with Alt they resize; ten pixels with Shift. @override @param {KeyboardEvent} event */
  press(event) {
    const way = WAYS[event.key], ids = this.editor.movable();
    if (!way || !ids.length || event.ctrlKey || event.metaKey) return false;
    const { editor } = this, many = event.shiftKey ? 10 : 1, [x, y] = [way[0] * many, way[1] * many];
    const now = (/** @type {string} */ id) => editor.held.get(id) ?? editor.model.shape(id);
    const frame = around(ids.flatMap((id) => now(id).part ?? []));
    if (!frame) return false;
    const to = { ...frame, width: Math.max(1, frame.width + x), height: Math.max(1, frame.height + y) };
    editor.preview(event.altKey
      ? new Map(ids.map((id) => [id, fittedTo(now(id), inFrame(now(id).part ?? frame, frame, to), editor.image)]))
      : new Map(ids.map((id) => [id, moved(now(id), { x, y }, editor.image)])));
    editor.later(event.altKey ? "resize" : "move");
    return true;
  }

  /** @override @param {Painter} painter */
  draw(painter) {
    if (this.grip?.what === "band" && this.begun) {
      painter.box(between(this.grip.from, this.grip.to), { colour: "#38bdf8", fill: 0.12 });
    }
  }

  /** Handles of what is selected. @param {Painter} painter */
  handles(painter) {
    const { editor } = this, ids = editor.movable();
    const now = (/** @type {string} */ id) => editor.held.get(id) ?? editor.model.shape(id);
    const frame = around(ids.flatMap((id) => now(id).part ?? []));
    if (!frame) return;
    const one = ids.length === 1 ? now(ids[0]) : null, colour = ids.length === 1 ? editor.colourOf(ids[0]) : "#38bdf8";
    if (!one || one.points) painter.box(frame, { colour: ids.length === 1 ? "#94a3b8" : colour, dashed: true });
    for (const side of this.sides(frame)) painter.handle(handle(frame, side), colour);
    if (!one?.points) return;
    if (one.joined) for (const part of middles(one)) for (const at of part) painter.handle(at, colour, true);
    for (const part of one.points) for (const at of part) if (at) painter.dot(at, 4, "#fff", colour);
  }

  /** @param {string[]} ids @returns {Part | null} */
  frame(ids) {
    return around(ids.flatMap((id) => this.editor.model.shape(id).part ?? []));
  }

  /** Handles that have room: of a small box the corners alone. @param {Part} frame @returns {Side[]} */
  sides(frame) {
    const { scale } = this.editor.stage.place, wide = frame.width * scale > 34, high = frame.height * scale > 34;
    return SIDES.filter((side) => side.length === 2 || (side === "n" || side === "s" ? wide : high));
  }

  /** @param {Part} frame @param {Point} at @param {number} reach @returns {Side | null} */
  side(frame, at, reach) {
    const small = Math.min(frame.width, frame.height) / 3; // a tiny box can still be moved by its middle
    const near = Math.min(reach, Math.max(small, reach / 3));
    const found = this.sides(frame).map((side) => ({ side, away: apart(handle(frame, side), at) }));
    const best = found.sort((one, other) => one.away - other.away)[0];
    return best && best.away <= near ? best.side : null;
  }
}

/**
 * @param {string[]} ids @param {Part} from @param {Part} to
 * @param {import("./editorstate.js").EditorState} editor
 */
function fitted(ids, from, to, editor) {
  return new Map(ids.map((id) => {
    const shape = editor.model.shape(id);
    return [id, shape.part ? fittedTo(shape, inFrame(shape.part, from, to), editor.image) : shape];
  }));
}

/**
 * Where a part lies when the frame around it was stretched.
 * @param {Part} part @param {Part} from @param {Part} to @returns {Part}
 */
function inFrame(part, from, to) {
  const [wide, high] = [from.width ? to.width / from.width : 1, from.height ? to.height / from.height : 1];
  return {
    x: to.x + (part.x - from.x) * wide, y: to.y + (part.y - from.y) * high,
    width: part.width * wide, height: part.height * high,
  };
}

/** The middles of edges. @param {Shape} shape @returns {Point[][]} */
function middles(shape) {
  return solid(shape.points ?? []).map((part) => part.slice(0, shape.closed ? undefined : -1).map((at, index) => {
    const next = part[(index + 1) % part.length];
    return { x: (at.x + next.x) / 2, y: (at.y + next.y) / 2 };
  }));
}

/** @param {Set<string>} chosen @param {string} id */
function toggled(chosen, id) {
  return chosen.has(id) ? [...chosen].filter((one) => one !== id) : [...chosen, id];
}
