// The outbox: changes of labels on their way to the server. Each is kept on a shelf of the browser until the server has
// acknowledged it, and sent with an id of its own, so that one that is sent again is done once. Changes of one place (a
// field of a sample) are sent one after another, each batch with the ETag that the one before it brought. Where the
// network or the server fails they wait and are tried again; where somebody else changed the labels they wait until a
// person has chosen.

import { applied, joined, operationId } from "./labeledits.js";

/** @import { Edit, Label, Operation } from "./labeling.js" */
/** @typedef {{dataset: string, sample: string, field: string}} Place */
/**
 * A change as it is kept; `tried` says that it was sent at least once, and may have arrived.
 * @typedef {Place & {id: string, owner: string, order: number, operation: Operation, tried: boolean}} Kept
 */
/** @typedef {Place & {owner: string, etag: string, base: Label[]}} Ground  what the changes of a place were made on */
/**
 * Where changes are kept.
 * @typedef {object} Shelf
 * @property {string} owner  the name of this tab
 * @property {(changes: Kept[], ground: Ground) => Promise<void>} put
 * @property {(ids: string[], place: Place, ground: Ground | null) => Promise<void>} drop  with the ground of what is
 *   left
 * @property {() => Promise<{changes: Kept[], grounds: Ground[]}>} left  by tabs that are gone; they are ours now
 */
/** @typedef {{etag: string, labels: Label[]}} Stored */
/** @typedef {{error: string, action: string}} Told */
/**
 * @typedef {{kind: "saved", etag: string} | {kind: "conflict", ours: Label[], stored: Stored}
 *   | {kind: "refused", problem: Told} | {kind: "later", problem: Told, offline: boolean}} Answer
 */
/** @typedef {(place: Place, operations: Operation[], etag: string) => Promise<Answer>} Send */
/**
 * @typedef {object} Lane  the changes of one place
 * @property {Place} place
 * @property {string} etag  of the labels as the server has them, as far as we know
 * @property {Label[]} base  the same labels
 * @property {Kept[]} waiting
 * @property {boolean} sending
 * @property {ReturnType<typeof setTimeout> | undefined} timer
 * @property {number} since  when the first of them began to wait
 * @property {{ours: Label[], stored: Stored} | null} conflict
 * @property {Told | null} refused
 */
/**
 * @typedef {{saved?: (lane: Lane, milliseconds: number) => void, changed?: () => void,
 *   stuck?: (lane: Lane) => void}} On
 */

const PAUSE = 150; // milliseconds of rest after a stroke, before it is sent
const LONGEST = 1000; // and at most, while strokes follow each other
const RETRY = [500, 1000, 2000, 4000, 8000]; // milliseconds between tries
const HEAVY = 5 << 20, MANY = 500; // letters and changes of one request

export class Outbox {
  /** @param {Shelf} shelf @param {Send} send @param {On} [on] */
  constructor(shelf, send, on = {}) {
    this.shelf = shelf;
    this.send = send;
    this.on = on;
    /** @type {Map<string, Lane>} */
    this.lanes = new Map();
    this.order = 0;
    this.failures = 0;
    this.offline = false;
    /** @type {Told | null} */
    this.trouble = null;
    /** @type {number[]} */
    this.times = []; // milliseconds of the last saves
    this.writing = Promise.resolve();
  }

  /** Changes that the server has not acknowledged. */
  get count() {
    return [...this.lanes.values()].reduce((sum, lane) => sum + lane.waiting.length, 0);
  }

  /** Places that wait for a person: somebody else changed them, or the server refused a change. */
  get stuck() {
    return [...this.lanes.values()].filter((lane) => lane.conflict || lane.refused);
  }

  /** Labels were read: what is changed next is based on them. @param {Place} place @param {Stored} read */
  opened(place, { etag, labels }) {
    const lane = this.lane(place);
    if (!lane.waiting.length && !lane.sending) [lane.etag, lane.base] = [etag, labels];
    return lane;
  }

  /** The changes of a place that are not acknowledged yet. @param {Place} place */
  waiting(place) {
    return this.lanes.get(key(place))?.waiting.map((one) => one.operation) ?? [];
  }

  /**
   * Keep edits, and send them; strokes of a brush are collected for a moment. @param {Place} place
   * @param {Edit[]} edits
   */
  add(place, edits, stroke = false) {
    const lane = this.lane(place), made = edits.map((edit) => this.take(lane, edit));
    const { etag, base } = lane, ground = { ...place, owner: this.shelf.owner, etag, base };
    void this.write(() => this.shelf.put(made, ground));
    if (!lane.since) lane.since = performance.now();
    this.wake(lane, stroke ? Math.max(0, Math.min(PAUSE, LONGEST - (performance.now() - lane.since))) : 0);
    this.on.changed?.();
  }

  /** Send all that waits now; resolves once every place was tried. */
  async flush() {
    await Promise.all([...this.lanes.values()].map((lane) => this.drain(lane)));
  }

  /** Take over what tabs that are gone have left, and send it. Returns how many changes. */
  async adopt() {
    const { changes, grounds } = await this.shelf.left();
    for (const ground of grounds) {
      const lane = this.lane(ground), mine = changes.filter((one) => key(one) === key(ground));
      if (lane.waiting.length) lane.waiting = [...mine, ...lane.waiting];
      else [lane.etag, lane.base, lane.waiting] = [ground.etag, ground.base, mine];
      lane.waiting.sort((one, other) => one.order - other.order);
      for (const one of lane.waiting) one.tried = true;
      this.wake(lane, 0);
    }
    if (changes.length) this.on.changed?.();
    return changes.length;
  }

