"""Polygons, lines and key points in the editor, by mouse and keys."""

from typing import Any

from tests.browser.editing import Opened, field, label

SIZE = (800, 600)
SKELETON = {"points": ["head", "hand", "foot"], "edges": [[0, 1], [1, 2]]}
CORNERS: list[tuple[float, float]] = [(100, 100), (300, 100), (300, 250), (100, 250)]


def points(found: dict[str, Any], part: int = 0) -> list[tuple[float, float] | None]:
    """The points of a label in pixels."""
    return [None if x is None else (round(x * SIZE[0], 2), round(y * SIZE[1], 2)) for x, y in found["points"][part]]


def line(number: int, corners: list[tuple[float, float]], *, closed: bool, **more: Any) -> dict[str, Any]:
    relative = [[x / SIZE[0], y / SIZE[1]] for x, y in corners]
    return label(number, points=[relative], attributes={"closed": closed, "filled": closed}, **more)


def test_clicks_make_a_polygon_and_the_first_corner_closes_it(opened: Opened) -> None:
    opened.show(field("polylines"))
    opened.key("p")
    for x, y in [*CORNERS, CORNERS[0]]:
        opened.click(x, y)
    (made,) = opened.labels()
    assert points(made) == CORNERS
    assert made["attributes"] == {"closed": True, "filled": True}
    assert opened.steps()[0]["words"] == "draw car"


def test_enter_ends_a_line_and_backspace_takes_a_point_back(opened: Opened) -> None:
    opened.show(field("polylines"))
    opened.key("l")
    for x, y in CORNERS:
        opened.click(x, y)
    opened.key("Backspace", "Enter")
    (made,) = opened.labels()
    assert (points(made), made["attributes"]["closed"]) == (CORNERS[:3], False)


def test_a_double_click_closes_a_polygon_without_a_corner_twice(opened: Opened) -> None:
    opened.show(field("polylines"))
    opened.key("p")
    for x, y in CORNERS[:3]:
        opened.click(x, y)
    opened.page.mouse.dblclick(*opened.at(*CORNERS[3]))
    assert points(opened.labels()[0]) == CORNERS


def test_a_held_button_draws_freely_with_few_corners(opened: Opened) -> None:
    opened.show(field("polylines"))
    opened.key("p")
    opened.drag(*CORNERS)
    opened.key("Enter")
    found = points(opened.labels()[0])
    assert len(found) < 8
    assert set(CORNERS) <= set(found)


def test_shift_adds_a_hole_to_what_is_selected(opened: Opened) -> None:
    opened.show(field("polylines"), line(1, CORNERS, closed=True))
    opened.click(200, 200)
    opened.key("p")
    opened.page.keyboard.down("Shift")
    for x, y in [(150, 150), (200, 150), (200, 200)]:
        opened.click(x, y)
    opened.page.keyboard.up("Shift")
    opened.key("Enter", "v", "Escape")
    (made,) = opened.labels()
    assert points(made, 1) == [(150, 150), (200, 150), (200, 200)]
    opened.click(190, 165)
    assert opened.selected() == [], "a hole is not hit"
    opened.click(250, 200)
    opened.key("x")
    assert [len(one["points"]) for one in opened.labels()] == [1, 1]
    opened.key("u")
    assert [len(one["points"]) for one in opened.labels()] == [2]


def test_vertices_move_come_and_go(opened: Opened) -> None:
    opened.show(field("polylines"), line(1, CORNERS, closed=True))
    opened.click(200, 180)
    opened.drag((300, 250), (340, 280))
    assert points(opened.labels()[0])[2] == (340, 280)
    opened.drag((200, 100), (200, 60))
    assert points(opened.labels()[0])[1] == (200, 60)
    opened.page.mouse.dblclick(*opened.at(100, 130))
    assert points(opened.labels()[0])[-1] == (100, 130)
    opened.page.keyboard.down("Alt")
    opened.click(100, 130)
    opened.page.keyboard.up("Alt")
    assert len(points(opened.labels()[0])) == 5
    assert [step["words"] for step in opened.steps()] == ["reshape car"] * 4
    for _ in range(4):
        opened.undo()
    assert points(opened.labels()[0]) == CORNERS


def test_polygons_move_and_scale_as_boxes_do(opened: Opened) -> None:
    opened.show(field("polylines"), line(1, [(100, 100), (200, 150), (100, 200)], closed=True))
    opened.drag((130, 150), (150, 160))
    assert points(opened.labels()[0]) == [(120, 110), (220, 160), (120, 210)]
    opened.drag((220, 210), (320, 310))
    assert points(opened.labels()[0]) == [(120, 110), (320, 210), (120, 310)]


def test_key_points_are_placed_in_the_order_of_the_skeleton(opened: Opened) -> None:
    opened.show(field("keypoints", skeleton=SKELETON))
    opened.key("k")
    opened.click(100, 100)
    opened.key("n")
    opened.click(200, 300)
    (made,) = opened.labels()
    assert points(made) == [(100, 100), None, (200, 300)]
    opened.page.keyboard.down("Shift")
    opened.click(150, 200)
    opened.page.keyboard.up("Shift")
    assert points(opened.labels()[0]) == [(100, 100), (150, 200), (200, 300)]


def test_enter_leaves_the_other_points_unseen(opened: Opened) -> None:
    opened.show(field("keypoints", skeleton=SKELETON))
    opened.key("k")
    opened.click(100, 100)
    opened.key("Enter")
    assert points(opened.labels()[0]) == [(100, 100), None, None]


def test_a_key_point_moves_and_becomes_unseen(opened: Opened) -> None:
    pose = label(1, points=[[[0.25, 0.25], [0.5, 0.5], [0.25, 0.75]]])
    opened.show(field("keypoints", skeleton=SKELETON), pose)
    opened.click(400, 300)
    opened.drag((400, 300), (440, 310))
    assert points(opened.labels()[0])[1] == (440, 310)
    opened.page.keyboard.down("Alt")
    opened.click(440, 310)
    opened.page.keyboard.up("Alt")
    assert points(opened.labels()[0]) == [(200, 150), None, (200, 450)]


def test_the_keyboard_alone_makes_a_polygon(opened: Opened) -> None:
    opened.show(field("polylines"))
    opened.key("p", "Shift+ArrowLeft", "Space", "Shift+ArrowRight", "Space", "Shift+ArrowDown", "Space", "Enter")
    assert points(opened.labels()[0]) == [(360, 300), (400, 300), (400, 340)]
