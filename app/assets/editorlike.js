// What the page of the labeler asks of its editor. Types alone: nothing runs here.

/** @import { Attribute, Edit, Field, Hooks, Label, Picture } from "./labeling.js" */
/** @typedef {{name: string, title: string, key: string, icon: string}} Tool */
/**
 * @typedef {Partial<{brightness: number, contrast: number, opacity: number, outlines: boolean, names: boolean,
 *   crosshair: boolean}>} Look
 */
/**
 * @typedef {object} EditorLike
 * @property {(picture: Picture, field: Field, labels: Label[]) => Promise<void> | void} open
 * @property {() => void} close
 * @property {(edits: Edit[]) => void} apply
 * @property {(ids: string[]) => void} select
 * @property {string[]} selected
 * @property {Label[]} labels
 * @property {() => Tool[]} tools
 * @property {(name: string) => void} setTool
 * @property {string} tool
 * @property {(name: string) => void} setClass
 * @property {(ids: string[], name: string, value: Attribute) => void} setAttribute
 * @property {(ids: string[]) => void} remove
 * @property {() => unknown} copy
 * @property {(labels?: Label[]) => void} paste
 * @property {(ids: string[], on: boolean) => void} setHidden
 * @property {(ids: string[], on: boolean) => void} setLocked
 * @property {(look: Look) => void} look
 * @property {(labels: Label[], how: {threshold: number}) => void} references
 * @property {(event: KeyboardEvent) => boolean} key
 * @property {() => {keys: string, does: string}[]} hotkeys
 * @property {() => {clicks: number}} stats
 */
/** @typedef {new (host: HTMLElement, hooks: Hooks) => EditorLike} EditorClass */

export {};
