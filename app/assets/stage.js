// The stage of the editor: a canvas that zooms and pans as all do, with three drawings over each other that are made
// anew only when they change: the picture, the labels, and what the hand holds. It tells gestures of a tool (one
// finger, the pen, the left button) from those that move the image (two fingers, the middle button, a held space bar).

import { Canvas, pane } from "./canvas.js";
import { h } from "./dom.js";
import { toImage } from "./placing.js";
import { around } from "./shapes.js";
import { drawPicture } from "./stagepicture.js";

/** @import { Part, Place, Point } from "./placing.js" */
/** @import { Level } from "./stagepicture.js" */
/** @typedef {"picture" | "labels" | "hand"} Layer */
/**
 * What a pointer does, with the places on the image (`at`, one for each of the browser's samples in `trail`).
 * @typedef {object} Press
 * @property {Point} at
 * @property {Point[]} trail
 * @property {boolean} touch  a finger: it hits from further away
 * @property {boolean} shift
 * @property {boolean} alt
 * @property {boolean} control  or Command
 * @property {boolean} right  the right button
 */
/**
 * @typedef {object} Hand  what the stage asks of the editor
 * @property {(press: Press) => boolean} down  whether a tool takes it; else it moves the image
 * @property {(press: Press) => void} move  while it is down
 * @property {(press: Press | null) => void} hover  null when it left
 * @property {(press: Press) => void} up
 * @property {() => void} cancel  what it did since it is down does not count
 * @property {(press: Press) => void} double
 * @property {(steps: number) => boolean} turn  the wheel with Shift or Alt; whether it was used
 * @property {() => boolean} holds  whether there is something to draw in the hand
 * @property {(layer: Layer, context: CanvasRenderingContext2D) => void} draw
 */

const LAYERS = /** @type {Layer[]} */ (["picture", "labels", "hand"]);
const DENSEST = 2; // pixels of the drawings per pixel of CSS

export class Stage extends Canvas {
  /** @param {Hand} hand */
  constructor(hand) {
    const drawings = LAYERS.map((name) => h(`canvas.drawing.${name}`, { "aria-hidden": true }));
    const frame = pane("");
    frame.append(...drawings);
    super([frame]);
    this.frame = frame;
    this.hand = hand;
    this.drawings = drawings;
    this.contexts = drawings.map((one) => /** @type {CanvasRenderingContext2D} */ (one.getContext("2d")));
    /** @type {Level[]} */
    this.levels = [];
    this.density = 1;
    this.panning = false; // the space bar is held
    this.pen = false; // a pen was seen: fingers pan
    /** @type {{id: number, touch: boolean, last: Point} | null} */
    this.tooling = null; // the pointer that a tool has
    /** @type {Set<Layer>} */
    this.stale = new Set();
    /** @type {Part | null} */
    this.patched = null; // what of the labels is drawn again, in pixels of the screen
    this.full = false; // whether something of the hand was drawn
    this.asked = 0;
    frame.addEventListener("pointerup", (event) => this.release(event));
    frame.addEventListener("pointercancel", () => this.let());
    frame.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  /** @param {Level[]} levels */
  picture(levels) {
    this.levels = levels;
    this.stain("picture");
  }

  /** Draw these again at the next frame; all without a name. @param {...Layer} names */
  stain(...names) {
    for (const name of names.length ? names : LAYERS) this.stale.add(name);
    this.asked ||= requestAnimationFrame(() => this.draw());
  }

  /** Draw the labels of a part of the image again. @param {Part} part */
  patch(part) {
    const { scale, x, y } = this.place, left = Math.floor(part.x * scale + x), top = Math.floor(part.y * scale + y);
    const right = Math.ceil((part.x + part.width) * scale + x), bottom = Math.ceil((part.y + part.height) * scale + y);
    const fresh = { x: left, y: top, width: right - left, height: bottom - top };
    this.patched = this.patched ? around([this.patched, fresh]) : fresh;
    this.asked ||= requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.asked = 0;
    if (this.patched && !this.stale.has("labels")) this.drawPatch(this.patched);
    this.patched = null;
    const { width, height } = this.room, { scale, x, y } = this.place, many = this.density;
    for (const [index, name] of LAYERS.entries()) {
      if (!this.stale.delete(name) || (name === "hand" && !this.holds())) continue;
      const context = this.contexts[index];
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, width * many, height * many);
      if (name === "picture") {
        const place = { scale: scale * many, x: x * many, y: y * many };
        const room = { width: width * many, height: height * many };
        if (this.levels.length) drawPicture(context, this.levels, this.image, place, room);
      } else {
        context.setTransform(many, 0, 0, many, 0, 0);
        this.hand.draw(name, context);
      }
    }
  }

