// Smart tools of the server: which there are, questions to them, and pictures that they prepare ahead.

import { Problem } from "./api.js";

/** @import { Prompt, Segmented } from "./labeling.js" */
/**
 * What a tool takes and gives; one that is not ready says in `hint` what is missing.
 * @typedef {object} SmartTool
 * @property {"sam" | "grabcut" | "scissors"} name
 * @property {string} title
 * @property {("points" | "box")[]} takes
 * @property {"mask" | "path"} gives
 * @property {boolean} ready
 * @property {string} hint
 * @property {{file: string, title: string, licence: string, megabytes: number, url: string, folder: string}[]} weights
 *   files that a tool without weights needs one of
 */

export class Segmenter {
  /** @param {string} token  of this reader, to write @param {string} dataset */
  constructor(token, dataset) {
    this.token = token;
    this.dataset = dataset;
    /** @type {Promise<SmartTool[]> | null} */
    this.known = null;
  }

  /** Every tool, the best for masks first; asked for once. @returns {Promise<SmartTool[]>} */
  tools() {
    this.known ??= this.#send("/api/segment/tools").then((found) => found.tools);
    this.known.catch(() => (this.known = null)); // ask again next time
    return this.known;
  }

  /**
   * Have the pictures of samples looked at ahead, in this order; those of an earlier call that have not begun are left.
   * @param {string[]} ids
   */
  async prepare(ids) {
    await this.#send(`/api/segment/${encodeURIComponent(this.dataset)}/prepare`, { samples: ids });
  }

  /**
   * @param {string} sample @param {Prompt} prompt @param {AbortSignal} [signal]
   * @returns {Promise<Segmented>} rejects with a Problem
   */
  segment(sample, prompt, signal) {
    return this.#send(`/api/segment/${encodeURIComponent(this.dataset)}/${sample}`, prompt, signal);
  }

  /** @param {string} address @param {object} [body] @param {AbortSignal} [signal] */
  async #send(address, body, signal) {
    const headers = { "X-Foveal-Token": this.token, "Content-Type": "application/json" };
    const asked = body ? { method: "POST", body: JSON.stringify(body) } : {};
    const answer = await fetch(address, { ...asked, headers, signal });
    const found = await answer.json().catch(() => ({ error: `the server answered ${answer.status}` }));
    if (!answer.ok) throw new Problem(found);
    return found;
  }
}
