// Our HTTP routes, as the components use them.

/**
 * @typedef {{id: string | null, label: string, box: [number, number, number, number] | null, confidence: number | null,
 *   crowd: boolean, mask: boolean, attributes?: Record<string, unknown>, points?: ([number, number] | null)[][],
 *   seen?: number[]}} Label  box is x, y, width, height in [0, 1]; points are those of lines, or a list of key points,
 *   and seen says of each of these how well it is (0 to 2), or how sure its prediction is
 * @typedef {{id: string, name: string, width: number, height: number, split: string | null, tags: string[],
 *   version: string, labels: Record<string, Label[]>, masks: Record<string, string>}} Row  masks: a version by field
 * @typedef {{total: number, page: number, size: number, rows: Row[]}} Page  page counts from 1
 * @typedef {Row & {path: string, values: Record<string, unknown>}} Sample
 */

/** An answer of the server that says what went wrong. */
export class Problem extends Error {
  /**
   * @param {{error?: string, expected?: string, found?: string, action?: string}} parts
   * @param {number} [status]  0 where there was no answer at all
   */
  constructor(parts, status = 0) {
    super(parts.error ?? "the server did not answer");
    this.action = parts.action ?? "";
    this.status = status;
    this.parts = parts;
  }
}

export class Api {
  /** @param {string} token @param {string} dataset */
  constructor(token, dataset) {
    this.token = token;
    this.dataset = dataset;
  }

  /**
   * @param {string} spec  a view spec as JSON
   * @param {number} page  counts from 1
   * @param {number} size
   * @param {AbortSignal} [signal]
   * @returns {Promise<Page>}
   */
  page(spec, page, size, signal) {
    return this.get(`/api/page?${new URLSearchParams({ spec, page: String(page), size: String(size) })}`, signal);
  }

  /** @param {string} id @param {AbortSignal} [signal] @returns {Promise<Sample>} */
  sample(id, signal) {
    return this.get(`/api/samples/${encodeURIComponent(this.dataset)}/${id}`, signal);
  }

  /** @param {Row} row @param {number} side  longest side in pixels */
  thumbnail(row, side) {
    return `/api/thumbnails/${encodeURIComponent(this.dataset)}/${row.id}?side=${side}&v=${row.version}`;
  }

  /** @param {Row} row */
  media(row) {
    return `/api/media/${encodeURIComponent(this.dataset)}/${row.id}?v=${row.version}`;
  }

  /** @param {Row} row @param {string} field @param {Label} label */
  mask(row, field, label) {
    return `/api/mask/${encodeURIComponent(this.dataset)}/${row.id}/${field}/${label.id}?v=${row.version}`;
  }

  /**
   * All masks of a field as one picture.
   * @param {Row} row @param {string} field @param {import("./labels.js").How} how
   */
  overlay(row, field, how) {
    const query = new URLSearchParams({ v: `${row.version}-${row.masks[field]}` });
    for (const [name, value] of Object.entries(how)) for (const one of [value].flat()) query.append(name, one);
    return `/api/overlay/${encodeURIComponent(this.dataset)}/${row.id}/${field}?${query}`;
  }

  /**
   * An answer as JSON, in the shape that the routes promise.
   * @template T
   * @param {string} address
   * @param {AbortSignal} [signal]
   * @returns {Promise<T>}
   */
  async get(address, signal) {
    return this.ask(address, { signal });
  }

  /**
   * Send something, and read the answer as JSON.
   * @template T
   * @param {"POST" | "PUT" | "DELETE"} method
   * @param {string} address
   * @param {object} body
   * @param {{signal?: AbortSignal, match?: string, keepalive?: boolean}} [how]  `match` is the ETag that it is based on
   * @returns {Promise<T>}
   */
  async write(method, address, body, { match, ...how } = {}) {
    const headers = { "Content-Type": "application/json",
      ...(match === undefined ? {} : { "If-Match": quoted(match) }) };
    return this.ask(address, { method, body: JSON.stringify(body), ...how }, headers);
  }

  /**
   * @template T
   * @param {string} address
   * @param {RequestInit} how
   * @param {Record<string, string>} [headers]
   * @returns {Promise<T>}
   */
  async ask(address, how, headers = {}) {
    const answer = await fetch(address, { ...how, headers: { ...headers, "X-Foveal-Token": this.token } });
    const text = await answer.text(), found = parse(text);
    if (answer.ok && found !== null) return /** @type {T} */ (found);
    const wrong = { error: `the server answered ${answer.status}`, action: "try again" };
    throw new Problem((answer.ok ? null : found) ?? wrong, answer.ok ? 404 : answer.status); // a page is no answer
  }
}

/** @param {string} etag */
function quoted(etag) {
  return etag === "*" ? etag : `"${etag}"`;
}

/** @param {string} text @returns {ConstructorParameters<typeof Problem>[0] | null} */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