  /**
   * A person has chosen: these edits take the place of what waited, on the stored labels.
   * @param {Place} place @param {Stored} stored @param {Edit[]} edits
   */
  async resolve(place, stored, edits) {
    const lane = this.lane(place), ids = lane.waiting.map((one) => one.id);
    [lane.waiting, lane.conflict, lane.refused, lane.since] = [[], null, null, 0];
    [lane.etag, lane.base] = [stored.etag, stored.labels];
    await this.write(() => this.shelf.drop(ids, lane.place, null));
    if (edits.length) this.add(place, edits);
    this.on.changed?.();
  }

  /** Try a place again that the server had refused. @param {Place} place */
  again(place) {
    const lane = this.lane(place);
    lane.refused = null;
    this.wake(lane, 0);
  }

  // --- sending ----------------------------------------------------------------------------------------------------

  /** @param {Place} place */
  lane(place) {
    const known = this.lanes.get(key(place));
    if (known) return known;
    const { dataset, sample, field } = place;
    /** @type {Lane} */
    const made = { place: { dataset, sample, field }, etag: "*", base: [], waiting: [], sending: false,
      timer: undefined, since: 0, conflict: null, refused: null };
    this.lanes.set(key(place), made);
    return made;
  }

  /** @param {Lane} lane @param {Edit} edit @returns {Kept} */
  take(lane, edit) {
    const last = lane.waiting.at(-1), operation = { ...edit, id: operationId() };
    const both = last && !last.tried ? joined(last.operation, operation) : null;
    if (last && both) return Object.assign(last, { operation: both });
    this.order = Math.max(this.order + 1, Date.now() * 1000);
    const made = { ...lane.place, id: operation.id, owner: this.shelf.owner, order: this.order, operation,
      tried: false };
    lane.waiting.push(made);
    return made;
  }

  /** @param {Lane} lane @param {number} pause */
  wake(lane, pause) {
    clearTimeout(lane.timer);
    lane.timer = setTimeout(() => void this.drain(lane), pause);
  }

  /** @param {Lane} lane */
  async drain(lane) {
    clearTimeout(lane.timer);
    if (lane.sending) return;
    lane.sending = true;
    while (lane.waiting.length && !lane.conflict && !lane.refused) {
      const batch = some(lane.waiting), start = performance.now();
      lane.since = 0;
      for (const one of batch) one.tried = true;
      const answer = await this.send(lane.place, batch.map((one) => one.operation), lane.etag);
      if (!this.answered(lane, batch, answer, performance.now() - start)) break;
    }
    lane.sending = false;
    this.on.changed?.();
  }

  /** Whether to go on. @param {Lane} lane @param {Kept[]} batch @param {Answer} answer @param {number} milliseconds */
  answered(lane, batch, answer, milliseconds) {
    if (answer.kind === "later") {
      [this.offline, this.trouble] = [answer.offline, answer.problem];
      this.wake(lane, RETRY[Math.min(this.failures, RETRY.length - 1)]);
      this.failures += 1;
      return false;
    }
    [this.offline, this.trouble, this.failures] = [false, null, 0];
    if (answer.kind === "conflict") lane.conflict = answer;
    else if (answer.kind === "refused") lane.refused = answer.problem;
    else this.settle(lane, batch, answer.etag, milliseconds);
    if (answer.kind !== "saved") this.on.stuck?.(lane);
    return answer.kind === "saved";
  }

  /** @param {Lane} lane @param {Kept[]} batch @param {string} etag @param {number} milliseconds */
  settle(lane, batch, etag, milliseconds) {
    lane.waiting = lane.waiting.filter((one) => !batch.includes(one));
    const base = applied(lane.base, batch.map((one) => one.operation)).map(light), ids = batch.map((one) => one.id);
    [lane.base, lane.etag] = [base, etag];
    const ground = lane.waiting.length ? { ...lane.place, owner: this.shelf.owner, etag, base } : null;
    void this.write(() => this.shelf.drop(ids, lane.place, ground));
    this.times = [...this.times.slice(-199), milliseconds];
    this.on.saved?.(lane, milliseconds);
    this.on.changed?.();
  }

  /**
   * Writes to the shelf follow each other; one that fails is told, and sending goes on.
   * @param {() => Promise<void>} what
   */
  write(what) {
    this.writing = this.writing.then(what).catch((error) => {
      const text = error instanceof Error ? error.message : String(error);
      this.trouble = { error: `this browser cannot keep changes (${text})`,
        action: "do not close the page before they are saved" };
      this.on.changed?.();
    });
    return this.writing;
  }
}

/** A shelf that lasts as long as the page: where the browser has none, and for tests. @returns {Shelf} */
export function memory(owner = "memory") {
  return { owner, put: async () => {}, drop: async () => {}, left: async () => ({ changes: [], grounds: [] }) };
}

/** @param {Place} place */
export function key({ dataset, sample, field }) {
  return JSON.stringify([dataset, sample, field]);
}

/** A stored label: its mask is no longer needed here. @param {Label} label @returns {Label} */
function light(label) {
  return typeof label.mask === "string" ? { ...label, mask: true } : label;
}

/** The first changes, as many as one request takes. @param {Kept[]} waiting */
function some(waiting) {
  let letters = 0;
  const end = waiting.findIndex((one, index) => {
    letters += JSON.stringify(one.operation).length;
    return index > 0 && (letters > HEAVY || index >= MANY);
  });
  return end < 0 ? [...waiting] : waiting.slice(0, end);
}
