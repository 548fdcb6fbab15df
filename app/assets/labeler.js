// The labeler on its page: one outbox, a screen for the field and view that Streamlit names. The page is drawn once;
// all that follows goes over `/api`.

import { h, mounted } from "./dom.js";
import { LabelerApi } from "./labelerapi.js";
import { LabelerScreen } from "./labelerscreen.js";
import { newField } from "./newfield.js";
import { memory, Outbox } from "./outbox.js";
import { shelf } from "./shelf.js";

/** @import { SchemaClass } from "./labeling.js" */
/** @import { FieldInfo } from "./proposals.js" */
/**
 * @typedef {{token: string, dataset: string, spec: string, field: FieldInfo | null, fields: FieldInfo[],
 *   classes: SchemaClass[], colours: string[], sample: string | null, label: string | null,
 *   reference: string | null, revision: number}} Data
 * @typedef {{data: Data, parentElement: ParentNode, setTriggerValue: (name: string, value: unknown) => void}} Component
 */

const LEAST = 420; // pixels of height
const MAIN = ".stMainBlockContainer";
const BELOW = 14; // pixels left free below

let token = "";
// one for all places where the page draws the labeler, so that nothing is forgotten when it is drawn elsewhere
const outbox = new Outbox(memory(), (...sent) => new LabelerApi(token, "", "").save(...sent));
/** @type {Promise<string> | null} */
let opened = null; // resolves to what is to be told

class Labeler {
  /** @param {HTMLElement} root @param {Component} component */
  constructor(root, component) {
    this.root = root;
    this.component = component;
    this.data = component.data;
    /** @type {LabelerScreen | null} */
    this.screen = null;
    this.key = "";
    token = component.data.token;
    outbox.on = {
      changed: () => this.screen?.bar.draw(), saved: () => this.screen?.saved(),
      stuck: () => void this.screen?.actions.decide(),
    };
    Object.assign(root, { outbox });
    opened ??= open();
    this.listen();
    this.fit();
  }

  /** @param {Component} component */
  update(component) {
    this.component = component;
    this.data = component.data;
    token = this.data.token;
    const { dataset, spec, field, reference, revision } = this.data;
    const key = JSON.stringify([dataset, spec, field, reference, revision]);
    if (key === this.key) {
      void this.screen?.again(); // a dialog of the page may have changed it
      return;
    }
    this.key = key;
    this.screen?.end();
    this.screen = null;
    if (field) void this.begin();
    else this.nothing();
  }

  async begin() {
    const { data } = this, switched = (/** @type {string} */ name) => this.component.setTriggerValue("field", name);
    const screen = new LabelerScreen(this.root, data, outbox, switched);
    this.screen = screen;
    Object.assign(this.root, { screen });
    // labels are read after what was left was sent, unless that takes long
    const left = await Promise.race([opened, new Promise((resolve) => setTimeout(resolve, 1500, ""))]);
    await screen.start().catch((error) => screen.failed(error));
    if (left) screen.say(String(left));
    if (outbox.stuck.length) await screen.actions.decide();
  }

  /** There is no field of labels yet: make one. */
  nothing() {
    const api = new LabelerApi(this.data.token, this.data.dataset, "");
    const made = (/** @type {string} */ name) => this.component.setTriggerValue("field", name);
    this.root.replaceChildren(h("div.start", {}, newField(api, made)));
  }

  // --- the frame --------------------------------------------------------------------------------------------------

  listen() {
    const gone = () => {
      if (this.root.isConnected) return false;
      this.screen?.end();
      this.screen = null;
      for (const [name, run] of heard) window.removeEventListener(name, /** @type {EventListener} */ (run), true);
      return true;
    };
    const key = (/** @type {KeyboardEvent} */ event) => {
      const inside = event.composedPath().includes(this.root), free = document.activeElement === document.body;
      if (gone() || (!inside && !free)) return;
      if (this.screen?.actions.key(event)) event.preventDefault();
      if (free && !inside) event.stopPropagation(); // Streamlit has shortcuts of its own
    };
    const heard = /** @type {[string, (event: KeyboardEvent) => void][]} */ ([
      ["keydown", key], ["resize", () => gone() || this.fit()], ["online", () => gone() || void outbox.flush()],
      ["pagehide", () => gone() || this.screen?.session.end(true)],
    ]);
    for (const [name, run] of heard) window.addEventListener(name, /** @type {EventListener} */ (run), true);
    this.root.addEventListener("keydown", (event) => event.stopPropagation());
    this.root.addEventListener("pointerdown", () => this.screen?.session.watch.beat(true));
    this.root.addEventListener("pointermove", () => this.screen?.session.watch.beat());
    const home = this.root.getRootNode(), above = home instanceof ShadowRoot ? home.host.closest(MAIN) : null;
    new ResizeObserver(() => this.fit()).observe(above ?? document.body);
    setInterval(() => gone() || this.fit(), 1000);
  }

  /** As high as the window leaves room. */
  fit() {
    const top = this.root.getBoundingClientRect().top + (this.root.closest("section")?.scrollTop ?? 0);
    const height = `${Math.max(LEAST, innerHeight - Math.max(0, top) - BELOW)}px`;
    if (this.root.style.height !== height) this.root.style.height = height;
    this.screen?.fold(this.root.clientWidth);
  }
}

/** Open the shelf, and send what was left there. Resolves to what a person should know. */
async function open() {
  try {
    outbox.shelf = await shelf();
    const left = await outbox.adopt();
    await outbox.flush();
    return left ? `${left} change${left === 1 ? " that was" : "s that were"} left here went to the server` : "";
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return `this browser keeps no changes (${text}): close the page only when all are saved`;
  }
}

export const render = mounted(".labeler", (root, /** @type {Component} */ component) => new Labeler(root, component));
