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
    const { desk } = this;
    [this.begun, this.start] = [false, press.at];
    this.grip = this.handled(press) ?? this.picked(press);
    const proposal = press.touch && desk.referenceAt(press.at, desk.reach(press) / 2);
    if (!this.grip && !proposal && (press.touch || press.right)) return false; // a finger pans
    this.grip ??= { what: "band", from: press.at, to: press.at, more: press.shift };
    desk.stain("hand");
    return true;
  }

  /** A handle or a vertex under the pointer. @param {Press} press @returns {Grip | null} */
  handled(press) {
    const { desk } = this, reach = desk.reach(press), ids = desk.movable();
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
    const { desk } = this, shape = desk.model.shape(id);
    if (!shape.points) return null;
    const hit = vertex(shape.points, press.at, reach);
    if (hit && press.alt) {
      desk.removeVertex(id, hit.part, hit.index);
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
    const { desk } = this, found = desk.under(press.at, desk.reach(press) / 2);
    if (!found.length) return null;
    const among = found.find((id) => desk.selection.has(id));
    if (press.shift) desk.select(toggled(desk.selection, found[0]));
    else if (!among) desk.select([found[0]]);
    const deeper = among && !press.shift ? found[(found.indexOf(among) + 1) % found.length] : null;
    const frame = this.frame(desk.movable());
    return { what: "move", from: press.at, frame: frame ?? between(press.at, press.at), click: deeper };
  }

  /** @override @param {Press} press */
  move(press) {
    const { desk, grip } = this, { scale } = desk.stage.place;
    if (!grip || (!this.begun && apart(this.start, press.at) * scale < STILL)) return;
    this.begun = true;
    if (grip.what === "band") grip.to = press.at;
    else desk.preview(this.changed(grip, press));
    desk.stain("hand");
  }

  /**
   * Shapes as the hand holds them.
   * @param {Exclude<Grip, {what: "band"}>} grip @param {Press} press @returns {Map<string, Shape>}
   */
  changed(grip, press) {
    const { desk } = this, ids = desk.movable(), { image } = desk;
    if (grip.what === "vertex") {
      const at = inside(desk.snap(press, [grip.id]), image);
      return new Map([[grip.id, withVertex(grip.shape, grip.part, grip.index, at)]]);
    }
    if (grip.what === "move") {
      const by = desk.snapMove(grip.frame, { x: press.at.x - grip.from.x, y: press.at.y - grip.from.y }, press, ids);
      return new Map(ids.map((id) => [id, moved(desk.model.shape(id), by, image)]));
    }
    const to = stretched(grip.frame, grip.side, inside(desk.snap(press, ids), image), press.shift);
    return fitted(ids, grip.frame, to, desk);
  }

  /** @override @param {Press} press */
  up(press) {
    const { desk, grip } = this;
    this.move(press);
    this.grip = null;
    if (!grip) return;
    if (!this.begun) this.clicked(grip, press);
    else if (grip.what === "band") this.caught(grip);
    else desk.commitPreview({ move: "move", stretch: "resize", vertex: "reshape" }[grip.what]);
    desk.stain("hand");
  }

  /** A click that moved nothing. @param {Grip} grip @param {Press} press */
  clicked(grip, press) {
    const { desk } = this;
    if (grip.what === "move" && grip.click && !press.shift) desk.select([grip.click]);
    if (grip.what !== "band") return;
    const proposal = desk.referenceAt(press.at, desk.reach(press) / 2);
    if (proposal) desk.hooks.onreference(proposal);
    else if (!press.shift) desk.select([]);
  }

  /** The labels inside the band. @param {Extract<Grip, {what: "band"}>} grip */
  caught({ from, to, more }) {
    const { desk } = this, band = between(from, to);
    const found = desk.shown().filter((id) => {
      const { part } = desk.model.shape(id);
      return part && meet(part, band) && part.x >= band.x && part.y >= band.y &&
        part.x + part.width <= band.x + band.width && part.y + part.height <= band.y + band.height;
    });
    desk.select(more ? [...desk.selection, ...found] : found);
  }

  /** @override */
  cancel() {
    this.grip = null;
    this.desk.preview(null);
  }

  /** @override */
  drop() {
    const begun = this.grip !== null || this.desk.selection.size > 0;
    this.cancel();
    this.desk.select([]);
    return begun;
  }

  /** What is selected stays. @override */
  leave() {
    this.cancel();
  }

  /** A vertex more on an edge of the selected label. @override @param {Press} press */
  double(press) {
    const { desk } = this, [id] = desk.movable(), shape = desk.selection.size === 1 && id ? desk.model.shape(id) : null;
    if (!shape?.points || !shape.joined || vertex(shape.points, press.at, desk.reach(press))) return;
    const spot = nearest(solid(shape.points), press.at, shape.closed);
    if (!spot || spot.distance > desk.reach(press)) return;
    desk.preview(new Map([[id, withInserted(shape, spot.part, spot.index, spot.point)]]));
    desk.commitPreview("reshape");
  }

  /** @override @param {Press | null} press */
  hover(press) {
    const { desk } = this, ids = desk.movable();
    if (!press) return;
    const reach = desk.reach(press), frame = this.frame(ids), side = frame && this.side(frame, press.at, reach);
    const shape = ids.length === 1 ? desk.model.shape(ids[0]) : null;
    const points = shape?.points ? [...shape.points, ...(shape.joined ? middles(shape) : [])] : [], { at } = press;
    const onPoint = vertex(points, at, reach);
    const over = desk.under(press.at, reach / 2)[0] ?? null;
    desk.hovering(over, onPoint ? "crosshair" : side ? `${CURSORS[side]}-resize` : over ? "move" : "default");
  }

  /** Arrow keys move, with Alt they resize; ten pixels with Shift. @override @param {KeyboardEvent} event */
  press(event) {
    const way = WAYS[event.key], ids = this.desk.movable();
    if (!way || !ids.length || event.ctrlKey || event.metaKey) return false;
    const { desk } = this, many = event.shiftKey ? 10 : 1, [x, y] = [way[0] * many, way[1] * many];
    const now = (/** @type {string} */ id) => desk.held.get(id) ?? desk.model.shape(id);
    const frame = around(ids.flatMap((id) => now(id).part ?? []));
    if (!frame) return false;
    const to = { ...frame, width: Math.max(1, frame.width + x), height: Math.max(1, frame.height + y) };
    desk.preview(event.altKey
      ? new Map(ids.map((id) => [id, fittedTo(now(id), inFrame(now(id).part ?? frame, frame, to), desk.image)]))
      : new Map(ids.map((id) => [id, moved(now(id), { x, y }, desk.image)])));
    desk.later(event.altKey ? "resize" : "move");
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
    const { desk } = this, ids = desk.movable();
    const now = (/** @type {string} */ id) => desk.held.get(id) ?? desk.model.shape(id);
    const frame = around(ids.flatMap((id) => now(id).part ?? []));
    if (!frame) return;
    const one = ids.length === 1 ? now(ids[0]) : null, colour = ids.length === 1 ? desk.colourOf(ids[0]) : "#38bdf8";
    if (!one || one.points) painter.box(frame, { colour: ids.length === 1 ? "#94a3b8" : colour, dashed: true });
    for (const side of this.sides(frame)) painter.handle(handle(frame, side), colour);
    if (!one?.points) return;
    if (one.joined) for (const part of middles(one)) for (const at of part) painter.handle(at, colour, true);
    for (const part of one.points) for (const at of part) if (at) painter.dot(at, 4, "#fff", colour);
  }

  /** @param {string[]} ids @returns {Part | null} */
  frame(ids) {
    return around(ids.flatMap((id) => this.desk.model.shape(id).part ?? []));
  }

  /** Handles that have room: of a small box the corners alone. @param {Part} frame @returns {Side[]} */
  sides(frame) {
    const { scale } = this.desk.stage.place, wide = frame.width * scale > 34, high = frame.height * scale > 34;
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

/** @param {string[]} ids @param {Part} from @param {Part} to @param {import("./editordesk.js").Desk} desk */
function fitted(ids, from, to, desk) {
  return new Map(ids.map((id) => {
    const shape = desk.model.shape(id);
    return [id, shape.part ? fittedTo(shape, inFrame(shape.part, from, to), desk.image) : shape];
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
