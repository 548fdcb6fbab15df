// The arithmetic of a confusion matrix, and its words.

/**
 * @typedef {object} Counts
 * @property {string[]} classes
 * @property {number[][]} counts  a row for each label, a column for each prediction, the rest behind the classes
 * @property {{name: string, column: string, row: string} | null} rest  what stands behind the classes, with its words
 * @property {string} unit  what is counted
 * @property {string} hit  the word for the diagonal
 */

export const MOST = 20; // classes that can be read side by side

/**
 * Sizes in pixels: of a cell, of the margins that hold the names, of the words.
 * @param {string[]} names of columns @param {number} room
 */
export function layout(names, room) {
  const longest = Math.max(...names.map((name) => name.length));
  const guess = names.length > 40 ? 9.5 : names.length > 20 ? 10.5 : 12;
  const margin = Math.max(44, Math.min(150, longest * guess * 0.58 + 14));
  const cell = Math.max(11, Math.min(68, Math.floor((room - margin - 30) / names.length)));
  return { cell, margin, font: Math.min(12.5, Math.max(9, cell - 2)), digits: cell >= 15 };
}

/**
 * Indexes of the classes to show: those with the most mistakes if there are many.
 * @param {Counts} data @param {boolean} all
 */
export function chosenClasses({ classes, counts }, all) {
  const every = classes.map((_name, number) => number);
  if (all || every.length <= MOST) return every;
  const mistakes = every.map(() => 0);
  for (const [t, row] of counts.entries()) {
    for (const [p, count] of row.entries()) {
      for (const one of t === p ? [] : [t, p]) if (one in mistakes) mistakes[one] += count;
    }
  }
  return [...every].sort((a, b) => mistakes[b] - mistakes[a]).slice(0, MOST).sort((a, b) => a - b);
}

/** The largest share of a row that is drawn; 1 when nothing is. @param {Counts} data @param {boolean} mistakes alone */
export function strongest(data, mistakes) {
  const best = data.counts.map((row, t) => {
    const most = row.reduce((found, count, p) => (mistakes && t === p ? found : Math.max(found, count)), 0);
    return most && most / sum(row);
  });
  return best.reduce((found, one) => Math.max(found, one), 0) || 1;
}

/** A cell in words. @param {Counts} data @param {number} t @param {number} p */
export function sentence(data, t, p) {
  const { classes, rest, unit, hit } = data, count = data.counts[t][p], behind = classes.length;
  const percent = `${(100 * share(count, sum(data.counts[t]))).toFixed(1)} %`, some = count.toLocaleString("en");
  if (rest && t === behind) return `${classes[p] ?? rest.name} ${rest.row}: ${some} (${percent} of such)`;
  const what = rest && p === behind ? rest.column : t === p ? hit : `predicted as ${classes[p]}`;
  return `${classes[t]} ${what}: ${some} (${percent} of its ${unit})`;
}

/** @param {number} count */
export function short(count) {
  if (count < 10000) return String(count);
  if (count < 1e6) return `${Math.round(count / 1000)}k`;
  return count < 1e9 ? `${Math.round(count / 1e6)}M` : `${Math.round(count / 1e9)}G`;
}

/** @param {number} count @param {number} total */
export function share(count, total) {
  return total ? count / total : 0;
}

/** @param {number[]} row */
export function sum(row) {
  return row.reduce((total, one) => total + one, 0);
}
