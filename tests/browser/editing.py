"""A page of its own for the editor, without the app: what it shows, and what its hooks were told."""

import base64
import io
import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from app.api.assets import FOLDER

AT = "http://editor.invalid/"
TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}
PAGE = """<!doctype html><link rel="stylesheet" href="canvas.css"><link rel="stylesheet" href="editor.css">
<style>body { margin: 0; } #host { width: 816px; height: 616px; }</style>
<body tabindex="0"><div id="host"></div><script type="module">
import { Editor } from "./editor.js";
window.told = { steps: [], selected: [], tools: [], references: [], said: [], prompts: [] };
window.editor = new Editor(document.getElementById("host"), {
  onstep: (step) => told.steps.push(step), onselect: (ids) => told.selected.push(ids),
  ontool: (tool) => told.tools.push(tool), onreference: (label) => told.references.push(label),
  say: (text) => told.said.push(text),
  segment: async (prompt) => { told.prompts.push(prompt); return window.answer(prompt); },
});
document.addEventListener("keydown", (event) => editor.key(event));
window.ready = true;
</script>"""
OPEN = """([picture, field, labels, masks]) => {
  const bitmap = ([id, width, height, data]) => [id, { x: 0, y: 0, width, height, data: Uint8Array.from(data) }];
  editor.open(picture, field, labels, new Map(masks.map(bitmap)));
  return editor.loading;
}"""
NONE: dict[str, Any] = {"smallest": 0, "inside": True, "overlap": None}


def picture(width: int, height: int) -> bytes:
    """An image with something to see, as JPEG."""
    made = Image.new("RGB", (width, height), (60, 80, 90))
    draw = ImageDraw.Draw(made)
    for at in range(0, max(width, height), 40):
        draw.line((at, 0, 0, at), fill=(90, 110, 120), width=3)
    out = io.BytesIO()
    made.save(out, "JPEG")
    return out.getvalue()


def field(holds: str, classes: str = "car person", **more: Any) -> dict[str, Any]:
    """A field of a kind that holds this, with classes by name."""
    named = [
        {"name": name, "colour": None, "hotkey": None, "value": value} for value, name in enumerate(classes.split(), 1)
    ]
    schema = {"classes": named, "attributes": [], "skeleton": None, "rules": NONE}
    many = more.pop("many", True)
    return {"name": "ground_truth", "kind": holds, "holds": holds, "many": many, "schema": {**schema, **more}}


def label(number: int, **values: Any) -> dict[str, Any]:
    """A label as it is read."""
    base = {"id": f"{number:024x}", "label": "car", "crowd": False, "mask": False, "tags": [], "attributes": {}}
    return {**base, **values}


class Opened:
    """The editor in a browser. Points are pixels of the image; at first one is a pixel of the screen, 8 further on."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def show(
        self,
        about: dict[str, Any],
        *labels: dict[str, Any],
        size: tuple[int, int] = (800, 600),
        masks: dict[str, NDArray[np.uint8]] | None = None,
    ) -> None:
        """Open an image of this size with labels in a field, and their masks."""
        shown = {"id": "5" * 24, "name": "a.jpg", "width": size[0], "height": size[1]}
        address = f"{AT}picture-{size[0]}-{size[1]}.jpg"
        stored = [[key, *reversed(mask.shape), mask.ravel().tolist()] for key, mask in (masks or {}).items()]
        given = [{**shown, "media": address, "thumbnail": address}, about, list(labels), stored]
        self.page.evaluate(OPEN, given)
        self.page.wait_for_function("editor.stage.levels.length > 0")

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a pixel of the image is on the screen."""
        place = self.page.evaluate("editor.stage.place")
        return x * place["scale"] + place["x"], y * place["scale"] + place["y"]

    def click(self, x: float, y: float, **how: Any) -> None:
        self.page.mouse.click(*self.at(x, y), **how)

    def drag(self, *points: tuple[float, float], button: str = "left") -> None:
        """Press at the first point, move over the others, release."""
        self.page.mouse.move(*self.at(*points[0]))
        self.page.mouse.down(button=button)
        for one in points[1:]:
            self.page.mouse.move(*self.at(*one), steps=4)
        self.page.mouse.up(button=button)

    def key(self, *names: str) -> None:
        for name in names:
            self.page.keyboard.press(name)

    def steps(self) -> list[dict[str, Any]]:
        """The steps that were told, after all of them were."""
        self.page.evaluate("editor.settled()")
        found: list[dict[str, Any]] = self.page.evaluate("told.steps")
        return found

    def labels(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page.evaluate("editor.labels")
        return found

    def pixels(self, number: int = 0) -> tuple[list[int], NDArray[np.uint8]]:
        """Where the mask of a label lies (x, y, width, height), and its pixels."""
        found = self.page.evaluate(
            "(at) => { const { x, y, width, height, data } = editor.model.masks.get(editor.labels[at].id);"
            "return [x, y, width, height, [...data]] }",
            number,
        )
        x, y, width, height, data = found
        return [x, y, width, height], np.array(data, np.uint8).reshape(height, width)

    def selected(self) -> list[str]:
        found: list[str] = self.page.evaluate("editor.selected")
        return found

    def undo(self) -> None:
        """Take the last step back, as the page does."""
        self.page.evaluate("editor.settled().then(() => editor.apply(told.steps.pop().backward))")


def on(page: Any) -> Opened:
    """An editor on this page."""

    def answer(route: Any) -> None:
        name = route.request.url.removeprefix(AT)
        file = FOLDER / name
        if not name:
            route.fulfill(body=PAGE, content_type="text/html")
        elif name.startswith("picture-"):
            width, height = map(int, name.removesuffix(".jpg").split("-")[1:])
            route.fulfill(body=picture(width, height), content_type="image/jpeg")
        else:
            route.fulfill(body=file.read_text(encoding="utf-8"), content_type=TYPES[file.suffix])

    page.route(f"{AT}*", answer)
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(AT)
    page.wait_for_function("window.ready")
    return Opened(page)


def box(found: dict[str, Any], size: tuple[int, int] = (800, 600)) -> list[float]:
    """The box of a label in pixels."""
    x, y, width, height = json.loads(json.dumps(found["box"]))
    return [round(x * size[0], 3), round(y * size[1], 3), round(width * size[0], 3), round(height * size[1], 3)]


def drawn(edit: dict[str, Any]) -> NDArray[np.uint8]:
    """The pixels of the PNG that an edit holds."""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(edit["label"]["mask"]))))
