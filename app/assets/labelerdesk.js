// One session with what is drawn around it: bar, queue, tools, canvas, panels, and the keys.

import { ClassPanel } from "./classpanel.js";
import { conflict } from "./conflict.js";
import { h } from "./dom.js";
import { HistoryPanel } from "./historypanel.js";
import { asked, KEYS } from "./labelerkeys.js";
import { LabelerApi } from "./labelerapi.js";
import { LabelPanel } from "./labelpanel.js";
import { LabelerBar } from "./labelerbar.js";
import { Session } from "./labelersession.js";
import { sheet } from "./keysheet.js";
import { colouring } from "./palette.js";
import { proposalEdits } from "./proposing.js";
import { Proposals } from "./proposals.js";
import { StandIn } from "./standin.js";
import { ToolRail } from "./toolrail.js";

/** @import { EditorLike } from "./editorlike.js" */
/** @import { Action } from "./labelerkeys.js" */
/** @import { Data } from "./labeler.js" */
/** @import { Attribute, Field, Hooks, Label, Schema } from "./labeling.js" */
/** @import { Outbox } from "./outbox.js" */
/** @import { FieldInfo } from "./proposals.js" */

const NARROW = 1000; // pixels of width below which the sides fold over the canvas
const TABS = /** @type {const} */ (["Labels", "Proposals", "History"]);

export class Desk {
  /** @param {HTMLElement} root @param {Data} data @param {Outbox} outbox @param {(name: string) => void} switched */
  constructor(root, data, outbox, switched) {
    this.root = root;
    this.data = data;
    this.outbox = outbox;
    const info = /** @type {FieldInfo} */ (data.field);
    this.api = new LabelerApi(data.token, data.dataset, info.name);
    this.etag = "*"; // of the schema
    /** @type {Schema} */
    const schema = { classes: data.classes, attributes: [], skeleton: null,
      rules: { smallest: 0, inside: true, overlap: null } };
    this.field = /** @type {Field} */ ({ name: info.name, kind: info.kind, holds: info.holds, many: info.many,
      schema });
    this.colour = this.coloured();
    this.session = new Session(this.api, outbox, this.field, data.spec, {
      changed: () => this.draw(), failed: (error) => this.failed(error), say: (text) => this.say(text),
      opening: (row) => this.opening(row.id), opened: () => this.opened(),
    });
    this.stage = h("div.stage", { tabindex: -1 });
    this.hint = h("p.hint", { role: "status" });
    this.banner = h("div.banner", { hidden: true });
    this.editor = this.edits();
    this.session.editor = this.editor;
    this.rail = new ToolRail(this.editor, { undo: () => this.session.undo(), redo: () => this.session.redo() });
    this.classes = new ClassPanel(this.field,
      { choose: (name) => this.classed(name), make: (name) => this.newClass(name) });
    this.labels = new LabelPanel(this.field, this.listed());
    this.proposals = this.proposed(data.fields.filter((one) => one.name !== info.name && one.holds === info.holds));
    this.history = new HistoryPanel(this.api, { undo: (entry) => this.takeBack(entry) });
    this.bar = new LabelerBar(this, switched);
    this.tab = /** @type {(typeof TABS)[number]} */ ("Labels");
    this.tabs = h("div.tabs", { role: "tablist" });
    this.panel = h("div.tabpanel", { role: "tabpanel" });
    this.side = h("aside.side", { "aria-label": "Labels and classes" }, this.classes.root, this.tabs, this.panel);
    const middle = h("main.middle", {}, this.rail.root, h("div.canvasbox", {}, this.stage, this.banner), this.hint);
    root.replaceChildren(this.bar.root, h("div.body", {}, this.session.queue.root, middle, this.side));
    this.fold(root.clientWidth < NARROW);
    this.turn("Labels");
  }

  // --- what it is made of -------------------------------------------------------------------------------------------

  /** @returns {EditorLike} */
  edits() {
    /** @type {Hooks} */
    const hooks = {
      onstep: (step) => this.session.stepped(step),
      onselect: (ids) => {
        this.session.selected = ids;
        this.draw();
      },
      ontool: () => this.rail.mark(),
      onreference: (label) => this.proposals.accept([label]),
      segment: () => Promise.reject(new Error("there are no smart tools here")),
      say: (text) => this.say(text),
    };
    return new StandIn(this.stage, hooks);
  }

