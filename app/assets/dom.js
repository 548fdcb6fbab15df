// The elements that all components are built of. Text is always set as text, never as HTML.

/**
 * @typedef {string | number | boolean | null | undefined} Value
 * @typedef {{[K in keyof HTMLElementEventMap as `on${K}`]?: (event: HTMLElementEventMap[K]) => unknown}} Listeners
 * @typedef {"alt" | "autofocus" | "checked" | "decoding" | "disabled" | "draggable" | "hidden" | "href" | "id"
 *   | "loading" | "max" | "min" | "placeholder" | "role" | "src" | "step" | "tabindex" | "target" | "title" | "type"
 *   | "value" | `aria-${string}` | `data-${string}`} Attribute
 * @typedef {Listeners & {[K in Attribute]?: Value} & {style?: Record<string, string | number>}} Props
 * @typedef {Node | string | null | undefined} Child
 */

/** @template {string} S @typedef {S extends `${infer Tag}.${string}` ? Tag : S} TagOf */
/**
 * @template {string} S
 * @typedef {TagOf<S> extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[TagOf<S>] : HTMLElement} Made
 */

/**
 * An element of HTML.
 * @template {string} S
 * @param {S} tag  `tag.class.class`
 * @param {Props} [props]  `on*` are listeners, `style` an object, the rest attributes; null and false leave one out,
 *   but for `aria-*`, which say false
 * @param {...Child} children
 */
export function h(tag, props = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const made = document.createElement(name);
  if (classes.length) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(props)) put(made, key, value);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return /** @type {Made<S>} */ (made);
}

/**
 * An element of SVG; attributes that are undefined are left out.
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | number | undefined>} [props]
 * @param {...(Node | string)} children
 */
export function s(tag, props = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(props)) if (value !== undefined) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

/** @param {HTMLElement} element @param {string} key @param {Props[keyof Props]} value */
function put(element, key, value) {
  if (typeof value === "function") element.addEventListener(key.slice(2), /** @type {EventListener} */ (value));
  else if (typeof value === "object" && value) {
    for (const [name, item] of Object.entries(value)) element.style.setProperty(name, String(item));
  } else if (value === null || value === undefined || (value === false && !key.startsWith("aria-"))) return;
  else if (key === "value" || key === "checked") Reflect.set(element, key, value);
  else element.setAttribute(key, value === true && !key.startsWith("aria-") ? "" : String(value));
}

/**
 * A range input with its name before it.
 * @param {string} name  "" for none
 * @param {Props} props  of the input
 * @param {(value: number) => void} moved
 */
export function slider(name, props, moved) {
  const input = h("input", { type: "range", min: 0, max: 1, step: 0.05, ...props });
  input.addEventListener("input", () => moved(input.valueAsNumber));
  return h("label.slider", { title: props.title ?? props["aria-label"] }, name, input);
}

/**
 * One object for every place where a component is drawn: made at the first call, handed new data at later ones.
 * @template {{parentElement: ParentNode}} C
 * @param {string} selector  of the component's root
 * @param {(root: HTMLElement, component: C) => {update: (component: C) => void}} make
 * @returns {(component: C) => void}
 */
export function mounted(selector, make) {
  /** @type {WeakMap<HTMLElement, {update: (component: C) => void}>} */
  const live = new WeakMap();
  return (component) => {
    const root = /** @type {HTMLElement} */ (component.parentElement.querySelector(selector));
    const one = live.get(root) ?? make(root, component);
    live.set(root, one);
    one.update(component);
  };
}

/** The element that has the focus, inside a component's shadow. @param {Node} root */
export function focused(root) {
  const home = root.getRootNode();
  const active = home instanceof ShadowRoot || home instanceof Document ? home.activeElement : null;
  return active instanceof HTMLElement && root.contains(active) ? active : null;
}

/**
 * These settings as the browser stored them; missing ones, and values of another type, are as given.
 * @template {Record<string, string | number | boolean | string[]>} T
 * @param {string} key
 * @param {T} otherwise
 * @returns {T}
 */
export function kept(key, otherwise) {
  const found = /** @type {Record<string, unknown>} */ (JSON.parse(localStorage.getItem(key) ?? "{}"));
  const fits = Object.entries(otherwise).filter(([name, value]) => typeof found[name] === typeof value);
  return { ...otherwise, ...Object.fromEntries(fits.map(([name]) => [name, found[name]])) };
}

/** @param {string} key @param {object} settings */
export function keep(key, settings) {
  localStorage.setItem(key, JSON.stringify(settings));
}

/** A button of one icon. @param {keyof typeof PATHS} name @param {string} title @param {() => unknown} run */
export function iconButton(name, title, run, disabled = false) {
  return h("button.plain", { type: "button", title, "aria-label": title, disabled, onclick: run }, icon(name));
}

/** One of our icons, drawn with strokes in the colour of the text. @param {keyof typeof PATHS} name */
export function icon(name) {
  const stroke = { stroke: "currentColor", "stroke-width": 1.6, "stroke-linecap": "round", "stroke-linejoin": "round" };
  const path = s("path", { d: PATHS[name], fill: "none", ...stroke });
  return s("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" }, path);
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
  edit: "M3.5 12.5l.6-2.7 6.6-6.6 2.1 2.1-6.6 6.6zM9.2 4.7l2.1 2.1",
  undo: "M6 3.5L3 6.5l3 3M3.5 6.5H9a3.5 3.5 0 0 1 0 7H6.5",
  redo: "M10 3.5l3 3-3 3M12.5 6.5H7a3.5 3.5 0 0 0 0 7h2.5",
  seen: "M1.5 8s2.4-4 6.5-4 6.5 4 6.5 4-2.4 4-6.5 4-6.5-4-6.5-4zM8 9.7a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4z",
  unseen: "M2.5 6.8C3.6 8.4 5.5 10 8 10s4.4-1.6 5.5-3.2M4.3 9.1L3 10.8M8 10v2M11.7 9.1l1.3 1.7",
  lock: "M4 7.2h8v5.8H4zM5.6 7V5.4a2.4 2.4 0 0 1 4.8 0V7",
  unlock: "M4 7.2h8v5.8H4zM5.6 7V5.2a2.4 2.4 0 0 1 4.6-.9",
  bin: "M3.5 4.5h9M6.5 4.3V3h3v1.3M4.8 4.7l.5 8.3h5.4l.5-8.3M6.9 7v3.6M9.1 7v3.6",
  list: "M3 4.5h1M3 8h1M3 11.5h1M6.5 4.5H13M6.5 8H13M6.5 11.5H13",
  sides: "M2.5 3.5h11v9h-11zM10 3.5v9",
  tune: "M3 4.5h6.5M12 4.5h1M3 8h2M7.5 8H13M3 11.5h5.5M11 11.5h2M9.5 3v3M5 6.5v3M8.5 10v3",
  person: "M8 7.7a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6zM3.5 13c.5-2.4 2.2-3.7 4.5-3.7s4 1.3 4.5 3.7",
  help: "M6 6a2 2 0 1 1 2.9 1.8c-.6.3-.9.7-.9 1.4M8 11.6v.2M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12z",
};
