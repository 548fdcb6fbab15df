// What can be done in the labeler, by key or from the panels.

import { encoded } from "./bitmappng.js";
import { conflict, refusal } from "./conflict.js";
import { KEYS, asked } from "./labelerkeys.js";
import { applied } from "./labeledits.js";
import { sheet } from "./keysheet.js";
import { proposalEdits } from "./proposing.js";

/** @import { LabelerScreen } from "./labelerscreen.js" */
/** @import { Action } from "./labelerkeys.js" */
/** @import { Edit, Label } from "./labeling.js" */
/** @import { Lane, Stored } from "./outbox.js" */
/** @import { FieldInfo } from "./proposals.js" */

export class Actions {
  /** @param {LabelerScreen} screen */
  constructor(screen) {
    this.screen = screen;
  }

  get session() {
    return this.screen.session;
  }

  // --- labels -----------------------------------------------------------------------------------------------------

  /** A class was chosen: of the image, of what is selected, of what is drawn next. @param {string} name */
  classed(name) {
    const { screen } = this;
    if (this.session.ofImage) {
      this.session.classify(name);
      if (screen.onward && !screen.field.many) void screen.bar.mark("done");
    } else {
      screen.chosen = name;
      screen.editor.setClass(name);
    }
    screen.draw();
    if (screen.narrow && !screen.root.classList.contains("noside")) screen.flip("noside");
    screen.home();
  }

  /** Labels of the image were chosen in the list. @param {string[]} ids */
  chose(ids) {
    this.session.selected = ids;
    this.screen.draw();
  }

  /** Add a class to the schema of the field. @param {string} name */
  async newClass(name) {
    const { screen } = this;
    try {
      screen.take(await screen.api.newClass(name));
    } catch (error) {
      screen.failed(error);
    }
  }

  /** Make labels of proposals. @param {Label[]} labels @param {FieldInfo} field */
  async accept(labels, field) {
    const { screen, session } = this, { row } = session, some = screen.field.many ? labels : labels.slice(0, 1);
    if (!row) return;
    const edits = await proposalEdits(screen.api, row.id, some, field);
    if (session.row?.id !== row.id) return;
    const old = screen.field.many ? [] : await this.kept();
    const gone = old.map((one) => ({ action: /** @type {const} */ ("delete"), label_id: one.id, label: {} }));
    const words = edits.length === 1 ? (some[0].label ?? "mask") : `${edits.length} proposals`;
    await session.edit(`accept ${words}`, [...gone, ...edits], screen.field.many ? undefined : old);
  }

  /** The labels with their masks as files, so that they can come back. */
  kept() {
    const { session, screen } = this, whole = screen.field.holds === "whole mask";
    return Promise.all(session.labels.map(async (one) => {
      const bitmap = one.mask ? screen.editor.model.masks.get(one.id) : null;
      return bitmap ? { ...one, mask: await encoded(bitmap, whole) } : one;
    }));
  }

  /** Copy what is selected, or all, to the next image. */
  async carry() {
    const { session, screen } = this, all = session.labels.map((one) => one.id);
    const ids = session.selected.length ? session.selected : all;
    if (!ids.length) return;
    if (session.ofImage) {
      const names = session.labels.filter((one) => ids.includes(one.id)).flatMap((one) => one.label ?? []);
      if (await session.step(1)) for (const name of names) session.classify(name);
      return;
    }
    if (!session.selected.length) screen.editor.select(ids);
    screen.editor.copy();
    if (await session.step(1)) screen.editor.paste();
  }

  /** Take a save back. @param {string} entry */
  takeBack(entry) {
    return this.back(() => this.screen.api.undo(entry));
  }

  /** Put labels back to what a save left. @param {string} entry @param {string[] | null} labels */
  restore(entry, labels) {
    const { screen, session } = this, etag = () => screen.outbox.lane(session.where).etag;
    return this.back(() => screen.api.restore(session.row?.id ?? "", entry, etag(), labels));
  }

