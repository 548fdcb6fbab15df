import json

from datasets.exchange.importing import preview
from tests.helpers import make_image
from tests.stored import imported


def entry(image, *boxes):
    keys = ("x", "y", "width", "height")
    return {"image": image, "annotations": [
        {"label": name, "coordinates": dict(zip(keys, box, strict=True))} for name, *box in boxes
    ]}  # fmt: skip


def test_folders_of_splits_as_roboflow_writes_them(tmp_path, database):
    for split, stem in (("train", "a"), ("valid", "b")):
        make_image(tmp_path / split / f"{stem}.jpg", seed=ord(stem))
        listed = [entry(f"{stem}.jpg", ("cat", 20, 10, 8, 6), ("dog", 30.5, 20, 1, 2))]
        (tmp_path / split / "_annotations.createml.json").write_text(json.dumps(listed))
    found, held = imported(tmp_path)
    assert (found.format, found.findings, found.classes) == ("createml", (), ("cat", "dog"))
    assert {path: one.split for path, one in held.items()} == {"train/a.jpg": "train", "valid/b.jpg": "val"}
    assert [(one.label, one.box) for one in held["train/a.jpg"].of()] == [
        ("cat", (16, 7, 8, 6)),
        ("dog", (30, 19, 1, 2)),
    ]


def test_apples_newer_keys_classes_of_images_and_an_image_twice(tmp_path, database):
    make_image(tmp_path / "images" / "a.jpg")
    make_image(tmp_path / "images" / "b.jpg", seed=1)
    place = {"coordinates": {"x": "20", "y": 10, "width": 8, "height": 6}}
    listed = [
        {"imagefilename": "a.jpg", "annotation": [{"label": "cat", **place}]},
        {"imagefilename": "a.jpg", "annotation": [{"label": "dog", **place}]},
        {"imagefilename": "b.jpg", "annotation": [{"label": "night"}]},
    ]
    (tmp_path / "annotations.json").write_text(json.dumps(listed))
    found, held = imported(tmp_path)
    assert (found.format, found.findings) == ("createml", ())
    assert [(one.label, one.box) for one in held["images/a.jpg"].of()] == [
        ("cat", (16, 7, 8, 6)),
        ("dog", (16, 7, 8, 6)),
    ]
    assert [one.label for one in held["images/b.jpg"].of("ground_truth_classifications")] == ["night"]


def test_entries_without_a_name_or_with_bad_numbers_are_told(tmp_path):
    make_image(tmp_path / "a.jpg")
    listed = [entry("a.jpg", ("cat", 1, 2, None, 4), ("", 1, 2, 3, 4), ("dog", 10, 10, 4, 4)), {"annotations": []}]
    (tmp_path / "x.json").write_text(json.dumps(listed))
    found = preview(tmp_path, "createml")
    assert found.class_counts == {"dog": 1}
    assert sorted(one.code for one in found.findings) == ["bad_shape", "bad_shape", "no_image"]
