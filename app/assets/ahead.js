// Samples read before they are opened: the image decoded, its labels at hand, so that the next one is there at once.

import { applied } from "./labeledits.js";

/** @import { LabelerApi, Queued } from "./labelerapi.js" */
/** @import { Label, Picture } from "./labeling.js" */
/** @import { Outbox } from "./outbox.js" */
/**
 * @typedef {object} Opened
 * @property {Queued} row
 * @property {Picture} picture
 * @property {Label[]} labels  with the changes that are still on their way
 * @property {string} etag  of what was read
 * @property {HTMLImageElement} image  decoded, held so that the browser keeps it
 * @property {number} read  when, in milliseconds
 */

const MOST = 8; // samples that are held

export class Ahead {
  /** @param {LabelerApi} api @param {Outbox} outbox */
  constructor(api, outbox) {
    this.api = api;
    this.outbox = outbox;
    /** @type {Map<string, Promise<Opened>>} */
    this.held = new Map();
  }

  /** @param {Queued} row @returns {Promise<Opened>} */
  get(row) {
    const known = this.held.get(row.id), asked = known ?? this.read(row);
    this.held.delete(row.id);
    this.held.set(row.id, asked); // the last used one is dropped last
    if (!known) asked.catch(() => this.drop(row.id));
    for (const id of [...this.held.keys()].slice(0, Math.max(0, this.held.size - MOST))) this.held.delete(id);
    return asked;
  }

  /** Forget what was read: the labels of this sample changed. @param {string} id */
  drop(id) {
    this.held.delete(id);
  }

  /** Read samples in the background, the nearest first. @param {Queued[]} rows */
  async fetch(rows) {
    for (const row of rows) await this.get(row).catch(() => null);
  }

  /** @param {Queued} row @returns {Promise<Opened>} */
  async read(row) {
    const picture = this.api.picture(row), image = new Image();
    image.src = picture.media;
    const [found] = await Promise.all([this.labels(row.id), image.decode().catch(() => null)]);
    return { row, picture, image, ...found, read: performance.now() };
  }

  /** The labels as they are here: those that are stored, with the changes on their way. @param {string} sample */
  async labels(sample) {
    const { dataset, field } = this.api, place = { dataset, sample, field };
    if (this.outbox.waiting(place).length) await this.outbox.drain(this.outbox.lane(place));
    const stored = await this.api.labels(sample);
    this.outbox.opened(place, stored);
    return { labels: applied(stored.labels, this.outbox.waiting(place)), etag: stored.etag };
  }
}
