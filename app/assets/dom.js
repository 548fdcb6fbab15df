// Small helpers to build elements. Text is always set as text, never as HTML.

/**
 * @param {string} tag  `tag.class.class`
 * @param {Record<string, any>} [props]  `on*` are listeners, `style` an object, the rest attributes; null leaves one out
 * @param {...(Node | string | null | undefined)} children
 * @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const made = document.createElement(name);
  made.className = classes.join(" ");
  for (const [key, value] of Object.entries(props)) put(made, key, value);
  for (const child of children) if (child !== null && child !== undefined) made.append(child);
  return made;
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} props
 * @returns {SVGElement}
 */
export function s(tag, props) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(props)) made.setAttribute(key, String(value));
  return made;
}

/**
 * @param {HTMLElement} element
 * @param {string} key
 * @param {any} value
 */
function put(element, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
  else if (key === "style") for (const [name, item] of Object.entries(value)) element.style.setProperty(name, String(item));
  else if (key === "value" || key === "checked") Reflect.set(element, key, value);
  else element.setAttribute(key, value === true ? "" : String(value));
}

/**
 * One of our icons, drawn with strokes in the colour of the text.
 * @param {keyof typeof PATHS} name
 */
export function icon(name) {
  const svg = s("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" });
  const style = { fill: "none", stroke: "currentColor", "stroke-width": 1.6, "stroke-linecap": "round", "stroke-linejoin": "round" };
  svg.append(s("path", { d: PATHS[name], ...style }));
  return svg;
}

const PATHS = {
  check: "M3.5 8.5l3 3 6-7",
  left: "M10 3.5L5.5 8l4.5 4.5",
  right: "M6 3.5L10.5 8 6 12.5",
  first: "M11.5 3.5L7 8l4.5 4.5M4 3.5v9",
  last: "M4.5 3.5L9 8l-4.5 4.5M12 3.5v9",
  close: "M4 4l8 8M12 4l-8 8",
  fit: "M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3",
  link: "M6.5 9.5l3-3M7 4.8l1.3-1.3a2.7 2.7 0 0 1 3.8 3.8L10.8 8.6M9 11.2l-1.3 1.3a2.7 2.7 0 0 1-3.8-3.8L5.2 7.4",
  plus: "M8 3.5v9M3.5 8h9",
  minus: "M3.5 8h9",
  eye: "M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8zM8 9.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6z",
};
