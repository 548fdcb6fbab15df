// Drop, paste or choose images, and watch them being sent. Python is told how many were chosen and what became of them;
// the files themselves never pass through the page's state.

import { Problem } from "./api.js";
import { h, icon, mounted } from "./dom.js";
import { filesOf } from "./dropped.js";
import { Uploads } from "./uploads.js";

/** @import { Answer, Counts, Send } from "./uploads.js" */
/**
 * @typedef {{key: string, token: string, dataset: string}} Data  without a dataset, files wait; the key (16 hexadecimal
 *   digits) names what is sent together: it outlives the element
 * @typedef {{data: Data, parentElement: ParentNode, setStateValue: (name: string, value: unknown) => void}} Component
 */

const SHOWN = 12; // small pictures
const SMALL = 12 << 20; // bytes of a file that is shown
const LISTED = 50; // files that were not taken

/** @type {Map<string, Uploads>} */
const known = new Map();

export class Drop {
  /** @param {HTMLElement} root @param {Component} component */
  constructor(root, component) {
    this.root = root;
    this.component = component;
    this.stopped = false;
    this.told = "";
    this.telling = 0;
    this.frame = 0;
    /** @type {Map<number, string>} */
    this.pictures = new Map();
    /** @type {HTMLInputElement} */
    this.many = h("input", { type: "file", hidden: true, "data-testid": "files" });
    /** @type {HTMLInputElement} */
    this.folder = h("input", { type: "file", hidden: true, "data-testid": "folder" });
    this.many.multiple = this.folder.multiple = true;
    this.many.accept = "image/*";
    this.folder.webkitdirectory = true;
    for (const input of [this.many, this.folder]) input.addEventListener("change", () => this.chosen(input));
    this.strip = h("div.strip", { "aria-hidden": "true" });
    this.state = h("div.state", { role: "status" });
    this.wrong = h("ul.wrong");
    const words = [h("strong", {}, "Drop images or folders here"), h("span", {}, "or paste one with Ctrl+V")];
    const buttons = [
      h("button", { type: "button", onclick: () => this.many.click() }, "Choose files"),
      h("button", { type: "button", onclick: () => this.folder.click() }, "Choose a folder"),
    ];
    this.zone = h("div.zone", { role: "group", "aria-label": "Images" }, h("div.arrow", {}, icon("plus")),
      h("div.words", {}, ...words), h("div.buttons", {}, ...buttons), this.many, this.folder);
    root.replaceChildren(this.zone, this.strip, this.state, this.wrong);
    this.uploads = this.shared();
    this.listen();
    this.draw();
  }

  /** @param {Component} component */
  update(component) {
    this.component = component;
    this.uploads = this.shared();
    if (component.data.dataset && !this.uploads.running && !this.stopped) this.uploads.start();
    this.draw();
  }

  /** The files of this key: they stay when the element is made anew. */
  shared() {
    const { key } = this.component.data;
    /** @type {Send} */
    const send = (item, signal, sent) => this.send(item, signal, sent);
    const found = known.get(key) ?? new Uploads(send, () => this.soon());
    known.set(key, found);
    [found.send, found.changed] = [send, () => this.soon()];
    return found;
  }

  /** @type {Send} */
  send(item, signal, sent) {
    const { key, token, dataset } = this.component.data, { file, id, name } = item;
    const place = key + id.toString(16).padStart(8, "0"); // samples keep the order of the files
    const address = `/api/upload/${encodeURIComponent(dataset)}?${new URLSearchParams({ name, place })}`;
    return sending(address, token, /** @type {File} */ (file), { signal, sent });
  }

  /** Files may be dropped and pasted anywhere while this is on the page. */
  listen() {
    const here = (/** @type {(event: Event) => void} */ run) => (/** @type {Event} */ event) => {
      if (this.root.isConnected) run(event);
      else stop.abort();
    };
    const stop = new AbortController(), { signal } = stop;
    document.addEventListener("dragover", here((event) => this.over(/** @type {DragEvent} */ (event))), { signal });
    document.addEventListener("dragleave", here((event) => this.leave(/** @type {DragEvent} */ (event))), { signal });
    document.addEventListener("drop", here((event) => this.drop(/** @type {DragEvent} */ (event))), { signal });
    document.addEventListener("paste", here((event) => this.paste(/** @type {ClipboardEvent} */ (event))), { signal });
    addEventListener("beforeunload", (event) => this.uploads.busy && event.preventDefault());
  }

