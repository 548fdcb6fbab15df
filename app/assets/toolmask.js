// Pixels that a tool made, and the label that gets them: that of an object, or the one mask of the image.

import { blank, combine, copied, cropped, grown, without } from "./bitmap.js";
import { masked } from "./shapeslabel.js";

/** @import { Bitmap } from "./bitmap.js" */
/** @import { Desk } from "./editordesk.js" */

/**
 * The label whose mask is painted on: the one that is selected, or the whole mask.
 * @param {Desk} desk @returns {string | null}
 */
export function target(desk) {
  if (desk.whole) return [...desk.model.labels.keys()].find((id) => !desk.locked.has(id)) ?? null;
  const [id] = desk.movable();
  return id && desk.selection.size === 1 && desk.model.masks.has(id) ? id : null;
}

/**
 * Why pixels cannot be put where they belong; the page is told. A mask that is not loaded yet would be overwritten.
 * @param {Desk} desk
 */
export function blocked(desk) {
  const [id, more] = desk.whole ? desk.model.labels.keys() : desk.selected;
  if (id === undefined || more !== undefined || !desk.model.label(id).mask) return false;
  const unloaded = !desk.model.masks.has(id), locked = desk.locked.has(id);
  if (unloaded) desk.hooks.say("The mask is not loaded yet; if it stays so, open the image again");
  else if (locked) desk.hooks.say(`It is locked; O unlocks ${desk.nameOf(id)}`);
  return unloaded || locked;
}

/** The value that a class has in a mask. @param {Desk} desk @param {boolean} erase */
export function valueOf(desk, erase) {
  if (!desk.whole) return erase ? 0 : 1;
  if (erase) return desk.ground;
  const found = desk.model.field.schema.classes.find(({ name }) => name === desk.className);
  return found?.value ?? desk.ground;
}

/** An empty whole mask: all background. @param {Desk} desk @returns {Bitmap} */
export function ground(desk) {
  const made = blank({ x: 0, y: 0, ...desk.image });
  if (desk.ground) made.data.fill(desk.ground);
  return made;
}

/**
 * Put pixels where they belong: a new object, more or less of one, or a class of the whole mask.
 * @param {Desk} desk @param {Bitmap} pixels of 1 and 0 @param {{add?: boolean, cut?: boolean, words?: string}} [how]
 * @returns {string | null} the label that has them now
 */
export function put(desk, pixels, { add = false, cut = false, words = "draw" } = {}) {
  if ((desk.whole || add || cut) && blocked(desk)) return null;
  const id = desk.whole || add || cut ? target(desk) : null, old = id ? desk.model.masks.get(id) : null;
  if (desk.whole) {
    const made = old ? copied(old) : ground(desk), value = valueOf(desk, cut);
    combine(made, pixels, () => value, true);
    return store(desk, id, made, words);
  }
  if (!id || !old) return cut ? null : store(desk, null, pixels, words);
  if (cut) return store(desk, id, without(old, pixels), words);
  const made = copied(grown(old, pixels, desk.image));
  combine(made, pixels, () => 1, true);
  return store(desk, id, made, words);
}

/**
 * The mask of a label becomes this one; an object without pixels is deleted.
 * @param {Desk} desk @param {string | null} id null makes a label @param {Bitmap} bitmap @param {string} words
 * @returns {string | null} the label
 */
export function store(desk, id, bitmap, words) {
  const name = desk.whole ? desk.className : id ? desk.nameOf(id) : desk.className, text = `${words} ${name}`;
  if (desk.whole) {
    if (id) desk.commit(text, [{ action: "change", label_id: id, label: { mask: true }, bitmap }]);
    return id ?? desk.addWhole(bitmap, text);
  }
  const tight = cropped(bitmap), shape = tight && masked(tight);
  if (!shape) {
    if (id) desk.commit(`delete ${name}`, [{ action: "delete", label_id: id, label: {} }]);
    return null;
  }
  if (!id) return desk.add(shape, words);
  desk.commit(text, [desk.reshaped(id, shape)]);
  return id;
}