  /**
   * Do something on the server to the open sample, when all is saved, and look at it again.
   * @param {() => Promise<object>} what
   */
  async back(what) {
    const { screen, session } = this;
    try {
      await screen.outbox.flush();
      await what();
      await session.again();
      await screen.history.open(session.row?.id ?? "");
    } catch (error) {
      screen.failed(error);
    }
  }

  // --- what waits for a person --------------------------------------------------------------------------------------

  /** Decide about changes that could not be saved. */
  async decide() {
    const { screen, session } = this, [lane] = screen.outbox.stuck;
    if (!lane || screen.root.querySelector("dialog[open]")) return;
    const { dataset, field, sample } = lane.place;
    if (dataset !== screen.api.dataset || field !== screen.field.name) {
      location.assign(`/label?${new URLSearchParams({ dataset, field, sample })}`);
      return;
    }
    if (sample !== session.row?.id) await session.openId(sample).catch((error) => screen.failed(error));
    const dialog = lane.conflict ? this.versions(lane) : this.refused(lane);
    if (!dialog) return;
    screen.root.append(dialog);
    dialog.showModal();
  }

  /** @param {Lane} lane */
  versions(lane) {
    const { screen, session } = this, picture = session.found?.picture;
    const mine = applied(lane.base, lane.waiting.map((one) => one.operation));
    const done = async (/** @type {Stored} */ stored, /** @type {Edit[]} */ edits) => {
      await screen.outbox.resolve(lane.place, stored, edits);
      await session.again();
    };
    return picture ? conflict({ lane, mine, picture, colour: screen.colour, done, closed: () => screen.home() }) : null;
  }

  /** @param {Lane} lane */
  refused(lane) {
    const { screen, session } = this;
    const drop = async () => {
      await screen.outbox.resolve(lane.place, { etag: "*", labels: [] }, []);
      await session.again();
    };
    return refusal(lane, { again: () => screen.outbox.again(lane.place), drop, closed: () => screen.home() });
  }

  // --- keys -------------------------------------------------------------------------------------------------------

  help() {
    const { screen } = this, own = screen.editor.hotkeys();
    const drawing = { title: "Drawing", keys: own.map(({ keys, title }) => ({ keys, does: title })) };
    const dialog = sheet(screen.session.ofImage ? KEYS : [drawing, ...KEYS], () => screen.home());
    screen.root.append(dialog);
    dialog.showModal();
  }

  /** Whether a key was for us. @param {KeyboardEvent} event */
  key(event) {
    const action = asked(event);
    if (this.screen.root.querySelector("dialog[open]") || elsewhere(event, action)) return false;
    if (action) void this.act(action);
    else return !this.session.held && this.drawn(event);
    return true;
  }

  /** Digits are classes; then the editor is asked, then other keys of classes. @param {KeyboardEvent} event */
  drawn(event) {
    const { screen } = this, plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const name = plain ? screen.classes.of(event.key) : null;
    if (!(name && /^[0-9]$/.test(event.key)) && screen.editor.key(event)) return true;
    if (name) this.classed(name);
    return Boolean(name);
  }

  /** @param {Action} action */
  async act(action) {
    const { session, screen } = this, { bar, editor, proposals, outbox } = screen;
    const does = /** @type {Record<Action, () => unknown>} */ ({
      next: () => session.step(1), previous: () => session.step(-1), nextOpen: () => session.nextOpen(),
      undo: () => session.undo(), redo: () => session.redo(), save: () => outbox.flush(),
      done: () => bar.mark("done"), accept: () => bar.mark("accept"), reject: () => bar.mark("reject"),
      return: () => bar.comment(), copy: () => editor.copy(), paste: () => editor.paste(), carry: () => this.carry(),
      find: () => screen.find(), help: () => this.help(), proposal: () => proposals.first(),
      proposals: () => proposals.all(), queue: () => screen.flip("noqueue"), sides: () => screen.flip("noside"),
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
