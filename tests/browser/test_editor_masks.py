"""Masks in the editor: brush and eraser, filling, smart tools, splitting, merging; what is saved of them."""

import base64
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.browser.editing import Opened, box, drawn, field, label

CELL = label(1, box=[0.125, 0.25, 0.125, 0.1], mask=True)  # 100, 150, 100, 60
FULL = np.ones((60, 100), np.uint8)
SCENE = "background road car"


def scene() -> dict[str, Any]:
    """A field of whole masks: background 0, road 1, car 2."""
    about = field("whole mask", SCENE, many=False)
    for value, one in enumerate(about["schema"]["classes"]):
        one["value"] = value
    return about


def disc(radius: float) -> int:
    """Pixels whose middle is within a radius of the middle of a pixel's corner."""
    side = np.arange(-100, 100) + 0.5
    return int((side[:, None] ** 2 + side[None] ** 2 <= radius**2).sum())


def brush(opened: Opened, radius: float) -> None:
    opened.page.evaluate(f"editor.brush.radius = {radius}")


def test_a_stroke_makes_a_mask_that_is_cropped_to_its_box(opened: Opened) -> None:
    opened.show(field("objects"))
    brush(opened, 10)
    opened.key("m")
    opened.drag((200, 200), (260, 200))
    (made,) = opened.labels()
    assert (box(made), made["mask"]) == ([190, 190, 80, 20], True)
    (step,) = opened.steps()
    pixels = drawn(step["forward"][0])
    assert pixels.shape == (20, 80)
    assert pixels.sum() == disc(10) + 60 * 20
    assert step["words"] == "paint car"


def test_further_strokes_add_to_the_selected_mask_and_the_right_button_erases(opened: Opened) -> None:
    opened.show(field("objects"), CELL, masks={CELL["id"]: FULL})
    opened.click(150, 180)
    brush(opened, 20)
    opened.key("m")
    opened.drag((200, 180), (240, 180))
    assert [box(one) for one in opened.labels()] == [[100, 150, 160, 60]]
    opened.drag((100, 150), (100, 210), button="right")
    assert box(opened.labels()[0])[0] > 100
    steps = opened.steps()
    assert [step["words"] for step in steps] == ["paint car", "erase car"]
    assert drawn(steps[0]["backward"][0]).all()
    opened.undo()
    opened.undo()
    where, pixels = opened.pixels()
    assert where == [100, 150, 100, 60]
    assert pixels.all()
    assert opened.labels()[0]["box"] == CELL["box"]


def test_an_object_without_pixels_is_deleted_and_comes_back(opened: Opened) -> None:
    opened.show(field("objects"), CELL, masks={CELL["id"]: FULL})
    brush(opened, 100)
    opened.key("e")
    opened.drag((150, 180), (160, 180))
    assert opened.labels() == []
    opened.undo()
    assert opened.pixels()[1].all()


def test_a_mask_that_moves_is_not_sent_again(opened: Opened) -> None:
    opened.show(field("objects"), CELL, masks={CELL["id"]: FULL})
    opened.drag((150, 180), (180.4, 190))
    (step,) = opened.steps()
    assert list(step["forward"][0]["label"]) == ["box"]
    assert opened.pixels()[0] == [130, 160, 100, 60]
    opened.undo()
    assert opened.pixels()[0] == [100, 150, 100, 60]


def test_a_mask_that_is_resized_is_stretched_and_sent(opened: Opened) -> None:
    opened.show(field("objects"), CELL, masks={CELL["id"]: np.tri(60, 100, dtype=np.uint8)})
    opened.click(110, 200)
    opened.drag((200, 210), (300, 270))
    edit = opened.steps()[0]["forward"][0]
    assert drawn(edit).shape == (120, 200)
    assert box(opened.labels()[0]) == [100, 150, 200, 120]


def test_polygons_fill_add_and_cut(opened: Opened) -> None:
    opened.show(field("objects"))
    opened.key("p")
    for x, y in ((100, 100), (200, 100), (200, 200), (100, 200)):
        opened.click(x, y)
    opened.key("Enter")
    where, pixels = opened.pixels()
    assert where == [100, 100, 100, 100]
    assert pixels.all()
    opened.page.keyboard.down("Alt")
    for x, y in ((140, 140), (160, 140), (160, 160), (140, 160)):
        opened.click(x, y)
    opened.page.keyboard.up("Alt")
    opened.key("Enter")
    assert opened.pixels()[1].sum() == 100 * 100 - 20 * 20


def test_pieces_are_split_and_merged_again(opened: Opened) -> None:
    mask = FULL.copy()
    mask[:, 30:50] = 0
    opened.show(field("objects"), CELL, masks={CELL["id"]: mask})
    opened.click(190, 180)
    opened.key("x")
    assert sorted(box(one) for one in opened.labels()) == [[100, 150, 30, 60], [150, 150, 50, 60]]
    assert len(opened.selected()) == 2
    opened.key("u")
    (one,) = opened.labels()
    assert box(one) == [100, 150, 100, 60]
    assert opened.pixels()[1].sum() == mask.sum()
    opened.undo()
    opened.undo()
    assert opened.labels() == [CELL]
    assert (opened.pixels()[1] == mask).all()


