// What every tool of the editor is: it gets what the pointer and the keys do, and draws what it has in hand.

/** @import { EditorPointer } from "./editorpointer.js" */
/** @import { Press } from "./stage.js" */
/** @import { Painter } from "./stagelabels.js" */

export class Tool {
  name = "";
  title = "";
  key = ""; // its hotkey
  icon = ""; // an SVG path in a box of 16 by 16
  cursor = "crosshair";
  draws = true; // makes labels: the cross hair is shown, keys move a pointer
  hint = "";

  /** @param {EditorPointer} editor */
  constructor(editor) {
    this.editor = editor;
  }

  /** It is in the hand now. */
  taken() {}

  /** Whether it takes the pointer. @param {Press} _press */
  down(_press) {
    return true;
  }

  /** @param {Press} _press */
  move(_press) {}

  /** @param {Press | null} _press */
  hover(_press) {}

  /** @param {Press} _press */
  up(_press) {}

  /** @param {Press} _press */
  double(_press) {}

  /** What was begun with the pointer that is down does not count. */
  cancel() {}

  /** What was begun is dropped altogether. Whether there was something. */
  drop() {
    return false;
  }

  /** Another tool is taken. */
  leave() {
    this.drop();
  }

  /** What was begun is finished. Whether there was something. */
  finish() {
    return false;
  }

  /** The last point is taken back. Whether there was one. */
  back() {
    return false;
  }

  /** The wheel with Shift or Alt. @param {number} _steps */
  turn(_steps) {
    return false;
  }

  /** @param {KeyboardEvent} _event @returns {boolean} whether it was used */
  press(_event) {
    return false;
  }

  /** @param {Painter} _painter over everything else */
  draw(_painter) {}
}
