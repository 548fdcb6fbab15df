// The canvas: an image in a frame, zoomed and panned by wheel, drag, pinch and keys. Several frames show the same
// place of the same image. What lies in a frame's sheet, the image and what is drawn over it, follows.

import { h, iconButton } from "./dom.js";
import { bounded, dragged, fitted, pinched, resized, scaled, toImage } from "./placing.js";

/** @import { Child } from "./dom.js" */
/** @import { Part, Place, Point, Size } from "./placing.js" */

const STEP = 1.4; // of a key or a button
const CLOSE = 3; // of a double click
const PIXELS = 3; // from this many screen pixels per image pixel on, edges are drawn sharp
const LINE = 16, PAGE = 400; // screen pixels of a wheel that turns by lines or pages

/** A frame for a canvas. @param {string} title "" for none @param {...Child} shown the image and what lies over it */
export function pane(title, ...shown) {
  return h("div.canvas", {}, h("div.sheet", {}, ...shown), title ? h("span.title", {}, title) : null);
}

/**
 * The image of a sample; its thumbnail is shown until it is loaded.
 * @param {string} media @param {string} thumbnail @param {string} alt
 */
export function photo(media, thumbnail, alt) {
  return h("img", { src: media, alt, draggable: "false", style: { "background-image": `url("${thumbnail}")` } });
}

/**
 * A static sheet, in a frame that shows this part of the image.
 * @param {Size} image @param {Part} part @param {number} pixels width of the frame @param {...Child} shown
 */
export function still(image, part, pixels, ...shown) {
  const [wide, high] = [100 / part.width, 100 / part.height];
  const corner = { left: `${-part.x * wide}%`, top: `${-part.y * high}%` };
  const style = { ...corner, width: `${image.width * wide}%`, height: `${image.height * high}%` };
  return h(pixels > PIXELS * part.width ? "div.sheet.pixels" : "div.sheet", { style }, ...shown);
}

export class Canvas {
  /** @param {HTMLElement[]} frames  each has one sheet; the first is measured */
  constructor(frames) {
    this.frames = frames;
    this.sheets = frames.flatMap((frame) => [...frame.querySelectorAll(/** @type {"div"} */ (".sheet"))]);
    /** @type {Size} */
    this.image = { width: 0, height: 0 };
    /** @type {Place} */
    this.place = { scale: 1, x: 0, y: 0 };
    /** @type {Size} */
    this.room = { width: 0, height: 0 };
    this.fits = true;
    /** @type {Map<number, Point>} */
    this.held = new Map(); // pointers that are down, by id
    this.edge = { left: 0, top: 0 }; // of the frame under the first of them
    for (const frame of frames) this.listen(frame);
    new ResizeObserver(() => this.measure()).observe(frames[0]);
  }

  /** @param {HTMLElement} frame */
  listen(frame) {
    const under = (/** @type {MouseEvent} */ event) => within(event, frame.getBoundingClientRect());
    frame.addEventListener("wheel", (event) => this.wheel(event, under(event)), { passive: false });
    frame.addEventListener("dblclick", (event) => this.flip(under(event), event));
    frame.addEventListener("pointerdown", (event) => this.press(event, frame));
    frame.addEventListener("pointermove", (event) => {
      this.drag(event);
      this.point(under(event), frame, event);
    });
    frame.addEventListener("lostpointercapture", (event) => this.held.delete(event.pointerId));
    frame.addEventListener("pointerleave", () => this.point(null, frame));
  }

  /**
   * Show an image of this size: all of it, or the place at which another canvas shows it.
   * @param {Size} image @param {Canvas} [like]
   */
  show(image, like) {
    this.image = { width: image.width, height: image.height };
    const same = like?.image.width === image.width && like.image.height === image.height;
    if (!like || !same || like.fits) {
      this.fit();
      return;
    }
    [this.room, this.fits] = [like.room, false];
    this.put(like.place);
  }

  fit() {
    this.fits = true;
    if (this.measured()) this.put(fitted(this.image, this.room));
  }

  /** @param {number} factor @param {Point} [at] the point of the frame that stays; its middle without one */
  zoom(factor, at = { x: this.room.width / 2, y: this.room.height / 2 }) {
    this.move(scaled(this.place, bounded(this.place.scale * factor, this.fitting), at));
  }