def test_a_loose_box_is_tightened(opened: Opened) -> None:
    mask = np.zeros((60, 100), np.uint8)
    mask[10:20, 20:60] = 1
    opened.show(field("objects"), CELL, masks={CELL["id"]: mask})
    opened.click(130, 165)
    opened.key("t")
    assert box(opened.labels()[0]) == [120, 160, 40, 10]


def test_a_label_whose_mask_is_deleted_before_it_was_loaded_comes_back_with_it(opened: Opened) -> None:
    opened.show(field("objects"), CELL)
    opened.page.evaluate(
        "(label) => { window.late = {}; late.masks = new Promise((done) => { late.done = done; });"
        "editor.open(editor.opened.picture, editor.opened.field, [label], late.masks); editor.select([label.id]); }",
        CELL,
    )
    opened.key("Delete")
    opened.page.evaluate(
        "(id) => { const data = new Uint8Array(6000).fill(1);"
        "late.done(new Map([[id, { x: 0, y: 0, width: 100, height: 60, data }]])); }",
        CELL["id"],
    )
    (step,) = opened.steps()
    assert drawn(step["backward"][0]).shape == (60, 100)


def test_a_class_is_painted_into_the_whole_mask(opened: Opened) -> None:
    whole = np.zeros((600, 800), np.uint8)
    whole[300:] = 1
    about, seg = scene(), label(7, mask=True)
    opened.show(about, seg, masks={seg["id"]: whole})
    opened.page.evaluate("editor.setClass('car')")
    brush(opened, 20)
    opened.key("m")
    opened.drag((400, 300), (500, 300))
    (step,) = opened.steps()
    edit = step["forward"][0]
    assert (edit["action"], edit["label_id"]) == ("change", seg["id"])
    pixels = drawn(edit)
    assert pixels.shape == (600, 800)
    assert (pixels == 2).sum() == disc(20) + 100 * 40
    assert (pixels[300:] == 0).sum() == 0
    assert (drawn(step["backward"][0]) == whole).all()


def test_alt_spares_other_classes_and_the_right_button_makes_background(opened: Opened) -> None:
    whole = np.zeros((600, 800), np.uint8)
    whole[300:] = 1
    seg = label(7, mask=True)
    opened.show(scene(), seg, masks={seg["id"]: whole})
    opened.page.evaluate("editor.setClass('car')")
    brush(opened, 20)
    opened.key("m")
    opened.page.keyboard.down("Alt")
    opened.drag((400, 300), (500, 300))
    opened.page.keyboard.up("Alt")
    pixels = opened.pixels()[1]
    assert (pixels[300:] == 1).all()
    assert (pixels == 2).sum() == (disc(20) + 100 * 40) / 2
    opened.drag((400, 300), (500, 300), button="right")
    assert (opened.pixels()[1] == 2).sum() == 0


def test_a_first_stroke_makes_the_whole_mask(opened: Opened) -> None:
    opened.show(scene())
    opened.page.evaluate("editor.setClass('road')")
    brush(opened, 10)
    opened.key("m")
    opened.drag((400, 300), (420, 300))
    (step,) = opened.steps()
    assert step["forward"][0]["action"] == "add"
    assert drawn(step["forward"][0]).shape == (600, 800)
    opened.undo()
    assert opened.labels() == []


def test_the_bucket_fills_what_is_connected(opened: Opened) -> None:
    whole = np.zeros((600, 800), np.uint8)
    whole[200:400, 300:500] = 1
    seg = label(7, mask=True)
    opened.show(scene(), seg, masks={seg["id"]: whole})
    opened.page.evaluate("editor.setClass('car')")
    opened.key("f")
    opened.click(400, 300)
    assert (opened.pixels()[1] == 2).sum() == 200 * 200


def test_the_size_of_the_brush_follows_keys_and_the_wheel(opened: Opened) -> None:
    opened.show(field("objects"))
    brush(opened, 10)
    opened.key("m", "]")
    assert opened.page.evaluate("editor.brush.radius") == pytest.approx(12)
    opened.key("[")
    opened.page.mouse.move(*opened.at(200, 200))
    opened.page.keyboard.down("Alt")
    opened.page.mouse.wheel(0, -100)
    opened.page.wait_for_function("editor.brush.radius > 11")
    opened.page.mouse.wheel(0, 100)
    opened.page.wait_for_function("editor.brush.radius < 11")
    opened.page.keyboard.up("Alt")
    assert opened.page.evaluate("editor.stage.place.scale") == 1


def answer(opened: Opened, mask: np.ndarray, at: list[float]) -> None:
    """The next questions get this mask, in this box."""
    out = io.BytesIO()
    Image.fromarray(mask * np.uint8(255)).save(out, "PNG")
    found = {"box": at, "mask": base64.b64encode(out.getvalue()).decode(), "path": None, "score": 0.9}
    opened.page.evaluate("(found) => { window.answer = () => found; }", found)


