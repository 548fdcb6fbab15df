// @ts-check
// Charts of lines and bars as SVG: several small ones side by side, with a crosshair that reads the values. Redrawn as data arrive.

const SVG = "http://www.w3.org/2000/svg";
const PAD = { left: 46, right: 12, top: 8, bottom: 34 };

/** @param {string} tag @param {Record<string, string | number>} [attributes] @param {string} [text] */
function svg(tag, attributes = {}, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}

/** @param {string} tag @param {string} [name] @param {string} [text] */
function html(tag, name = "", text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  return element;
}

/** Round steps (1, 2, 5 times a power of ten) that cover a range with about `wanted` lines. @param {number} low @param {number} high @param {number} wanted */
export function ticks(low, high, wanted) {
  const span = high - low || 1;
  const raw = span / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= raw) ?? raw;
  const out = [];
  for (let at = Math.ceil(low / step - 1e-9) * step; at <= high + step * 1e-6; at += step) out.push(Number(at.toPrecision(10)));
  return out;
}

/** @param {number} value */
export function short(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e5)) return value.toExponential(1);
  return String(Number(value.toPrecision(size >= 100 ? 4 : 3)));
}

/** The range of an axis: as given, else what the points need. @param {any} chart @param {0 | 1} axis @param {[number, number] | null} given */
function range(chart, axis, given) {
  if (given) return given;
  const values = chart.series.flatMap((/** @type {any} */ s) => s.points.map((/** @type {any} */ p) => p[axis])).filter(Number.isFinite);
  if (!values.length) return [0, 1];
  let low = Math.min(...values), high = Math.max(...values);
  if (axis === 1) {
    const room = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
    low = low >= 0 && low - room < 0 ? 0 : low - room;
    high += room;
  } else if (low === high) high = low + 1;
  return [low, high];
}

/** @param {any} chart */
function legend(chart) {
  const row = html("div", "legend");
  for (const series of chart.series) {
    const item = html("span", "entry");
    const line = svg("svg", { width: 20, height: 8 });
    line.append(svg("line", { x1: 1, x2: 19, y1: 4, y2: 4, stroke: series.color, "stroke-width": 2.2, "stroke-dasharray": series.dashed ? "5 3" : "none" }));
    item.append(line, series.name);
    row.append(item);
  }
  for (const [name, color] of new Map((chart.bars ?? []).map((/** @type {any} */ bar) => [bar.name, bar.color]))) {
    if (!name) continue;
    const item = html("span", "entry swatch", name);
    item.style.setProperty("--key", color);
    row.append(item);
  }
  return row;
}

/** @param {any} plot @param {any} chart @param {number} width @param {number} height */
function axes(plot, chart, width, height) {
  const [x0, x1] = range(chart, 0, chart.x_range), [y0, y1] = range(chart, 1, chart.y_range);
  const inner = { w: width - PAD.left - PAD.right, h: height - PAD.top - PAD.bottom };
  const x = (/** @type {number} */ v) => PAD.left + ((v - x0) / (x1 - x0)) * inner.w;
  const y = (/** @type {number} */ v) => PAD.top + (1 - (v - y0) / (y1 - y0)) * inner.h;
  for (const at of ticks(y0, y1, 5)) {
    plot.append(svg("line", { class: "rule", x1: PAD.left, x2: width - PAD.right, y1: y(at), y2: y(at) }));
    plot.append(svg("text", { class: "tick", x: PAD.left - 6, y: y(at) + 3.5, "text-anchor": "end" }, short(at)));
  }
  const whole = (/** @type {number} */ v) => !chart.whole || Number.isInteger(v);
  for (const at of ticks(x0, x1, Math.max(2, Math.floor(inner.w / 70))).filter(whole))
    plot.append(svg("text", { class: "tick", x: x(at), y: height - PAD.bottom + 15, "text-anchor": "middle" }, short(at)));
  plot.append(svg("line", { class: "axis", x1: PAD.left, x2: width - PAD.right, y1: height - PAD.bottom, y2: height - PAD.bottom }));
  plot.append(svg("text", { class: "title", x: PAD.left + inner.w / 2, y: height - 4, "text-anchor": "middle" }, chart.x_title));
  return { x, y, inner };
}

/** @param {any} plot @param {any} series @param {any} at */
function line(plot, series, at) {
  const points = series.points.filter((/** @type {any} */ p) => Number.isFinite(p[0]) && Number.isFinite(p[1]));
  if (!points.length) return;
  const path = points.map((/** @type {any} */ p, /** @type {number} */ i) => `${i ? "L" : "M"}${at.x(p[0]).toFixed(1)} ${at.y(p[1]).toFixed(1)}`).join("");
  plot.append(svg("path", { d: path, fill: "none", stroke: series.color, "stroke-width": series.strong ? 2.6 : 1.8, "stroke-linejoin": "round", "stroke-dasharray": series.dashed ? "5 3" : "none", opacity: series.faint ? 0.55 : 1 }));
  if (points.length < 2) plot.append(svg("circle", { cx: at.x(points[0][0]), cy: at.y(points[0][1]), r: 3, fill: series.color }));
}

