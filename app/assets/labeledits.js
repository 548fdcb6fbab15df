// Edits of labels as plain data: what they make of a list of labels, what takes them back, what lies between two lists,
// and who changed what where two people did. Nothing here knows the page.

/** @import { Edit, Label, Operation, Values } from "./labeling.js" */
/** @typedef {"same" | "mine" | "theirs" | "both"} Changed  by whom a label was changed since both sides read it */
/** @typedef {"mine" | "theirs"} Side */
/** @typedef {{id: string, changed: Changed, mine: Label | null, theirs: Label | null}} Pair  null: not there */

const PARTS = /** @type {const} */ (["label", "box", "points", "confidence", "crowd", "tags", "mask"]);

/** A new id of a label: 24 hexadecimal digits, time first, as the database makes them. */
export function labelId(now = Date.now()) {
  return Math.floor(now / 1000).toString(16).padStart(8, "0") + digits(8);
}

/** A new id of an operation, a UUID; also where the page is not served securely. */
export function operationId() {
  const made = digits(16), variant = ((parseInt(made[16], 16) & 3) | 8).toString(16);
  const parts = [made.slice(0, 8), made.slice(8, 12), `4${made.slice(13, 16)}`, variant + made.slice(17, 20)];
  return [...parts, made.slice(20)].join("-");
}

/**
 * A label with changed parts: unnamed ones stay, null removes one; the same holds for each attribute.
 * @param {Label} label @param {Values} values @returns {Label}
 */
export function changed(label, values) {
  const { attributes, ...parts } = values, made = /** @type {Label} */ ({ ...label, ...parts });
  for (const name of PARTS) if (made[name] === null) delete made[name];
  if (attributes) {
    const all = Object.entries({ ...label.attributes, ...attributes });
    made.attributes = Object.fromEntries(all.filter(([, value]) => value !== null));
  }
  return made;
}

/** The labels after edits; those that no longer fit are left out. @param {Label[]} labels @param {Edit[]} edits */
export function applied(labels, edits) {
  let made = labels;
  for (const { action, label_id: id, label } of edits) {
    const there = made.some((one) => one.id === id);
    if (action === "add" && !there) made = [...made, changed({ id }, label)];
    else if (action === "delete") made = made.filter((one) => one.id !== id);
    else if (action === "change") made = made.map((one) => (one.id === id ? changed(one, label) : one));
  }
  return made;
}

/**
 * The edits that take these back, last first.
 * @param {Label[]} labels before them @param {Edit[]} edits @returns {Edit[]}
 */
export function backward(labels, edits) {
  /** @type {Edit[]} */
  const made = [];
  let now = labels;
  for (const edit of edits) {
    const before = now.find((one) => one.id === edit.label_id);
    const back = edit.action === "add" ? { action: /** @type {const} */ ("delete"), label: {} } : undone(before, edit);
    if (back) made.unshift({ label_id: edit.label_id, ...back });
    now = applied(now, [edit]);
  }
  return made;
}

/**
 * The edits that make one list of another; of masks only those that are at hand (as PNG) are known to differ.
 * @param {Label[]} from @param {Label[]} to @returns {Edit[]}
 */
export function between(from, to) {
  const known = new Map(from.map((one) => [one.id, one])), wanted = new Set(to.map((one) => one.id));
  /** @type {Edit[]} */
  const made = from.filter((one) => !wanted.has(one.id)).map(({ id }) => ({ action: "delete", label_id: id,
    label: {} }));
  for (const one of to) {
    const before = known.get(one.id), values = difference(before ?? { id: one.id }, one);
    if (!before) made.push({ action: "add", label_id: one.id, label: values });
    else if (Object.keys(values).length) made.push({ action: "change", label_id: one.id, label: values });
  }
  return made;
}

/** Whether two labels are alike, as far as can be seen without their masks. @param {Label} one @param {Label} other */
export function alike(one, other) {
  return !Object.keys(difference(one, other)).length;
}

