// What pointers and keys do in the editor: they go to the tool at hand, or to a hotkey.

import { EditorPointer } from "./editorpointer.js";
import { HABITS, HOTKEYS, shown } from "./editorkeys.js";
import { inside } from "./shapes.js";
import { toolsFor } from "./editortools.js";
import { SelectTool } from "./toolselect.js";

/** @import { Hooks } from "./labeling.js" */
/** @import { Point } from "./placing.js" */
/** @import { Hand, Press } from "./stage.js" */
/** @import { Painter } from "./stagelabels.js" */
/** @import { Editor } from "./editor.js" */
/** @import { Tool } from "./tool.js" */
/** @typedef {{name: string, title: string, key: string, icon: string}} ToolInfo  icon: an SVG path, 16 by 16 */

const CROSS = "rgb(255 255 255 / .7)"; // hair
const WAYS = /** @type {Record<string, [number, number]>} */ ({
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
});

export class EditorInput extends EditorPointer {
  /** @param {HTMLElement} host @param {Hooks} hooks */
  constructor(host, hooks) {
    super(host, hooks);
    this.selecting = new SelectTool(this);
    /** @type {Tool[]} */
    this.toolbox = [this.selecting];
    /** @type {Tool} */
    this.tool = this.selecting;
    /** @type {Point | null} */
    this.pointer = null; // on the image
    /** @type {Point | null} */
    this.cursor = null; // that of the keyboard
    this.clicks = 0;
    this.life = new AbortController();
    const { signal } = this.life;
    globalThis.addEventListener("keyup", (event) => event.key === " " && this.pan(false), { signal });
    globalThis.addEventListener("blur", () => this.pan(false), { signal });
  }

  /** @override @returns {Hand} */
  hand() {
    return {
      down: (press) => this.down(press), move: (press) => this.move(press), up: (press) => this.up(press),
      hover: (press) => this.hover(press), cancel: () => this.tool.cancel(), double: (press) => this.tool.double(press),
      turn: (steps) => this.tool.turn(steps), holds: () => this.holding(),
      draw: (layer, context) => this.draw(layer, context),
    };
  }

  // --- tools ------------------------------------------------------------------------------------------------------

  /** The tools for what the field holds. */
  equip() {
    this.tool.leave();
    this.toolbox = [this.selecting, ...toolsFor(this)];
    this.use(this.selecting);
  }

  /** @returns {ToolInfo[]} */
  tools() {
    return this.toolbox.map(({ name, title, key, icon }) => ({ name, title, key: key.toUpperCase(), icon }));
  }

  /** @param {string} name */
  setTool(name) {
    const found = this.toolbox.find((one) => one.name === name);
    if (found) this.use(found);
  }

  /** @param {Tool} tool */
  use(tool) {
    this.settle();
    this.tool.leave();
    this.tool = tool;
    this.cursor = null;
    this.hovering(null, tool.cursor);
    tool.taken();
    this.stain();
    this.hooks.ontool(tool.name);
    if (tool.hint) this.hooks.say(tool.hint);
  }

  /** Every key and what it does, for the sheet of the page. */
  hotkeys() {
    const own = this.toolbox.map(({ key, title }) => ({ keys: key.toUpperCase(), title }));
    return [...own, ...HABITS, ...HOTKEYS.map(({ keys, title }) => ({ keys, title }))];
  }

  stats() {
    return { clicks: this.clicks };
  }

  /** What finds masks: a model where its weights are there, else GrabCut. @param {"sam" | "grabcut"} assistant */
  assist(assistant) {
    this.assistant = assistant;
    if (this.opened && this.tool.name === "smart") this.tool.taken();
  }

  /** @override */
  pointerAt() {
    return this.pointer;
  }

  // --- pointers ---------------------------------------------------------------------------------------------------

  /** @param {Press} press */
  down(press) {
    if (!this.opened) return false;
    this.settle();
    this.clicks += 1;
    this.cursor = null;
    this.pointer = press.at;
    this.stage.frame.focus({ preventScroll: true });
    return this.tool.down(press);
  }

