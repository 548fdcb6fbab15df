"""The table of kinds against FiftyOne's own label classes, and its words."""

import inspect

import pytest

from datasets import kinds
from datasets.errors import FieldError
from datasets.storage import vendor
from datasets.workspace import Workspace


def test_each_label_class_and_list_exists_in_fiftyone(database: Workspace) -> None:
    labels = vendor.fiftyone().core.labels

    for one in kinds.KINDS.values():
        if one.labels:
            of_field, of_item = getattr(labels, str(one.label_class)), getattr(labels, str(one.item_class))
            assert one.name == str(one.label_class).lower()
            assert one.list_name is None or one.list_name == of_field._LABEL_LIST_FIELD
            assert (of_field is of_item) == (not one.many)


def test_every_label_class_of_fiftyone_that_holds_two_dimensions_is_known(database: Workspace) -> None:
    labels = vendor.fiftyone().core.labels

    known = {one.label_class for one in kinds.KINDS.values()} | {one.item_class for one in kinds.KINDS.values()}
    theirs = {
        name
        for name, one in inspect.getmembers(labels, inspect.isclass)
        if issubclass(one, labels.Label) and not name.startswith("_") and one.__module__ == labels.__name__
    }
    assert theirs - known <= {"Label", "GeoLocation", "GeoLocations", "Heatmap", "Instance"}


def test_words_name_one_kind_each() -> None:
    words = [one.word for one in kinds.KINDS.values()]
    assert len(set(words)) == len(words)


def test_classes_are_found_by_full_and_by_short_name() -> None:
    assert kinds.of_class("fiftyone.core.labels.Detections") is kinds.of_class("Detections") is kinds.DETECTIONS
    assert kinds.of_class("Heatmap") is None and kinds.of_class(None) is None


def test_an_unknown_kind_lists_the_known_ones() -> None:
    with pytest.raises(FieldError, match=r"one of detections, .*; found 'boxes'"):
        kinds.kind("boxes")
