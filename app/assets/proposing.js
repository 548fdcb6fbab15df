// Proposals that are accepted, as labels of the field that is edited: without confidence, with the run they are from.

import { labelId } from "./labeledits.js";

/** @import { LabelerApi } from "./labelerapi.js" */
/** @import { Edit, Label, Values } from "./labeling.js" */
/** @import { FieldInfo } from "./proposals.js" */

const PREDICTIONS = "pred_";

/**
 * @param {LabelerApi} api @param {string} sample @param {Label[]} labels @param {FieldInfo} field they are of
 * @returns {Promise<Edit[]>}
 */
export function proposalEdits(api, sample, labels, field) {
  return Promise.all(labels.map(async (one) => {
    const { label, box, points, crowd } = one, mask = one.mask
      ? await painted(api.at("mask", sample, field.name, one.id)) : null;
    const from = field.name.startsWith(PREDICTIONS) ? field.name.slice(PREDICTIONS.length) : null;
    /** @type {Values} */
    const values = { label, ...(box ? { box } : {}), ...(points ? { points } : {}), ...(crowd ? { crowd } : {}),
      ...(mask ? { mask } : {}), ...(from ? { attributes: { from_run: from } } : {}) };
    return { action: /** @type {const} */ ("add"), label_id: labelId(), label: values };
  }));
}

/** The mask of a label as a PNG, white where it is. @param {string} address of a stencil: the mask as its alpha */
async function painted(address) {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser cannot draw a mask");
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0);
  return canvas.toDataURL("image/png").replace(/^.*,/, "");
}
