// The session on one field of one view: which sample is open, what is done to it, what was undone, how it is handed on.
// It joins editor, outbox, queue and what is read ahead; the page around it draws what it tells.

import { Ahead } from "./ahead.js";
import { Handing } from "./handing.js";
import { backward, labelId } from "./labeledits.js";
import { named } from "./labelerapi.js";
import { OPEN, QueueList } from "./queuelist.js";
import { Steps } from "./steps.js";
import { Watch } from "./watch.js";

/** @import { Opened } from "./ahead.js" */
/** @import { Editor } from "./editor.js" */
/** @import { LabelerApi, Queued, State } from "./labelerapi.js" */
/** @import { Edit, Field, Label, Step, Values } from "./labeling.js" */
/** @import { Outbox, Place } from "./outbox.js" */
/**
 * What the page is told.
 * @typedef {object} On
 * @property {() => void} changed  labels, selection or state
 * @property {(row: Queued) => void} opening
 * @property {(found: Opened) => void} opened
 * @property {(error: unknown) => void} failed
 * @property {(text: string) => void} say
 * @property {(rows: Queued[]) => void} soon  the open sample and the next ones
 */

const SOON = 5; // samples that smart tools look at ahead
const OLD = 5_000; // labels that were read earlier are read again behind the picture

export class Session {
  /** @param {LabelerApi} api @param {Outbox} outbox @param {Field} field @param {string} spec @param {On} on */
  constructor(api, outbox, field, spec, on) {
    this.api = api;
    this.outbox = outbox;
    this.field = field;
    this.spec = spec;
    this.on = on;
    /** @type {Editor | null} */
    this.editor = null;
    this.ahead = new Ahead(api, outbox);
    this.steps = new Steps();
    this.watch = new Watch();
    /** @type {QueueList} */
    this.queue = new QueueList(api, spec, {
      open: (row) => this.openRow(row), failed: (error) => on.failed(error),
    });
    /** @type {Queued | null} */
    this.row = null;
    /** @type {Opened | null} */
    this.found = null;
    this.place = -1;
    this.turn = 0;
    /** @type {string[]} */
    this.selected = [];
    this.made = 0; // labels made on this sample
    this.handing = new Handing(this);
  }

  /** @returns {Place} */
  get where() {
    return { dataset: this.api.dataset, field: this.field.name, sample: this.row?.id ?? "" };
  }

  /** @returns {Label[]} */
  get labels() {
    return this.editor?.labels ?? [];
  }

  get ofImage() {
    return this.field.holds === "one class" || this.field.holds === "many classes";
  }

  // --- which sample -----------------------------------------------------------------------------------------------

  /**
   * Begin, at a sample or at the first that is still to be done. @param {string | null} sample @param {string[]} select
   */
  async start(sample, select) {
    await this.queue.load();
    void this.queue.progress();
    if (sample) await this.openId(sample, select);
    else {
      const place = await this.queue.open(-1), first = place < 0 ? 0 : place, row = await this.queue.row(first);
      if (row) await this.open(row, first);
      else this.on.changed();
    }
  }

  /** @param {Queued} row @returns {Promise<void>} */
  openRow(row) {
    const place = [...this.queue.rows].find(([, one]) => one.id === row.id)?.[0] ?? -1;
    return this.open(row, place);
  }

  /** @param {string} id @param {string[]} [select] @returns {Promise<void>} */
  async openId(id, select = []) {
    const known = [...this.queue.rows].find(([, row]) => row.id === id);
    if (known) return this.open(known[1], known[0], select);
    const found = await this.api.sample(id);
    const bare = { state: null, by: null, comment: null, holder: null };
    await this.open({ ...found, ...bare }, -1, select);
    const place = await this.queue.find(id), row = this.queue.rows.get(place);
    if (row && this.row?.id === id) {
      [this.row, this.place] = [row, place];
      this.queue.show(place);
      this.on.changed();
    }
  }

  /** @param {Queued} row @param {number} place @param {string[]} [select] */
  async open(row, place, select = []) {
    const turn = ++this.turn, start = performance.now();
    this.leave();
    [this.row, this.place, this.found, this.selected, this.made] = [row, place, null, [], 0];
    this.queue.show(place);
    this.on.opening(row);
    try {
      const found = await this.ahead.get(row);
      if (turn !== this.turn) return;
      await this.put(found, select);
      performance.measure("foveal:open", { start });
    } catch (error) {
      if (turn === this.turn) this.on.failed(error);
      return;
    }
    void this.after(turn, row, place);
  }

  /** @param {Opened} found @param {string[]} select */
  async put(found, select = []) {
    this.found = found;
    this.watch.start();
    this.editor?.open(found.picture, this.field, found.labels, found.masks);
    this.outbox.opened(this.where, found);
    const late = this.ahead.late(found);
    if (late.length) await this.editor?.apply(late);
    this.on.opened(found);
    const there = select.filter((id) => this.labels.some((one) => one.id === id));
    if (there.length) this.editor?.select(there);
    this.on.changed();
  }

  /** What comes once the sample is on the screen. @param {number} turn @param {Queued} row @param {number} place */
  async after(turn, row, place) {
    void this.handing.lease(row);
    const { found } = this;
    if (found && performance.now() - found.read > OLD) await this.refresh(turn);
    await this.queue.need(place + 2);
    if (turn !== this.turn) return;
    const soon = this.queue.near(place, SOON, 1);
    this.on.soon([row, ...soon]);
    await this.ahead.fetch([...soon.slice(0, 2), ...this.queue.near(place, 1, -1)]);
  }

