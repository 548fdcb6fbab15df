// Which tools there are for what a field holds.

import { BoxTool } from "./toolbox.js";
import { BrushTool, eraser } from "./toolbrush.js";
import { BucketTool, MaskPolygonTool } from "./toolfill.js";
import { KeypointsTool } from "./toolkeypoints.js";
import { lineTool, PolygonTool } from "./toolpolygon.js";
import { ScissorsTool } from "./toolscissors.js";
import { SmartTool } from "./toolsmart.js";

/** @import { EditorInput } from "./editorinput.js" */
/** @import { Tool } from "./tool.js" */

/** The tools beside selecting, in the order of the tool bar. @param {EditorInput} editor @returns {Tool[]} */
export function toolsFor(editor) {
  const { holds } = editor.model.field, smart = () => [new SmartTool(editor), new ScissorsTool(editor)];
  const painting = () => [new BrushTool(editor), eraser(editor), new MaskPolygonTool(editor), ...smart()];
  if (holds === "objects") return [new BoxTool(editor), ...painting()];
  if (holds === "polylines") return [new PolygonTool(editor), lineTool(editor), ...smart()];
  if (holds === "keypoints") return [new KeypointsTool(editor)];
  return holds === "whole mask" ? [...painting(), new BucketTool(editor)] : [];
}
