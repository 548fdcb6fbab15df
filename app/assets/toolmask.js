// Pixels that a tool made, and the label that gets them: that of an object, or the one mask of the image.

import { blank, combine, copied, cropped, grown, without } from "./bitmap.js";
import { masked } from "./shapeslabel.js";

/** @import { Bitmap } from "./bitmap.js" */
/** @import { EditorState } from "./editorstate.js" */

/**
 * The label whose mask is painted on: the one that is selected, or the whole mask.
 * @param {EditorState} editor @returns {string | null}
 */
export function target(editor) {
  if (editor.whole) return [...editor.model.labels.keys()].find((id) => !editor.locked.has(id)) ?? null;
  const [id] = editor.movable();
  return id && editor.selection.size === 1 && editor.model.masks.has(id) ? id : null;
}

/**
 * Why pixels cannot be put where they belong; the page is told. A mask that is not loaded yet would be overwritten.
 * @param {EditorState} editor
 */
export function blocked(editor) {
  const [id, more] = editor.whole ? editor.model.labels.keys() : editor.selected;
  if (id === undefined || more !== undefined || !editor.model.label(id).mask) return false;
  const unloaded = !editor.model.masks.has(id), locked = editor.locked.has(id);
  if (unloaded) editor.hooks.say("The mask is not loaded yet; if it stays so, open the image again");
  else if (locked) editor.hooks.say(`It is locked; O unlocks ${editor.nameOf(id)}`);
  return unloaded || locked;
}

/** The value that a class has in a mask. @param {EditorState} editor @param {boolean} erase */
export function valueOf(editor, erase) {
  if (!editor.whole) return erase ? 0 : 1;
  if (erase) return editor.ground;
  const found = editor.model.field.schema.classes.find(({ name }) => name === editor.className);
  return found?.value ?? editor.ground;
}

/** An empty whole mask: all background. @param {EditorState} editor @returns {Bitmap} */
export function ground(editor) {
  const made = blank({ x: 0, y: 0, ...editor.image });
  if (editor.ground) made.data.fill(editor.ground);
  return made;
}

/**
 * Put pixels where they belong: a new object, more or less of one, or a class of the whole mask.
 * @param {EditorState} editor @param {Bitmap} pixels of 1 and 0
 * @param {{add?: boolean, cut?: boolean, words?: string}} [how]
 * @returns {string | null} the label that has them now
 */
export function put(editor, pixels, { add = false, cut = false, words = "draw" } = {}) {
  if ((editor.whole || add || cut) && blocked(editor)) return null;
  const id = editor.whole || add || cut ? target(editor) : null, old = id ? editor.model.masks.get(id) : null;
  if (editor.whole) {
    const made = old ? copied(old) : ground(editor), value = valueOf(editor, cut);
    combine(made, pixels, () => value, true);
    return store(editor, id, made, words);
  }
  if (!id || !old) return cut ? null : store(editor, null, pixels, words);
  if (cut) return store(editor, id, without(old, pixels), words);
  const made = copied(grown(old, pixels, editor.image));
  combine(made, pixels, () => 1, true);
  return store(editor, id, made, words);
}

/**
 * The mask of a label becomes this one; an object without pixels is deleted.
 * @param {EditorState} editor @param {string | null} id null makes a label @param {Bitmap} bitmap @param {string} words
 * @returns {string | null} the label
 */
export function store(editor, id, bitmap, words) {
  const name = editor.whole ? editor.className : id ? editor.nameOf(id) : editor.className, text = `${words} ${name}`;
  if (editor.whole) {
    if (id) editor.commit(text, [{ action: "change", label_id: id, label: { mask: true }, bitmap }]);
    return id ?? editor.addWhole(bitmap, text);
  }
  const tight = cropped(bitmap), shape = tight && masked(tight);
  if (!shape) {
    if (id) editor.commit(`delete ${name}`, [{ action: "delete", label_id: id, label: {} }]);
    return null;
  }
  if (!id) return editor.add(shape, words);
  editor.commit(text, [editor.reshaped(id, shape)]);
  return id;
}
