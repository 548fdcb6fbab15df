// Stable colours for classes. The colours are in palette.json; app/components/palette.py uses the same algorithm.

/** @type {string[]} */
const COLOURS = (await (await fetch(new URL("./palette.json", import.meta.url))).json()).colours;

/**
 * 32-bit FNV-1a over the UTF-8 bytes of a name.
 * @param {string} name
 */
export function hash(name) {
  let sum = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) sum = Math.imul(sum ^ byte, 0x01000193) >>> 0;
  return sum;
}

/**
 * A colour for every class: the one its hash selects, so that a class looks the same in every dataset; where two would
 * share, the later name takes the next free one. More classes than colours share. Other classes get that of their hash.
 * @param {string[]} classes
 * @returns {(name: string) => string}
 */
export function colouring(classes) {
  const size = COLOURS.length;
  if (classes.length > size) return (name) => COLOURS[hash(name) % size];
  /** @type {Map<string, string>} */
  const found = new Map();
  const taken = new Set();
  for (const name of [...classes].sort()) {
    let slot = hash(name) % size;
    while (taken.has(slot)) slot = (slot + 1) % size;
    taken.add(slot);
    found.set(name, COLOURS[slot]);
  }
  return (name) => found.get(name) ?? COLOURS[hash(name) % COLOURS.length];
}
