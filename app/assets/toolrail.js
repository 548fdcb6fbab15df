// The tools beside the canvas, and how image and labels are shown.

import { h, iconButton, keep, kept, s, slider } from "./dom.js";

/** @import { Editor } from "./editor.js" */
/** @typedef {Partial<typeof FIRST>} Look */
/** @typedef {{undo: () => unknown, redo: () => unknown}} On */

const KEPT = "foveal:labeler:look";
const FIRST = { brightness: 1, contrast: 1, opacity: 0.45, outlines: true, names: true, crosshair: true, snap: true };

export class ToolRail {
  /** @param {Editor} editor @param {On} on */
  constructor(editor, on) {
    this.editor = editor;
    this.chosen = kept(KEPT, FIRST);
    this.tools = h("div.tools", { role: "toolbar", "aria-label": "Tools", "aria-orientation": "vertical" });
    this.looks = h("div.looks", { hidden: true });
    const look = iconButton("tune", "How image and labels are shown", () => this.flip());
    look.classList.add("look");
    const moves = [iconButton("undo", "Undo (Ctrl+Z)", on.undo), iconButton("redo", "Redo (Ctrl+Shift+Z)", on.redo)];
    this.root = h("div.rail", {}, this.tools, h("hr"), ...moves, h("span.gap"), look, this.looks);
    this.drawLooks();
    this.apply();
  }

  /** Draw the tools of what is open. */
  draw() {
    const { editor } = this;
    const buttons = editor.tools().map(({ name, title, key, icon: sign }) => {
      const says = key ? `${title} (${key.toUpperCase()})` : title;
      const props = { type: "button", title: says, "aria-label": says, "aria-pressed": editor.tool.name === name,
        "data-tool": name };
      const onclick = () => {
        editor.setTool(name);
        this.draw();
      };
      return h("button.tool", { ...props, onclick }, drawn(sign), key ? h("kbd", {}, key.toUpperCase()) : null);
    });
    this.tools.replaceChildren(...buttons);
  }

  /** Mark the tool that is in the hand. */
  mark() {
    for (const one of this.tools.querySelectorAll("[data-tool]")) {
      one.setAttribute("aria-pressed", String(one.getAttribute("data-tool") === this.editor.tool.name));
    }
  }

  flip(open = this.looks.hidden) {
    this.looks.hidden = !open;
  }

  apply() {
    this.editor.look(this.chosen);
  }

  drawLooks() {
    const set = (/** @type {Look} */ some) => {
      Object.assign(this.chosen, some);
      keep(KEPT, this.chosen);
      this.apply();
    };
    const { brightness, contrast, opacity, outlines, names, crosshair, snap } = this.chosen;
    const check = (/** @type {"outlines" | "names" | "crosshair" | "snap"} */ name, /** @type {string} */ text,
      /** @type {boolean} */ checked) => {
      const input = h("input", { type: "checkbox", checked, onchange: () => { set({ [name]: input.checked }); } });
      return h("label.check", {}, input, text);
    };
    const range = { min: 0.2, max: 3, step: 0.05 };
    const reset = h("button.text", { type: "button", onclick: () => {
      set(FIRST);
      this.drawLooks();
    } }, "as at first");
    this.looks.replaceChildren(
      slider("Brightness", { ...range, value: brightness }, (value) => set({ brightness: value })),
      slider("Contrast", { ...range, value: contrast }, (value) => set({ contrast: value })),
      slider("Fill", { value: opacity, "aria-label": "Opacity of fills and masks" },
        (value) => set({ opacity: value })),
      check("outlines", "masks as outlines", outlines), check("names", "names at labels", names),
      check("crosshair", "cross hair", crosshair),
      check("snap", "snap to edges and vertices (G)", snap), reset,
    );
  }
}

/** The sign of a tool. @param {string} path 16 by 16 */
function drawn(path) {
  const stroke = { stroke: "currentColor", "stroke-width": 1.5, "stroke-linecap": "round", "stroke-linejoin": "round" };
  const sign = s("path", { d: path, fill: "none", ...stroke });
  return s("svg", { viewBox: "0 0 16 16", width: 17, height: 17, "aria-hidden": "true" }, sign);
}
