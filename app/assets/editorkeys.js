// What the keys of the editor do, beside those of its tools. Undo, classes and the next image belong to the page.

/** @import { Editor } from "./editor.js" */
/** @typedef {{keys: string, title: string, run?: (editor: Editor) => void}} Hotkey  `keys` as `shown` spells a key */

/** @type {Hotkey[]} */
export const HOTKEYS = [
  { keys: "Delete", title: "Delete what is selected, or the last point", run: (editor) => editor.erase() },
  { keys: "Backspace", title: "The same", run: (editor) => editor.erase() },
  { keys: "Ctrl+A", title: "Select all", run: (editor) => editor.select(editor.shown()) },
  { keys: "Ctrl+C", title: "Copy", run: (editor) => editor.copy() },
  { keys: "Ctrl+V", title: "Paste, also on another image", run: (editor) => editor.paste() },
  { keys: ".", title: "Next label", run: (editor) => editor.step(1) },
  { keys: ",", title: "Previous label", run: (editor) => editor.step(-1) },
  { keys: "Ctrl+ArrowUp", title: "One layer up", run: (editor) => editor.order(editor.selected, "forward") },
  { keys: "Ctrl+ArrowDown", title: "One layer down", run: (editor) => editor.order(editor.selected, "backward") },
  { keys: "Ctrl+Shift+ArrowUp", title: "To the front", run: (editor) => editor.order(editor.selected, "front") },
  { keys: "Ctrl+Shift+ArrowDown", title: "To the back", run: (editor) => editor.order(editor.selected, "back") },
  { keys: "H", title: "Hide what is selected", run: (editor) => editor.setHidden(editor.selected, true) },
  { keys: "Shift+H", title: "Show what is hidden", run: (editor) => editor.setHidden([...editor.hidden], false) },
  { keys: "O", title: "Lock what is selected, or unlock it", run: (editor) => editor.flipLocks() },
  { keys: "G", title: "Snap to edges and vertices, or not", run: (editor) => editor.look({ snap: !editor.seen.snap }) },
  { keys: "T", title: "Tighten boxes around masks and points", run: (editor) => editor.tighten() },
  { keys: "U", title: "Merge what is selected", run: (editor) => editor.merge() },
  { keys: "X", title: "Split into its pieces", run: (editor) => editor.split() },
  { keys: "[", title: "Smaller brush", run: (editor) => editor.resizeBrush(-1) },
  { keys: "]", title: "Larger brush", run: (editor) => editor.resizeBrush(1) },
];

/** Keys that need no run of their own, for the sheet. @type {Hotkey[]} */
export const HABITS = [
  { keys: "Arrows", title: "Move what is selected; without a selection, the pointer of a drawing tool" },
  { keys: "Shift+Arrows", title: "By ten pixels" },
  { keys: "Alt+Arrows", title: "Resize" },
  { keys: "Space", title: "Hold it to pan; after arrow keys it puts a corner or a point" },
  { keys: "Enter", title: "Finish a shape, accept a preview" },
  { keys: "Escape", title: "Drop it, deselect, back to selecting" },
  { keys: "Ctrl", title: "Held: no snapping" },
  { keys: "+ − 0", title: "Zoom in, out, fit" },
  { keys: "Alt+Wheel", title: "Size of the brush" },
];

/** A key as the list spells it, as Ctrl+Shift+A. @param {KeyboardEvent} event */
export function shown(event) {
  const name = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const letter = name.length > 1 || /[A-Z]/.test(name); // of other signs Shift is a part
  const shift = event.shiftKey && letter ? "Shift" : "";
  const held = [event.ctrlKey || event.metaKey ? "Ctrl" : "", event.altKey ? "Alt" : "", shift];
  return [...held.filter(Boolean), name].join("+");
}
