// What is near the pointer: labels under it, and the edges and vertices that it snaps to.

import { EditorState } from "./editorstate.js";
import { reach } from "./placing.js";
import { fromEdge, hits } from "./shapeslabel.js";
import { magnets, snapped, snappedPart } from "./shapessnap.js";

/** @import { Part, Point } from "./placing.js" */
/** @import { Shape } from "./shapeslabel.js" */
/** @import { Press } from "./stage.js" */

const NEAR = 8, FINGER = 20, SNAP = 6; // screen pixels

export class EditorPointer extends EditorState {
  /** How far away the pointer hits, in image pixels. @param {Press} press */
  reach(press) {
    return reach(this.stage.place, press.touch ? FINGER : NEAR);
  }

  /**
   * Labels under a point: higher layers first, then those whose edge is near, then smaller ones.
   * @param {Point} at @param {number} slack
   */
  under(at, slack) {
    const found = this.shown().filter((id) => hits(this.model.shape(id), at, slack)).reverse();
    const ranked = found.map((id) => {
      const shape = this.model.shape(id), part = /** @type {Part} */ (shape.part);
      const edge = !shape.bitmap && !shape.points && fromEdge(part, at) <= slack;
      const z = Number(this.model.label(id).attributes?.z_order ?? 0);
      return { id, z, edge: Number(edge), area: part.width * part.height };
    });
    return ranked.sort((a, b) => b.z - a.z || b.edge - a.edge || a.area - b.area).map(({ id }) => id);
  }

  /** @param {Point} at @param {number} slack */
  referenceAt(at, slack) {
    const size = (/** @type {Shape} */ { part }) => (part ? part.width * part.height : 0);
    const found = this.others.filter(({ shape }) => hits(shape, at, slack));
    return found.sort((one, other) => size(one.shape) - size(other.shape))[0]?.label ?? null;
  }

  /**
   * Where the pointer is, drawn to edges and vertices nearby.
   * @param {Press} press @param {string[]} [except] labels that do not draw it @returns {Point}
   */
  snap(press, except = []) {
    this.guides = [];
    if (press.control === this.seen.snap) return press.at;
    const found = snapped(press.at, this.magnets(except), reach(this.stage.place, SNAP));
    if (found.x !== null || found.y !== null) this.guides = [{ x: found.x, y: found.y }];
    return found.at;
  }

  /**
   * A move of a box, so that its edges lie on others nearby.
   * @param {Part} frame @param {Point} by @param {Press} press @param {string[]} except @returns {Point}
   */
  snapMove(frame, by, press, except) {
    this.guides = [];
    if (press.control === this.seen.snap) return by;
    const part = { ...frame, x: frame.x + by.x, y: frame.y + by.y };
    const found = snappedPart(part, this.magnets(except), reach(this.stage.place, SNAP));
    if (found.x !== null || found.y !== null) this.guides = [{ x: found.x, y: found.y }];
    return { x: by.x + found.by.x, y: by.y + found.by.y };
  }

  /** @param {string[]} except */
  magnets(except) {
    const shapes = this.shown().filter((id) => !except.includes(id)).map((id) => this.model.shape(id));
    const parts = shapes.flatMap((shape) => (shape.part && !shape.points ? [shape.part] : []));
    const points = shapes.flatMap((shape) => (shape.joined ? (shape.points ?? []).flat() : []));
    return magnets(this.image, parts, points.filter((at) => at !== null));
  }
}
