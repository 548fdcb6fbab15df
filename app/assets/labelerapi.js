// The routes that the labeler asks: labels, the queue of a field, its schema, people, history, proposals.

import { Api, Problem } from "./api.js";
import { operationId } from "./labeledits.js";

/** @import { Label, Operation, Picture, Schema } from "./labeling.js" */
/** @import { Answer, Place, Stored } from "./outbox.js" */
/** @typedef {"unlabeled" | "draft" | "done" | "rejected" | "accepted" | "returned"} State  of a sample in the queue */
/**
 * @typedef {object} Queued  a sample in the queue
 * @property {string} id
 * @property {string} name
 * @property {number} width
 * @property {number} height
 * @property {string} version
 * @property {State | null} state  null where the server keeps no queue
 * @property {string | null} by
 * @property {string | null} comment
 * @property {Holder | null} holder  who has it open
 */
/** @typedef {{who: string, until: string, mine: boolean}} Holder */
/** @typedef {{total: number, page: number, size: number, counts: Record<string, number>, rows: Queued[]}} QueuePage */
/**
 * @typedef {{label_id: string, action: string, parts?: string[], before?: Label | null, after?: Label | null}} Changed
 * @typedef {{id: string, who: string, made: string, undoes: string | null, changes: Changed[]}} Entry  a save
 */
/**
 * @typedef {{who: string, done: number, per_hour: number | null, seconds_per_label: number | null,
 *   clicks_per_label: number | null}} Share  of the work
 * @typedef {{left: number, seconds_left: number | null, whole: Share, people: Share[]}} Progress
 */
/** @typedef {{label_id: string, rule: string, title: string, expected: string, found: string}} Broken  a rule */
/** @typedef {{comment?: string, seconds?: number, clicks?: number, labels?: number}} Told */

const PATIENCE = 20_000; // milliseconds for a save

export class LabelerApi extends Api {
  /** @param {string} token @param {string} dataset @param {string} field */
  constructor(token, dataset, field) {
    super(token, dataset);
    this.field = field;
    this.queued = true; // whether the server keeps a queue
  }

  /**
   * @template T
   * @param {string} address
   * @param {RequestInit} how
   * @param {Record<string, string>} [headers]
   * @returns {Promise<T>}
   */
  ask(address, how, headers = {}) {
    return super.ask(address, how, { ...headers, "X-Foveal-Session": tab() });
  }

  /** @param {string} kind @param {...string} parts */
  at(kind, ...parts) {
    return `/api/${kind}/${[this.dataset, ...parts].map(encodeURIComponent).join("/")}`;
  }

  /** @param {Queued} row @returns {Picture} */
  picture(row) {
    const { id, name, width, height, version } = row;
    const thumbnail = `${this.at("thumbnails", id)}?side={side}&v=${version}`;
    return { id, name, width, height, media: `${this.at("media", id)}?v=${version}`, thumbnail };
  }

  /** @param {string} sample @param {string} [field] @param {AbortSignal} [signal] @returns {Promise<Stored>} */
  labels(sample, field = this.field, signal) {
    return this.get(this.at("labels", sample, field), signal);
  }

  /**
   * Send changes; every way in which that can end is an answer.
   * @param {Place} place @param {Operation[]} operations @param {string} etag @returns {Promise<Answer>}
   */
  async save({ dataset, sample, field }, operations, etag) {
    const address = `/api/labels/${[dataset, sample, field].map(encodeURIComponent).join("/")}`;
    const how = { match: etag, signal: AbortSignal.timeout(PATIENCE) };
    try {
      /** @type {{etag: string}} */
      const made = await this.write("POST", address, { operations }, how);
      return { kind: "saved", etag: made.etag };
    } catch (error) {
      return answered(error);
    }
  }

  /** The saves of a sample, newest first. @param {string} sample @returns {Promise<{entries: Entry[]}>} */
  async journal(sample) {
    try {
      return await this.get(this.at("history", sample, this.field));
    } catch (error) {
      if (!missing(error)) throw error;
      return this.get(this.at("journal", sample, this.field));
    }
  }

  /**
   * Put labels back to what a save left of them; all, or some by their ids.
   * @param {string} sample @param {string} entry @param {string} etag @param {string[] | null} [labels]
   * @returns {Promise<{etag: string}>}
   */
  restore(sample, entry, etag, labels = null) {
    const body = { after: entry, labels, id: operationId() };
    return this.write("POST", this.at("restore", sample, this.field), body, { match: etag });
  }

