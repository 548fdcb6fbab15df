// Which tools there are for what a field holds.

import { BoxTool } from "./toolbox.js";

/** @import { Hands } from "./editorhands.js" */
/** @import { Tool } from "./tool.js" */

/** The tools beside selecting, in the order of the tool bar. @param {Hands} desk @returns {Tool[]} */
export function toolsFor(desk) {
  const { holds } = desk.model.field;
  return holds === "objects" ? [new BoxTool(desk)] : [];
}