  /** @param {DragEvent} event */
  over(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    this.zone.classList.add("over");
  }

  /** @param {DragEvent} event */
  leave(event) {
    if (!event.relatedTarget) this.zone.classList.remove("over");
  }

  /** @param {DragEvent} event */
  drop(event) {
    this.zone.classList.remove("over");
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    void filesOf(event.dataTransfer).then(({ files, unread }) => this.take(files, unread));
  }

  /** @param {ClipboardEvent} event */
  paste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    const moment = new Date().toISOString().slice(0, 19).replace("T", " ").replaceAll(":", ".");
    this.take(files.map((file, place) => {
      const bare = /^image\.\w+$/.test(file.name); // what browsers call a picture of the clipboard
      const name = `pasted ${moment}${place ? ` ${place + 1}` : ""}.${file.name.split(".").pop()}`;
      return bare ? new File([file], name, { type: file.type }) : file;
    }));
  }

  /** @param {HTMLInputElement} input */
  chosen(input) {
    this.take([...(input.files ?? [])]);
    input.value = "";
  }

  /** @param {File[]} files @param {number} [unread]  folders and files that could not be read */
  take(files, unread = 0) {
    this.stopped = false;
    this.uploads.unread += unread;
    this.uploads.add(files);
    if (this.component.data.dataset) this.uploads.start();
    this.soon();
  }

  stop() {
    this.stopped = true;
    this.uploads.cancel();
    this.soon();
  }

  go() {
    this.stopped = false;
    this.uploads.start();
    this.soon();
  }

  soon() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  draw() {
    const { uploads } = this, { counts } = uploads;
    this.zone.classList.toggle("filled", counts.files > 0);
    this.drawStrip();
    this.state.replaceChildren(...(counts.files || uploads.leftOut || uploads.unread ? this.summary(counts) : []));
    this.drawWrong();
    this.report(counts);
  }

  /** @param {Counts} counts @returns {Node[]} */
  summary(counts) {
    const { uploads, component } = this, { dataset } = component.data;
    const share = counts.bytes ? counts.sent / counts.bytes : 0;
    const range = { "aria-valuenow": Math.round(100 * share), "aria-valuemin": 0, "aria-valuemax": 100 };
    const bar = h("div.bar", { role: "progressbar", "aria-label": "Sent", ...range },
      h("i", { style: { width: `${100 * share}%` } }));
    const action = this.action(counts);
    const words = h("span.told", {}, dataset ? progress(counts, uploads.busy) : waiting(counts));
    const left = [
      uploads.leftOut ? `${plural(uploads.leftOut, "file")} left out: no images` : "",
      uploads.unread ? `${uploads.unread} could not be read` : "",
    ].filter(Boolean).join(" · ");
    const rest = left ? h("span.quiet", {}, left) : null;
    return [...(dataset && counts.files ? [bar] : []), h("div.line", {}, words, rest, action)];
  }

  /** What can be done about what is chosen or sent. @param {Counts} counts */
  action(counts) {
    const button = (/** @type {string} */ text, /** @type {() => void} */ run) =>
      h("button", { type: "button", onclick: run }, text);
    if (this.uploads.busy) return button("Cancel", () => this.stop());
    if (!this.component.data.dataset) return counts.files ? button("Clear", () => this.uploads.clear()) : null;
    if (counts.over < counts.files) return button("Go on", () => this.go());
    return counts.failed ? button(`Send ${counts.failed} again`, () => this.uploads.retry()) : null;
  }

  drawWrong() {
    const wrong = this.uploads.items.filter(({ state }) => state === "refused" || state === "failed");
    const again = (/** @type {number} */ id) =>
      h("button", { type: "button", onclick: () => this.uploads.retry(id) }, "Again");
    const shown = wrong.slice(0, LISTED).map(({ id, name, said, state }) =>
      h(`li.${state}`, {}, h("b", {}, name), h("span", {}, said), state === "failed" ? again(id) : null));
    const more = wrong.length > LISTED ? [h("li", {}, `and ${wrong.length - LISTED} more`)] : [];
    this.wrong.replaceChildren(...shown, ...more);
  }

  /** The first pictures, small, so that one sees what was chosen. */
  drawStrip() {
    const { items } = this.uploads, shown = items.filter(({ file }) => file.size < SMALL).slice(0, SHOWN);
    const same = shown.map(({ id }) => id).join() === [...this.pictures.keys()].join();
    if (!same) {
      for (const address of this.pictures.values()) URL.revokeObjectURL(address);
      this.pictures = new Map(shown.map(({ id, file }) => [id, URL.createObjectURL(/** @type {File} */ (file))]));
      this.strip.replaceChildren(...[...this.pictures.values()].map((src) => thumb(src)));
      if (items.length > shown.length) this.strip.append(h("span", {}, `+${items.length - shown.length}`));
    }
  }

  /** Tell Python, after a short pause, and only what changed. @param {Counts} counts */
  report(counts) {
    const { busy, leftOut } = this.uploads, { files, added, known: same, refused, failed, over } = counts;
    const told = { chosen: files, added, known: same, refused, failed, leftOut, over: files > 0 && over === files };
    if (busy) return; // Python has nothing to do meanwhile
    const state = { key: this.component.data.key, ...told }, text = JSON.stringify(state);
    if (text === this.told) return;
    this.told = text;
    clearTimeout(this.telling);
    this.telling = setTimeout(() => this.component.setStateValue("state", state), 60);
  }
}

