// @ts-check
// A confusion matrix. Rows are labels, columns predictions; hits on the diagonal, mistakes beside it; behind the classes
// there may be a rest: background of both sides, or a column for no answer. Cells are opened by click, or by arrow keys and Enter. Of many classes, those with the most mistakes are shown at first.

const MOST = 20; // classes that can be read side by side
const SVG = "http://www.w3.org/2000/svg";

/** @param {string} tag @param {Record<string, string | number>} [attributes] @param {string} [text] */
function svg(tag, attributes = {}, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}

/** Sizes in pixels: of a cell, of the margins that hold the names, of the words. @param {string[]} names of columns @param {number} room */
function layout(names, room) {
  const longest = Math.max(...names.map((name) => name.length));
  const guess = names.length > 40 ? 9.5 : names.length > 20 ? 10.5 : 12;
  const margin = Math.max(44, Math.min(150, longest * guess * 0.58 + 14));
  const cell = Math.max(11, Math.min(68, Math.floor((room - margin - 30) / names.length)));
  return { cell, margin, font: Math.min(12.5, Math.max(9, cell - 2)), digits: cell >= 15 };
}

/** Indexes of the classes to show, those with most mistakes when there are many. @param {any} data @param {boolean} all @returns {number[]} */
function chosenClasses(data, all) {
  const every = data.classes.map((/** @type {string} */ _name, /** @type {number} */ i) => i);
  if (all || every.length <= MOST) return every;
  const mistakes = every.map(() => 0);
  data.counts.forEach((/** @type {number[]} */ row, /** @type {number} */ t) => row.forEach((count, p) => {
    if (t === p) return;
    if (t in mistakes) mistakes[t] += count;
    if (p in mistakes) mistakes[p] += count;
  }));
  const worst = [...every].sort((a, b) => mistakes[b] - mistakes[a]).slice(0, MOST);
  return worst.sort((a, b) => a - b);
}

/** @param {any} data @param {boolean} mistakes */
function strongest(data, mistakes) {
  let best = 0;
  data.counts.forEach((/** @type {number[]} */ row, /** @type {number} */ t) => row.forEach((count, p) => { if (!mistakes || t !== p) best = Math.max(best, share(data, t, p, count)); }));
  return best || 1;
}

/** The share of a row. @param {any} data @param {number} t @param {number} _p @param {number} count */
function share(data, t, _p, count) {
  const total = data.counts[t].reduce((/** @type {number} */ sum, /** @type {number} */ n) => sum + n, 0);
  return total ? count / total : 0;
}

/** @param {any} data @param {number} t @param {number} p */
function sentence(data, t, p) {
  const count = data.counts[t][p], last = data.classes.length, percent = `${(100 * share(data, t, p, count)).toFixed(1)} %`;
  const [from, to] = [data.classes[t], data.classes[p]], some = count.toLocaleString("en");
  if (t === last) return `${to} ${data.rest.row}: ${some} (${percent} of such)`;
  if (p === last) return `${from} ${data.rest.column}: ${some} (${percent} of its ${data.unit})`;
  if (t === p) return `${from} ${data.hit}: ${some} (${percent} of its ${data.unit})`;
  return `${from} predicted as ${to}: ${some} (${percent} of its ${data.unit})`;
}

/** @param {number} count */
function short(count) {
  if (count < 10000) return String(count);
  return count < 1e6 ? `${Math.round(count / 1000)}k` : count < 1e9 ? `${Math.round(count / 1e6)}M` : `${Math.round(count / 1e9)}G`;
}

/** @param {any} plot @param {any} data @param {string[]} names of columns @param {number} rows @param {any} at */
function titles(plot, data, names, rows, at) {
  const { cell, margin, font } = at;
  names.forEach((name, i) => {
    const middle = margin + 16 + i * cell + cell / 2, last = data.rest && i === names.length - 1 ? " background" : "";
    if (i < rows) plot.append(svg("text", { class: `name${last}`, "font-size": font, x: margin + 10, y: middle + font * 0.35, "text-anchor": "end" }, clip(name)));
    plot.append(svg("text", { class: `name${last}`, "font-size": font, transform: `translate(${middle + font * 0.35} ${margin + 10}) rotate(-90)` }, clip(name)));
  });
  plot.append(svg("text", { class: "side", x: margin + 16, y: 11 }, "predicted \u2192"));
  plot.append(svg("text", { class: "side", x: margin + 8, y: margin + 8, "text-anchor": "end" }, "label \u2193"));
}

/** @param {string} name */
function clip(name) { return name.length > 18 ? `${name.slice(0, 17)}\u2026` : name; }

