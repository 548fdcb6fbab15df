// Gestures as steps that can be saved: masks become PNG files, and steps are told in the order in which they were made.

import { encoded } from "./bitmappng.js";

/** @import { Bitmap } from "./bitmap.js" */
/** @import { Change } from "./editormodel.js" */
/** @import { Edit, Step } from "./labeling.js" */

export class Steps {
  /** @param {(step: Step) => void} tell @param {(text: string) => void} say */
  constructor(tell, say) {
    this.tell = tell;
    this.say = say;
    /** @type {Promise<void> | null} */
    this.waiting = null; // steps that are not told yet
    /** @type {WeakMap<Bitmap, Promise<string>>} */
    this.files = new WeakMap();
    this.whole = false; // masks hold values of classes
  }

  /**
   * Tell a step: at once, unless masks have to be made into files first, or earlier steps still wait for theirs.
   * @param {{sample: string, field: string, words: string}} about @param {Change[]} forward @param {Change[]} backward
   * @param {(id: string) => Promise<Bitmap | undefined>} late  the mask of a label that was not loaded yet
   */
  add(about, forward, backward, late) {
    const drawn = [...forward, ...backward].some((change) => change.label.mask);
    if (!drawn && !this.waiting) {
      this.tell({ ...about, forward: forward.map(plain), backward: backward.map(plain) });
      return;
    }
    const made = Promise.all([forward, backward].map((some) => Promise.all(some.map((one) => this.edit(one, late)))));
    const told = (this.waiting ?? Promise.resolve()).then(async () => {
      const [there, back] = await made;
      this.tell({ ...about, forward: there, backward: back });
    }).catch((/** @type {Error} */ error) => this.say(`${about.words} was not saved: ${error.message}`));
    this.waiting = told;
    told.then(() => {
      if (this.waiting === told) this.waiting = null;
    });
  }

  /** Wait until every step was told. */
  async settled() {
    while (this.waiting) await this.waiting;
  }

  /** @param {Change} change @param {(id: string) => Promise<Bitmap | undefined>} late @returns {Promise<Edit>} */
  async edit(change, late) {
    if (!change.label.mask) return plain(change);
    const bitmap = change.bitmap ?? (await late(change.label_id).catch(() => undefined));
    if (!bitmap) {
      this.say("A mask could not be loaded: undo here brings its label back without it, the history with it");
      const { mask, ...label } = change.label;
      return { ...plain(change), label };
    }
    return { ...plain(change), label: { ...change.label, mask: await this.file(bitmap) } };
  }

  /** @param {Bitmap} bitmap */
  file(bitmap) {
    let found = this.files.get(bitmap);
    if (!found) this.files.set(bitmap, (found = encoded(bitmap, this.whole)));
    return found;
  }
}

/** @param {Change} change @returns {Edit} */
function plain({ action, label_id, label }) {
  return { action, label_id, label };
}
