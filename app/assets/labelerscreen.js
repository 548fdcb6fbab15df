// One session with what is drawn around it: bar, queue, tools, canvas, panels, and the keys.

import { ClassPanel } from "./classpanel.js";
import { Actions } from "./labeleractions.js";
import { Editor } from "./editor.js";
import { h } from "./dom.js";
import { HistoryPanel } from "./historypanel.js";
import { LabelerApi, named } from "./labelerapi.js";
import { LabelPanel } from "./labelpanel.js";
import { LabelerBar } from "./labelerbar.js";
import { Session } from "./labelersession.js";
import { Smart } from "./smart.js";
import { colouring } from "./palette.js";
import { Proposals } from "./proposals.js";
import { ToolRail } from "./toolrail.js";

/** @import { Data } from "./labeler.js" */
/** @import { Attribute, Field, Hooks, Schema } from "./labeling.js" */
/** @import { Outbox } from "./outbox.js" */
/** @import { FieldInfo } from "./proposals.js" */

const ONWARD = "foveal:labeler:onward";
const NARROW = 900; // pixels of width below which the sides fold over the canvas
const TABS = /** @type {const} */ (["Labels", "Proposals", "History"]);

export class LabelerScreen {
  /** @param {HTMLElement} root @param {Data} data @param {Outbox} outbox @param {(name: string) => void} switched */
  constructor(root, data, outbox, switched) {
    this.root = root;
    this.data = data;
    this.outbox = outbox;
    const info = /** @type {FieldInfo} */ (data.field);
    this.api = new LabelerApi(data.token, data.dataset, info.name);
    this.smart = new Smart(data.token, data.dataset);
    this.actions = new Actions(this);
    this.reading = setTimeout(() => {}, 0);
    this.onward = localStorage.getItem(ONWARD) !== "no"; // a class of the image is followed by the next one
    /** @type {boolean | null} */
    this.narrow = null; // whether the sides lie over the canvas
    this.proposing = Promise.resolve(); // until the proposals of the open sample are there
    this.known = ""; // the schema, as it came
    this.chosen = ""; // the class of what is drawn next
    /** @type {Schema} */
    const schema = { classes: data.classes, attributes: [], skeleton: null,
      rules: { smallest: 0, inside: true, overlap: null } };
    this.field = /** @type {Field} */ ({ name: info.name, kind: info.kind, holds: info.holds, many: info.many,
      schema });
    this.colour = this.coloured();
    this.session = new Session(this.api, outbox, this.field, data.spec, {
      changed: () => this.draw(), failed: (error) => this.failed(error), say: (text) => this.say(text),
      opening: (row) => this.opening(row.id), opened: () => this.opened(), soon: (rows) => this.smart.soon(rows),
    });
    this.stage = h("div.stage", { tabindex: -1 });
    this.hint = h("p.hint", { role: "status" });
    this.banner = h("div.banner", { hidden: true });
    this.editor = this.edits();
    this.session.editor = this.editor;
    this.rail = new ToolRail(this.editor, { undo: () => this.session.undo(), redo: () => this.session.redo() });
    this.classes = new ClassPanel(this.field,
      { choose: (name) => this.actions.classed(name), make: (name) => this.actions.newClass(name) });
    this.labels = new LabelPanel(this.field, this.listed());
    this.proposals = this.proposed(data.fields.filter((one) => one.name !== info.name && one.holds === info.holds));
    this.history = new HistoryPanel(this.api, {
      undo: (entry) => this.actions.takeBack(entry), restore: (entry, labels) => this.actions.restore(entry, labels),
    });
    this.bar = new LabelerBar(this, switched);
    this.tab = /** @type {(typeof TABS)[number]} */ ("Labels");
    this.tabs = h("div.tabs", { role: "tablist" });
    this.panel = h("div.tabpanel", { role: "tabpanel" });
    const flip = () => this.goOnward(onward.checked);
    const onward = h("input", { type: "checkbox", checked: this.onward, onchange: () => { flip(); } });
    const single = this.field.holds === "one class";
    const check = single ? h("label.check.onward", {}, onward, "on to the next image after a class") : null;
    this.side = h("aside.side", { "aria-label": "Labels and classes" }, this.classes.root, check, this.tabs,
      this.panel);
    const middle = h("main.middle", {}, this.rail.root, h("div.canvasbox", {}, this.stage, this.banner), this.hint);
    root.replaceChildren(this.bar.root, h("div.body", {}, this.session.queue.root, middle, this.side));
    this.fold(root.clientWidth);
    this.turn("Labels");
  }