/** @param {any} plot @param {any} bar @param {any} at */
function pillar(plot, bar, at) {
  const left = at.x(bar.left), wide = at.x(bar.right) - left, [low, high] = [at.y(Math.min(bar.bottom, bar.top)), at.y(Math.max(bar.bottom, bar.top))];
  plot.append(svg("rect", { class: bar.faint ? "bar faint" : "bar", x: left + 0.5, y: high, width: Math.max(1, wide - 1), height: Math.max(0, low - high), fill: bar.color, stroke: bar.color }));
  if (bar.text && wide >= 5.2 * bar.text.length) plot.append(svg("text", { class: "above", x: left + wide / 2, y: Math.max(PAD.top + 8, high - 3), "text-anchor": "middle" }, bar.text));
}

/** @param {any} plot @param {any} mark @param {any} at @param {number} width */
function marked(plot, mark, at, width) {
  const cx = at.x(mark.x), cy = at.y(mark.y), left = cx > width * 0.6;
  plot.append(svg("circle", { cx, cy, r: 5, fill: "var(--st-background-color)", stroke: mark.color || "var(--st-text-color)", "stroke-width": 2.5 }));
  if (mark.text) plot.append(svg("text", { class: "mark", x: cx + (left ? -11 : 11), y: Math.min(cy + 18, 400), "text-anchor": left ? "end" : "start" }, mark.text));
}

/** A line of the tip. @param {string} text @param {string} color */
function keyed(text, color) {
  const row = html("div", "", text);
  row.style.setProperty("--key", color);
  return row;
}

/** Values under the pointer. @param {any} frame @param {any} plot @param {any} chart @param {any} at @param {number} height */
function crosshair(frame, plot, chart, at, height) {
  const rule = svg("line", { class: "cross", y1: PAD.top, y2: height - PAD.bottom, visibility: "hidden" });
  const tip = html("div", "tip");
  plot.append(rule);
  frame.append(tip);
  plot.addEventListener("pointerleave", () => { rule.setAttribute("visibility", "hidden"); tip.style.display = "none"; });
  plot.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    const px = event.clientX - plot.getBoundingClientRect().left;
    const under = (chart.bars ?? []).filter((/** @type {any} */ bar) => bar.says && px >= at.x(bar.left) && px < at.x(bar.right));
    if (chart.bars?.length) {
      tip.replaceChildren(...under.map((/** @type {any} */ bar) => keyed(bar.says, bar.color)));
      tip.style.display = under.length ? "block" : "none";
      tip.style.left = `${Math.max(0, Math.min(px + 12, plot.clientWidth - 190))}px`;
      return;
    }
    const near = chart.series.map((/** @type {any} */ s) => ({ s, p: s.points.reduce((/** @type {any} */ best, /** @type {any} */ p) => (!best || Math.abs(at.x(p[0]) - px) < Math.abs(at.x(best[0]) - px) ? p : best), null) })).filter((/** @type {any} */ n) => n.p && Number.isFinite(n.p[1]));
    if (!near.length) return;
    const x = at.x(near[0].p[0]);
    rule.setAttribute("x1", String(x)); rule.setAttribute("x2", String(x)); rule.setAttribute("visibility", "visible");
    tip.replaceChildren(html("b", "", `${chart.x_title.split(" (")[0]} ${short(near[0].p[0])}`), ...near.map((/** @type {any} */ n) => keyed(`${n.s.name}  ${short(n.p[1])}`, n.s.color)));
    tip.style.display = "block";
    tip.style.left = `${Math.min(x + 10, plot.clientWidth - 150)}px`;
  });
}

/** @param {any} chart @param {number} width */
function draw(chart, width) {
  const height = chart.height ?? 190;
  const box = html("section", "chart");
  const head = html("header");
  head.append(html("b", "", chart.title));
  if (chart.y_title) head.append(html("small", "", chart.y_title));
  if (chart.series.length > 1 || chart.series[0]?.dashed || chart.bars?.length) head.append(legend(chart));
  const frame = html("div", "frame");
  const plot = svg("svg", { width, height, role: "img", "aria-label": chart.title });
  const at = axes(plot, chart, width, height);
  for (const bar of chart.bars ?? []) pillar(plot, bar, at);
  for (const series of chart.series) line(plot, series, at);
  for (const mark of chart.marks ?? []) marked(plot, mark, at, width);
  frame.append(plot);
  if (chart.bars?.length || chart.series.some((/** @type {any} */ s) => s.points.length)) crosshair(frame, plot, chart, at, height);
  else frame.append(html("div", "empty", chart.empty || "nothing measured yet"));
  box.append(head, frame);
  return box;
}

/** @param {any} component */
export default function (component) {
  const { data, parentElement } = component;
  const root = /** @type {any} */ (parentElement.querySelector(".curves"));
  const paint = () => {
    const wide = root.clientWidth || 640, gap = 14;
    const columns = Math.max(1, Math.min(data.columns, Math.floor((wide + gap) / (data.least + gap)) || 1));
    const each = Math.floor((wide - gap * (columns - 1)) / columns) - 26;
    root.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    root.replaceChildren(...data.charts.map((/** @type {any} */ c) => draw(c, each)));
    root.dataset.width = String(wide);
  };
  paint();
  const watcher = new ResizeObserver(() => { if (root.dataset.width !== String(root.clientWidth)) paint(); });
  watcher.observe(root);
  return () => watcher.disconnect();
}
