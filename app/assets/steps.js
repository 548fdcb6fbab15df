// Undo and redo across images: the steps that were made in this tab, in order.

/** @import { Step } from "./labeling.js" */

const MOST = 500; // steps that are kept
const HEAVY = 64 << 20; // letters of masks in them; the oldest steps leave first

export class Steps {
  constructor() {
    /** @type {Step[]} */
    this.past = [];
    /** @type {Step[]} */
    this.future = [];
  }

  /** A new step; what was undone before it cannot be redone. @param {Step} step */
  push(step) {
    this.past.push(step);
    this.future = [];
    let weight = this.past.reduce((sum, one) => sum + weigh(one), 0);
    while (this.past.length > 1 && (this.past.length > MOST || weight > HEAVY)) {
      const gone = this.past.shift();
      weight -= gone ? weigh(gone) : 0;
    }
  }

  /** The step that is undone next; null at the start. */
  get last() {
    return this.past.at(-1) ?? null;
  }

  /** The step that is redone next. */
  get next() {
    return this.future.at(-1) ?? null;
  }

  /** Move the last step to those that can be redone. */
  undo() {
    const step = this.past.pop();
    if (step) this.future.push(step);
    return step ?? null;
  }

  redo() {
    const step = this.future.pop();
    if (step) this.past.push(step);
    return step ?? null;
  }

  /** Forget the steps of a sample whose labels are no longer those they were made on. @param {string} sample */
  forget(sample) {
    const others = (/** @type {Step} */ step) => step.sample !== sample;
    [this.past, this.future] = [this.past.filter(others), this.future.filter(others)];
  }
}

/** @param {Step} step */
function weigh(step) {
  const masks = [...step.forward, ...step.backward].map((edit) => edit.label.mask);
  return masks.reduce((sum, mask) => sum + (typeof mask === "string" ? mask.length : 0), 0);
}
