// What the editor draws: labels and references below, and over them what the hand holds.

import { limited } from "./shapes.js";
import { Painter } from "./stagelabels.js";

/** @import { EditorState } from "./editorstate.js" */
/** @import { Label } from "./labeling.js" */
/** @import { Shape } from "./shapeslabel.js" */
/** @import { Layer } from "./stage.js" */

const NAMED = 32; // screen pixels: smaller labels get no name
const GUIDE = "#22d3ee";

/** @param {EditorState} editor @param {Layer} layer @param {CanvasRenderingContext2D} context */
export function draw(editor, layer, context) {
  const { stage } = editor, painter = new Painter(context, stage.place, stage.room, stage.image, stage.density);
  if (layer === "labels") drawLabels(editor, painter);
  else drawHand(editor, painter);
}

/** @param {EditorState} editor @param {Painter} painter */
function drawLabels(editor, painter) {
  for (const { label, shape } of editor.others) if (painter.sees(shape.part)) drawOther(editor, painter, label, shape);
  const tags = [], tints = editor.tints();
  for (const id of editor.shown()) {
    const shape = editor.model.shape(id);
    if (editor.held.has(id) || editor.busy === id) continue;
    if (editor.whole && shape.bitmap && !editor.painted) painter.mask(shape.bitmap, tints, editor.seen.opacity);
    if (!shape.part || !painter.sees(shape.part)) continue;
    drawShape(editor, painter, id, shape, false);
    const side = Math.max(shape.part.width, shape.part.height) * painter.place.scale;
    if (editor.seen.names && side >= NAMED) tags.push({ id, part: shape.part });
  }
  if (editor.painted) painter.mask(editor.painted, tints, editor.seen.opacity);
  if (painter.late) editor.stain("labels");
  for (const { id, part } of tags) painter.name(part, editor.nameOf(id), editor.colourOf(id));
}

/**
 * @param {EditorState} editor @param {Painter} painter @param {string} id @param {Shape} shape
 * @param {boolean} strong
 */
function drawShape(editor, painter, id, shape, strong) {
  const colour = editor.colourOf(id), fill = shape.closed ? editor.seen.opacity * 0.5 : strong ? 0.08 : 0;
  if (editor.whole) return;
  const opacity = limited(editor.seen.opacity + (strong ? 0.15 : 0), 0, 1);
  if (shape.bitmap) painter.mask(shape.bitmap, new Map([[1, colour]]), opacity);
  if (shape.bitmap && !editor.seen.outlines && !strong) return;
  painter.shape(shape, { colour, strong, fill }, editor.skeleton);
}

/** @param {EditorState} editor @param {Painter} painter @param {Label} label @param {Shape} shape */
function drawOther(editor, painter, label, shape) {
  const colour = editor.classColour(label.label ?? ""), part = shape.part;
  if (shape.bitmap) painter.mask(shape.bitmap, new Map([[1, colour]]), editor.seen.opacity * 0.5);
  painter.shape(shape, { colour, dashed: true }, editor.skeleton);
  const sure = typeof label.confidence === "number" ? ` ${label.confidence.toFixed(2)}` : "";
  const large = part && Math.max(part.width, part.height) * painter.place.scale >= NAMED;
  if (large && editor.seen.names) painter.name(part, `${label.label ?? ""}${sure}`, colour, true);
}

/** @param {EditorState} editor @param {Painter} painter */
function drawHand(editor, painter) {
  const { hovered, selection, held, model } = editor;
  for (const id of new Set([...selection, ...held.keys(), ...(hovered ? [hovered] : [])])) {
    if (!model.labels.has(id) || (!held.has(id) && (editor.hidden.has(id) || editor.busy === id))) continue;
    const shape = held.get(id) ?? model.shape(id);
    drawShape(editor, painter, id, shape, true);
    if (held.has(id) && shape.part) painter.name(shape.part, editor.measured(shape.part), "#334155", true);
    const named = shape.part && (id === hovered || selection.size === 1);
    if (shape.part && named) painter.name(shape.part, editor.nameOf(id), editor.colourOf(id));
  }
  for (const { x, y } of editor.guides) painter.ruler(x, y, GUIDE);
  editor.drawTools(painter);
}
