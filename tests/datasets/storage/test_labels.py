"""Labels to FiftyOne's documents and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets import kinds
from datasets.errors import FieldError
from datasets.records import Label
from datasets.storage import labels

BOX = (0.1, 0.2, 0.3, 0.4)
UNIT = st.floats(0, 1)


def with_id(label: Label, kind: str) -> Label:
    (back,) = labels.from_document(labels.to_document(kind, [label]))
    return back


@pytest.mark.parametrize("kind", labels.KINDS)
def test_every_kind_comes_back_as_it_went(kind: str) -> None:
    label = Label(
        label="" if kind == "segmentation" else "cat",
        box=BOX if kinds.kind(kind).boxes else None,
        confidence=0.5,
        id="0123456789abcdef01234567",
        mask_path="/masks/a.png",
        attributes={"index": 7, "occluded": True, "tags": ["odd"]},
        points=(((0.1, 0.2), (0.3, 0.4)),) if kind.startswith(("poly", "key")) else None,
        support=(1, 4) if kind.startswith("temporal") else None,
    )
    assert labels.from_document(labels.to_document(kind, [label])) == (label,)


@given(
    st.builds(
        Label,
        label=st.text(min_size=1),
        box=st.tuples(UNIT, UNIT, UNIT, UNIT),
        confidence=st.none() | UNIT,
        id=st.just("0123456789abcdef01234567"),
        crowd=st.booleans(),
    )
)
def test_any_object_comes_back_exactly(label: Label) -> None:
    assert labels.from_document(labels.to_document("detections", [label, label])) == (label, label)


def test_a_label_without_an_id_gets_one() -> None:
    assert len(with_id(Label("cat", BOX), "detections").id or "") == 24


def test_a_crowd_is_written_as_coco_evaluation_expects_it() -> None:
    assert labels.to_item("detections", Label("cat", BOX, crowd=True))["iscrowd"] == 1


def test_no_label_in_a_single_field_is_nothing_and_in_a_list_is_empty() -> None:
    assert labels.to_document("classification", []) is None
    assert labels.to_document("detections", []) == {"_cls": "Detections", "detections": []}


@pytest.mark.parametrize("name", ["label", "_id", "bounding_box", "a.b", "$set", "id", "   "])
def test_attribute_names_never_hide_the_own_fields_of_a_label(name: str) -> None:
    made = labels.to_item("detections", Label("cat", BOX, attributes={name: "x"}))
    assert made["label"] == "cat"
    assert made["bounding_box"] == list(BOX)
    assert not any("." in key or key.startswith("$") for key in made)


def test_labels_that_a_field_cannot_hold_are_refused() -> None:
    with pytest.raises(FieldError, match="at most one label in a field of kind classification, found 2"):
        labels.to_document("classification", [Label("a"), Label("b")])
    with pytest.raises(FieldError, match="a box for every label of kind detections, found 'a' without"):
        labels.to_document("detections", [Label("a")])
    with pytest.raises(FieldError, match=r"one of detections, .*found 'boxes'"):
        labels.to_document("boxes", [])


def test_documents_of_unknown_classes_hold_no_labels() -> None:
    assert labels.from_document({"_cls": "Heatmap", "map": b""}) == ()
    assert labels.from_document(None) == ()
    assert labels.kind_of("fiftyone.core.labels.Detections") == "detections"
    assert labels.kind_of("fiftyone.core.metadata.ImageMetadata") is None
