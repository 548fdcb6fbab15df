// Filling masks: a polygon becomes pixels, and a bucket fills what is connected.

import { blank, copied, fill, pour, whole } from "./bitmap.js";
import { bounds } from "./shapes.js";
import { forget } from "./stagelabels.js";
import { Tool } from "./tool.js";
import { blocked, ground, put, store, target, valueOf } from "./toolmask.js";
import { PolygonTool } from "./toolpolygon.js";

/** @import { Bitmap } from "./bitmap.js" */
/** @import { EditorState } from "./editorstate.js" */
/** @import { Part, Point } from "./placing.js" */
/** @import { Press } from "./stage.js" */

export class MaskPolygonTool extends PolygonTool {
  name = "fill";
  title = "Polygon to mask";
  hint = "Click the corners, Enter fills it; begun with Shift it is added to what is selected, with Alt cut out of it";

  /** @override @param {Point[]} points */
  made(points) {
    const pixels = filled([points], this.editor);
    if (pixels) put(this.editor, pixels, { add: this.begun.shift, cut: this.begun.alt, words: "fill" });
  }
}

/**
 * The pixels inside polygons; null without any.
 * @param {Point[][]} parts @param {EditorState} editor @returns {Bitmap | null}
 */
export function filled(parts, editor) {
  const part = whole(/** @type {Part} */ (bounds(parts.flat())), editor.image);
  if (!part.width || !part.height) return null;
  const made = blank(part);
  fill(made, parts, 1);
  return made;
}

export class BucketTool extends Tool {
  name = "bucket";
  title = "Bucket";
  key = "f";
  icon = "M3 8l5-5 5 5-5 5zM3 8h10M13.5 10.5v2.5";
  hint = "Click a region: it gets the class at hand; the right button makes it background";

  /** @override @param {Press} press */
  down(press) {
    const { editor } = this, id = target(editor), old = id ? editor.model.masks.get(id) : null;
    if (blocked(editor)) return true;
    const made = old ? copied(old) : ground(editor);
    if (!pour(made, press.at, valueOf(editor, press.right))) return true;
    if (old) forget(old);
    store(editor, id, made, "fill");
    return true;
  }
}
