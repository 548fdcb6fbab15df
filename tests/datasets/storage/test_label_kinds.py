"""Every kind of label that FiftyOne's own API writes is read as plain records, and the other way round."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets import kinds
from datasets.errors import FieldError
from datasets.images import masks
from datasets.records import Label
from datasets.storage import collection, frames, labels, schemas, store, vendor
from datasets.workspace import Workspace

ID = "0123456789abcdef01234567"
BOX = (0.1, 0.2, 0.3, 0.4)
SHAPES = (((0.1, 0.2), (0.3, 0.4), (0.5, 0.1)), ((0.6, 0.6), (0.7, 0.7)))
MASK = np.array([[True, False, True], [False, True, True]])
SEMANTIC = np.array([[0, 3], [300, 2]], np.uint16)
MORE = {"occluded": True, "tags": ["odd"], "note": "ä"}

OPEN = {**MORE, "closed": False, "filled": True}
KINDS: dict[str, Label] = {
    "classification": Label("ä.x", confidence=0.5, attributes=MORE, id=ID),
    "classifications": Label("cat", confidence=0.25, attributes=MORE, id=ID),
    "detection": Label("cat", BOX, 0.5, attributes={**MORE, "index": 3}, id=ID),
    "detections": Label("cat", BOX, attributes=MORE, id=ID, crowd=True),
    "polyline": Label("road", points=SHAPES, attributes={**MORE, "closed": True, "filled": False}, id=ID),
    "polylines": Label("road", confidence=0.5, points=SHAPES, attributes=OPEN, id=ID),
    "keypoint": Label("hand", points=SHAPES[:1], attributes={**MORE, "confidences": [0.1, 0.2, 0.3]}, id=ID),
    "keypoints": Label("hand", BOX, 0.5, points=SHAPES[:1], attributes={**MORE, "visible": [2, 1, 2]}, id=ID),
    "temporaldetection": Label("jump", confidence=0.5, support=(1, 9), attributes=MORE, id=ID),
    "temporaldetections": Label("jump", support=(3, 3), attributes=MORE, id=ID),
    "segmentation": Label("", mask_path="/masks/a.png", attributes={"tags": ["odd"]}, id=ID),
}  # fmt: skip


def theirs(kind: str, label: Label) -> Any:
    """The label as FiftyOne's constructors make it."""
    fo = vendor.fiftyone()
    given = {name: value for name, value in label.attributes.items() if name != "confidences"}
    given |= {"label": label.label} if label.label else {}
    sure = {"score": label.confidence, "confidence": label.attributes.get("confidences")}
    given |= sure if kinds.kind(kind).posed else {"confidence": label.confidence}
    given |= {"mask_path": label.mask_path}
    given |= {"bounding_box": label.box and list(label.box), "support": label.support and list(label.support)}
    if label.points:
        parts = [list(part) for part in label.points]
        given["points"] = parts if kind.startswith("polyline") else parts[0]
    given |= {"iscrowd": 1} if label.crowd else {}
    item = {"temporaldetections": "TemporalDetection"}.get(kind) or kinds.kind(kind.removesuffix("s")).label_class
    made = getattr(fo, item)(**{name: value for name, value in given.items() if value is not None})
    made.id = label.id
    if not kinds.kind(kind).many:
        return made
    inner = labels.list_path("", kind)[1:]
    return getattr(fo, str(kinds.kind(kind).label_class))(**{inner: [made]})


def dataset_of(kind: str) -> Any:
    media = "video" if kind.startswith("temporal") else "image"
    fo = vendor.fiftyone()
    made = fo.Dataset("kinds", overwrite=True)
    return made, fo.Sample(f"/nowhere/a.{'mp4' if media == 'video' else 'jpg'}")


def test_every_kind_is_tested() -> None:
    assert set(KINDS) == set(labels.KINDS)


@pytest.mark.parametrize("kind", labels.KINDS)
def test_what_fiftyone_writes_is_read(kind: str, database: Workspace) -> None:
    dataset, sample = dataset_of(kind)
    sample["field"] = theirs(kind, KINDS[kind])
    dataset.add_sample(sample)
    (stored,) = collection.stream("kinds")
    assert store.summary("kinds").label_fields["field"] == kind
    assert labels.from_document(stored["field"]) == (KINDS[kind],)


