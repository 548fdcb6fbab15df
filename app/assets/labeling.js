// The records that the parts of the labeler pass to each other. Types alone: nothing runs here.

/**
 * @typedef {[number, number, number, number]} Box  x, y, width, height, relative to the image as shown, in [0, 1]
 * @typedef {(number | null)[][]} Points  a list of [x, y], relative to the image; null where a keypoint is unseen
 * @typedef {string | number | boolean | null | (string | number | boolean | null)[]} Attribute
 */
/**
 * The parts of a label, as `/api/labels` gives and takes them. A part that is not named stays, null removes it.
 * @typedef {object} Values
 * @property {string | null} [label]  its class
 * @property {Box | null} [box]
 * @property {Points[] | null} [points]  the parts of a polyline, or one list of keypoints
 * @property {string | boolean | null} [mask]  a PNG in base64: as large as the box in pixels for an object, as the
 *   image for a whole mask; read, true says that there is one
 * @property {number | null} [confidence]
 * @property {boolean} [crowd]
 * @property {string[]} [tags]
 * @property {Record<string, Attribute>} [attributes]  unnamed ones stay, null removes one; `z_order` is the layer
 */
/**
 * A label as it is read.
 * @typedef {Values & {id: string}} Label
 */
/**
 * One change to one label. The label's id (24 hexadecimal digits) is made here, also of a new one.
 * @typedef {{action: "add" | "change" | "delete", label_id: string, label: Values}} Edit
 */
/**
 * What one gesture did, and what takes it back; `words` name it, as "move car".
 * @typedef {{sample: string, field: string, words: string, forward: Edit[], backward: Edit[]}} Step
 */
/**
 * An edit as it is sent: its id (a UUID) is made once, and is the same when it is sent again.
 * @typedef {Edit & {id: string}} Operation
 */
/**
 * What a field of labels allows.
 * @typedef {object} Schema
 * @property {SchemaClass[]} classes  in the order of the dataset
 * @property {SchemaAttribute[]} attributes
 * @property {Skeleton | null} skeleton  of keypoints
 * @property {Rules} rules
 */
/**
 * `value` is that of its pixels, in a field of whole masks. A colour of null is given by the palette. `kept` is what a
 * format said about it: it is handed back as it is.
 * @typedef {{name: string, colour: string | null, hotkey: string | null, value: number | null,
 *   kept?: Record<string, string>}} SchemaClass
 */
/**
 * `classes` are those that have it, null for all.
 * @typedef {object} SchemaAttribute
 * @property {string} name
 * @property {"choice" | "number" | "text" | "flag"} kind
 * @property {string[]} choices
 * @property {number | null} minimum
 * @property {number | null} maximum
 * @property {Attribute} default
 * @property {boolean} required
 * @property {string[] | null} classes
 * @property {string | null} [title]  what people call it, where that is another than its name
 * @property {Record<string, string>} [kept]  as that of a class
 */
/**
 * Names of points, and pairs of their positions in that list that are joined by a line.
 * @typedef {{points: string[], edges: [number, number][]}} Skeleton
 */
/**
 * Limits that are checked: least width and height in pixels, whether labels must lie on the image, the largest IoU of
 * two boxes of one class (null for any).
 * @typedef {{smallest: number, inside: boolean, overlap: number | null}} Rules
 */
/**
 * What is open in the labeler. `kind` is the name of the field's kind (`datasets/kinds.py`); the properties that the
 * editor asks for come with it, so that it never compares names.
 * @typedef {object} Field
 * @property {string} name
 * @property {string} kind
 * @property {"objects" | "polylines" | "keypoints" | "one class" | "many classes" | "whole mask"} holds
 * @property {boolean} many
 * @property {Schema} schema
 */
/**
 * @typedef {object} Picture  the image of a sample
 * @property {string} id
 * @property {string} name
 * @property {number} width  pixels, as shown
 * @property {number} height
 * @property {string} media  address
 * @property {string} thumbnail
 */
/**
 * A question to a model or a classical tool about one image; points and box in [0, 1].
 * @typedef {object} Prompt
 * @property {"sam" | "grabcut" | "scissors"} tool
 * @property {{x: number, y: number, inside: boolean}[]} points
 * @property {Box | null} box
 */
/**
 * Its answer: a mask inside its box (PNG in base64: any pixel above 0 is inside), or for scissors a path along edges.
 * @typedef {{box: Box | null, mask: string | null, path: [number, number][] | null, score: number | null,
 *   milliseconds: number}} Segmented
 */
/**
 * What the editor tells the page.
 * @typedef {object} Hooks
 * @property {(step: Step) => void} onstep  a gesture is over; the editor shows its result already
 * @property {(ids: string[]) => void} onselect
 * @property {(tool: string) => void} ontool
 * @property {(label: Label) => void} onreference  a label of another field was clicked (a proposal)
 * @property {(prompt: Prompt) => Promise<Segmented>} segment  rejects with a Problem
 * @property {(text: string) => void} say  a hint for the line below the canvas
 */

export {};