  /** @param {Press} press */
  move(press) {
    this.pointer = press.at;
    this.tool.move(press);
    if (this.tool.draws) this.stain("hand");
  }

  /** @param {Press} press */
  up(press) {
    this.tool.up(press);
    this.guides = [];
    this.stain("hand");
  }

  /** @param {Press | null} press */
  hover(press) {
    if (!this.opened) return;
    this.pointer = press?.at ?? null;
    if (press) this.cursor = null;
    this.guides = [];
    this.tool.hover(press);
    if (!press) this.hovering(null, this.tool.cursor);
    if (this.tool.draws) this.stain("hand");
  }

  /** @override */
  holding() {
    return super.holding() || this.tool.draws || this.selecting.grip !== null;
  }

  /** @override @param {Painter} painter */
  drawTools(painter) {
    if (!this.tool.draws) this.selecting.handles(painter);
    if (this.tool.draws && this.seen.crosshair && this.pointer) painter.ruler(this.pointer.x, this.pointer.y, CROSS);
    if (this.tool.draws && this.cursor) painter.dot(this.cursor, 5, this.colour());
    this.tool.draw(painter);
  }

  // --- keys -------------------------------------------------------------------------------------------------------

  /** Whether a key was one of ours. @this {Editor} @param {KeyboardEvent} event */
  key(event) {
    const field = event.composedPath()[0];
    const typing = field instanceof HTMLElement && field.matches("input, textarea, select, [contenteditable]");
    if (!this.opened || typing) return false;
    const used = this.pressed(event) || this.stage.key(event);
    if (used) event.preventDefault();
    return used;
  }

  /** @this {Editor} @param {KeyboardEvent} event */
  pressed(event) {
    if (event.key === "Escape") return this.escape();
    if (this.tool.press(event)) return true;
    if (event.key === "Enter") return this.tool.finish();
    if (event.key === " ") return this.space(event);
    const drawing = this.tool.draws && (this.cursor || !this.selection.size);
    if (drawing ? this.moveCursor(event) : this.selecting.press(event)) return true;
    const name = shown(event), tool = this.toolbox.find((one) => one.key.toUpperCase() === name);
    if (tool) this.use(tool);
    const run = tool ? undefined : HOTKEYS.find((one) => one.keys === name)?.run;
    run?.(this);
    return Boolean(tool ?? run);
  }

  escape() {
    this.guides = [];
    this.cursor = null;
    if (this.tool.drop()) return true;
    if (this.tool !== this.selecting) this.use(this.selecting);
    else if (this.selection.size) this.select([]);
    else return false;
    return true;
  }

  /** A click at the pointer of the keyboard; else the hand moves the image. @param {KeyboardEvent} event */
  space(event) {
    if (!this.cursor) this.pan(true);
    else if (!event.repeat) {
      const press = at(this.cursor), kept = this.cursor, before = this.selected.join();
      this.clicks += 1;
      this.tool.down(press);
      this.tool.up(press);
      this.cursor = this.selected.join() === before ? kept : null; // a label was made: keys move that now
      this.stain("hand");
    }
    return true;
  }

  /** @param {boolean} on */
  pan(on) {
    this.stage.panning = on;
    this.stage.frame.classList.toggle("panning", on);
  }

  /** @param {KeyboardEvent} event */
  moveCursor(event) {
    const way = WAYS[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return false;
    const step = (event.shiftKey ? 40 : 4) / this.stage.place.scale;
    const from = this.cursor ?? this.pointer ?? { x: this.image.width / 2, y: this.image.height / 2 };
    this.cursor = this.pointer = inside({ x: from.x + way[0] * step, y: from.y + way[1] * step }, this.image);
    this.tool.hover(at(this.cursor));
    this.stain("hand");
    return true;
  }
}

/** A press by key. @param {Point} place @returns {Press} */
function at(place) {
  return { at: place, trail: [place], touch: false, shift: false, alt: false, control: false, right: false };
}
