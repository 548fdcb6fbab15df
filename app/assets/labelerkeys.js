// The keys of the labeler's page; those of drawing are the editor's own.

/** @import { Group } from "./keysheet.js" */
/** @typedef {{key: string, control?: boolean, shift?: boolean}} Chord */
/**
 * @typedef {"next" | "previous" | "nextOpen" | "done" | "accept" | "reject" | "return" | "undo" | "redo" | "save" |
 *   "copy"
 *   | "paste" | "carry" | "find" | "help" | "proposal" | "proposals" | "queue" | "sides"} Action
 */

/** @type {Record<Action, Chord[]>} */
export const CHORDS = {
  next: [{ key: "d" }, { key: "PageDown" }],
  previous: [{ key: "a" }, { key: "PageUp" }],
  nextOpen: [{ key: "d", shift: true }, { key: "PageDown", shift: true }],
  done: [{ key: "Enter", control: true }],
  accept: [{ key: "Enter", control: true, shift: true }],
  reject: [{ key: "Backspace", control: true }],
  return: [{ key: "Backspace", control: true, shift: true }],
  undo: [{ key: "z", control: true }],
  redo: [{ key: "z", control: true, shift: true }, { key: "y", control: true }],
  save: [{ key: "s", control: true }],
  copy: [{ key: "c", control: true }],
  paste: [{ key: "v", control: true }],
  carry: [{ key: "d", control: true }],
  find: [{ key: "/" }],
  help: [{ key: "?", shift: true }, { key: "?" }],
  proposal: [{ key: "y" }],
  proposals: [{ key: "y", shift: true }],
  queue: [{ key: "F9" }],
  sides: [{ key: "F10" }],
};

/** @type {Group[]} */
export const KEYS = [
  { title: "Images", keys: [
    { keys: "D or PageDown", does: "next image" }, { keys: "A or PageUp", does: "previous image" },
    { keys: "Shift+D", does: "next image that is still to be done" },
    { keys: "Ctrl+Enter", does: "done, and on to the next" },
      { keys: "Ctrl+Backspace", does: "reject: this image is of no use" },
    { keys: "Ctrl+Shift+Enter", does: "review: accept" },
      { keys: "Ctrl+Shift+Backspace", does: "review: return with a comment" },
  ] },
  { title: "Labels", keys: [
    { keys: "1…9 0", does: "class of what is drawn next, of the selection, or of the image" },
      { keys: "/", does: "find or add a class" },
    { keys: "Ctrl+Z", does: "undo, across images" }, { keys: "Ctrl+Shift+Z", does: "redo" },
    { keys: "Ctrl+C Ctrl+V", does: "copy and paste" }, { keys: "Ctrl+D", does: "copy the selection to the next image" },
  ] },
  { title: "Proposals", keys: [
    { keys: "Y", does: "accept the strongest that is left" }, { keys: "Shift+Y", does: "accept all that are shown" },
  ] },
  { title: "Page", keys: [
    { keys: "F9", does: "show or hide the queue" }, { keys: "F10", does: "show or hide the panels" },
    { keys: "Ctrl+S", does: "save now (changes are saved as you work)" }, { keys: "?", does: "this sheet" },
  ] },
];

/** What a key asks the page for; null for none. @param {KeyboardEvent} event @returns {Action | null} */
export function asked(event) {
  if (event.altKey) return null;
  const control = event.ctrlKey || event.metaKey, key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const fits = (/** @type {Chord} */ chord) =>
    chord.key === key && Boolean(chord.control) === control && Boolean(chord.shift) === event.shiftKey;
  const found = /** @type {[Action, Chord[]][]} */ (Object.entries(CHORDS)).find(([, chords]) => chords.some(fits));
  return found?.[0] ?? null;
}