  /** Whether the hand holds something, or did: a drawing that stays empty need not go to the screen again. */
  holds() {
    const before = this.full;
    this.full = this.hand.holds();
    return before || this.full;
  }

  /** @param {Part} part in pixels of the screen */
  drawPatch({ x, y, width, height }) {
    const context = this.contexts[LAYERS.indexOf("labels")];
    context.setTransform(this.density, 0, 0, this.density, 0, 0);
    context.save();
    context.beginPath();
    context.rect(x, y, width, height);
    context.clip();
    context.clearRect(x, y, width, height);
    this.hand.draw("labels", context);
    context.restore();
  }

  // --- what the canvas calls --------------------------------------------------------------------------------------

  /** @override @param {Place} place */
  put(place) {
    super.put(place);
    this.sized();
    this.stain();
  }

  /** The drawings are as large as the frame. */
  sized() {
    this.density = Math.min(DENSEST, globalThis.devicePixelRatio || 1);
    const [width, height] = [Math.round(this.room.width * this.density), Math.round(this.room.height * this.density)];
    for (const one of this.drawings) {
      if (one.width === width && one.height === height) continue;
      [one.width, one.height] = [width, height];
    }
  }

  /** @override @param {PointerEvent} event @param {HTMLElement} frame */
  press(event, frame) {
    if (event.pointerType === "pen") this.pen = true;
    const touch = event.pointerType === "touch";
    if (touch && this.tooling?.touch) this.handOver(frame);
    const pans = event.button === 1 || this.panning || (touch && (this.pen || this.held.size > 0));
    if (pans) this.grip(event, frame);
    else if (!this.tooling && !this.held.size && event.button !== 1) this.take(event, frame, touch);
    if (event.button === 1) event.preventDefault(); // no scrolling by the middle button
  }

  /**
   * The tool gets the pointer, if it takes it.
   * @param {PointerEvent} event @param {HTMLElement} frame @param {boolean} touch
   */
  take(event, frame, touch) {
    this.edge = frame.getBoundingClientRect();
    this.tooling = { id: event.pointerId, touch, last: this.local(event) };
    frame.setPointerCapture(event.pointerId);
    if (this.hand.down(this.pressed(event))) return;
    this.tooling = null;
    this.grip(event, frame);
  }

  /** A second finger came: both move the image, and what the first did does not count. @param {HTMLElement} frame */
  handOver(frame) {
    if (!this.tooling) return;
    const { id, last } = this.tooling;
    this.let();
    this.edge = frame.getBoundingClientRect();
    this.held.set(id, last);
  }

  /** The tool loses the pointer. */
  let() {
    if (this.tooling) this.hand.cancel();
    this.tooling = null;
  }

  /** @override @param {PointerEvent} event */
  drag(event) {
    if (this.tooling?.id === event.pointerId) {
      this.tooling.last = this.local(event);
      this.hand.move(this.pressed(event));
    } else super.drag(event);
  }

  /** @param {PointerEvent} event */
  release(event) {
    if (this.tooling?.id !== event.pointerId) return;
    this.tooling = null;
    this.hand.up(this.pressed(event));
  }

  /** @override @param {Point | null} at @param {HTMLElement} _frame @param {PointerEvent} [event] */
  point(at, _frame, event) {
    if (this.tooling || this.held.size) return;
    this.hand.hover(at && event ? this.pressed(event) : null);
  }

  /** @override @param {Point} _at @param {MouseEvent} [event] */
  flip(_at, event) {
    if (event) this.hand.double(this.pressed(event));
  }

  /** @override @param {WheelEvent} event @param {Point} at */
  wheel(event, at) {
    const way = Math.sign(event.deltaY || event.deltaX); // Shift turns a wheel that scrolls sideways
    if ((event.shiftKey || event.altKey) && !event.ctrlKey && this.hand.turn(-way)) event.preventDefault();
    else super.wheel(event, at);
  }

  // --- places -----------------------------------------------------------------------------------------------------

  /** @param {MouseEvent} event @returns {Press} */
  pressed(event) {
    const every = event instanceof PointerEvent ? event.getCoalescedEvents?.() ?? [] : [];
    const at = toImage(this.place, this.local(event));
    return {
      at, trail: every.length > 1 ? every.map((one) => toImage(this.place, this.local(one))) : [at],
      touch: event instanceof PointerEvent && event.pointerType === "touch",
      shift: event.shiftKey, alt: event.altKey, control: event.ctrlKey || event.metaKey, right: event.button === 2,
    };
  }

  /** @param {MouseEvent} event @returns {Point} */
  local(event) {
    const edge = this.tooling || this.held.size ? this.edge : this.frame.getBoundingClientRect();
    return { x: event.clientX - edge.left, y: event.clientY - edge.top };
  }
}
