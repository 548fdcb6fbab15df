"""The editor by mouse, keys and fingers: boxes, selecting, moving, resizing, and the steps that it tells."""

from typing import Any

import pytest

from tests.browser.editing import Opened, box, field, label
from tests.browser.test_canvas import touch

CAR = label(1, box=[0.125, 0.25, 0.25, 0.25])  # 100, 150, 200, 150
MAN = label(2, label="person", box=[0.5, 0.5, 0.25, 0.25])  # 400, 300, 200, 150


def test_a_drag_makes_a_box_of_the_class_at_hand(opened: Opened) -> None:
    opened.show(field("objects"))
    opened.page.evaluate("editor.setClass('person')")
    opened.key("b")
    opened.drag((100, 120), (200, 180), (300, 220))
    (made,) = opened.labels()
    assert (made["label"], box(made)) == ("person", [100, 120, 200, 100])
    (step,) = opened.steps()
    assert (step["words"], step["sample"], step["field"]) == ("draw person", "5" * 24, "ground_truth")
    (edit,) = step["forward"]
    assert edit["action"] == "add"
    assert edit["label_id"] == made["id"]
    assert len(made["id"]) == 24
    assert step["backward"] == [{"action": "delete", "label_id": made["id"], "label": {}}]
    assert opened.selected() == [made["id"]]
    opened.undo()
    assert opened.labels() == []


def test_two_clicks_make_a_box_too_and_escape_drops_one(opened: Opened) -> None:
    opened.show(field("objects"))
    opened.key("b")
    opened.click(50, 50)
    opened.key("Escape")
    opened.click(100, 100)
    opened.click(150, 130)
    assert [box(one) for one in opened.labels()] == [[100, 100, 50, 30]]


def test_a_box_beyond_the_image_ends_at_its_edge(opened: Opened) -> None:
    opened.show(field("objects"))
    opened.key("b")
    opened.drag((700, 500), (806, 606))
    assert [box(one) for one in opened.labels()] == [[700, 500, 100, 100]]


def test_a_label_is_selected_moved_and_put_back(opened: Opened) -> None:
    opened.show(field("objects"), CAR, MAN)
    opened.drag((200, 225), (230, 250))
    assert opened.selected() == [CAR["id"]]
    assert [box(one) for one in opened.labels()] == [[130, 175, 200, 150], [400, 300, 200, 150]]
    (step,) = opened.steps()
    assert step["words"] == "move car"
    assert [edit["label"] for edit in step["backward"]] == [{"box": CAR["box"]}]
    opened.undo()
    assert opened.labels() == [CAR, MAN]


def test_handles_resize_and_a_side_may_be_dragged_over_the_other(opened: Opened) -> None:
    opened.show(field("objects"), CAR)
    opened.click(200, 225)
    opened.drag((300, 300), (340, 310))
    assert box(opened.labels()[0]) == [100, 150, 240, 160]
    opened.drag((340, 230), (60, 230))
    assert box(opened.labels()[0]) == [60, 150, 40, 160]


def test_several_move_together_and_one_delete_removes_them(opened: Opened) -> None:
    opened.show(field("objects"), CAR, MAN)
    opened.drag((60, 100), (700, 500))
    assert opened.selected() == [CAR["id"], MAN["id"]]
    opened.drag((500, 375), (510, 355))
    assert [box(one)[:2] for one in opened.labels()] == [[110, 130], [410, 280]]
    opened.key("Delete")
    assert opened.labels() == []
    opened.undo()
    assert [one["id"] for one in opened.labels()] == [CAR["id"], MAN["id"]]
    assert opened.steps()[-1]["words"] == "move 2 labels"


def test_shift_adds_to_what_is_selected(opened: Opened) -> None:
    opened.show(field("objects"), CAR, MAN)
    opened.click(200, 225)
    opened.page.keyboard.down("Shift")
    opened.click(500, 375)
    assert opened.selected() == [CAR["id"], MAN["id"]]
    opened.click(500, 375)
    opened.page.keyboard.up("Shift")
    assert opened.selected() == [CAR["id"]]
    opened.click(30, 30)
    assert opened.selected() == []