def test_clicks_ask_for_a_mask_and_enter_keeps_it(opened: Opened) -> None:
    opened.show(field("objects"))
    answer(opened, FULL, [0.125, 0.25, 0.125, 0.1])
    opened.page.evaluate("editor.assist('sam')")
    opened.key("s")
    opened.click(150, 180)
    opened.click(300, 300, button="right")
    opened.page.wait_for_function("told.prompts.length === 2 && editor.tool.result")
    assert opened.labels() == []
    asked = opened.page.evaluate("told.prompts[1]")
    assert asked == {
        "tool": "sam",
        "box": None,
        "points": [{"x": 0.1875, "y": 0.3, "inside": True}, {"x": 0.375, "y": 0.5, "inside": False}],
    }
    opened.key("Enter")
    assert [box(one) for one in opened.labels()] == [[100, 150, 100, 60]]
    assert opened.pixels()[1].all()


def test_a_box_asks_too_and_its_answer_may_be_a_box_or_a_polygon(opened: Opened) -> None:
    answer(opened, FULL, [0.125, 0.25, 0.125, 0.1])
    opened.show(field("objects"))
    opened.key("s")
    opened.drag((90, 140), (210, 220))
    opened.page.wait_for_function("editor.tool.result")
    asked = opened.page.evaluate("told.prompts[0]")
    assert (asked["tool"], asked["points"]) == ("grabcut", [])
    assert asked["box"] == pytest.approx([90 / 800, 140 / 600, 120 / 800, 80 / 600])
    opened.key("Shift+Enter")
    assert [(box(one), one["mask"]) for one in opened.labels()] == [([100, 150, 100, 60], False)]
    opened.show(field("polylines"))
    opened.key("s")
    opened.drag((90, 140), (210, 220))
    opened.page.wait_for_function("editor.tool.result")
    opened.key("Enter")
    (made,) = opened.labels()
    assert sorted(made["points"][0]) == [[0.125, 0.25], [0.125, 0.35], [0.25, 0.25], [0.25, 0.35]]


def test_an_old_answer_is_not_shown_and_a_failure_is_told(opened: Opened) -> None:
    opened.show(field("objects"))
    opened.page.evaluate("() => { window.answer = () => { throw new Error('no weights; put them there'); }; }")
    opened.key("s")
    opened.click(150, 180)
    opened.page.wait_for_function("told.said.includes('no weights; put them there')")
    opened.page.evaluate("() => { window.answer = () => new Promise((done) => { window.finish = done; }); }")
    opened.click(150, 180)
    opened.key("Escape")
    opened.page.evaluate("finish({ box: [0, 0, 1, 1], mask: null, path: null, score: null })")
    assert opened.page.evaluate("editor.tool.result") is None
    opened.key("Enter")
    assert opened.labels() == []


def test_scissors_follow_the_edge_from_click_to_click(opened: Opened) -> None:
    opened.show(field("objects"))
    opened.page.evaluate(
        "() => { window.answer = ({ points: [a, b] }) => ({ path: [[b.x, a.y]], box: null, mask: null }); }"
    )
    opened.key("i")
    for x, y in ((100, 100), (200, 200), (100, 300)):
        opened.click(x, y)
    opened.key("Enter")
    opened.page.wait_for_function("editor.labels.length === 1")
    assert [one["points"][0]["x"] for one in opened.page.evaluate("told.prompts")] == [0.125, 0.25, 0.125]
    where, pixels = opened.pixels()
    assert where == [100, 100, 100, 100]
    assert pixels.all()


def test_a_mask_that_is_locked_or_not_loaded_is_not_painted_on(opened: Opened) -> None:
    seg = label(7, mask=True)
    opened.show(scene(), seg)
    opened.key("m")
    opened.drag((200, 200), (240, 200))
    opened.show(scene(), seg, masks={seg["id"]: np.zeros((600, 800), np.uint8)})
    opened.page.evaluate("(id) => editor.setLocked([id], true)", seg["id"])
    opened.drag((200, 200), (240, 200))
    assert opened.steps() == []
    assert opened.page.evaluate("told.said.filter((text) => /not loaded|locked/.test(text)).length") == 2


def test_a_label_whose_mask_cannot_be_loaded_is_deleted_all_the_same_and_that_is_told(opened: Opened) -> None:
    opened.show(field("objects"), CELL)
    opened.page.evaluate(
        "(label) => { editor.open(editor.opened.picture, editor.opened.field, [label], Promise.reject(Error('gone')));"
        "editor.select([label.id]); }",
        CELL,
    )
    opened.key("Delete")
    (step,) = opened.steps()
    assert (step["forward"][0]["action"], "mask" in step["backward"][0]["label"]) == ("delete", False)
    assert opened.page.evaluate("told.said.some((text) => text.includes('could not be loaded'))")
