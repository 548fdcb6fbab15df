// The labeler on its page: one outbox, and a desk for the field and view that Streamlit names. The page is drawn once;
// all that follows goes over `/api`.

import { h, mounted } from "./dom.js";
import { LabelerApi } from "./labelerapi.js";
import { Desk } from "./labelerdesk.js";
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
    /** @type {Desk | null} */
    this.desk = null;
    this.key = "";
    token = component.data.token;
    outbox.on = {
      changed: () => this.desk?.bar.draw(), saved: () => this.desk?.saved(),
      stuck: () => void this.desk?.actions.decide(),
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
      void this.desk?.again(); // a dialog of the page may have changed it
      return;
    }
    this.key = key;
    this.desk?.end();
    this.desk = null;
    if (field) void this.begin();
    else this.nothing();
  }

  async begin() {
    const { data } = this, switched = (/** @type {string} */ name) => this.component.setTriggerValue("field", name);
    const desk = new Desk(this.root, data, outbox, switched);
    this.desk = desk;
    Object.assign(this.root, { desk });
    // labels are read after what was left was sent, unless that takes long
    const left = await Promise.race([opened, new Promise((resolve) => setTimeout(resolve, 1500, ""))]);
    await desk.start().catch((error) => desk.failed(error));
    if (left) desk.say(String(left));
    if (outbox.stuck.length) await desk.actions.decide();
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
      this.desk?.end();
      this.desk = null;
      for (const [name, run] of heard) window.removeEventListener(name, /** @type {EventListener} */ (run), true);
      return true;
    };
    const key = (/** @type {KeyboardEvent} */ event) => {
      const inside = event.composedPath().includes(this.root), free = document.activeElement === document.body;
      if (gone() || (!inside && !free)) return;
      if (this.desk?.actions.key(event)) event.preventDefault();
      if (free && !inside) event.stopPropagation(); // Streamlit has shortcuts of its own
    };
    const heard = /** @type {[string, (event: KeyboardEvent) => void][]} */ ([
      ["keydown", key], ["resize", () => gone() || this.fit()], ["online", () => gone() || void outbox.flush()],
      ["pagehide", () => gone() || this.desk?.session.end(true)],
    ]);
    for (const [name, run] of heard) window.addEventListener(name, /** @type {EventListener} */ (run), true);
    this.root.addEventListener("keydown", (event) => event.stopPropagation());
    this.root.addEventListener("pointerdown", () => this.desk?.session.watch.beat(true));
    this.root.addEventListener("pointermove", () => this.desk?.session.watch.beat());
    const home = this.root.getRootNode(), above = home instanceof ShadowRoot ? home.host.closest(MAIN) : null;
    new ResizeObserver(() => this.fit()).observe(above ?? document.body);
    setInterval(() => gone() || this.fit(), 1000);
  }

  /** As high as the window leaves room. */
  fit() {
    const top = this.root.getBoundingClientRect().top + (this.root.closest("section")?.scrollTop ?? 0);
    const height = `${Math.max(LEAST, innerHeight - Math.max(0, top) - BELOW)}px`;
    if (this.root.style.height !== height) this.root.style.height = height;
    this.desk?.fold(this.root.clientWidth);
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
