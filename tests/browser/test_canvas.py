"""The canvas by wheel, hand, two fingers and keys: two frames on one image, on a page of its own, without the app."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.api.assets import FOLDER

AT = "http://canvas.invalid/"
TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}
PAGE = """<!doctype html><link rel="stylesheet" href="canvas.css">
<style>body { margin: 0; display: flex; } .canvas { width: 400px; height: 300px; background: #ccc; }</style>
<body><script type="module">
import { Canvas, pane } from "./canvas.js";
import { h } from "./dom.js";
const frames = [pane("one", h("img")), pane("two", h("img"))];
document.body.append(...frames);
document.body.tabIndex = 0;
window.canvas = new Canvas(frames);
document.body.onkeydown = (event) => canvas.key(event);
canvas.show({ width: 800, height: 400 });
</script>"""
FITS = {"scale": 0.48, "x": 8, "y": 54}  # 384 x 192 pixels in the middle of 400 x 300


@pytest.fixture
def canvas(page: Any) -> Iterator[Any]:
    def answer(route: Any) -> None:
        name = route.request.url.removeprefix(AT)
        file = FOLDER / name
        if not name:
            route.fulfill(body=PAGE, content_type="text/html")
        else:
            route.fulfill(body=file.read_text(encoding="utf-8"), content_type=TYPES[file.suffix])

    page.route(f"{AT}*", answer)
    page.goto(AT)
    page.wait_for_function("window.canvas?.place.scale === 0.48")
    yield page


def place(page: Any) -> dict[str, float]:
    found: dict[str, float] = page.evaluate("({...canvas.place})")
    return found


def image_pixel(page: Any, x: float, y: float) -> tuple[float, float]:
    """The image pixel under a point of the first frame."""
    found = page.evaluate("([x, y]) => canvas.pixel({ clientX: x, clientY: y })", [x, y])
    return found["x"], found["y"]


def sheets(page: Any) -> list[list[float]]:
    """Where the sheets lie in their frames: left, top, width, height."""
    found: list[list[float]] = page.evaluate(
        "[...document.querySelectorAll('.sheet')].map(e => [e.offsetLeft, e.offsetTop, e.offsetWidth, e.offsetHeight])"
    )
    return found


def touch(session: Any, kind: str, points: dict[int, tuple[float, float]]) -> None:
    """Fingers by number; those of a `touchEnd` are lifted."""
    touches = [{"x": x, "y": y, "id": number} for number, (x, y) in points.items()]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def test_it_shows_all_of_the_image_in_every_frame(canvas: Any) -> None:
    assert place(canvas) == pytest.approx(FITS)
    assert sheets(canvas) == [[8, 54, 384, 192]] * 2


def test_the_wheel_zooms_at_the_pointer(canvas: Any) -> None:
    before = image_pixel(canvas, 300, 200)
    canvas.mouse.move(300, 200)
    canvas.mouse.wheel(0, -300)
    canvas.wait_for_function("canvas.place.scale > 0.7")
    assert image_pixel(canvas, 300, 200) == pytest.approx(before, abs=1e-6)
    assert sheets(canvas)[0] == sheets(canvas)[1]


def test_a_drag_in_any_frame_moves_all_of_them(canvas: Any) -> None:
    canvas.mouse.move(600, 150)
    canvas.mouse.down()
    canvas.mouse.move(630, 140, steps=3)
    canvas.mouse.up()
    canvas.mouse.move(500, 100)  # the hand is off
    assert place(canvas) == pytest.approx({"scale": 0.48, "x": 38, "y": 44})
    assert sheets(canvas) == [[38, 44, 384, 192]] * 2


def test_two_fingers_zoom_at_what_lies_between_them(canvas: Any) -> None:
    session = canvas.context.new_cdp_session(canvas)
    before = image_pixel(canvas, 200, 150)
    touch(session, "touchStart", {0: (150, 150), 1: (250, 150)})
    touch(session, "touchMove", {0: (125, 160), 1: (275, 160)})
    touch(session, "touchMove", {0: (100, 170), 1: (300, 170)})
    canvas.wait_for_function("canvas.place.scale > 0.9")
    assert place(canvas)["scale"] == pytest.approx(0.96)
    assert image_pixel(canvas, 200, 170) == pytest.approx(before, abs=1e-6)
    touch(session, "touchEnd", {0: (100, 170)})  # the other finger drags
    canvas.wait_for_function("canvas.held.size === 1")
    touch(session, "touchMove", {1: (310, 175)})
    touch(session, "touchEnd", {1: (310, 175)})
    canvas.wait_for_function("canvas.held.size === 0")
    assert place(canvas)["scale"] == pytest.approx(0.96)
    assert image_pixel(canvas, 210, 175) == pytest.approx(before, abs=1e-6)


def test_keys_and_double_clicks_zoom_and_fit(canvas: Any) -> None:
    canvas.locator("body").focus()
    canvas.keyboard.press("+")
    assert place(canvas)["scale"] == pytest.approx(0.48 * 1.4)
    assert image_pixel(canvas, 200, 150) == pytest.approx((400, 200))
    canvas.keyboard.press("-")
    assert place(canvas) == pytest.approx(FITS)
    canvas.mouse.dblclick(100, 100)
    assert place(canvas)["scale"] == pytest.approx(0.48 * 3)
    canvas.mouse.dblclick(100, 100)
    assert place(canvas) == pytest.approx(FITS)
    canvas.keyboard.press("=")
    canvas.keyboard.press("0")
    assert place(canvas) == pytest.approx(FITS)


def test_a_frame_of_another_size_fits_again_or_keeps_its_middle(canvas: Any) -> None:
    widen = "for (const frame of canvas.frames) frame.style.width = '{}px'"
    canvas.evaluate(widen.format(300))
    canvas.wait_for_function("canvas.room.width === 300")
    assert place(canvas)["scale"] == pytest.approx(284 / 800)
    canvas.locator("body").focus()
    canvas.keyboard.press("+")
    before = image_pixel(canvas, 150, 150)
    canvas.evaluate(widen.format(360))
    canvas.wait_for_function("canvas.room.width === 360")
    assert image_pixel(canvas, 180, 150) == pytest.approx(before)


def test_the_pointer_is_shown_in_the_other_frame(canvas: Any) -> None:
    canvas.mouse.move(120, 90)
    canvas.wait_for_function("canvas.frames[1].matches('.pointed') && !canvas.frames[0].matches('.pointed')")
    assert canvas.evaluate("canvas.frames[1].style.getPropertyValue('--x')") == "120px"
    canvas.mouse.move(900, 600)
    canvas.wait_for_function("!document.querySelector('.pointed')")