  /** The labels may have changed since they were read ahead. @param {number} turn */
  async refresh(turn) {
    const { row, found } = this;
    if (!row || !found) return;
    const fresh = await this.ahead.labels(row.id).catch(() => null);
    if (!fresh || turn !== this.turn || fresh.etag === found.etag || this.outbox.waiting(this.where).length) return;
    if (this.made || this.steps.last?.sample === row.id) return; // ours came after: the outbox will tell
    await this.put({ ...found, ...fresh, read: performance.now() }, this.selected);
  }

  /** Read the labels of the open sample anew, as the server has them. */
  async again() {
    const { row, selected, turn } = this;
    if (!row) return;
    this.ahead.drop(row.id);
    this.steps.forget(row.id);
    const found = await this.ahead.get(row);
    if (turn === this.turn) await this.put(found, selected);
  }

  /** The next or previous sample of the list. @param {1 | -1} step */
  async step(step) {
    const place = this.place + step, row = await this.queue.row(place);
    if (row) await this.open(row, place);
    else this.on.say(step > 0 ? "this is the last image of the queue" : "this is the first image of the queue");
    return Boolean(row);
  }

  /** The next sample that is still to be done: of the list here, else as the server finds one. */
  async nextOpen() {
    const place = await this.queue.open(this.place), row = place < 0 ? null : await this.queue.row(place);
    if (row) return this.open(row, place);
    const found = this.api.queued ? await this.api.next(this.spec, null, OPEN).catch(() => null) : null;
    if (found?.row && found.row.id !== this.row?.id) return this.openId(found.row.id);
    const why = found?.why === "held" ? `what is left is open elsewhere: ${who(found.held)}`
      : "all of this queue is done";
    return this.on.say(why);
  }

  /** What comes after an image that was handed on: what is to be done of the list, else the next of it. */
  async onward() {
    const place = await this.queue.open(this.place), row = place < 0 ? null : await this.queue.row(place);
    if (row) await this.open(row, place);
    else if (!(await this.step(1))) await this.nextOpen();
  }

  /** Leave the open sample: what was read of it is old. */
  leave() {
    const { row } = this;
    if (!row) return;
    this.ahead.drop(row.id);
    this.handing.leave(row);
  }

  /** The page is gone. @param {boolean} [closing] so that nothing can be waited for */
  end(closing = false) {
    this.handing.end(closing);
    if (!closing) this.editor?.dispose();
  }

  // --- what is done -----------------------------------------------------------------------------------------------

  /** The editor made a step. @param {Step} step */
  stepped(step) {
    this.steps.push(step);
    this.keep(step.forward, step.sample); // one with masks may be told when another image is open already
  }

  /** @param {Edit[]} edits @param {string} sample */
  keep(edits, sample) {
    const stroke = edits.some((edit) => typeof edit.label.mask === "string"), { row } = this;
    this.made += edits.filter((edit) => edit.action === "add").length;
    this.outbox.add({ ...this.where, sample }, edits, stroke);
    if (row?.id === sample) this.handing.begun(row);
    this.on.changed();
  }

  /** Change labels. @param {string} words @param {Edit[]} forward @param {Label[]} [labels] with what comes back */
  async edit(words, forward, labels = this.labels) {
    const { row, field } = this;
    if (!row || this.held || !forward.length) return;
    const step = { sample: row.id, field: field.name, words, forward, backward: backward(labels, forward) };
    const done = this.editor?.apply(forward);
    this.stepped(step);
    await done;
    this.on.changed();
  }

  /** @param {Values} values @param {string} words @returns {string} the id of the new label */
  add(values, words) {
    const id = labelId();
    this.edit(words, [{ action: "add", label_id: id, label: values }]);
    return id;
  }

  /** The class of the image, or one of its classes on or off. @param {string} name */
  classify(name) {
    const { labels, field } = this, there = labels.find((one) => one.label === name);
    if (field.many) {
      if (there) this.edit(`no ${name}`, [{ action: "delete", label_id: there.id, label: {} }]);
      else this.add({ label: name }, name);
    } else if (!labels.length) this.add({ label: name }, name);
    else if (!there) this.edit(name, [{ action: "change", label_id: labels[0].id, label: { label: name } }]);
  }

  undo() {
    const step = this.steps.undo();
    return step ? this.replay(step, step.backward, "undone") : this.on.say("nothing to undo");
  }

  redo() {
    const step = this.steps.redo();
    return step ? this.replay(step, step.forward, "done again") : this.on.say("nothing to redo");
  }

  /** @param {Step} step @param {Edit[]} edits @param {string} word */
  async replay(step, edits, word) {
    if (step.sample !== this.row?.id) await this.openId(step.sample);
    if (step.sample !== this.row?.id || this.held) return;
    const done = this.editor?.apply(edits);
    this.keep(edits, step.sample);
    await done;
    const ids = new Set(edits.filter((edit) => edit.action !== "delete").map((edit) => edit.label_id));
    if (!this.ofImage) this.editor?.select(this.labels.filter((one) => ids.has(one.id)).map((one) => one.id));
    this.on.say(`${word}: ${step.words}`);
    this.on.changed();
  }

  /** Why this sample cannot be changed; "" if it can. */
  get held() {
    return this.handing.held;
  }

  /** @returns {State | null} */
  get state() {
    return this.row?.state ?? null;
  }
}

/** Who holds samples, in words. @param {Queued[]} rows */
function who(rows) {
  return [...new Set(rows.flatMap((one) => one.holder ? named(one.holder.who) : []))].join(", ") || "somebody else";
}
