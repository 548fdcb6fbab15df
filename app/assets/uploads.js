// The files that are sent to a dataset: which wait, which are on their way, what became of each. No DOM here.

/**
 * @typedef {"waiting" | "sending" | "added" | "known" | "refused" | "failed"} State
 * @typedef {{name: string, size: number, type: string}} File_  what is asked of a `File`
 * @typedef {{known: boolean}} Answer
 * @typedef {{id: number, file: File_, name: string, state: State, sent: number, said: string}} Item
 *   `sent` is in bytes, `said` why it was not taken
 * @typedef {(item: Item, signal: AbortSignal, sent: (bytes: number) => void) => Promise<Answer>} Send
 *   rejects with an error whose `final` says that sending again is of no use
 * @typedef {{files: number, over: number, added: number, known: number, refused: number, failed: number,
 *   bytes: number, sent: number, left: number | null}} Counts  `over` are done with, `left` is in seconds
 */

export const AT_ONCE = 4;
const ENDINGS = /\.(jpe?g|jpe|jfif|mpo|a?png|webp|tiff?|gif|bmp|dib|jp2|j2k|jpx|avifs?|p[bgpn]m|tga|pcx|ico)$/i;
const ENOUGH = 0.7; // seconds of sending before the time left is told

/** Whether a file may be an image, by its name or type; the server looks at its content. @param {File_} file */
export function isImage(file) {
  const hidden = file.name.startsWith(".");
  return !hidden && (ENDINGS.test(file.name) || (file.type.startsWith("image/") && file.type !== "image/svg+xml"));
}

export class Uploads {
  /**
   * @param {Send} send
   * @param {() => void} changed  called after every change
   * @param {() => number} now  seconds
   */
  constructor(send, changed, now = () => performance.now() / 1000) {
    this.send = send;
    this.changed = changed;
    this.now = now;
    /** @type {Item[]} */
    this.items = [];
    this.next = 0; // id
    this.leftOut = 0; // files that are no images
    this.unread = 0; // what could not be read in the browser
    this.running = false;
    this.began = 0;
    this.before = 0;
    this.abort = new AbortController();
  }

  /** Take files in the order of their names; those that are no images are left out. @param {File_[]} files */
  add(files) {
    const images = files.filter(isImage);
    this.leftOut += files.length - images.length;
    images.sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }));
    for (const file of images) {
      this.items.push({ id: this.next++, file, name: file.name, state: "waiting", sent: 0, said: "" });
    }
    this.changed();
    if (this.running) this.pump();
  }

  /** Drop what is not sent yet. */
  clear() {
    this.items = this.items.filter((item) => item.state !== "waiting");
    this.leftOut = this.unread = 0;
    this.changed();
  }

  /** Send what waits, and what is added from now on. */
  start() {
    this.running = true;
    this.pump();
  }

  /** Stop: what is on its way is broken off, what waits stays waiting. */
  cancel() {
    this.running = false;
    this.abort.abort();
    this.abort = new AbortController();
  }

  /** Send those again that failed; all of them, or one. @param {number} [id] */
  retry(id) {
    for (const item of this.items) {
      const wanted = item.state === "failed" && (id === undefined || item.id === id);
      if (wanted) Object.assign(item, { state: "waiting", sent: 0, said: "" });
    }
    this.start();
    this.changed();
  }

  get busy() {
    return this.running && this.items.some(({ state }) => state === "waiting" || state === "sending");
  }

  /** @returns {Counts} */
  get counts() {
    const of = (/** @type {State} */ state) => this.items.filter((item) => item.state === state).length;
    const [added, known, refused, failed] = [of("added"), of("known"), of("refused"), of("failed")];
    const bytes = this.items.reduce((sum, { file }) => sum + file.size, 0);
    const sent = this.items.reduce((sum, item) => sum + (item.state === "waiting" ? 0 : item.sent), 0);
    const over = added + known + refused + failed;
    return { files: this.items.length, over, added, known, refused, failed, bytes, sent, left: this.left(bytes, sent) };
  }

  /** Seconds left at the rate so far; null while unknown. @param {number} bytes @param {number} sent */
  left(bytes, sent) {
    const took = this.now() - this.began, rate = (sent - this.before) / took;
    return this.busy && took > ENOUGH && rate > 0 ? (bytes - sent) / rate : null;
  }

  pump() {
    const sending = this.items.filter(({ state }) => state === "sending").length;
    if (!sending) [this.began, this.before] = [this.now(), this.counts.sent];
    const next = this.items.filter(({ state }) => state === "waiting").slice(0, AT_ONCE - sending);
    for (const item of this.running ? next : []) void this.one(item);
  }

  /** @param {Item} item */
  async one(item) {
    const { signal } = this.abort;
    Object.assign(item, { state: "sending", sent: 0 });
    try {
      const answer = await this.send(item, signal, (bytes) => {
        item.sent = bytes;
        this.changed();
      });
      Object.assign(item, { state: answer.known ? "known" : "added", sent: item.file.size });
    } catch (error) {
      if (signal.aborted) Object.assign(item, { state: "waiting", sent: 0 });
      else {
        const state = isFinal(error) ? "refused" : "failed";
        Object.assign(item, { state, sent: item.file.size, said: said(error) });
      }
    }
    if (this.running) this.pump();
    this.changed();
  }
}

/** @param {unknown} error */
function isFinal(error) {
  return error instanceof Error && "final" in error && error.final === true;
}

/** @param {unknown} error */
function said(error) {
  return error instanceof Error ? error.message : String(error);
}
