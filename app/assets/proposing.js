// Proposals that are accepted, as labels of the field that is edited: without confidence, with the run they are from.

import { encoded, fetchMasks } from "./bitmappng.js";
import { labelId } from "./labeledits.js";

/** @import { LabelerApi } from "./labelerapi.js" */
/** @import { Edit, Label, Values } from "./labeling.js" */
/** @import { FieldInfo } from "./proposals.js" */

const PREDICTIONS = "pred_";

/**
 * @param {LabelerApi} api @param {string} sample @param {Label[]} labels @param {FieldInfo} field they are of
 * @returns {Promise<Edit[]>}
 */
export async function proposalEdits(api, sample, labels, field) {
  const { token, dataset } = api, run = field.name.startsWith(PREDICTIONS) ? field.name.slice(PREDICTIONS.length) : "";
  const masked = labels.some((one) => one.mask), whole = field.holds === "whole mask";
  const masks = masked ? await fetchMasks(token, dataset, sample, field.name) : new Map();
  return Promise.all(labels.map(async ({ id, label, box, points, crowd }) => {
    const bitmap = masks.get(id), mask = bitmap ? await encoded(bitmap, whole) : null;
    /** @type {Values} */
    const values = { ...(label ? { label } : {}), ...(box ? { box } : {}), ...(points ? { points } : {}),
      ...(crowd ? { crowd } : {}), ...(mask ? { mask } : {}), ...(run ? { attributes: { from_run: run } } : {}) };
    return { action: /** @type {const} */ ("add"), label_id: labelId(), label: values };
  }));
}
