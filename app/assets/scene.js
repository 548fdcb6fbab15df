// What is on an image, in words: "5 cars, 3 pedestrians".

/** @import { Shown } from "./labels.js" */

const SPECIAL = /** @type {Record<string, string>} */ ({
  person: "people", man: "men", woman: "women", child: "children", mouse: "mice", foot: "feet", tooth: "teeth",
  goose: "geese", nucleus: "nuclei", fungus: "fungi", bacterium: "bacteria", axis: "axes", leaf: "leaves",
  knife: "knives", wolf: "wolves", calf: "calves", shelf: "shelves", loaf: "loaves", scarf: "scarves",
  potato: "potatoes", tomato: "tomatoes", mosquito: "mosquitoes", lens: "lenses", gas: "gases", canvas: "canvases",
  quiz: "quizzes",
});
const ALIKE = new Set([
  "sheep", "deer", "fish", "aircraft", "spacecraft", "cattle", "series", "species", "broccoli", "traffic", "luggage",
  "furniture", "vegetation", "terrain", "sky", "water", "grass",
]);

/**
 * The plural of the name of a class; its last word changes. Names that are plurals already stay.
 * @param {string} name
 */
export function plural(name) {
  const at = name.search(/[^\s_-]+$/), [front, last] = [name.slice(0, at), name.slice(at)], low = last.toLowerCase();
  if (!last || ALIKE.has(low)) return name;
  const end = low.match(/^.*?(woman|man)$/);
  const man = end && !["human", "german"].includes(low) ? low.slice(0, -end[1].length) + SPECIAL[end[1]] : undefined;
  const known = SPECIAL[low] ?? man;
  if (known) return front + (last[0] === low[0] ? known : known[0].toUpperCase() + known.slice(1));
  if (/[A-Z0-9]$/.test(last)) return `${name}s`; // RBC, car2
  if (/[^aeiou]y$/.test(low)) return `${name.slice(0, -1)}ies`;
  if (/(ss|us|x|z|ch|sh)$/.test(low)) return `${name}es`;
  return low.endsWith("s") ? name : `${name}s`;
}

/** @param {number} count @param {string} name */
export function counted(count, name) {
  const text = name.replace(/_/g, " ");
  return `${count.toLocaleString("en")} ${count === 1 ? text : plural(text)}`;
}

/**
 * Objects in words, the most frequent class first. Empty when there are none.
 * @param {Shown[]} items  labels that are shown, of one field
 */
export function scene(items) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  const placed = items.map(({ label }) => label).filter((label) => label.box ?? label.points);
  for (const { label } of placed) counts.set(label, (counts.get(label) ?? 0) + 1);
  const ordered = [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
  return ordered.map(([name, count]) => counted(count, name)).join(", ");
}
