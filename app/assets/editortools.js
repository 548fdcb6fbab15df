// Which tools there are for what a field holds.

import { BoxTool } from "./toolbox.js";
import { BrushTool, eraser } from "./toolbrush.js";
import { BucketTool, MaskPolygonTool } from "./toolfill.js";
import { KeypointsTool } from "./toolkeypoints.js";
import { lineTool, PolygonTool } from "./toolpolygon.js";
import { ScissorsTool } from "./toolscissors.js";
import { SmartTool } from "./toolsmart.js";

/** @import { Hands } from "./editorhands.js" */
/** @import { Tool } from "./tool.js" */

/** The tools beside selecting, in the order of the tool bar. @param {Hands} desk @returns {Tool[]} */
export function toolsFor(desk) {
  const { holds } = desk.model.field, smart = () => [new SmartTool(desk), new ScissorsTool(desk)];
  const painting = () => [new BrushTool(desk), eraser(desk), new MaskPolygonTool(desk), ...smart()];
  if (holds === "objects") return [new BoxTool(desk), ...painting()];
  if (holds === "polylines") return [new PolygonTool(desk), lineTool(desk), ...smart()];
  if (holds === "keypoints") return [new KeypointsTool(desk)];
  return holds === "whole mask" ? [...painting(), new BucketTool(desk)] : [];
}