/**
 * Both versions of each label, and who changed it since the version that both know.
 * @param {Label[]} base @param {Label[]} mine @param {Label[]} theirs @returns {Pair[]}
 */
export function pairs(base, mine, theirs) {
  const [was, ours, other] = [base, mine, theirs].map((list) => new Map(list.map((one) => [one.id, one])));
  const ids = new Set([...theirs, ...mine, ...base].map((one) => one.id));
  return [...ids].flatMap((id) => {
    const [before, one, two] = [was, ours, other].map((list) => list.get(id) ?? null);
    if (!one && !two) return [];
    const [here, there] = [differs(before, one), differs(before, two)];
    const equal = one && two && !held(one) && alike(one, two);
    /** @type {Changed} */
    const by = equal || (!here && !there) ? "same" : here && there ? "both" : here ? "mine" : "theirs";
    return [{ id, changed: by, mine: one, theirs: two }];
  });
}

/**
 * The labels that a choice for each pair makes, in the order of theirs, mine behind.
 * @param {Pair[]} all @param {(pair: Pair) => Side} side
 */
export function chosen(all, side) {
  return all.flatMap((pair) => {
    const one = pair.changed === "same" ? pair.theirs ?? pair.mine : side(pair) === "mine" ? pair.mine : pair.theirs;
    return one ? [one] : [];
  });
}

/**
 * One operation for two on the same label that were not sent yet; null where they must stay apart.
 * @param {Operation} first @param {Operation} next @returns {Operation | null}
 */
export function joined(first, next) {
  if (first.label_id !== next.label_id || next.action !== "change" || first.action === "delete") return null;
  const attributes = { ...first.label.attributes, ...next.label.attributes };
  const label = { ...first.label, ...next.label };
  return { ...first, label: Object.keys(attributes).length ? { ...label, attributes } : label };
}

/** @param {Label | undefined} before @param {Edit} edit @returns {Pick<Edit, "action" | "label"> | null} */
function undone(before, edit) {
  if (!before) return null;
  const { id: _, ...whole } = before;
  if (edit.action === "delete") return { action: "add", label: whole };
  /** @type {Values} */
  const label = {};
  for (const name of PARTS) if (name in edit.label) Object.assign(label, { [name]: before[name] ?? null });
  const names = Object.keys(edit.label.attributes ?? {});
  if (names.length) label.attributes = Object.fromEntries(names.map((name) => [name, before.attributes?.[name]
    ?? null]));
  return { action: "change", label };
}

/** The parts that make one label of another. @param {Label} from @param {Label} to @returns {Values} */
function difference(from, to) {
  /** @type {Values} */
  const values = {};
  for (const name of PARTS) {
    const [before, after] = [from[name] ?? null, to[name] ?? null];
    if (name === "mask" ? typeof after === "string" : !same(before ?? blank(name), after ?? blank(name))) {
      Object.assign(values, { [name]: after });
    }
  }
  const [old, now] = [from.attributes ?? {}, to.attributes ?? {}];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((name) => !same(old[name], now[name]));
  if (names.length) values.attributes = Object.fromEntries(names.map((name) => [name, now[name] ?? null]));
  return values;
}

/** What a part that is missing says. @param {string} name */
function blank(name) {
  return name === "crowd" ? false : name === "tags" ? [] : null;
}

/** @param {Label | null} before @param {Label | null} now */
function differs(before, now) {
  return before && now ? held(now) || !alike(before, now) : Boolean(before) !== Boolean(now);
}

/** Whether a label's mask was painted here. @param {Label} label */
function held(label) {
  return typeof label.mask === "string";
}

/** @param {unknown} one @param {unknown} other @returns {boolean} */
function same(one, other) {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}

/** Random hexadecimal digits. @param {number} bytes */
function digits(bytes) {
  const made = crypto.getRandomValues(new Uint8Array(bytes));
  return [...made].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