@pytest.mark.parametrize("kind", labels.KINDS)
def test_what_we_write_is_read_by_fiftyone(kind: str, database: Workspace) -> None:
    dataset, sample = dataset_of(kind)
    dataset.add_sample(sample)
    schemas.declare("kinds", {"field": kind})
    collection.update("kinds", [(sample.id, {"field": labels.to_document(kind, [KINDS[kind]])})])
    dataset.reload()
    read = collection.load("kinds").first()["field"]
    expected = theirs(kind, KINDS[kind])
    assert _plain(read.to_mongo().to_dict()) == _plain(expected.to_mongo().to_dict())


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items() if one not in (None, {})}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def test_inline_masks_are_read_and_moved_to_disk(database: Workspace) -> None:
    fo = vendor.fiftyone()
    dataset = fo.Dataset("kinds", overwrite=True)
    sample = fo.Sample("/nowhere/a.jpg")
    sample["objects"] = fo.Detections(detections=[fo.Detection(label="a", bounding_box=list(BOX), mask=MASK)])
    sample["scene"] = fo.Segmentation(mask=SEMANTIC)
    dataset.add_sample(sample)
    (stored,) = collection.stream("kinds")
    for field, kind, pixels in (("objects", "detections", MASK), ("scene", "segmentation", SEMANTIC)):
        (label,) = labels.from_document(stored[field])
        assert label.mask and np.array_equal(masks.read({"mask": label.mask}), pixels)
        again = labels.to_document(kind, [label])
        (moved,) = labels.from_document(again)
        assert again == labels.to_document(kind, [label]) and moved.mask is None
        assert Path(moved.mask_path or "").is_relative_to(database.masks)
        collection.update("kinds", [(sample.id, {field: again})])
    dataset.reload()
    read = dataset.first()
    assert np.array_equal(read["objects"].detections[0].get_mask() > 0, MASK)
    assert np.array_equal(read["scene"].get_mask(), SEMANTIC)


def test_unseen_keypoints_stay_unseen() -> None:
    label = Label("hand", points=(((0.5, 0.5), (float("nan"), float("nan"))),))
    (back,) = labels.from_document(labels.to_document("keypoints", [label]))
    assert back.points is not None and np.isnan(back.points[0][1]).all() and back.points[0][0] == (0.5, 0.5)


def test_old_attributes_are_kept(database: Workspace) -> None:
    fo = vendor.fiftyone()
    dataset, sample = dataset_of("detection")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        old = {"age": fo.NumericAttribute(value=51)}
        sample["field"] = fo.Detection(label="a", bounding_box=list(BOX), attributes=old)
    dataset.add_sample(sample)
    (stored,) = collection.stream("kinds")
    (label,) = labels.from_document(stored["field"])
    written = labels.to_document("detection", [label])
    assert written is not None and written["attributes"]["age"]["value"] == 51


@pytest.mark.parametrize("kind", ["detections", "polylines", "keypoint", "temporaldetections"])
def test_a_label_without_its_place_is_refused(kind: str) -> None:
    with pytest.raises(FieldError, match=f"for every label of kind {kind}, found 'a' without"):
        labels.to_document(kind, [Label("a")])


def test_labels_of_frames(database: Workspace) -> None:
    fo = vendor.fiftyone()
    dataset = fo.Dataset("kinds", overwrite=True)
    samples = [fo.Sample(f"/nowhere/{i}.mp4") for i in range(2)]
    samples[0].frames[3] = fo.Frame(objects=theirs("detections", KINDS["detections"]))
    dataset.add_samples(samples, progress=False)
    assert frames.fields("kinds") == {"objects": "detections"}
    first, second = (sample.id for sample in samples)
    assert list(frames.read("kinds", "objects")) == [(first, 3, (KINDS["detections"],))]
    frames.declare("kinds", "classes", "classification")
    rows = [(second, 1, (KINDS["classification"],)), (first, 3, (KINDS["classification"],))]
    for _ in range(2):  # again ends the same
        assert frames.write("kinds", "classes", rows) == 2
    dataset.reload()
    assert dataset.count("frames") == 2
    assert dataset[second].frames[1]["classes"].label == "ä.x"
    assert dataset[first].frames[3]["objects"].detections[0].label == "cat"
    assert list(frames.read("kinds", "classes", [second])) == [rows[0]]
    with pytest.raises(FieldError, match=r"found 'none'; there is objects \(detections\), classes"):
        next(frames.read("kinds", "none"))


def test_images_have_no_frames(database: Workspace) -> None:
    store.create("kinds")
    assert frames.fields("kinds") == {}