  /** The image pixel under a point of the screen. @param {MouseEvent} event @param {HTMLElement} frame */
  pixel(event, frame = this.frames[0]) {
    return toImage(this.place, within(event, frame.getBoundingClientRect()));
  }

  /** Whether a key was one of ours: +, - and 0. @param {KeyboardEvent} event */
  key(event) {
    const zoom = { "+": STEP, "=": STEP, "-": 1 / STEP }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || !(zoom || event.key === "0")) return false;
    if (zoom) this.zoom(zoom);
    else this.fit();
    event.preventDefault();
    return true;
  }

  /** Buttons that do what the keys do. */
  buttons() {
    return [
      iconButton("minus", "Smaller (−)", () => this.zoom(1 / STEP)),
      iconButton("plus", "Larger (+)", () => this.zoom(STEP)),
      iconButton("fit", "Fit (0)", () => this.fit()),
    ];
  }

  // --- by hand ----------------------------------------------------------------------------------------------------

  /** @param {WheelEvent} event @param {Point} at */
  wheel(event, at) {
    event.preventDefault();
    const unit = [1, LINE, PAGE][event.deltaMode], pinch = event.ctrlKey ? 5 : 1; // two fingers on a touchpad
    this.zoom(Math.exp(-event.deltaY * unit * pinch * 0.0018), at);
  }

  /** Closer, and back. @param {Point} at @param {MouseEvent} [_event] */
  flip(at, _event) {
    if (this.place.scale > this.fitting * 1.05) this.fit();
    else this.zoom(CLOSE, at);
  }

  /** @param {PointerEvent} event @param {HTMLElement} frame */
  press(event, frame) {
    if (event.button === 0 && !event.defaultPrevented) this.grip(event, frame);
  }

  /** This pointer moves the image from now on. @param {PointerEvent} event @param {HTMLElement} frame */
  grip(event, frame) {
    if (this.held.size > 1) return;
    if (!this.held.size) this.edge = frame.getBoundingClientRect();
    this.held.set(event.pointerId, within(event, this.edge));
    frame.setPointerCapture(event.pointerId);
  }

  /** @param {PointerEvent} event */
  drag(event) {
    const from = this.held.get(event.pointerId), to = within(event, this.edge);
    if (!from) return;
    const other = [...this.held].find(([id]) => id !== event.pointerId)?.[1];
    this.held.set(event.pointerId, to);
    this.move(other ? pinched(this.place, [from, other], [to, other], this.fitting) : dragged(this.place, from, to));
  }

  /**
   * Show the pointer in the other frames too.
   * @param {Point | null} at @param {HTMLElement} frame @param {PointerEvent} [_event]
   */
  point(at, frame, _event) {
    for (const other of this.frames) {
      other.classList.toggle("pointed", at !== null && other !== frame);
      if (at) put(other, { "--x": at.x, "--y": at.y });
    }
  }

  // --- where it lies ----------------------------------------------------------------------------------------------

  get fitting() {
    return fitted(this.image, this.room).scale;
  }

  /** @param {Place} place */
  move(place) {
    if (!this.measured()) return;
    this.fits = false;
    this.put(place);
  }

  /** Take over the size of the frame. */
  measure() {
    const before = this.room;
    if (!this.measured()) return;
    if (this.fits) this.fit();
    else this.put(resized(this.place, before, this.room));
  }

  measured() {
    const { clientWidth: width, clientHeight: height } = this.frames[0];
    if (width && height) this.room = { width, height };
    return width > 0 && height > 0 && this.image.width > 0;
  }

  /** @param {Place} place */
  put(place) {
    this.place = place;
    const [width, height] = [this.image.width * place.scale, this.image.height * place.scale];
    for (const sheet of this.sheets) {
      put(sheet, { left: place.x, top: place.y, width, height });
      sheet.classList.toggle("pixels", place.scale > PIXELS);
    }
  }
}

/** @param {MouseEvent} event @param {{left: number, top: number}} edge @returns {Point} */
function within(event, edge) {
  return { x: event.clientX - edge.left, y: event.clientY - edge.top };
}

/** @param {HTMLElement} element @param {Record<string, number>} pixels by property */
function put(element, pixels) {
  for (const [name, value] of Object.entries(pixels)) element.style.setProperty(name, `${value}px`);
}