  // --- what it is made of -------------------------------------------------------------------------------------------

  edits() {
    /** @type {Hooks} */
    const hooks = {
      onstep: (step) => this.session.stepped(step),
      onselect: (ids) => {
        this.session.selected = ids;
        this.draw();
      },
      ontool: (tool) => this.tooled(tool),
      onreference: (label) => this.proposals.accept([label]),
      segment: (prompt) => this.smart.segment(this.session.row?.id ?? "", prompt),
      say: (text) => this.say(text),
    };
    return new Editor(this.stage, hooks);
  }

  listed() {
    const { editor } = this;
    return {
      select: (/** @type {string[]} */ ids) => this.session.ofImage ? this.actions.chose(ids) : editor.select(ids),
      hide: (/** @type {string[]} */ ids, /** @type {boolean} */ on) => editor.setHidden(ids, on),
      lock: (/** @type {string[]} */ ids, /** @type {boolean} */ on) => editor.setLocked(ids, on),
      remove: (/** @type {string[]} */ ids) => editor.remove(ids),
      attribute: (/** @type {string[]} */ ids, /** @type {string} */ name, /** @type {Attribute} */ value) =>
        editor.setAttribute(ids, name, value),
    };
  }

  /** @param {FieldInfo[]} fields */
  proposed(fields) {
    return new Proposals(this.api, fields, {
      show: (labels, masks) => this.editor.references(labels, { masks }),
      accept: (labels, field) => this.actions.accept(labels, field),
      chosen: (field) => this.bar.referenced(field),
    });
  }

  /** @param {boolean} on */
  goOnward(on) {
    this.onward = on;
    localStorage.setItem(ONWARD, on ? "yes" : "no");
    this.home();
  }

  /** Another tool is in the hand. @param {string} tool */
  tooled(tool) {
    this.rail?.mark();
    if (tool === "smart" && this.smart.hint) setTimeout(() => this.say(`${this.hint.textContent}. ${this.smart.hint}`));
  }

  /** Begin. */
  async start() {
    void this.smart.assistant().then((assistant) => this.editor.assist(assistant));
    await this.again();
    this.proposals.wanted = this.data.label ?? "";
    if (this.data.reference) await this.proposals.choose(this.data.reference);
    await this.session.start(this.data.sample, this.data.label ? [this.data.label] : []);
    await this.proposing;
    if (this.proposals.labels.some((one) => one.id === this.data.label)) this.turn("Proposals");
    const none = "no image here: loosen the filters of the view, or add images";
    if (this.session.row === null) this.failed(new Error(none));
  }

  /** Read the schema. */
  async again() {
    const found = await this.api.schema().catch(() => null);
    if (found) this.take(found);
  }

  /** The schema came. @param {Schema} schema */
  take(schema) {
    const text = JSON.stringify(schema);
    if (text === this.known) return;
    this.known = text;
    this.field.schema = schema;
    this.colour = this.coloured();
    this.field.schema = { ...schema,
      classes: schema.classes.map((one) => ({ ...one, colour: this.colour(one.name) })) };
    this.editor.reschema(this.field);
    this.classes.draw();
    this.draw();
  }

  coloured() {
    const own = new Map(this.field.schema.classes.flatMap(({ name, colour }) => (colour ? [[name, colour]] : [])));
    const names = [...new Set([...this.data.colours, ...this.field.schema.classes.map((one) => one.name)])];
    const other = colouring(names);
    return (/** @type {string} */ name) => own.get(name) ?? other(name);
  }

  // --- what is shown ------------------------------------------------------------------------------------------------

  /** @param {string} id */
  opening(id) {
    this.labels.open();
    this.stage.classList.add("waiting");
    this.bar.draw();
    this.proposing = this.proposals.open(id);
    if (this.tab === "History") void this.history.open(id);
    const address = new URL(location.href);
    address.searchParams.set("sample", id);
    address.searchParams.delete("label");
    history.replaceState(history.state, "", address);
  }

