// What can be done at the desk, by key or from the panels.

import { encoded } from "./bitmappng.js";
import { conflict, refusal } from "./conflict.js";
import { KEYS, asked } from "./labelerkeys.js";
import { applied } from "./labeledits.js";
import { sheet } from "./keysheet.js";
import { proposalEdits } from "./proposing.js";

/** @import { Desk } from "./labelerdesk.js" */
/** @import { Action } from "./labelerkeys.js" */
/** @import { Edit, Label } from "./labeling.js" */
/** @import { Lane, Stored } from "./outbox.js" */
/** @import { FieldInfo } from "./proposals.js" */

export class Actions {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
  }

  get session() {
    return this.desk.session;
  }

  // --- labels -----------------------------------------------------------------------------------------------------

  /** A class was chosen: of the image, of what is selected, of what is drawn next. @param {string} name */
  classed(name) {
    const { desk } = this;
    if (this.session.ofImage) {
      this.session.classify(name);
      if (desk.onward && !desk.field.many) void desk.bar.mark("done");
    } else {
      desk.chosen = name;
      desk.editor.setClass(name);
    }
    desk.draw();
    if (desk.narrow && !desk.root.classList.contains("noside")) desk.flip("noside");
    desk.home();
  }

  /** Labels of the image were chosen in the list. @param {string[]} ids */
  chose(ids) {
    this.session.selected = ids;
    this.desk.draw();
  }

  /** Add a class to the schema of the field. @param {string} name */
  async newClass(name) {
    const { desk } = this;
    try {
      desk.take(await desk.api.newClass(name));
    } catch (error) {
      desk.failed(error);
    }
  }

  /** Make labels of proposals. @param {Label[]} labels @param {FieldInfo} field */
  async accept(labels, field) {
    const { desk, session } = this, { row } = session, some = desk.field.many ? labels : labels.slice(0, 1);
    if (!row) return;
    const edits = await proposalEdits(desk.api, row.id, some, field);
    if (session.row?.id !== row.id) return;
    const old = desk.field.many ? [] : await this.kept();
    const gone = old.map((one) => ({ action: /** @type {const} */ ("delete"), label_id: one.id, label: {} }));
    const words = edits.length === 1 ? (some[0].label ?? "mask") : `${edits.length} proposals`;
    await session.edit(`accept ${words}`, [...gone, ...edits], desk.field.many ? undefined : old);
  }

  /** The labels with their masks as files, so that they can come back. */
  kept() {
    const { session, desk } = this, whole = desk.field.holds === "whole mask";
    return Promise.all(session.labels.map(async (one) => {
      const bitmap = one.mask ? desk.editor.model.masks.get(one.id) : null;
      return bitmap ? { ...one, mask: await encoded(bitmap, whole) } : one;
    }));
  }

  /** Copy what is selected, or all, to the next image. */
  async carry() {
    const { session, desk } = this, all = session.labels.map((one) => one.id);
    const ids = session.selected.length ? session.selected : all;
    if (!ids.length) return;
    if (session.ofImage) {
      const names = session.labels.filter((one) => ids.includes(one.id)).flatMap((one) => one.label ?? []);
      if (await session.step(1)) for (const name of names) session.classify(name);
      return;
    }
    if (!session.selected.length) desk.editor.select(ids);
    desk.editor.copy();
    if (await session.step(1)) desk.editor.paste();
  }

  /** Take a save back. @param {string} entry */
  takeBack(entry) {
    return this.back(() => this.desk.api.undo(entry));
  }

  /** Put labels back to what a save left. @param {string} entry @param {string[] | null} labels */
  restore(entry, labels) {
    const { desk, session } = this, etag = () => desk.outbox.lane(session.where).etag;
    return this.back(() => desk.api.restore(session.row?.id ?? "", entry, etag(), labels));
  }

  /**
   * Do something on the server to the open sample, when all is saved, and look at it again.
   * @param {() => Promise<object>} what
   */
  async back(what) {
    const { desk, session } = this;
    try {
      await desk.outbox.flush();
      await what();
      await session.again();
      await desk.history.open(session.row?.id ?? "");
    } catch (error) {
      desk.failed(error);
    }
  }

  // --- what waits for a person --------------------------------------------------------------------------------------

  /** Decide about changes that could not be saved. */
  async decide() {
    const { desk, session } = this, [lane] = desk.outbox.stuck;
    if (!lane || desk.root.querySelector("dialog[open]")) return;
    const { dataset, field, sample } = lane.place;
    if (dataset !== desk.api.dataset || field !== desk.field.name) {
      location.assign(`/label?${new URLSearchParams({ dataset, field, sample })}`);
      return;
    }
    if (sample !== session.row?.id) await session.openId(sample).catch((error) => desk.failed(error));
    const dialog = lane.conflict ? this.versions(lane) : this.refused(lane);
    if (!dialog) return;
    desk.root.append(dialog);
    dialog.showModal();
  }

  /** @param {Lane} lane */
  versions(lane) {
    const { desk, session } = this, picture = session.found?.picture;
    const mine = applied(lane.base, lane.waiting.map((one) => one.operation));
    const done = async (/** @type {Stored} */ stored, /** @type {Edit[]} */ edits) => {
      await desk.outbox.resolve(lane.place, stored, edits);
      await session.again();
    };
    return picture ? conflict({ lane, mine, picture, colour: desk.colour, done, closed: () => desk.home() }) : null;
  }

  /** @param {Lane} lane */
  refused(lane) {
    const { desk, session } = this;
    const drop = async () => {
      await desk.outbox.resolve(lane.place, { etag: "*", labels: [] }, []);
      await session.again();
    };
    return refusal(lane, { again: () => desk.outbox.again(lane.place), drop, closed: () => desk.home() });
  }

  // --- keys -------------------------------------------------------------------------------------------------------

  help() {
    const { desk } = this, own = desk.editor.hotkeys();
    const drawing = { title: "Drawing", keys: own.map(({ keys, title }) => ({ keys, does: title })) };
    const dialog = sheet(desk.session.ofImage ? KEYS : [drawing, ...KEYS], () => desk.home());
    desk.root.append(dialog);
    dialog.showModal();
  }

  /** Whether a key was for us. @param {KeyboardEvent} event */
  key(event) {
    const action = asked(event);
    if (this.desk.root.querySelector("dialog[open]") || elsewhere(event, action)) return false;
    if (action) void this.act(action);
    else return !this.session.held && this.drawn(event);
    return true;
  }

  /** Digits are classes; then the editor is asked, then other keys of classes. @param {KeyboardEvent} event */
  drawn(event) {
    const { desk } = this, plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const name = plain ? desk.classes.of(event.key) : null;
    if (!(name && /^[0-9]$/.test(event.key)) && desk.editor.key(event)) return true;
    if (name) this.classed(name);
    return Boolean(name);
  }

  /** @param {Action} action */
  async act(action) {
    const { session, desk } = this, { bar, editor, proposals, outbox } = desk;
    const does = /** @type {Record<Action, () => unknown>} */ ({
      next: () => session.step(1), previous: () => session.step(-1), nextOpen: () => session.nextOpen(),
      undo: () => session.undo(), redo: () => session.redo(), save: () => outbox.flush(),
      done: () => bar.mark("done"), accept: () => bar.mark("accept"), reject: () => bar.mark("reject"),
      return: () => bar.comment(), copy: () => editor.copy(), paste: () => editor.paste(), carry: () => this.carry(),
      find: () => desk.find(), help: () => this.help(), proposal: () => proposals.first(),
      proposals: () => proposals.all(), queue: () => desk.flip("noqueue"), sides: () => desk.flip("noside"),
    });
    await does[action]();
  }
}

/**
 * Whether a key is for the field or button that has the focus. @param {KeyboardEvent} event
 * @param {Action | null} action
 */
function elsewhere(event, action) {
  const from = event.composedPath()[0], control = event.ctrlKey || event.metaKey;
  const saves = control && (action === "done" || action === "save");
  if (from instanceof HTMLInputElement && from.type === "checkbox") return event.key === " ";
  if (from instanceof HTMLInputElement && from.type === "range") return event.key.startsWith("Arrow");
  if ([HTMLInputElement, HTMLSelectElement, HTMLTextAreaElement].some((kind) => from instanceof kind)) return !saves;
  return from instanceof HTMLButtonElement && !control && (event.key === " " || event.key === "Enter");
}
