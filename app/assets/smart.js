// The smart tools of the labeler: a model where its weights are there, else a classical tool; images looked at ahead.

import { Segmenter } from "./segmenter.js";

/** @import { Queued } from "./labelerapi.js" */

export class Smart extends Segmenter {
  /** What is missing for the better tool; "" for nothing. */
  hint = "";
  ready = false; // whether a model looks at images ahead

  /** What finds masks here. @returns {Promise<"sam" | "grabcut">} */
  async assistant() {
    const tools = await this.tools().catch(() => []), model = tools.find((one) => one.name === "sam");
    this.ready = model?.ready ?? false;
    this.hint = model && !model.ready ? model.hint : "";
    return this.ready ? "sam" : "grabcut";
  }

  /** These samples are opened next. @param {Queued[]} rows */
  soon(rows) {
    if (this.ready) void this.prepare(rows.map((row) => row.id)).catch(() => null);
  }
}
