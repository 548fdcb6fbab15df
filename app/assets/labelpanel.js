// The labels of the open image as a list: select, hide, lock, delete; and the attributes of what is selected.

import { h, iconButton } from "./dom.js";

/** @import { Attribute, Field, Label, Picture, SchemaAttribute } from "./labeling.js" */
/**
 * @typedef {object} On
 * @property {(ids: string[]) => void} select
 * @property {(ids: string[], on: boolean) => void} hide
 * @property {(ids: string[], on: boolean) => void} lock
 * @property {(ids: string[]) => void} remove
 * @property {(ids: string[], name: string, value: Attribute) => void} attribute
 */
/**
 * @typedef {{labels: Label[], selected: string[], picture: Picture | null, colour: (name: string) => string}} Shown
 */

const TOLD = new Set(["z_order", "tags"]); // attributes that are not for the list

export class LabelPanel {
  /** @param {Field} field @param {On} on */
  constructor(field, on) {
    this.field = field;
    this.on = on;
    /** @type {Shown} */
    this.shown = { labels: [], selected: [], picture: null, colour: () => "" };
    /** @type {Set<string>} */
    this.hidden = new Set();
    /** @type {Set<string>} */
    this.locked = new Set();
    /** @type {Map<string, {label: Label, row: HTMLElement}>} */
    this.rows = new Map();
    this.count = h("b");
    const all = h("span.gap");
    this.head = h("h4", {}, "Labels", this.count, all, this.eye());
    this.list = h("ul.labels", { role: "listbox", "aria-multiselectable": true, "aria-label": "Labels" });
    this.attributes = h("section.attributes");
    /** @type {Map<string, string>} */
    this.broken = new Map(); // rules that a label breaks, by its id
    this.root = h("section.labelpanel", {}, this.head, this.list, this.attributes);
  }

  /** What breaks a rule. @param {import("./labelerapi.js").Broken[]} rules */
  check(rules) {
    const told = (/** @type {import("./labelerapi.js").Broken} */ one) =>
      `${one.title}: expected ${one.expected}, found ${one.found}`;
    this.broken = new Map(rules.map((one) => [one.label_id, told(one)]));
    this.draw();
  }

  /** Another image: nothing is hidden or locked there. */
  open() {
    this.broken.clear();
    this.hidden.clear();
    this.locked.clear();
    this.rows.clear();
  }

  /** @param {Shown} shown */
  update(shown) {
    const before = this.shown;
    this.shown = shown;
    this.count.textContent = String(shown.labels.length || "");
    this.draw();
    const known = before.selected.join() === shown.selected.join();
    if (!known || !this.attributes.contains(this.focused())) this.drawAttributes();
    if (!known) this.rows.get(shown.selected.at(-1) ?? "")?.row.scrollIntoView({ block: "nearest" });
  }

  focused() {
    const home = this.root.getRootNode();
    return home instanceof ShadowRoot || home instanceof Document ? home.activeElement : null;
  }

  // --- the list ---------------------------------------------------------------------------------------------------

  draw() {
    const { labels, selected } = this.shown, chosen = new Set(selected), ids = new Set(labels.map((one) => one.id));
    for (const id of [...this.rows.keys()]) if (!ids.has(id)) this.rows.delete(id);
    const rows = labels.map((label, index) => {
      const known = this.rows.get(label.id), row = known?.label === label ? known.row : this.row(label);
      this.rows.set(label.id, { label, row });
      row.dataset.number = String(index + 1);
      row.setAttribute("aria-selected", String(chosen.has(label.id)));
      row.classList.toggle("broken", this.broken.has(label.id));
      row.title = this.broken.get(label.id) ?? "";
      row.classList.toggle("hidden", this.hidden.has(label.id));
      row.classList.toggle("locked", this.locked.has(label.id));
      return row;
    });
    if (rows.length !== this.list.children.length || rows.some((row, index) => this.list.children[index] !== row)) {
      this.list.replaceChildren(...(rows.length ? rows : [h("li.none", {}, this.nothing())]));
    }
  }

  nothing() {
    const { holds } = this.field;
    if (holds === "one class" || holds === "many classes") return "No class yet: press its key.";
    return holds === "whole mask" ? "Nothing painted yet." : "Nothing labelled yet: choose a class and draw.";
  }

  /** @param {Label} label */
  row(label) {
    const { id } = label, name = label.label ?? (this.field.holds === "whole mask" ? "mask" : "no class");
    const dot = h("i", { style: { background: label.label ? this.shown.colour(label.label) : "var(--quiet)" } });
    const more = Object.entries(label.attributes ?? {}).filter(([key, value]) => !TOLD.has(key) && value !== null
      && value !== "");
    const told = more.map(([key, value]) => (value === true ? key : `${key} ${value}`)).join(" · ");
    const words = h("span.told", {}, h("span", {}, name),
      h("small", {}, [this.size(label), told].filter(Boolean).join(" · ")));
    const flip = (/** @type {Set<string>} */ set, /** @type {(ids: string[], on: boolean) => void} */ tell) => () => {
      const on = !set.delete(id);
      if (on) set.add(id);
      tell([id], on);
      this.draw();
    };
    const props = { role: "option", tabindex: -1, onclick: (/** @type {MouseEvent} */ event) => this.click(event, id) };
    return h(
      "li", props, dot, words, iconButton("seen", "Hide or show", flip(this.hidden, this.on.hide)),
      iconButton("lock", "Lock or unlock", flip(this.locked, this.on.lock)),
      iconButton("bin", "Delete (Del)", () => this.on.remove([id])),
    );
  }

