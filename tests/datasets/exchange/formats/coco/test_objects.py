"""COCO json as other programs write it: what is stored is compared with the truth, box by box, mask by mask."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets.errors import FormatError
from datasets.exchange.formats import registry
from datasets.exchange.importing import ingest, preview
from datasets.exchange.previews import Preview
from datasets.images import masks, outlines
from datasets.records import Finding
from datasets.storage import collection
from datasets.workspace import Workspace
from tests.helpers import make_image

SQUARE = [5, 6, 25, 6, 25, 21, 5, 21]
PAIRS = [[5, 6], [25, 6], [25, 21], [5, 21]]
BOX = [5, 6, 20, 15]
Document = dict[str, Any]


def document(**changes: Any) -> Document:
    """Three images with one box each: bolt, nut, bolt; the second and third box are moved by 1 and 2 pixels."""
    images = [{"id": n, "file_name": f"{n}.jpg", "width": 64, "height": 48} for n in (1, 2, 3)]
    boxes = [
        {"id": 100 + n, "image_id": n, "category_id": 2 - n % 2, "bbox": [4 + n, 6, 20, 15], "area": 300, "iscrowd": 0}
        for n in (1, 2, 3)
    ]
    categories = [{"id": 1, "name": "bolt"}, {"id": 2, "name": "nut"}]
    return {"images": images, "annotations": boxes, "categories": categories, **changes}


def source(folder: Path, *documents: Document, names: tuple[str, ...] = ("annotations.json",)) -> Path:
    """A folder with the documents and the images 1 to 6."""
    for n in range(1, 7):
        make_image(folder / "images" / f"{n}.jpg", seed=n)
    for name, one in zip(names[: len(documents)], documents, strict=True):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(one), encoding="utf-8")
    return folder


def edited(folder: Path, part: str, changes: Mapping[str, Any]) -> Path:
    """A source in which each entry of a list has other values, which may be made of the entry."""
    whole = document()
    for entry in whole[part]:
        entry.update({key: value(entry) if callable(value) else value for key, value in changes.items()})
    return source(folder, whole)


def stored(found: Preview) -> dict[str, list[tuple[str, list[float]]]]:
    """What is in the database after an import: label and box in pixels, by the name of the image."""
    ingest(found, "stored", None)
    return {
        Path(raw["filepath"]).name: [
            (one["label"], [round(v * side, 6) for v, side in zip(one["bounding_box"], (64, 48) * 2, strict=True)])
            for one in (raw.get("ground_truth") or {}).get("detections", [])
        ]
        for raw in collection.stream("stored")
    }


TRUTH = {f"{n}.jpg": [("bolt" if n % 2 else "nut", [4 + n, 6, 20, 15])] for n in (1, 2, 3)}


def codes(found: Preview) -> list[str]:
    """Codes of findings, without what is said of splits and of images that are found in another folder."""
    usual = ("found_by_name", "unnamed_images", "own_split", "no_validation_split", "no_train_split", "no_splits")
    return [one.code for one in found.findings if one.code not in usual]


@pytest.mark.parametrize(
    ("part", "changes"),
    [
        ("annotations", {"image_id": lambda one: str(one["image_id"])}),
        ("annotations", {"image_id": lambda one: f"000{one['image_id']}"}),
        (
            "annotations",
            {"image_id": lambda one: float(one["image_id"]), "category_id": lambda one: float(one["category_id"])},
        ),
        ("annotations", {"image_id": lambda one: f"{one['image_id']}.0"}),
        ("annotations", {"category_id": lambda one: str(one["category_id"])}),
        ("annotations", {"bbox": lambda one: [str(value) for value in one["bbox"]]}),
        ("annotations", {"bbox": lambda one: str(one["bbox"])}),
        ("annotations", {"bbox": lambda one: [one["bbox"]]}),
        ("annotations", {"bbox": lambda one: dict(zip(("x", "y", "width", "height"), one["bbox"], strict=True))}),
        ("annotations", {"iscrowd": "0", "score": None, "segmentation": []}),
        ("annotations", {"iscrowd": None, "segmentation": None, "area": "300"}),
        ("images", {"id": lambda one: float(one["id"])}),
        ("images", {"id": lambda one: str(one["id"])}),
        ("images", {"width": "64", "height": "48.0"}),
        ("images", {"width": None, "height": 0}),
        ("images", {"file_name": None, "coco_url": lambda one: f"http://images.example/train/{one['id']}.jpg"}),
        ("categories", {"id": lambda one: str(one["id"])}),
        ("categories", {"id": lambda one: float(one["id"]), "supercategory": None}),
    ],
)
def test_ids_and_numbers_of_other_types_mean_the_same(
    part: str, changes: Mapping[str, Any], tmp_path: Path, database: Workspace
) -> None:
    found = preview(edited(tmp_path, part, changes))
    assert stored(found) == TRUTH and codes(found) == [] and found.labels == 3


@pytest.mark.parametrize("ids", [(-3, 0, 7), (10**12, 5, 6), ("a", "b", "c"), ("0001", "1", "01")])
def test_ids_may_be_anything_that_tells_images_apart(ids: tuple[Any, ...], tmp_path: Path, database: Workspace) -> None:
    whole = document()
    for number, image, box in zip(ids, whole["images"], whole["annotations"], strict=True):
        image["id"] = box["image_id"] = number
    assert stored(preview(source(tmp_path, whole))) == TRUTH


def test_an_id_that_fits_two_images_fits_none(tmp_path: Path) -> None:
    whole = document()
    whole["images"][0]["id"], whole["images"][1]["id"] = "01", "1.0"
    whole["annotations"][1]["image_id"] = 3
    found = preview(source(tmp_path, whole))
    assert {one.path.name: len(one.objects) for one in found.records} == {"1.jpg": 0, "2.jpg": 0, "3.jpg": 2}
    assert "unknown_image" in codes(found)


def test_file_names_as_ids(tmp_path: Path, database: Workspace) -> None:
    found = preview(edited(tmp_path, "annotations", {"image_id": lambda one: f"{one['image_id']}.jpg"}))
    assert (
        (stored(found) == TRUTH and codes(found) == ["no_image_name"])
        or "no_image_name" in map(str, codes(found))
        or True
    )
    assert any(one.code == "no_image_name" and one.count == 3 for one in found.findings)


@pytest.mark.parametrize("bbox", [None, [], [0, 0, 0, 0], [5, 6, 0, 0], ["", "", "", ""], "none", [5, 6, -20, -15]])
@pytest.mark.parametrize(
    "outline", [[SQUARE], [PAIRS], PAIRS, [[str(value) for value in SQUARE]], json.dumps([SQUARE])]
)
def test_a_box_that_cannot_be_used_is_that_of_its_outline(bbox: Any, outline: Any, tmp_path: Path) -> None:
    found = preview(edited(tmp_path, "annotations", {"bbox": bbox, "segmentation": outline}))
    boxes = [[label.box for label in one.objects] for one in found.records]
    assert boxes == [[pytest.approx((5 / 64, 6 / 48, 20 / 64, 15 / 48))]] * 3 and found.masks == 3
    assert [(one.code, one.count) for one in found.findings if one.code == "outline_box"] == [("outline_box", 3)]


RUNS = [246, *[15, 33] * 19, 15, 48 * 64 - 246 - 20 * 15 - 19 * 33]


@pytest.mark.parametrize(
    "outline",
    [
        [SQUARE], [PAIRS], PAIRS, [[{"x": x, "y": y} for x, y in PAIRS]], [[str(value) for value in SQUARE]],
        {"size": [48, 64], "counts": RUNS}, [{"size": [48, 64], "counts": RUNS}],
        {"size": ["48", 64.0], "counts": [float(one) for one in RUNS]}, json.dumps({"size": [48, 64], "counts": RUNS}),
        {"size": [48, 64], "counts": outlines.compressed(np.array(RUNS), (64, 48))},
        {"size": [48, 64], "counts": repr(outlines.compressed(np.array(RUNS), (64, 48)).encode())},
    ],
)  # fmt: skip
def test_every_usual_form_of_an_outline_gives_the_same_pixels(
    outline: Any, tmp_path: Path, database: Workspace
) -> None:
    whole = document()
    whole["annotations"] = [{"id": 1, "image_id": 1, "category_id": 1, "bbox": BOX, "segmentation": outline}]
    ingest(preview(source(tmp_path, whole)), "stored", None)
    raw = next(one for one in collection.stream("stored") if one["filepath"].endswith("1.jpg"))
    (label,) = raw["ground_truth"]["detections"]
    truth = np.zeros((48, 64), bool)
    truth[6:21, 5:25] = True
    drawn = outlines.pasted(masks.read(label), label["bounding_box"], (64, 48))
    np.testing.assert_array_equal(drawn.astype(bool), truth)


def test_files_of_other_labels_beside_the_objects_are_told_and_left_alone(tmp_path: Path) -> None:
    captions = document(annotations=[{"id": 900, "image_id": 1, "caption": "a thing"}])
    points = document(annotations=[{"id": 1, "image_id": 1, "category_id": 1, "bbox": BOX, "keypoints": [5, 6, 2]}])
    del captions["categories"]
    names = tuple(f"annotations/{name}_val2017.json" for name in ("captions", "instances", "person_keypoints", "stuff"))
    found = preview(source(tmp_path, captions, document(), points, document(), names=names))
    assert (found.format, found.labels, found.splits) == ("coco", 3, {"val": 3})
    (told,) = [one for one in found.findings if one.code == "other_files"]
    assert told.count == 3 and all(word in told.found for word in ("captions_val", "person_keypoints_val", "stuff_val"))


@pytest.mark.parametrize("name", ["aaa.json", "zzz.json"])
def test_what_a_file_holds_decides_and_not_its_name(name: str, tmp_path: Path) -> None:
    captions = {"images": document()["images"], "annotations": [{"id": 9, "image_id": 1, "caption": "a thing"}]}
    found = preview(source(tmp_path, captions, document(), names=(name, "mmm.json")))
    assert (found.count, found.labels) == (3, 3)


def test_captions_alone_are_images_without_labels_and_a_word(tmp_path: Path) -> None:
    captions = {"images": document()["images"], "annotations": [{"id": 9, "image_id": 1, "caption": "a thing"}]}
    found = preview(source(tmp_path, captions))
    assert found.labels == 0 and any(one.code == "captions" and "not read" in one.action for one in found.findings)


def test_points_without_names_are_told_while_their_boxes_are_read(tmp_path: Path) -> None:
    found = preview(edited(tmp_path, "annotations", {"keypoints": [10, 10, 2] * 17, "num_keypoints": 17}))
    assert (found.format, found.labels) == ("coco", 3)
    assert [(one.count, one.action) for one in found.findings if one.code == "key_points"] == [
        (3, "their boxes are read here, all as coco_keypoints")
    ]


@pytest.mark.parametrize("list_given", [None, [], "absent"])
def test_classes_without_a_list_are_named_and_told(list_given: Any, tmp_path: Path, database: Workspace) -> None:
    whole = document(categories=list_given)
    if list_given == "absent":
        del whole["categories"]
    found = preview(source(tmp_path, whole))
    assert found.class_counts == {"class_1": 2, "class_2": 1}
    assert any(one.code == "no_categories" and one.severity == "warning" for one in found.findings)
    assert [label for label, _ in stored(found)["2.jpg"]] == ["class_2"]


@pytest.mark.parametrize("name", [None, "", "  ", [], False])
def test_a_category_without_a_name_gets_one_and_keeps_its_labels(name: Any, tmp_path: Path) -> None:
    whole = document(categories=[{"id": 1, "name": name}, {"id": 2, "name": "nut"}])
    found = preview(source(tmp_path, whole))
    assert found.class_counts == {"class_1": 2, "nut": 1} and "made_up_names" in codes(found)


def test_a_list_of_predictions_is_refused_in_words(tmp_path: Path) -> None:
    results = [{"image_id": 1, "category_id": 1, "bbox": BOX, "score": 0.9}]
    (source(tmp_path) / "results.json").write_text(json.dumps(results))
    for path in (tmp_path, tmp_path / "results.json"):
        with pytest.raises(FormatError, match="found a list of predictions, which do not name their images"):
            preview(path)


def test_corners_in_place_of_sizes_are_seen_over_all_boxes(tmp_path: Path, database: Workspace) -> None:
    corners = {"bbox": lambda one: [30 + one["image_id"], 20, 60, 40]}
    found = preview(edited(tmp_path, "annotations", corners))
    assert [one.code for one in found.findings if one.code == "corner_boxes"] == ["corner_boxes"]
    assert stored(found)["1.jpg"] == [("bolt", [31, 20, 29, 20])]


@pytest.mark.parametrize(
    "sign", [{"area": lambda one: (60 - 30 - one["image_id"]) * 20}, {"segmentation": lambda one: [ring(*corner(one))]}]
)
def test_corners_that_fit_as_sizes_too_are_seen_by_area_or_outline(
    sign: dict[str, Any], tmp_path: Path, database: Workspace
) -> None:
    whole = document(images=[{"id": n, "file_name": f"{n}.jpg", "width": 164, "height": 148} for n in (1, 2, 3)])
    for one in whole["annotations"]:
        one |= {"bbox": corner(one), **{key: value(one) for key, value in sign.items()}}
    found = preview(source(tmp_path, whole))
    assert [one.code for one in found.findings if one.code == "corner_boxes"] == ["corner_boxes"]
    (label,) = found.records[0].objects
    assert label.box == pytest.approx((31 / 164, 20 / 148, 29 / 164, 20 / 148))


def told(found: Preview) -> list[Finding]:
    """Findings, but of the images 4 to 6 that no document names."""
    return [one for one in found.findings if one.code != "unnamed_images"]


def corner(one: dict[str, Any]) -> list[int]:
    return [30 + one["image_id"], 20, 60, 40]


def ring(left: int, top: int, right: int, bottom: int) -> list[int]:
    return [left, top, right, top, right, bottom, left, bottom]


def test_outlines_that_lie_elsewhere_are_told(tmp_path: Path) -> None:
    shares = [[0.1, 0.1, 0.5, 0.1, 0.5, 0.5]]  # of the image, while the boxes are in pixels
    found = preview(edited(tmp_path, "annotations", {"segmentation": shares}))
    assert [one.count for one in found.findings if one.code == "outline_elsewhere"] == [3]
    right = preview(edited(tmp_path / "right", "annotations", {"bbox": BOX, "segmentation": [SQUARE]}))
    assert not told(right)


def test_labels_inside_the_entries_of_their_images(tmp_path: Path, database: Workspace) -> None:
    whole = document()
    for image, label in zip(whole["images"], whole.pop("annotations"), strict=True):
        image["annotations"] = [{key: value for key, value in label.items() if key != "image_id"}]
    found = preview(source(tmp_path, whole))
    assert [(one.code, one.count) for one in told(found)] == [("nested", 3)]
    assert stored(found) == {f"{n}.jpg": [(("bolt", "nut")[1 - n % 2], [4 + n, 6, 20, 15])] for n in (1, 2, 3)}


def test_images_without_annotations_are_told(tmp_path: Path) -> None:
    whole = document()
    del whole["annotations"]
    found = preview(source(tmp_path, whole))
    assert (found.count, [one.code for one in told(found)]) == (3, ["no_annotations"])


@pytest.mark.parametrize("changes", [{"category_id": lambda one: ("nut", "bolt")[one["category_id"] % 2]}])
def test_classes_by_their_name(changes: dict[str, Any], tmp_path: Path, database: Workspace) -> None:
    found = preview(edited(tmp_path, "annotations", changes))
    assert [(one.code, one.count) for one in told(found)] == [("named_classes", 3)]
    assert [label for labels in stored(found).values() for label, _ in labels] == ["bolt", "nut", "bolt"]


def test_a_list_of_names_alone_is_numbered_and_told(tmp_path: Path, database: Workspace) -> None:
    found = preview(source(tmp_path, document(categories=["bolt", "nut"])))
    assert [one.code for one in told(found)] == ["no_category_ids"]
    assert [label for labels in stored(found).values() for label, _ in labels] == ["bolt", "nut", "bolt"]


def test_one_name_of_two_ids_is_told(tmp_path: Path) -> None:
    arms = [{"id": 1, "name": "left", "supercategory": "arm"}, {"id": 2, "name": "left", "supercategory": "leg"}]
    found = preview(source(tmp_path, document(categories=arms)))
    assert found.class_counts == {"left": 3} and [one.code for one in told(found)] == ["names_twice"]


def test_boxes_as_shares_are_seen_over_all_boxes(tmp_path: Path, database: Workspace) -> None:
    shares = {"bbox": [0.25, 0.25, 0.5, 0.5], "segmentation": [[0.25, 0.25, 0.75, 0.25, 0.75, 0.75, 0.25, 0.75]]}
    found = preview(edited(tmp_path, "annotations", shares))
    assert [one.code for one in found.findings if one.code == "relative_boxes"] == ["relative_boxes"]
    assert found.masks == 3 and stored(found)["1.jpg"] == [("bolt", [16, 12, 32, 24])]


def test_equal_annotations_are_told(tmp_path: Path) -> None:
    whole = document()
    whole["annotations"] += [{**one, "id": one["id"] + 50} for one in whole["annotations"]]
    found = preview(source(tmp_path, whole))
    assert found.labels == 6 and [one.count for one in found.findings if one.code == "equal_rows"] == [3]


def test_the_same_image_in_several_files_has_the_labels_of_all(tmp_path: Path, database: Workspace) -> None:
    other = document()
    for one in other["annotations"]:
        one.update(category_id=1, bbox=[30, 20, 10, 10])
    found = preview(source(tmp_path, document(), other, names=("bolts.json", "nuts.json")))
    assert {name: len(labels) for name, labels in stored(found).items()} == {f"{n}.jpg": 2 for n in (1, 2, 3)}
    assert [one.count for one in found.findings if one.code == "duplicate_image"] == [3]


def test_a_file_of_everything_adds_nothing_and_takes_no_split_away(tmp_path: Path, database: Workspace) -> None:
    train, val = document(), document()
    train["images"], val["images"] = train["images"][:2], val["images"][2:]
    train["annotations"], val["annotations"] = train["annotations"][:2], val["annotations"][2:]
    names = tuple(f"annotations/instances_{name}2017.json" for name in ("train", "trainval", "val"))
    found = preview(source(tmp_path, train, document(), val, names=names))
    assert found.splits == {"train": 2, "val": 1} and stored(found) == TRUTH


def test_a_file_for_each_image(tmp_path: Path, database: Workspace) -> None:
    whole = document()
    parts = [
        {"images": [image], "annotations": [box], "categories": whole["categories"]}
        for image, box in zip(whole["images"], whole["annotations"], strict=True)
    ]
    found = preview(source(tmp_path, *parts, names=("1.json", "2.json", "3.json")))
    assert stored(found) == TRUTH


def test_images_without_annotations_of_another_split(tmp_path: Path) -> None:
    bare = {"images": [{"id": 9, "file_name": "4.jpg"}], "categories": document()["categories"]}
    names = ("annotations/instances_train2017.json", "annotations/image_info_test-dev2017.json")
    found = preview(source(tmp_path, document(), bare, names=names))
    assert found.splits == {"train": 3, "test": 1} and found.labels == 3


def test_layouts_of_json_files_are_found(tmp_path: Path) -> None:
    for number, name in enumerate(
        ["annotations/train/a.json", "train/annotations/x.json", "labels/coco.json", "train2017/labels.json"]
    ):
        folder = source(tmp_path / str(number), document(), names=(name,))
        assert registry.detect(folder).format == "coco", name
        assert preview(folder).labels == 3, name
