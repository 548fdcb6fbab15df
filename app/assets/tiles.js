// The tiles of the grid: a thumbnail with its labels, its tags and, in words, what is on it.

import { h, icon } from "./dom.js";
import { drawn, shown } from "./labels.js";
import { scene } from "./scene.js";

/** @import { Api, Row } from "./api.js" */
/** @import { Look } from "./labels.js" */
/** @typedef {{left: number, top: number, width: number}} Spot  on the screen */
/** @typedef {{api: Api, look: Look, side: number}} How  tiles are drawn: thumbnails have this side */

const EAGER = 40; // tiles whose images are loaded at once

/** @param {Row} row @param {number} index @param {How} how */
export function tile(row, index, how) {
  const ratio = Math.min(Math.max(row.width / row.height || 1, 0.4), 3);
  const image = h("img", {
    src: how.api.thumbnail(row, how.side), alt: row.name, draggable: "false", decoding: "async",
    loading: index < EAGER ? "eager" : "lazy",
    onload: () => { made.classList.add("loaded"); }, onerror: () => { made.classList.add("broken"); },
  });
  const tags = row.tags.slice(0, 3).map((tag) => h("em", {}, tag));
  const place = { role: "option", id: `tile-${index}`, "data-index": index, title: row.name };
  /** @type {HTMLElement} */
  const made = h(
    "div.tile", { ...place, style: { "--ratio": ratio } }, image, labels(row, how), words(row, how.look),
    h("span.tick", { title: "Select" }, icon("check")), tags.length ? h("span.tags", {}, ...tags) : null,
  );
  return made;
}

/** Redraw the labels. @param {HTMLElement} made @param {Row} row @param {How} how */
export function relabel(made, row, how) {
  made.querySelector(".overlay")?.replaceWith(labels(row, how));
  made.querySelector(".scene")?.replaceWith(words(row, how.look));
}

/** Places for tiles that are on their way. @param {number} count */
export function skeleton(count) {
  return Array.from({ length: count }, () => h("div.tile.skeleton", { style: { "--ratio": 1.35 } }));
}

/** What fills the last row. */
export function rest() {
  return h("div.rest");
}

/**
 * The index of the tile that stands above or below another one, the nearest of its row; undefined at the edge.
 * @param {Spot[]} places of all tiles, in their order @param {number} active @param {1 | -1} step
 */
export function vertical(places, active, step) {
  const here = places[active];
  if (!here) return undefined;
  const middle = (/** @type {Spot} */ place) => place.left + place.width / 2;
  const all = places.map((place, index) => ({ place, index }));
  const beyond = all.filter(({ place }) => (place.top - here.top) * step > 4);
  const top = beyond[step > 0 ? 0 : beyond.length - 1]?.place.top ?? 0;
  const row = beyond.filter(({ place }) => Math.abs(place.top - top) < 4);
  const apart = (/** @type {Spot} */ place) => Math.abs(middle(place) - middle(here));
  return row.sort((a, b) => apart(a.place) - apart(b.place))[0]?.index;
}

/** @param {Row} row @param {How} how */
function labels(row, { api, look, side }) {
  return drawn(row, look, (field, how) => api.overlay(row, field, { ...how, side: String(side) }));
}

/** What is on an image, in words, of the first field that shows something. @param {Row} row @param {Look} look */
function words(row, look) {
  const items = shown(row, look), field = items.find((item) => item.label.box ?? item.label.points)?.field;
  const text = field ? scene(items.filter((item) => item.field === field)) : "";
  return h(text ? "div.scene" : "div.scene.bare", { hidden: !text }, text);
}
