"""Label fields of a dataset's document."""

from typing import Any

import pytest

from datasets.errors import FieldError
from datasets.storage import documents, fields, store
from datasets.workspace import Workspace


@pytest.fixture
def found(database: Workspace) -> dict[str, Any]:
    store.create("d", {"boxes": "detections", "scene": "classification", "masks": "segmentation"}, ["cat", "dog"])
    documents.update("d", {"classes.scene": ["day", "night"], "mask_targets.masks": {"10": "sea", "2": "land"}})
    return documents.of("d")


def test_a_label_field_is_found_or_those_there_are_listed(found: dict[str, Any]) -> None:
    assert fields.label_field(found, "scene").label_kind == "classification"
    with pytest.raises(FieldError, match=r"no label field 'split'; there is boxes \(detections\), scene"):
        fields.label_field(found, "split")
    with pytest.raises(FieldError, match=r"expected a field with dots .*'boxes' of kind detections"):
        fields.label_field(found, "boxes", lambda kind: kind == "keypoints", "dots")


def test_boxes_lie_in_the_list_of_their_field(found: dict[str, Any]) -> None:
    assert fields.box_path(found, "boxes") == "boxes.detections"
    with pytest.raises(FieldError, match="with boxes"):
        fields.box_path(found, "scene")


def test_classes_are_those_of_the_field_then_of_the_dataset_then_the_used_ones(found: dict[str, Any]) -> None:
    assert fields.class_order(found, "scene", ["night", "dusk", ""]) == ("day", "night", "dusk")
    assert fields.class_order(found, "boxes", ["dog", "ant"]) == ("cat", "dog", "ant")
    assert fields.class_order(found, "boxes", ["owl", "ant"]) == ("ant", "owl")  # the declared ones are another field's
    assert fields.class_order(found, "boxes", []) == ("cat", "dog")


def test_values_of_masks_are_named_in_their_order(found: dict[str, Any]) -> None:
    assert fields.targets(found, "masks") == {2: "land", 10: "sea"} and fields.targets(found, "boxes") == {}
    assert fields.targets({**found, "default_mask_targets": {"1": "x"}}, "boxes") == {1: "x"}
    with pytest.raises(FieldError, match="class index, found '#ff0000'"):
        fields.targets({"name": "d", "default_mask_targets": {"#ff0000": "red"}}, "boxes")
