// Samples read before they are opened: the image decoded, its labels at hand, so that the next one is there at once.

import { fetchMasks } from "./bitmappng.js";
import { levels } from "./stagepicture.js";
import { applied, between } from "./labeledits.js";
import { thumbnail } from "./pictures.js";

/** @import { Bitmap } from "./bitmap.js" */
/** @import { LabelerApi, Queued } from "./labelerapi.js" */
/** @import { Edit, Label, Picture } from "./labeling.js" */
/** @import { Outbox } from "./outbox.js" */
/**
 * @typedef {object} Opened
 * @property {Queued} row
 * @property {Picture} picture
 * @property {Label[]} labels  as they are stored
 * @property {Promise<Map<string, Bitmap>>} masks  by label
 * @property {string} etag  of what was read
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
    const bare = this.api.picture(row), picture = { ...bare, thumbnail: thumbnail(bare, 512) };
    const decoded = levels(picture).catch(() => null); // the editor tells what is wrong with a picture
    const [found] = await Promise.all([this.labels(row.id), decoded]);
    return { row, picture, ...found, read: performance.now() };
  }

  /** The labels as they are stored; what waits here is sent before. @param {string} sample */
  async labels(sample) {
    const { dataset, field, token } = this.api, place = { dataset, sample, field };
    if (this.outbox.waiting(place).length) await this.outbox.drain(this.outbox.lane(place));
    const { labels, etag } = await this.api.labels(sample), masked = labels.some((one) => one.mask);
    const masks = masked ? fetchMasks(token, dataset, sample, field) : Promise.resolve(new Map());
    masks.catch(() => null); // the editor tells
    this.outbox.opened(place, { labels, etag });
    return { labels, etag, masks };
  }

  /**
   * The edits that make what a person sees of what was read: those that are still on their way. @param {Opened} found
   */
  late({ row, labels }) {
    const { dataset, field } = this.api;
    const waiting = this.outbox.waiting({ dataset, field, sample: row.id });
    return waiting.length ? between(labels, applied(labels, waiting)) : /** @type {Edit[]} */ ([]);
  }
}