  listed() {
    const { editor } = this;
    return {
      select: (/** @type {string[]} */ ids) => this.session.ofImage ? this.chose(ids) : editor.select(ids),
      hide: (/** @type {string[]} */ ids, /** @type {boolean} */ on) => editor.setHidden(ids, on),
      lock: (/** @type {string[]} */ ids, /** @type {boolean} */ on) => editor.setLocked(ids, on),
      remove: (/** @type {string[]} */ ids) => this.session.edit("delete",
        ids.map((id) => ({ action: "delete", label_id: id, label: {} }))),
      attribute: (/** @type {string[]} */ ids, /** @type {string} */ name, /** @type {Attribute} */ value) =>
        this.session.edit(name,
          ids.map((id) => ({ action: "change", label_id: id, label: { attributes: { [name]: value } } }))),
    };
  }

  /** @param {FieldInfo[]} fields */
  proposed(fields) {
    return new Proposals(this.api, fields, {
      show: (labels, threshold) => this.editor.references(labels, { threshold }),
      accept: (labels, field) => this.accept(labels, field),
      chosen: (field) => this.bar.referenced(field),
    });
  }

  /** Begin. */
  async start() {
    const found = await this.api.schema().catch(() => null);
    if (found) this.take(found);
    if (this.data.reference) await this.proposals.choose(this.data.reference);
    await this.session.start(this.data.sample, this.data.label ? [this.data.label] : []);
    const none = "no image here: loosen the filters of the view, or add images";
    if (this.session.row === null) this.failed(new Error(none));
  }

  /** @param {{etag: string, schema: Schema}} found */
  take({ etag, schema }) {
    this.etag = etag;
    this.field.schema = schema;
    this.colour = this.coloured();
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
    void this.proposals.open(id);
    if (this.tab === "History") void this.history.open(id);
    const address = new URL(location.href);
    address.searchParams.set("sample", id);
    address.searchParams.delete("label");
    history.replaceState(history.state, "", address);
  }

