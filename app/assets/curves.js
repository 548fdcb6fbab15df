// Line and bar charts as SVG: several small ones side by side, with a crosshair that reads the values. Redrawn as
// data arrive.

import { PAD, ranges, scales, short, ticks } from "./axes.js";
import { h, mounted, s } from "./dom.js";

/** @import { Bar, Chart, Series } from "./axes.js" */
/** @typedef {ReturnType<typeof scales>} At */
/** @typedef {{data: {charts: Chart[], columns: number, least: number}, parentElement: ParentNode}} Component */

const GAP = 14, FRAME = 26; // pixels between charts, and around their lines

class Curves {
  /** @param {HTMLElement} root @param {Component} component */
  constructor(root, component) {
    this.root = root;
    this.data = component.data;
    this.width = 0;
    new ResizeObserver(() => this.width === this.wide || this.paint()).observe(root);
  }

  get wide() {
    return this.root.clientWidth || 640;
  }

  /** @param {Component} component */
  update(component) {
    this.data = component.data;
    this.paint();
  }

  paint() {
    const { charts, columns: most, least } = this.data, { wide } = this;
    const columns = Math.max(1, Math.min(most, Math.floor((wide + GAP) / (least + GAP)) || 1));
    const each = Math.floor((wide - GAP * (columns - 1)) / columns) - FRAME;
    this.root.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    this.root.replaceChildren(...charts.map((chart) => draw(chart, each)));
    this.width = wide;
  }
}

/** @param {Chart} chart @param {number} width */
function draw(chart, width) {
  const { height, series, bars } = chart, range = ranges(chart), at = scales(range, width, height);
  const many = series.length > 1 || series[0]?.dashed || bars.length;
  const plot = s(
    "svg", { width, height, role: "img", "aria-label": chart.title }, ...axes(chart, range, at, width),
    ...bars.flatMap((bar) => pillar(bar, at)), ...series.flatMap((one) => line(one, at)), ...marks(chart, at, width),
  );
  const frame = h("div.frame", {}, plot);
  if (bars.length || series.some((one) => one.points.length)) crosshair(frame, plot, chart, at);
  else frame.append(h("div.empty", {}, chart.empty || "nothing measured yet"));
  const unit = chart.y_title ? h("small", {}, chart.y_title) : null;
  return h("section.chart", {}, h("header", {}, h("b", {}, chart.title), unit, many ? legend(chart) : null), frame);
}

/** @param {Chart} chart */
function legend({ series, bars }) {
  const lines = series.filter(({ name }) => name).map(({ name, color, dashed }) => {
    const stroke = { stroke: color, "stroke-width": 2.2, "stroke-dasharray": dashed ? "5 3" : "none" };
    const sign = s("svg", { width: 20, height: 8 }, s("line", { x1: 1, x2: 19, y1: 4, y2: 4, ...stroke }));
    return h("span.entry", {}, sign, name);
  });
  const named = [...new Map(bars.map((bar) => [bar.name, bar.color]))].filter(([name]) => name);
  const swatches = named.map(([name, color]) => h("span.entry.swatch", { style: { "--key": color } }, name));
  return h("div.legend", {}, ...lines, ...swatches);
}

/** @param {Chart} chart @param {ReturnType<typeof ranges>} range @param {At} at @param {number} width */
function axes(chart, range, at, width) {
  const base = chart.height - PAD.bottom, across = { x1: PAD.left, x2: width - PAD.right };
  const inner = across.x2 - across.x1, upon = Math.max(2, Math.floor(inner / 70));
  const whole = (/** @type {number} */ value) => !chart.whole || Number.isInteger(value);
  return [
    ...ticks(...range.y, 5).flatMap((value) => [
      s("line", { class: "rule", ...across, y1: at.y(value), y2: at.y(value) }),
      s("text", { class: "tick", x: PAD.left - 6, y: at.y(value) + 3.5, "text-anchor": "end" }, short(value)),
    ]),
    ...ticks(...range.x, upon).filter(whole).map((value) =>
      s("text", { class: "tick", x: at.x(value), y: base + 15, "text-anchor": "middle" }, short(value))),
    s("line", { class: "axis", ...across, y1: base, y2: base }),
    s("text", { class: "title", x: PAD.left + inner / 2, y: chart.height - 4, "text-anchor": "middle" }, chart.x_title),
  ];
}