/** @param {any} data @param {number[]} rows @param {number[]} columns @param {any} at @param {boolean} mistakes */
function cells(data, rows, columns, at, mistakes) {
  const group = svg("g"), top = strongest(data, mistakes), { cell, margin } = at;
  const wide = cell * columns.length, high = cell * rows.length, edge = margin + 16;
  group.append(svg("rect", { class: "field", x: edge, y: edge, width: wide, height: high }));
  rows.forEach((from, t) => columns.forEach((to, p) => {
    const count = data.counts[from][to];
    if (!count || (mistakes && from === to)) return;
    const depth = Math.min(1, share(data, from, to, count) / top), alpha = 0.1 + 0.9 * Math.sqrt(depth);
    group.append(svg("rect", { class: from === to ? "hit" : "miss", x: edge + p * cell, y: edge + t * cell, width: cell - 1, height: cell - 1, "fill-opacity": alpha.toFixed(3), "data-cell": `${t},${p}` }));
    const words = short(count), size = Math.min(12.5, (cell * 1.5) / Math.max(words.length, 1.4));
    if (at.digits && size >= 7) group.append(svg("text", { class: alpha > 0.62 ? "count light" : "count", x: edge + (p + 0.5) * cell, y: edge + (t + 0.5) * cell + 4, "text-anchor": "middle", "font-size": size }, words));
  }));
  const drawn = (/** @type {number} */ i, /** @type {number} */ all) => cell > 13 || i % 5 === 0 || i >= all - 1;
  for (let i = 0; i <= rows.length; i += 1) if (drawn(i, rows.length)) group.append(svg("line", { class: "grid", x1: edge, x2: edge + wide, y1: edge + i * cell - 0.5, y2: edge + i * cell - 0.5 }));
  for (let i = 0; i <= columns.length; i += 1) if (drawn(i, columns.length)) group.append(svg("line", { class: "grid", y1: edge, y2: edge + high, x1: edge + i * cell - 0.5, x2: edge + i * cell - 0.5 }));
  return group;
}

/** @param {any} component */
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".matrix"), says = parentElement.querySelector(".says");
  const only = parentElement.querySelector(".only"), all = parentElement.querySelector(".all"), every = [...data.classes, ...(data.rest ? [data.rest.name] : [])];
  const state = root.state ?? (root.state = { at: [0, 0] });
  all.parentElement.hidden = data.classes.length <= MOST;
  all.nextElementSibling.textContent = `all ${data.classes.length} classes, not just the ${MOST} with most mistakes`;

  const paint = () => {
    const order = chosenClasses(data, all.checked), last = data.classes.length;
    const columns = data.rest ? [...order, last] : order, rows = data.rest?.row ? columns : order, names = columns.map((i) => every[i]);
    const open = () => {
      const [from, to] = [rows[state.at[0]], columns[state.at[1]]];
      if (data.opens && data.counts[from]?.[to]) setTriggerValue("cell", { true: from, predicted: to });
    };
    const at = layout(names, root.clientWidth || 600), edge = at.margin + 16;
    const label = `confusion matrix; arrow keys move${data.opens ? ", Enter opens" : ""}`;
    const plot = svg("svg", { width: edge + at.cell * columns.length + 2, height: edge + at.cell * rows.length + 2, tabindex: 0, role: "grid", "aria-label": label });
    titles(plot, data, names, rows.length, at);
    plot.append(cells(data, rows, columns, at, only.checked));
    const ring = svg("rect", { class: "ring", width: at.cell + 1, height: at.cell + 1, visibility: "hidden" });
    const chosen = svg("rect", { class: "chosen", width: at.cell + 1, height: at.cell + 1, visibility: "hidden" });
    plot.append(chosen, ring);
    const put = (/** @type {Element} */ mark, /** @type {number} */ t, /** @type {number} */ p) => {
      mark.setAttribute("x", String(edge + p * at.cell - 1)); mark.setAttribute("y", String(edge + t * at.cell - 1)); mark.setAttribute("visibility", "visible");
    };
    const [row, column] = data.chosen ? [rows.indexOf(data.chosen[0]), columns.indexOf(data.chosen[1])] : [-1, -1];
    if (row >= 0 && column >= 0) put(chosen, row, column);
    const move = (/** @type {number} */ t, /** @type {number} */ p) => {
      state.at = [Math.max(0, Math.min(rows.length - 1, t)), Math.max(0, Math.min(columns.length - 1, p))];
      put(ring, state.at[0], state.at[1]);
      says.textContent = sentence(data, rows[state.at[0]], columns[state.at[1]]);
    };
    const under = (/** @type {any} */ event) => {
      const box = plot.getBoundingClientRect();
      const p = Math.floor((event.clientX - box.left - edge) / at.cell), t = Math.floor((event.clientY - box.top - edge) / at.cell);
      return t >= 0 && p >= 0 && t < rows.length && p < columns.length ? [t, p] : null;
    };
    plot.addEventListener("pointermove", (event) => { const spot = under(event); if (spot) move(spot[0], spot[1]); });
    plot.addEventListener("click", (event) => { const spot = under(event); if (spot) { move(spot[0], spot[1]); open(); } });
    plot.addEventListener("keydown", (/** @type {any} */ event) => {
      const step = /** @type {Record<string, number[]>} */ ({ ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] })[event.key];
      if (step) { event.preventDefault(); move(state.at[0] + step[0], state.at[1] + step[1]); }
      if (event.key === "Enter") open();
    });
    const held = root.contains(root.getRootNode().activeElement);
    root.replaceChildren(plot);
    if (held) plot.focus({ preventScroll: true });
    root.dataset.width = String(root.clientWidth);
  };
  if (data.opens && !root.firstChild) says.textContent += "; click a cell to see its images";
  only.onchange = all.onchange = paint;
  paint();
  const watcher = new ResizeObserver(() => { if (root.dataset.width !== String(root.clientWidth)) paint(); });
  watcher.observe(root);
  return () => watcher.disconnect();
}