  opened() {
    this.stage.classList.remove("waiting");
    this.rail.draw();
    this.say("");
    this.stage.focus({ preventScroll: true });
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
    this.bar.draw();
    this.banner.hidden = !session.held && !row?.comment;
    this.root.classList.toggle("held", Boolean(session.held));
    if (session.held) this.banner.replaceChildren(session.held, this.text("Take over", () => session.takeOver()),
      this.text("Next", () => session.nextOpen()));
    else if (row?.comment) this.banner.replaceChildren(`returned${row.by ? ` by ${row.by}` : ""}: “${row.comment}”`);
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

  /** Fold the sides away on narrow screens, and out again. @param {boolean} narrow */
  fold(narrow) {
    this.root.classList.toggle("narrow", narrow);
    this.root.classList.toggle("noqueue", narrow);
    this.root.classList.toggle("noside", narrow);
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

  // --- what can be done
  // -----------------------------------------------------------------------------------------------

  /** @param {string} name of a class */
  classed(name) {
    if (this.session.ofImage) this.session.classify(name);
    else {
      this.chosen = name;
      this.editor.setClass(name);
    }
    this.draw();
    this.stage.focus({ preventScroll: true });
  }

  /** @param {string[]} ids */
  chose(ids) {
    this.session.selected = ids;
    this.draw();
  }

  /** @param {string} name */
  async newClass(name) {
    const { schema } = this.field, made = { name, colour: null, hotkey: null, value: null };
    try {
      this.take(await this.api.keepSchema({ ...schema, classes: [...schema.classes, made] }, this.etag));
    } catch (error) {
      this.failed(error);
      if (!(error instanceof Error && "status" in error && error.status === 404)) return;
      this.take({ etag: this.etag, schema: { ...schema, classes: [...schema.classes, made] } });
    }
  }

  /** @param {Label[]} labels @param {FieldInfo} field */
  async accept(labels, field) {
    const { row } = this.session;
    if (!row) return;
    const some = this.field.many ? labels : labels.slice(0, 1),
      edits = await proposalEdits(this.api, row.id, some, field);
    if (this.session.row?.id !== row.id) return;
    const [old] = this.field.many ? [] : this.session.labels;
    const gone = old ? [{ action: /** @type {const} */ ("delete"), label_id: old.id, label: {} }] : [];
    this.session.edit(`accept ${edits.length === 1 ? (some[0].label ?? "mask") : edits.length}`, [...gone, ...edits]);
  }

  /** @param {string} entry */
  async takeBack(entry) {
    try {
      await this.outbox.flush();
      await this.api.undo(entry);
      await this.session.again();
      await this.history.open(this.session.row?.id ?? "");
    } catch (error) {
      this.failed(error);
    }
  }

  /** Decide between two versions. */
  async decide() {
    const [lane] = this.outbox.stuck;
    if (!lane) return;
    const here = lane.place.sample === this.session.row?.id && lane.place.field === this.field.name;
    if (!here && lane.place.dataset === this.api.dataset
      && lane.place.field === this.field.name) await this.session.openId(lane.place.sample);
    const picture = this.session.found?.picture;
    if (!picture || this.root.querySelector("dialog[open]")) return;
    const closed = () => this.stage.focus({ preventScroll: true });
    const done = async (/** @type {import("./outbox.js").Stored} */ stored,
      /** @type {import("./labeling.js").Edit[]} */ edits) => {
      await this.outbox.resolve(lane.place, stored, edits);
      await this.session.again();
    };
    const dialog = conflict({ lane, mine: this.session.labels, picture, colour: this.colour, done, closed });
    this.root.append(dialog);
    dialog.showModal();
  }

  help() {
    const keys = this.editor.hotkeys(), groups = [{ title: "Drawing", keys }, ...KEYS];
    const dialog = sheet(groups, () => this.stage.focus({ preventScroll: true }));
    this.root.append(dialog);
    dialog.showModal();
  }

  /** @param {KeyboardEvent} event whether it was for us */
  key(event) {
    const from = event.composedPath()[0], typing = from instanceof HTMLInputElement
      || from instanceof HTMLSelectElement || from instanceof HTMLTextAreaElement;
    const control = event.ctrlKey || event.metaKey, action = asked(event), pressed = from instanceof HTMLButtonElement
      && [" ", "Enter"].includes(event.key);
    if (this.root.querySelector("dialog[open]") || (typing && !(control && (action === "done" || action === "save")))
      || (pressed && !control)) return false;
    if (action) void this.act(action);
    else if (!this.session.held && /^[0-9]$/.test(event.key) && !control
      && this.classes.of(event.key)) this.classed(this.classes.of(event.key) ?? "");
    else if (!this.session.held && this.editor.key(event)) return true;
    else if (!control && !event.altKey && this.classes.of(event.key)) this.classed(this.classes.of(event.key) ?? "");
    else return false;
    return true;
  }

  /** @param {Action} action */
  async act(action) {
    const { session } = this;
    const does = /** @type {Record<Action, () => unknown>} */ ({
      next: () => session.step(1), previous: () => session.step(-1), nextOpen: () => session.nextOpen(),
        undo: () => session.undo(),
      redo: () => session.redo(), save: () => this.outbox.flush(), done: () => this.bar.mark("done"),
        accept: () => this.bar.mark("accept"),
      reject: () => this.bar.mark("reject"), return: () => this.bar.comment(), copy: () => this.editor.copy(),
        paste: () => this.editor.paste(),
      carry: () => this.carry(), find: () => this.find(), help: () => this.help(),
        proposal: () => this.proposals.first(),
      proposals: () => this.proposals.all(), queue: () => this.flip("noqueue"), sides: () => this.flip("noside"),
        fit: () => {},
    });
    await does[action]();
  }

  find() {
    if (this.root.classList.contains("noside")) this.flip("noside");
    this.classes.input.focus();
  }

  /** Copy what is selected, or all, to the next image. */
  async carry() {
    const { session, editor } = this, ids = session.selected.length ? session.selected
      : session.labels.map((one) => one.id);
    if (!ids.length) return;
    const labels = session.labels.filter((one) => ids.includes(one.id));
    if (session.ofImage) {
      if (await session.step(1)) for (const one of labels) if (one.label) session.classify(one.label);
      return;
    }
    if (!session.selected.length) editor.select(ids);
    editor.copy();
    if (await session.step(1)) editor.paste();
  }

  end() {
    this.session.end();
  }
}
