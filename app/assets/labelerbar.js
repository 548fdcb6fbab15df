// The bar above the canvas: which field and image is open, whether everything is saved, and how the image is handed on.

import { h, icon, iconButton } from "./dom.js";
import { newField } from "./newfield.js";
import { STATES } from "./queuelist.js";
import { saving } from "./saving.js";

/** @import { LabelerScreen } from "./labelerscreen.js" */
/** @import { FieldInfo } from "./proposals.js" */

const MORE = "+ new field";

export class LabelerBar {
  /** @param {LabelerScreen} screen @param {(name: string) => void} switched */
  constructor(screen, switched) {
    this.screen = screen;
    const { data } = screen, names = data.fields.filter((one) => !one.predicted || one.name === data.field?.name);
    const options = [...names.map((one) => one.name), MORE].map((name) => h("option", { value: name }, name));
    const chosen = () => {
      if (fields.value !== MORE) switched(fields.value);
      else this.field(switched);
      fields.value = data.field?.name ?? "";
    };
    const fields = h("select.field",
      { "aria-label": "Field", title: "The labels that are edited", onchange: chosen },
        ...options);
    fields.value = data.field?.name ?? "";
    this.name = h("div.name");
    this.state = h("span.chip.state");
    this.saved = h("button.saving", { type: "button", onclick: () => screen.actions.decide() });
    this.accept = h("button",
      { type: "button", title: "Accept (Ctrl+Shift+Enter)", onclick: () => this.mark("accept") }, "Accept");
    this.back = h("button",
      { type: "button", title: "Return with a comment (Ctrl+Shift+Backspace)", onclick: () => this.comment() },
        "Return");
    this.reject = h("button",
      { type: "button", title: "Reject: this image is of no use (Ctrl+Backspace)",
        onclick: () => this.mark("reject") }, "Reject");
    this.done = h("button.main",
      { type: "button", title: "Done, and on to the next (Ctrl+Enter)", onclick: () => this.mark("done") },
        icon("check"), h("span", {}, "Done"));
    this.person = h("button.person",
      { type: "button", title: "Who you are: your name stands at what you change", hidden: true,
        onclick: () => this.ask() });
    this.queue = iconButton("list", "Queue (F9)", () => screen.flip("noqueue"));
    this.sides = iconButton("sides", "Labels and classes (F10)", () => screen.flip("noside"));
    this.root = h(
      "header.bar", {}, this.queue, fields, iconButton("left", "Previous image (A)", () => screen.session.step(-1)),
      iconButton("right", "Next image (D)", () => screen.session.step(1)), this.name, this.state, h("span.gap"),
        this.saved,
      h("span.actions", {}, this.reject, this.back, this.accept, this.done), this.person,
        iconButton("help", "Keys (?)", () => screen.actions.help()), this.sides,
    );
    void this.known();
  }

  draw() {
    const { session, outbox, root, api } = this.screen, { row, place, queue } = session;
    const where = place >= 0 ? `${(place + 1).toLocaleString()} of ${queue.total.toLocaleString()}` : "";
    const size = row ? `${row.width} × ${row.height}` : "";
    this.name.replaceChildren(...(row
      ? [h("strong", { title: row.name }, row.name), h("span", {}, [where, size].filter(Boolean).join(" · "))] : []));
    const state = session.state;
    this.state.hidden = !state;
    this.state.textContent = state ?? "";
    if (state) this.state.style.setProperty("--key", STATES[state]?.colour ?? "none");
    const told = saving(outbox), busy = outbox.count > 0;
    this.saved.textContent = told.text;
    this.saved.title = told.title;
    this.saved.dataset.kind = told.kind;
    this.saved.dataset.count = String(outbox.count);
    this.saved.disabled = told.kind !== "stuck";
    root.classList.toggle("busy", busy);
    const judged = state === "done" || state === "accepted" || state === "rejected";
    this.accept.hidden = this.back.hidden = !judged || !api.queued;
    this.reject.hidden = judged || !api.queued;
    this.queue.setAttribute("aria-pressed", String(!root.classList.contains("noqueue")));
    this.sides.setAttribute("aria-pressed", String(!root.classList.contains("noside")));
  }

  /** @param {"done" | "reject" | "accept" | "return"} action @param {string} [comment] */
  async mark(action, comment) {
    const { session } = this.screen;
    if (session.handing.mark(action, comment)) await session.onward();
  }

  /** Make a field. @param {(name: string) => void} switched */
  field(switched) {
    const made = (/** @type {string} */ name) => {
      dialog.close();
      switched(name);
    };
    const onkeydown = (/** @type {KeyboardEvent} */ event) => event.stopPropagation();
    const onclose = () => {
      dialog.remove();
      this.screen.home();
    };
    const form = newField(this.screen.api, made, this.screen.data.fields.map((one) => one.name));
    const dialog = h("dialog.asks", { "aria-label": "A new field of labels", onkeydown, onclose }, form);
    this.screen.root.append(dialog);
    dialog.showModal();
  }

  /** Ask why an image is returned. */
  comment() {
    this.asks("Return this image", "What is to be done about it?", "Return", "", (text) => this.mark("return", text));
  }

  /** Ask for a person's name. */
  ask() {
    const { api } = this.screen;
    this.asks("Who are you?", "Your name stands at what you change", "Keep", this.person.dataset.name ?? "",
      async (name) => {
      try {
        await api.name(name);
        await this.known();
      } catch (error) {
        this.screen.failed(error);
      }
    });
  }

  async known() {
    const found = await this.screen.api.person().catch(() => null);
    this.person.hidden = !found;
    this.person.dataset.name = found?.name ?? "";
    this.person.replaceChildren(icon("person"), h("span", {}, found?.name ?? "your name"));
  }

  /**
   * @param {string} title @param {string} hint @param {string} word @param {string} value
   * @param {(text: string) => unknown} done
   */
  asks(title, hint, word, value, done) {
    const input = h("input", { type: "text", value, placeholder: hint, "aria-label": hint });
    const submit = () => {
      const text = input.value.trim();
      if (!text) return;
      dialog.close();
      void done(text);
    };
    const onkeydown = (/** @type {KeyboardEvent} */ event) => {
      event.stopPropagation();
      if (event.key === "Enter") submit();
    };
    const onclose = () => {
      dialog.remove();
      this.screen.home();
    };
    const cancel = h("button", { type: "button", onclick: () => { dialog.close(); } }, "Cancel");
    const keep = h("button.main", { type: "button", onclick: submit }, word);
    const dialog = h("dialog.asks", { "aria-label": title, onkeydown, onclose }, h("strong", {}, title), input,
      h("footer", {}, cancel, h("span.gap"), keep));
    this.screen.root.append(dialog);
    dialog.showModal();
    input.select();
  }

  /** @param {FieldInfo | null} field */
  referenced(field) {
    this.root.dataset.reference = field?.name ?? "";
  }
}