  /** @param {Label} label */
  size(label) {
    const { picture } = this.shown;
    if (label.box && picture) {
      return `${Math.round(label.box[2] * picture.width)} × ${Math.round(label.box[3] * picture.height)}`;
    }
    const points = label.points?.flat() ?? [], seen = points.filter(([x]) => x !== null).length;
    return points.length ? `${seen}${seen < points.length ? ` of ${points.length}` : ""} points` : "";
  }

  /** @param {MouseEvent} event @param {string} id */
  click(event, id) {
    if (event.composedPath().some((one) => one instanceof HTMLButtonElement)) return;
    const { selected, labels } = this.shown, ids = labels.map((one) => one.id);
    if (event.shiftKey && selected.length) {
      const [from, to] = [ids.indexOf(selected[0]), ids.indexOf(id)].sort((one, other) => one - other);
      this.on.select(ids.slice(from, to + 1));
    } else if (event.ctrlKey || event.metaKey) {
      this.on.select(selected.includes(id) ? selected.filter((one) => one !== id) : [...selected, id]);
    } else this.on.select([id]);
  }

  eye() {
    return iconButton("seen", "Hide or show all", () => {
      const ids = this.shown.labels.map((one) => one.id), on = ids.some((id) => !this.hidden.has(id));
      this.hidden = new Set(on ? ids : []);
      this.on.hide(ids, on);
      this.draw();
    });
  }

  // --- attributes -------------------------------------------------------------------------------------------------

  drawAttributes() {
    const { labels, selected } = this.shown, some = labels.filter((one) => selected.includes(one.id));
    const names = new Set(some.map((one) => one.label ?? ""));
    const fitting = this.field.schema.attributes.filter((one) => !one.classes
      || [...names].every((name) => one.classes?.includes(name)));
    this.attributes.hidden = !some.length;
    if (!some.length) return;
    const fields = fitting.map((one) => this.input(one, some, selected));
    const known = new Set(fitting.map((one) => one.name)), one = some.length === 1 ? some[0] : null;
    const rest = one ? Object.entries(one.attributes ?? {}).filter(([name]) => !known.has(name) && !TOLD.has(name))
      : [];
    const facts = rest.map(([name, value]) => h("div.fact", {}, h("span", {}, name), h("span", {}, String(value))));
    const title = some.length === 1 ? some[0].label ?? "Selected" : `${some.length} selected`;
    const empty = fields.length || facts.length ? [] : [h("p.none", {}, "no attributes")];
    this.attributes.replaceChildren(h("h4", {}, title), ...fields, ...facts, ...empty);
  }

  /** @param {SchemaAttribute} attribute @param {Label[]} some @param {string[]} ids */
  input({ name, kind, choices, minimum, maximum, required }, some, ids) {
    const values = some.map((one) => one.attributes?.[name] ?? null),
      alike = values.every((value) => value === values[0]);
    const value = alike ? values[0] : null,
      set = (/** @type {Attribute} */ given) => this.on.attribute(ids, name, given);
    const lacks = required && values.some((one) => one === null || one === "");
    const title = h("span", {}, name, lacks ? h("em", { title: "must be given" }, " ●") : null);
    const stop = { onkeydown: typing };
    if (kind === "flag") {
      const changed = () => { set(box.checked); };
      const box = h("input", { type: "checkbox", checked: value === true, onchange: changed, ...stop });
      return h("label.attribute", {}, title, box);
    }
    if (kind === "choice") {
      const options = ["", ...choices].map((one) => h("option", { value: one }, one || (alike ? "–" : "several")));
      const chosen = h("select", { onchange: () => { set(chosen.value || null); }, ...stop }, ...options);
      chosen.value = typeof value === "string" ? value : "";
      return h("label.attribute", {}, title, chosen);
    }
    const number = kind === "number", bounds = number ? { min: minimum, max: maximum, step: "any" } : {};
    const typed = h("input", {
      type: number ? "number" : "text", value: value === null ? "" : String(value), placeholder: alike ? "–"
        : "several", ...bounds,
      onchange: () => {
        const given = number ? typed.valueAsNumber : typed.value.trim();
        set(given === "" || Number.isNaN(given) ? null : given);
      }, ...stop,
    });
    return h("label.attribute", {}, title, typed);
  }
}

/** Letters are text here; Enter and Escape leave the field. @param {KeyboardEvent} event */
function typing(event) {
  if (event.key === "Enter" || event.key === "Escape") /** @type {HTMLElement} */ (event.target).blur();
  else if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
}
