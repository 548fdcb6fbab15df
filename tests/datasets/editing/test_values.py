from typing import Any

import pytest

from datasets.editing import values
from datasets.errors import FieldError
from datasets.records import Label

BOX = (0.1, 0.1, 0.2, 0.2)


@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        ("detections", {"label": "a"}, "expected box for every label of kind detections"),
        ("detections", {"box": BOX}, "expected label"),
        ("polylines", {"label": "a"}, "expected points"),
        ("segmentation", {}, "expected mask_path"),
        ("detections", {"label": "a", "box": (0, 0, float("nan"), 1)}, "four finite numbers"),
        ("detections", {"label": "a", "box": (0, 0, 1)}, "four finite numbers"),
        ("detections", {"label": "a", "box": (0, 0, True, 1)}, "four finite numbers"),
        ("detections", {"label": "a", "box": (0, 0, 0, 1)}, "above 0"),
        ("detections", {"label": "a", "box": (-1, 0, 0.5, 1)}, "on the image"),
        ("detections", {"label": "a", "box": (0.5, 0.5, 1.6, 0.1)}, "beyond it"),
        ("detections", {"label": "", "box": BOX}, "one line"),
        ("detections", {"label": "a\u2028b", "box": BOX}, "one line"),
        ("detections", {"label": "a" * 501, "box": BOX}, "one line"),
        ("detections", {"label": "a", "box": None}, "expected box"),
        ("detections", {"label": "a", "box": BOX, "colour": 1}, "parts of a label"),
        ("detections", {"label": "a", "box": BOX, "confidence": 1.5}, "from 0 to 1"),
        ("detections", {"label": "a", "box": BOX, "crowd": 1}, "true or false"),
        ("detections", {"label": "a", "box": BOX, "tags": "x"}, "list of at most"),
        ("detections", {"label": "a", "box": BOX, "attributes": {"label": 1}}, "names of attributes"),
        ("detections", {"label": "a", "box": BOX, "attributes": {"_cls": 1}}, "names of attributes"),
        ("detections", {"label": "a", "box": BOX, "attributes": {"x": float("inf")}}, "attribute x"),
        ("detections", {"label": "a", "box": BOX, "attributes": {"x": "\0"}}, "attribute x"),
        ("polylines", {"label": "a", "points": [[[0, 3]]]}, "points on the image"),
        ("keypoints", {"label": "a", "points": [[[0, 0]], [[1, 1]]]}, "one list of keypoints"),
        ("temporaldetections", {"label": "a", "support": [0, 3]}, "counted from 1"),
        ("temporaldetections", {"label": "a", "support": [4, 3]}, "counted from 1"),
    ],
)
def test_what_no_label_may_have_is_named(kind: str, given: dict[str, Any], said: str) -> None:
    with pytest.raises(FieldError, match=said):
        values.checked(kind, given, new=True)


def test_boxes_may_lie_a_little_outside() -> None:
    made = values.checked("detections", {"label": "a", "box": [-0.25, 0, 1, 2]}, new=True)
    assert made["box"] == (-0.25, 0.0, 1.0, 2.0)


def test_a_change_needs_no_more_than_what_changes() -> None:
    assert values.checked("detections", {"tags": ["x", "x"]}, new=False) == {"attributes": {"tags": ["x"]}}


def test_parts_of_a_label_are_those_that_are_checked() -> None:
    label = Label("a", BOX, 0.5, attributes={"tags": ["x"], "n": 1}, crowd=True)
    made = values.checked("detections", values.of_label(label), new=True)
    assert Label(**{**made, "label": "a"}) == label


@pytest.mark.parametrize("text", ["", "abc", "x" * 101, "a b c d", "../../x", 5, None])
def test_ids_of_operations(text: object) -> None:
    with pytest.raises(FieldError, match="UUID"):
        values.operation_id(text)
    with pytest.raises(FieldError, match="24 hexadecimal"):
        values.label_id(text)
