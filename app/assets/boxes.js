// @ts-check
// An image with its boxes as SVG: labels solid, predictions dashed; hit, false positive and missed label differ in colour and in sign.

const SVG = "http://www.w3.org/2000/svg";
export const OUTCOMES = /** @type {Record<string, {color: string, sign: string, text: string}>} */ ({
  tp: { color: "#0ea5a0", sign: "\u2713", text: "hit" },
  fp: { color: "#f97316", sign: "\u2715", text: "false positive" },
  fn: { color: "#d946ef", sign: "\u25cb", text: "missed" },
  ignored: { color: "#94a3b8", sign: "\u00b7", text: "left out" },
});

/** @param {string} tag @param {Record<string, string | number>} [attributes] @param {string} [text] */
export function svg(tag, attributes = {}, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}

/** @param {string} tag @param {string} [name] @param {string} [text] */
export function html(tag, name = "", text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  return element;
}

/** The part of the image (pixels: x, y, width, height) that shows a relative box with some of its surroundings. @param {any} sample @param {number[] | null} box @param {number} aspect width by height of the frame */
export function crop(sample, box, aspect) {
  if (!box) return [0, 0, sample.width, sample.height];
  const [x, y, w, h] = [box[0] * sample.width, box[1] * sample.height, box[2] * sample.width, box[3] * sample.height];
  let height = Math.max(h * 1.5, (w * 1.5) / aspect, 24);
  height = Math.min(height, Math.max(sample.height, sample.width / aspect));
  const width = height * aspect;
  const fit = (/** @type {number} */ middle, /** @type {number} */ size, /** @type {number} */ all) => (size >= all ? (all - size) / 2 : Math.max(0, Math.min(all - size, middle - size / 2)));
  return [fit(x + w / 2, width, sample.width), fit(y + h / 2, height, sample.height), width, height];
}

/** The address of a copy that is sharp enough: `pixels` wide for the part shown. @param {any} sample @param {number[]} view @param {number} pixels */
export function address(sample, view, pixels) {
  const wanted = (pixels * Math.min(2, window.devicePixelRatio || 1) * Math.max(sample.width, sample.height)) / Math.max(view[2], view[3]);
  const side = [256, 512, 1024].find((one) => one >= wanted * 0.85);
  return side ? sample.thumbnail.replace("{side}", String(side)) : sample.media;
}

/** @param {any} part a box of the sample @param {any} sample @param {number} unit image pixels of one screen pixel @param {boolean} strong @param {"" | "sign" | "full"} named */
function boxed(part, sample, unit, strong, named) {
  const look = OUTCOMES[part.outcome] ?? OUTCOMES.ignored, group = svg("g");
  const [x, y, w, h] = [part.box[0] * sample.width, part.box[1] * sample.height, part.box[2] * sample.width, part.box[3] * sample.height];
  const shape = { x, y, width: w, height: h, fill: "none", "vector-effect": "non-scaling-stroke" };
  const dash = part.side === "prediction" ? "6 4" : "none", thick = strong ? 2.6 : 1.6;
  group.append(svg("rect", { ...shape, stroke: "#000", "stroke-opacity": 0.5, "stroke-width": thick + 1.6, "stroke-dasharray": dash }));
  group.append(svg("rect", { ...shape, stroke: look.color, "stroke-width": thick, "stroke-dasharray": dash }));
  if (named) {
    const words = named === "sign" ? look.sign : `${look.sign} ${part.label}${part.confidence == null ? "" : ` ${part.confidence.toFixed(2)}`}`;
    const size = 11 * unit, wide = (named === "sign" ? 1.1 : words.length * 0.56) * size + 6 * unit, top = part.side === "prediction" ? y + h : y - size * 1.45;
    const at = Math.max(0, Math.min(sample.height - size * 1.45, top));
    group.append(svg("rect", { x, y: at, width: wide, height: size * 1.45, fill: "#0f172a", "fill-opacity": 0.82 }));
    group.append(svg("text", { x: x + 3 * unit, y: at + size * 1.08, "font-size": size, fill: look.color, "font-weight": 600 }, words));
  }
  return group;
}

/** The masks of objects, those of one side filled and those of the other as outlines over them; a side alone is filled. @param {any} sample @param {any} how */
function masks(sample, how) {
  const sides = ["label", "prediction"].filter((side) => how.filled && how.layers[side] && sample.masks[side]);
  sides.sort((one, other) => Number(other === how.filled) - Number(one === how.filled));
  const wanted = (how.pixels * Math.min(2, window.devicePixelRatio || 1) * Math.max(sample.width, sample.height)) / Math.max(how.view[2], how.view[3]);
  const size = [256, 512, 1024, 2048].find((one) => one >= wanted * 0.85) ?? 2048;
  return sides.map((side) => {
    const style = sides.length === 1 || side === how.filled ? "fill" : "contour";
    const look = how.view[2] * 3 < how.pixels ? "image-rendering: pixelated" : "";
    return svg("image", { href: sample.masks[side][style].replace("{side}", String(size)), width: sample.width, height: sample.height, preserveAspectRatio: "none", class: `masks ${style}`, style: look });
  });
}

/** @param {any} sample @param {{view: number[], pixels: number, filled?: string, layers?: Record<string, boolean>, strong: (part: any) => boolean, named: (part: any) => "" | "sign" | "full", shown: (part: any) => boolean}} how */
export function picture(sample, how) {
  const [x, y, w, h] = how.view, unit = w / how.pixels;
  const image = svg("svg", { viewBox: `${x} ${y} ${w} ${h}`, preserveAspectRatio: "xMidYMid meet", role: "img", "aria-label": sample.name });
  image.append(svg("image", { href: address(sample, how.view, how.pixels), width: sample.width, height: sample.height, preserveAspectRatio: "none", ...(unit < 1 / 3 ? { style: "image-rendering: pixelated" } : {}) }));
  image.append(...masks(sample, how));
  const parts = sample.boxes.filter(how.shown);
  for (const part of [...parts].sort((a, b) => Number(how.strong(a)) - Number(how.strong(b)))) image.append(boxed(part, sample, unit, how.strong(part), how.named(part)));
  return image;
}