def test_a_second_click_reaches_what_lies_below(opened: Opened) -> None:
    large, small = label(1, box=[0.1, 0.1, 0.8, 0.8]), label(2, box=[0.4, 0.4, 0.2, 0.2])
    opened.show(field("objects"), large, small)
    opened.click(400, 300)
    assert opened.selected() == [small["id"]]
    opened.click(400, 300)
    assert opened.selected() == [large["id"]]


def test_arrow_keys_move_and_resize_in_one_step(opened: Opened) -> None:
    opened.show(field("objects"), CAR)
    opened.click(200, 225)
    opened.key("ArrowRight", "ArrowRight", "Shift+ArrowDown", "Alt+ArrowRight", "Alt+Shift+ArrowUp")
    assert [step["words"] for step in opened.steps()] == ["move car", "resize car"]
    assert box(opened.labels()[0]) == [102, 160, 201, 140]


def test_the_keyboard_alone_makes_a_box(opened: Opened) -> None:
    opened.show(field("objects"))
    opened.key("b", "ArrowLeft", "ArrowUp", "Space", "Shift+ArrowRight", "Shift+ArrowDown", "Space")
    assert [box(one) for one in opened.labels()] == [[396, 296, 40, 40]]
    opened.key("ArrowRight")
    opened.page.evaluate("editor.settled()")
    assert [box(one) for one in opened.labels()] == [[397, 296, 40, 40]]


def test_edges_draw_the_pointer_to_them_but_not_with_control(opened: Opened) -> None:
    opened.show(field("objects"), CAR)
    opened.key("b")
    opened.drag((303, 304), (400, 400))
    assert box(opened.labels()[1]) == [300, 300, 100, 100]
    opened.page.keyboard.down("Control")
    opened.drag((303, 146), (350, 100))
    opened.page.keyboard.up("Control")
    assert box(opened.labels()[2]) == [303, 100, 47, 46]


def test_a_locked_label_stays_and_a_hidden_one_is_not_hit(opened: Opened) -> None:
    opened.show(field("objects"), CAR, MAN)
    opened.click(200, 225)
    opened.key("o")
    opened.drag((200, 225), (260, 260))
    opened.key("Delete")
    assert opened.labels() == [CAR, MAN]
    opened.key("h")
    opened.click(200, 225)
    assert opened.selected() == []
    opened.key("Shift+H")
    opened.click(200, 225)
    assert opened.selected() == [CAR["id"]]


def test_classes_and_attributes_change_and_go_back(opened: Opened) -> None:
    opened.show(field("objects"), {**CAR, "attributes": {"kept": 3}})
    opened.click(200, 225)
    opened.page.evaluate("editor.setClass('person'); editor.setAttribute(editor.selected, 'occluded', true)")
    (now,) = opened.labels()
    assert (now["label"], now["attributes"]) == ("person", {"kept": 3, "occluded": True})
    steps = opened.steps()
    assert steps[0]["backward"][0]["label"] == {"label": "car"}
    assert steps[1]["backward"][0]["label"] == {"attributes": {"occluded": None}}
    opened.undo()
    opened.undo()
    assert opened.labels() == [{**CAR, "attributes": {"kept": 3}}]


def test_copies_come_down_beside_and_on_the_next_image_where_they_were(opened: Opened) -> None:
    opened.show(field("objects"), {**CAR, "confidence": 0.4})
    opened.click(200, 225)
    opened.key("Control+c", "Control+v")
    first, copy = opened.labels()
    assert box(copy) == [112, 162, 200, 150]
    assert (copy["id"] != first["id"], "confidence" in copy) == (True, False)
    opened.show(field("objects"))
    opened.key("Control+v")
    assert [box(one) for one in opened.labels()] == [[100, 150, 200, 150]]