/** @param {Series} series @param {At} at */
function line({ points, color, strong, dashed, faint }, at) {
  const places = points.filter((point) => point.every(Number.isFinite)).map(([x, y]) => [at.x(x), at.y(y)]);
  if (!places.length) return [];
  const d = places.map(([x, y], index) => `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  const dash = { "stroke-linejoin": "round", "stroke-dasharray": dashed ? "5 3" : "none", opacity: faint ? 0.55 : 1 };
  const path = s("path", { d, fill: "none", stroke: color, "stroke-width": strong ? 2.6 : 1.8, ...dash });
  return places.length > 1 ? [path] : [path, s("circle", { cx: places[0][0], cy: places[0][1], r: 3, fill: color })];
}

/** @param {Bar} bar @param {At} at */
function pillar({ left, right, top, bottom, color, text, faint }, at) {
  const x = at.x(left), wide = at.x(right) - x;
  const [low, high] = [at.y(Math.min(bottom, top)), at.y(Math.max(bottom, top))];
  const size = { x: x + 0.5, y: high, width: Math.max(1, wide - 1), height: Math.max(0, low - high) };
  const box = s("rect", { class: faint ? "bar faint" : "bar", ...size, fill: color, stroke: color });
  if (!text || wide < 5.2 * text.length) return [box];
  const place = { x: x + wide / 2, y: Math.max(PAD.top + 8, high - 3), "text-anchor": "middle" };
  return [box, s("text", { class: "above", ...place }, text)];
}

/** @param {Chart} chart @param {At} at @param {number} width */
function marks(chart, at, width) {
  return chart.marks.flatMap(({ x, y, text, color }) => {
    const cx = at.x(x), cy = at.y(y), left = cx > width * 0.6;
    const stroke = { fill: "var(--st-background-color)", stroke: color || "var(--st-text-color)", "stroke-width": 2.5 };
    const ring = s("circle", { cx, cy, r: 5, ...stroke });
    const place = { x: cx + (left ? -11 : 11), y: Math.min(cy + 18, 400), "text-anchor": left ? "end" : "start" };
    return text ? [ring, s("text", { class: "mark", ...place }, text)] : [ring];
  });
}

/** A line of the tooltip. @param {string} text @param {string} color */
function keyed(text, color) {
  return h("div", { style: { "--key": color } }, text);
}

/** Values under the pointer. @param {HTMLElement} frame @param {SVGElement} plot @param {Chart} chart @param {At} at */
function crosshair(frame, plot, chart, at) {
  const rule = s("line", { class: "cross", y1: PAD.top, y2: chart.height - PAD.bottom, visibility: "hidden" });
  const tip = h("div.tip");
  plot.append(rule);
  frame.append(tip);
  const tell = (/** @type {Node[]} */ rows, /** @type {number} */ left) => {
    tip.replaceChildren(...rows);
    tip.style.display = rows.length ? "block" : "none";
    tip.style.left = `${left}px`;
  };
  plot.addEventListener("pointerleave", () => {
    rule.setAttribute("visibility", "hidden");
    tip.style.display = "none";
  });
  plot.addEventListener("pointermove", (event) => {
    const pixel = event.clientX - plot.getBoundingClientRect().left;
    if (chart.bars.length) {
      const under = chart.bars.filter((bar) => bar.says && pixel >= at.x(bar.left) && pixel < at.x(bar.right));
      tell(under.map((bar) => keyed(bar.says, bar.color)), Math.max(0, Math.min(pixel + 12, plot.clientWidth - 190)));
      return;
    }
    const near = nearest(chart, at, pixel);
    if (!near.length) return;
    const [value] = near[0].point, x = at.x(value);
    for (const name of ["x1", "x2"]) rule.setAttribute(name, String(x));
    rule.setAttribute("visibility", "visible");
    const head = h("b", {}, `${chart.x_title.split(" (")[0]} ${short(value)}`);
    const rows = near.map(({ series, point }) => keyed(`${series.name}  ${short(point[1])}`, series.color));
    tell([head, ...rows], Math.min(x + 10, plot.clientWidth - 150));
  });
}

/** The point of each line that is nearest to a pixel. @param {Chart} chart @param {At} at @param {number} pixel */
function nearest(chart, at, pixel) {
  const apart = (/** @type {[number, number]} */ point) => Math.abs(at.x(point[0]) - pixel);
  return chart.series.filter((series) => series.points.length).map((series) => {
    const point = series.points.reduce((best, one) => (apart(one) < apart(best) ? one : best));
    return { series, point };
  }).filter(({ point }) => Number.isFinite(point[1]));
}

export const render = mounted(".curves", (root, /** @type {Component} */ component) => new Curves(root, component));