  /** @param {string} entry @returns {Promise<{etag: string}>} */
  undo(entry) {
    return this.write("POST", this.at("undo", entry), {});
  }

  // --- the queue --------------------------------------------------------------------------------------------------

  /**
   * @param {string} spec @param {number} page @param {number} size @param {State | ""} state
   * @returns {Promise<QueuePage>}
   */
  async queue(spec, page, size, state) {
    const query = new URLSearchParams({ spec, page: String(page), size: String(size), ...(state ? { state } : {}) });
    if (this.queued) {
      try {
        return await this.get(`${this.at("queue", this.field)}?${query}`);
      } catch (error) {
        if (!missing(error)) throw error;
        this.queued = false;
      }
    }
    const found = await this.page(spec, page, size);
    const bare = { state: null, by: null, comment: null, holder: null };
    return { ...found, counts: {}, rows: found.rows.map((row) => ({ ...row, ...bare })) };
  }

  /**
   * The next sample that nobody holds; null and why where there is none.
   * @param {string} spec @param {string | null} after @param {State[]} states
   * @returns {Promise<{row: Queued | null, why: "done" | "held" | null, held: Queued[]}>}
   */
  next(spec, after, states) {
    return this.write("POST", this.at("queue", this.field, "next"), { spec: JSON.parse(spec), after, states });
  }

  /**
   * @param {string} sample @param {string} action @param {Told} [told] @param {boolean} [last] the page is closing
   * @returns {Promise<{row: Queued}>}
   */
  mark(sample, action, told = {}, last = false) {
    const body = { action, id: operationId(), ...told };
    return this.write("POST", this.at("queue", this.field, sample), body, { keepalive: last });
  }

  /** @param {string} spec @returns {Promise<Progress>} */
  progress(spec) {
    return this.get(`${this.at("progress", this.field)}?${new URLSearchParams({ spec })}`);
  }

  // --- what belongs to the field, and to this browser ---------------------------------------------------------------

  /** What the field allows. @returns {Promise<Schema>} */
  schema() {
    return this.get(this.at("schema", this.field));
  }

  /** Add a class; one that is there is left alone. @param {string} name @returns {Promise<Schema>} */
  newClass(name) {
    return this.write("POST", this.at("schema", this.field, "classes"), { name });
  }

  /** @param {{name: string, kind: string, classes: string[]}} field @returns {Promise<object>} */
  newField(field) {
    return this.write("POST", this.at("fields"), field);
  }

  /** @returns {Promise<{name: string | null} | null>} */
  async person() {
    try {
      return await this.get("/api/person");
    } catch (error) {
      if (missing(error)) return null;
      throw error;
    }
  }

  /** @param {string} name @returns {Promise<{name: string | null}>} */
  name(name) {
    return this.write("POST", "/api/person", { name });
  }

  /** What breaks the rules of the schema. @param {string} sample @returns {Promise<Broken[]>} */
  async rules(sample) {
    try {
      /** @type {{problems: Broken[]}} */
      const found = await this.get(this.at("rules", this.field, sample));
      return found.problems;
    } catch {
      return [];
    }
  }
}

/** The name of this tab, the same after a reload. */
function tab() {
  const known = sessionStorage.getItem("foveal:tab") ?? operationId();
  sessionStorage.setItem("foveal:tab", known);
  return known;
}

/** Who did something, in words: without a chosen name a reader is only a number. @param {string} who */
export function named(who) {
  return /^reader /.test(who) ? "unnamed" : who;
}

/** Whether a route is not there. @param {unknown} error */
export function missing(error) {
  return error instanceof Problem && (error.status === 404 || error.status === 405);
}

/** @param {unknown} error @returns {Answer} */
function answered(error) {
  if (!(error instanceof Problem)) {
    return { kind: "later", offline: true, problem: { error: "the server cannot be reached", action: "" } };
  }
  const problem = { error: error.message, action: error.action }, { status } = error;
  if (status === 412) {
    const parts = /** @type {{ours: Label[], stored: Stored}} */ (/** @type {unknown} */ (error.parts));
    return { kind: "conflict", ours: parts.ours, stored: parts.stored };
  }
  const waits = status >= 500 || [0, 401, 403, 408, 429].includes(status);
  return waits ? { kind: "later", offline: false, problem } : { kind: "refused", problem };
}