def test_layers_say_which_label_is_hit_first(opened: Opened) -> None:
    opened.show(field("objects"), label(1, box=[0.1, 0.1, 0.5, 0.5]), label(2, box=[0.3, 0.3, 0.5, 0.5]))
    opened.click(100, 100)
    opened.key("Control+Shift+ArrowUp")
    (edit,) = opened.steps()[0]["forward"]
    assert (edit["label_id"], edit["label"]) == (label(1)["id"], {"attributes": {"z_order": 1}})
    opened.key("Escape")
    opened.click(300, 250)
    assert opened.selected() == [label(1)["id"]]


def test_a_proposal_is_told_when_it_is_clicked(opened: Opened) -> None:
    opened.show(field("objects"), CAR)
    weak, sure = label(8, box=[0.5, 0.5, 0.1, 0.1], confidence=0.2), label(9, box=[0.7, 0.5, 0.1, 0.1], confidence=0.9)
    opened.page.evaluate("labels => editor.references(labels, { threshold: 0.5 })", [weak, sure])
    opened.click(430, 330)
    opened.click(590, 330)
    assert opened.page.evaluate("told.references.map((one) => one.id)") == [sure["id"]]


def test_one_finger_draws_and_two_fingers_zoom(opened: Opened) -> None:
    opened.show(field("objects"))
    opened.key("b")
    session = opened.page.context.new_cdp_session(opened.page)
    touch(session, "touchStart", {0: (108, 108)})
    touch(session, "touchMove", {0: (208, 188)})
    touch(session, "touchEnd", {})
    opened.page.wait_for_function("editor.labels.length === 1")
    assert box(opened.labels()[0]) == [100, 100, 100, 80]
    touch(session, "touchStart", {0: (300, 300)})
    touch(session, "touchStart", {0: (300, 300), 1: (400, 300)})
    touch(session, "touchMove", {0: (250, 300), 1: (450, 300)})
    opened.page.wait_for_function("editor.stage.place.scale > 1.9")
    touch(session, "touchEnd", {})
    opened.page.wait_for_function("editor.stage.held.size === 0")
    assert len(opened.labels()) == 1


def test_a_pen_draws_and_fingers_pan_from_then_on(opened: Opened) -> None:
    opened.show(field("objects"))
    opened.key("b")
    session = opened.page.context.new_cdp_session(opened.page)
    for kind, x, y in (("mousePressed", 108, 108), ("mouseMoved", 208, 208), ("mouseReleased", 208, 208)):
        about: dict[str, Any] = {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1}
        session.send("Input.dispatchMouseEvent", {**about, "pointerType": "pen"})
    opened.page.wait_for_function("editor.labels.length === 1")
    before = opened.page.evaluate("editor.stage.place.x")
    touch(session, "touchStart", {0: (300, 300)})
    touch(session, "touchMove", {0: (350, 300)})
    touch(session, "touchEnd", {})
    opened.page.wait_for_function(f"editor.stage.place.x === {before + 50}")
    assert len(opened.labels()) == 1


@pytest.mark.parametrize("how", ["middle", "space"])
def test_the_middle_button_and_a_held_space_bar_move_the_image(opened: Opened, how: str) -> None:
    opened.show(field("objects"))
    opened.key("b")
    if how == "space":
        opened.page.keyboard.down("Space")
    opened.drag((200, 200), (230, 210), button="left" if how == "space" else "middle")
    if how == "space":
        opened.page.keyboard.up("Space")
    assert opened.page.evaluate("[editor.stage.place.x, editor.stage.place.y]") == [38, 18]
    assert opened.labels() == []


def test_clicks_are_counted_from_image_to_image(opened: Opened) -> None:
    opened.show(field("objects"), CAR)
    opened.click(200, 225)
    opened.click(30, 30)
    assert opened.page.evaluate("editor.stats()") == {"clicks": 2}
    opened.show(field("objects"))
    assert opened.page.evaluate("editor.stats()") == {"clicks": 0}