  opened() {
    this.stage.classList.remove("waiting");
    this.rail.draw();
    void this.reread();
    this.home();
  }

  /** The keys are for the canvas again. */
  home() {
    (this.session.ofImage ? this.stage : this.editor.stage.frame).focus({ preventScroll: true });
  }

  /** Find a class by its name. */
  find() {
    if (this.root.classList.contains("noside")) this.flip("noside");
    this.classes.input.focus();
  }

  draw() {
    const { session, colour } = this, { labels, selected, row } = session, picture = session.found?.picture ?? null;
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const one of labels) if (one.label) counts.set(one.label, (counts.get(one.label) ?? 0) + 1);
    const some = session.ofImage ? labels : labels.filter((one) => selected.includes(one.id));
    const on = session.ofImage || some.length ? some.flatMap((one) => one.label ?? []) : this.chosen ? [this.chosen]
      : [];
    this.classes.update({ on, counts: session.ofImage ? new Map() : counts, colour });
    this.labels.update({ labels, selected, picture, colour });
    this.proposals.update(labels, colour);
    this.history.narrow(selected);
    this.bar.draw();
    this.banner.hidden = !session.held && !row?.comment;
    this.root.classList.toggle("held", Boolean(session.held));
    if (session.held) this.banner.replaceChildren(session.held,
      this.text("Take over", () => session.handing.takeOver()),
      this.text("Next", () => session.nextOpen()));
    else if (row?.comment) this.banner.replaceChildren(`${row.by ? named(row.by) : "somebody"} says: “${row.comment}”`);
  }

  /** @param {string} words @param {() => unknown} run */
  text(words, run) {
    return h("button.text", { type: "button", onclick: run }, words);
  }

  /** @param {(typeof TABS)[number]} name */
  turn(name) {
    this.tab = name;
    const open = { Labels: this.labels.root, Proposals: this.proposals.root, History: this.history.root }[name];
    if (name === "History") void this.history.open(this.session.row?.id ?? "");
    this.tabs.replaceChildren(...TABS.map((one) => {
      const props = { type: "button", role: "tab", "aria-selected": one === name, onclick: () => this.turn(one) };
      return h("button.tab", props, one);
    }));
    this.panel.replaceChildren(open);
  }

  /** Fold the sides away on narrow screens, and out again. @param {number} width in pixels */
  fold(width) {
    const narrow = width < NARROW;
    if (this.narrow === narrow) return;
    this.narrow = narrow;
    this.root.classList.toggle("narrow", narrow);
    this.root.classList.toggle("noqueue", narrow);
    this.root.classList.toggle("noside", narrow);
    this.bar.draw();
  }

  /** @param {"noqueue" | "noside"} which */
  flip(which) {
    const off = this.root.classList.toggle(which);
    if (!off && this.root.classList.contains("narrow")) this.root.classList.add(which === "noside" ? "noqueue"
      : "noside");
    this.bar.draw();
  }

  /** @param {string} text */
  say(text) {
    this.hint.textContent = text;
    this.hint.classList.remove("problem");
  }

  /** @param {unknown} error */
  failed(error) {
    const action = error instanceof Error && "action" in error && error.action ? `; ${error.action}` : "";
    this.hint.textContent = `${error instanceof Error ? error.message : String(error)}${action}`;
    this.hint.classList.add("problem");
    this.stage.classList.remove("waiting");
  }

  /** Changes were acknowledged. */
  saved() {
    this.bar.draw();
    clearTimeout(this.reading);
    this.reading = setTimeout(() => this.reread(), 300);
  }

  /** What the server makes of the stored labels: broken rules, the history where it is shown. */
  async reread() {
    const id = this.session.row?.id ?? "";
    if (this.tab === "History") void this.history.open(id);
    const { rules, attributes } = this.field.schema;
    if (!rules.smallest && !rules.inside && rules.overlap === null && !attributes.some((one) => one.required)) return;
    const found = await this.api.rules(id);
    if (id === this.session.row?.id) this.labels.check(found);
  }

  end() {
    this.session.end();
  }
}