/** @param {string} src */
function thumb(src) {
  const image = h("img", { src, alt: "", decoding: "async" });
  image.addEventListener("error", () => image.replaceWith(h("span.broken", {}, "?")));
  return image;
}

/** @param {Counts} counts */
function waiting(counts) {
  return counts.files ? `${plural(counts.files, "image")} · ${megabytes(counts.bytes)}` : "";
}

/** @param {Counts} counts @param {boolean} busy */
function progress(counts, busy) {
  if (busy) {
    const left = counts.left === null ? "" : ` · ${seconds(counts.left)} left`;
    const size = `${megabytes(counts.sent)} of ${megabytes(counts.bytes)}`;
    return `${counts.over} of ${plural(counts.files, "image")} · ${size}${left}`;
  }
  const rest = counts.files - counts.over;
  return [
    counts.files ? `${counts.added} added` : "", counts.known ? `${counts.known} there already` : "",
    counts.refused ? `${counts.refused} refused` : "", counts.failed ? `${counts.failed} not sent` : "",
    rest ? `${rest} still waiting` : "",
  ].filter(Boolean).join(" · ");
}

/** @param {number} count @param {string} word */
function plural(count, word) {
  return `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
}

/** @param {number} bytes */
function megabytes(bytes) {
  const size = bytes / 1e6;
  return `${size >= 10 ? Math.round(size) : size.toFixed(1)} MB`;
}

/** @param {number} value */
function seconds(value) {
  return value < 90 ? `${Math.max(1, Math.round(value))} s` : `${Math.round(value / 60)} min`;
}

/**
 * Send one file. Rejects with a Problem; `final` where the server refused the file itself.
 * @param {string} address @param {string} token @param {File} file
 * @param {{signal: AbortSignal, sent: (bytes: number) => void}} on
 * @returns {Promise<Answer>}
 */
function sending(address, token, file, on) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch tells no progress of what it sends
    request.open("POST", address);
    request.setRequestHeader("X-Foveal-Token", token);
    request.upload.onprogress = (event) => on.sent(event.loaded);
    const done = () => request.status >= 200 && request.status < 300;
    request.onload = () => (done() ? resolve(JSON.parse(request.responseText)) : reject(refusal(request)));
    request.onerror = () => reject(new Problem({ error: "the server did not answer" }));
    request.onabort = () => reject(new Problem({ error: "cancelled" }));
    on.signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}

/** @param {XMLHttpRequest} request */
function refusal(request) {
  const { status, responseText } = request;
  /** @type {ConstructorParameters<typeof Problem>[0]} */
  let parts = { error: `the server answered ${status}` };
  try {
    parts = JSON.parse(responseText);
  } catch {
    // no answer of ours
  }
  const text = parts.found ? `${parts.found}; ${parts.action ?? ""}` : parts.error;
  return Object.assign(new Problem({ ...parts, error: text }), { final: status === 400 || status === 413 });
}

export const render = mounted(".foveal-drop", (root, /** @type {Component} */ component) => new Drop(root, component));
