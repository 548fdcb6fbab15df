// Heat maps of what in an image speaks for a class, as overlays. The server computes one when it is first asked for.

import { pane } from "./canvas.js";
import { h } from "./dom.js";
import { layer } from "./overlay.js";

/** @import { Heat } from "./gallery.js" */

const PAUSE = 250; // ms, so that turning pages by key asks for nothing

/**
 * A pane with the image, and the map over it once it is there.
 * @param {HTMLImageElement} image @param {Heat} heat @param {AbortSignal} signal
 */
export function warmed(image, heat, signal) {
  const says = h("p.says", {}, "computing \u2026"), made = pane(heat.title, image);
  made.append(says);
  const fetched = async () => {
    const map = await fetchMap(heat.address, signal);
    if (!map) {
      says.textContent = "nothing in the image speaks for it";
      return;
    }
    const address = URL.createObjectURL(map), over = layer(address, "heat");
    over.addEventListener("load", () => URL.revokeObjectURL(address));
    over.addEventListener("error", () => {
      says.textContent = "the server sent no picture; reload the page";
      made.append(says);
    });
    over.loading = "eager";
    image.after(over);
    says.remove();
  };
  const failed = (/** @type {Error} */ error) => {
    if (!signal.aborted) says.textContent = error.message;
  };
  const late = setTimeout(() => fetched().catch(failed), PAUSE);
  signal.addEventListener("abort", () => clearTimeout(late));
  return made;
}

/** A map as PNG; null for an empty one. @param {string} address @param {AbortSignal} signal */
async function fetchMap(address, signal) {
  const answer = await fetch(address, { signal });
  if (!answer.ok) {
    /** @type {{error?: string, action?: string}} */
    const { error, action } = await answer.json().catch(() => ({ error: `the server answered ${answer.status}` }));
    throw new Error([error, action].filter(Boolean).join("; "));
  }
  const map = await answer.blob(), size = await createImageBitmap(map);
  return size.width === 1 ? null : map;
}
