"""The ways in which real datasets of each format lie on disk."""

import json
import shutil

import pytest
import yaml

from datasets.errors import FormatError
from datasets.exchange.formats.common import files
from datasets.exchange.importing import Preview, preview
from tests.helpers import make_coco, make_image, make_yolo


def whole(found: Preview, format: str, splits: dict[str, int] | None = None, labels: int = 6) -> None:
    assert (found.format, found.findings) == (format, ())
    assert (found.splits, found.labels) == ({"train": 4, "val": 2} if splits is None else splits, labels)


def yolo_config(folder, **values):
    path = make_yolo(folder)
    config = {**yaml.safe_load(path.read_text()), **values}
    path.write_text(yaml.safe_dump({key: value for key, value in config.items() if value is not None}))
    return path


@pytest.mark.parametrize("root", [None, ".", "/somewhere/else", "../datasets/pets"])
def test_yolo_path_that_is_absent_relative_or_wrong(root, tmp_path):
    whole(preview(yolo_config(tmp_path / "pets", path=root)), "yolo")


@pytest.mark.parametrize(
    "names", [["cat", "dog", "bird"], {0: "cat", 1: "dog", 2: "bird"}, {"2": "bird", "0": "cat", "1": "dog"}]
)
def test_yolo_names_as_list_or_by_number(names, tmp_path):
    found = preview(yolo_config(tmp_path, names=names))
    whole(found, "yolo")
    assert found.classes == ("cat", "dog", "bird")


def test_yolo_names_with_gaps(tmp_path):
    found = preview(yolo_config(tmp_path, names={0: "cat", 1: "dog", 2: "bird", 17: "horse"}))
    assert found.classes == ("cat", "dog", "bird", "horse") and found.findings == ()


def test_yolo_without_names_counts_its_classes(tmp_path):
    assert preview(yolo_config(tmp_path, names=None, nc=3)).classes == ("class_0", "class_1", "class_2")


def test_yolo_key_validation(tmp_path):
    whole(preview(yolo_config(tmp_path, val=None, validation="images/val")), "yolo")


def test_yolo_list_of_folders(tmp_path):
    path = yolo_config(tmp_path, train=["images/train", "images/more"])
    make_image(tmp_path / "images" / "more" / "new.jpg", seed=99)
    whole(preview(path), "yolo", {"train": 5, "val": 2})


@pytest.mark.parametrize("prefix", ["./images/train/", "images/train/", "absolute"])
def test_yolo_text_file_of_images(prefix, tmp_path):
    path = yolo_config(tmp_path, train="train.txt")
    start = f"{tmp_path}/images/train/" if prefix == "absolute" else prefix
    (tmp_path / "train.txt").write_text("".join(f"{start}{i:04d}.jpg\n" for i in (0, 1, 3, 4)) + "\n")
    whole(preview(path), "yolo")


def test_yolo_image_of_a_list_that_is_missing(tmp_path):
    path = yolo_config(tmp_path, train="train.txt")
    (tmp_path / "train.txt").write_text("images/train/0000.jpg\nimages/train/gone.jpg\n")
    found = preview(path)
    assert found.splits == {"train": 1, "val": 2} and "gone.jpg: expected an image file" in str(found.findings[-1])
    assert [(f.code, f.count) for f in found.findings] == [("unlisted", 2), ("missing_image", 1)]


def test_yolo_of_roboflow(tmp_path):
    make_yolo(tmp_path / "x")
    for split, name in [("train", "train"), ("val", "valid")]:
        for kind in ("images", "labels"):
            (tmp_path / name).mkdir(exist_ok=True)
            shutil.move(tmp_path / "x" / kind / split, tmp_path / name / kind)
    shutil.rmtree(tmp_path / "x")
    config = {"train": "../train/images", "val": "../valid/images", "nc": 3, "names": ["cat", "dog", "bird"]}
    (tmp_path / "data.yaml").write_text(yaml.safe_dump(config))
    whole(preview(tmp_path), "yolo")
    (tmp_path / "data.yaml").unlink()
    found = preview(tmp_path)
    assert (found.splits, found.labels) == ({"train": 4, "val": 2}, 6)
    assert [f.code for f in found.findings] == ["made_up_names"]


def test_yolo_without_a_yaml(tmp_path):
    make_yolo(tmp_path).unlink()
    found = preview(tmp_path)
    assert (found.format, found.splits, found.labels) == ("yolo", {"train": 4, "val": 2}, 6)
    assert found.classes == ("class_0", "class_1", "class_2") and [f.code for f in found.findings] == ["made_up_names"]
    (tmp_path / "classes.txt").write_text("cat\ndog\nbird\n")
    assert preview(tmp_path).classes == ("cat", "dog", "bird")


def test_yolo_labels_beside_images(tmp_path):
    path = make_yolo(tmp_path)
    for split in ("train", "val"):
        for label in (tmp_path / "labels" / split).iterdir():
            label.rename(tmp_path / "images" / split / label.name)
    whole(preview(path), "yolo")


def test_yolo_same_images_for_train_and_val_count_once(tmp_path):
    found = preview(yolo_config(tmp_path, val="images/train"))
    assert found.splits == {"train": 4}
    assert [f.code for f in found.findings] == ["same_split", "unlisted"]


def test_yolo_key_points_are_read_as_boxes(tmp_path):
    path = yolo_config(tmp_path, kpt_shape=[2, 3])
    (tmp_path / "labels/train/0001.txt").write_text("1 0.5 0.5 0.2 0.2 0.5 0.5 2 0.6 0.6 1\n")
    found = preview(path)
    assert found.records[1].objects[0].box == pytest.approx((0.4, 0.4, 0.2, 0.2))


def test_several_yamls_and_none_named_data(tmp_path):
    path = make_yolo(tmp_path)
    (tmp_path / "a.yaml").write_text(path.read_text())
    found = preview(tmp_path)
    assert (found.labels, [(f.code, f.found) for f in found.findings]) == (6, [("other_yaml", "data.yaml, and a.yaml")])
    path.rename(tmp_path / "b.yaml")
    with pytest.raises(FormatError, match=r"expected one dataset yaml, found a\.yaml, b\.yaml; name the one to import"):
        preview(tmp_path)


def test_coco_as_published(tmp_path):
    make_coco(tmp_path)
    for split in ("train", "val"):
        (tmp_path / "images" / split).rename(tmp_path / f"{split}2017")
        json_file = tmp_path / "annotations" / f"instances_{split}.json"
        json_file.rename(json_file.with_name(f"instances_{split}2017.json"))
    (tmp_path / "annotations" / "captions_train2017.json").write_text('{"images": [], "annotations": []}')
    whole(preview(tmp_path), "coco")


def test_coco_of_roboflow(tmp_path):
    make_coco(tmp_path / "x")
    for split, name in [("train", "train"), ("val", "valid")]:
        (tmp_path / "x" / "images" / split).rename(tmp_path / name)
        (tmp_path / "x" / "annotations" / f"instances_{split}.json").rename(tmp_path / name / "_annotations.coco.json")
    shutil.rmtree(tmp_path / "x")
    whole(preview(tmp_path), "coco")


def test_coco_one_file_by_name(tmp_path):
    make_coco(tmp_path)
    found = preview(tmp_path / "annotations" / "instances_val.json")
    assert (found.format, found.count, found.splits) == ("coco", 2, {"val": 2})


@pytest.mark.parametrize("start", ["images/train/", "train/", "absolute", "C:\\photos\\train\\"])
def test_coco_file_names_with_folders(start, tmp_path):
    make_coco(tmp_path, 2)
    path = tmp_path / "annotations" / "instances_train.json"
    document = json.loads(path.read_text())
    for image in document["images"]:
        top = f"{tmp_path}/images/train/" if start == "absolute" else start
        image["file_name"] = top + image["file_name"]
    path.write_text(json.dumps(document))
    found = preview(tmp_path)
    assert (found.count, found.findings) == (2, ())


def test_coco_without_sizes_and_with_a_split_per_image(tmp_path):
    make_coco(tmp_path)
    path = tmp_path / "annotations" / "instances_train.json"
    document = json.loads(path.read_text())
    for number, image in enumerate(document["images"]):
        del image["width"], image["height"]
        image["split"] = ("train", "test")[number % 2]
    path.rename(tmp_path / "instances.json").write_text(json.dumps(document))
    shutil.rmtree(tmp_path / "annotations")
    (tmp_path / "images" / "train").rename(tmp_path / "data")
    shutil.rmtree(tmp_path / "images")
    whole(preview(tmp_path), "coco", {"train": 2, "test": 2}, labels=2)


def voc_xml(name, size="<size><width>64</width><height>48</height></size>", path=""):
    box = "<bndbox><xmin>8</xmin><ymin>6</ymin><xmax>40</xmax><ymax>30</ymax></bndbox>"
    item = f"<object><name>cat</name><difficult>1</difficult><pose>Left</pose>{box}</object>"
    return f"<annotation><filename>{name}</filename><path>{path}</path>{size}{item}</annotation>"


def test_voc_beside_images_in_folders_of_splits(tmp_path):
    for split in ("train", "valid"):
        make_image(tmp_path / split / "a.jpg", seed=len(split))
        (tmp_path / split / "a.xml").write_text(voc_xml("a.jpg"))
    found = preview(tmp_path)
    whole(found, "voc", {"train": 1, "val": 1}, labels=2)
    assert found.records[0].objects[0].attributes == {"difficult": True, "pose": "Left"}
    assert found.records[0].objects[0].box == (8 / 64, 6 / 48, 32 / 64, 24 / 48)


def test_voc_file_name_without_or_with_another_ending(tmp_path):
    for stem, name in [("a", "a"), ("b", "b.png"), ("c", "other/c.jpg")]:
        make_image(tmp_path / "JPEGImages" / f"{stem}.jpg", seed=ord(stem))
        (tmp_path / "Annotations").mkdir(exist_ok=True)
        (tmp_path / "Annotations" / f"{stem}.xml").write_text(voc_xml(name, size=""))
    whole(preview(tmp_path), "voc", {"": 3}, labels=3)


def test_voc_images_without_annotation_that_a_split_names(tmp_path):
    make_image(tmp_path / "JPEGImages" / "a.jpg")
    make_image(tmp_path / "JPEGImages" / "b.jpg", seed=1)
    (tmp_path / "Annotations").mkdir()
    (tmp_path / "Annotations" / "a.xml").write_text(voc_xml("a.jpg"))
    sets = tmp_path / "ImageSets" / "Main"
    sets.mkdir(parents=True)
    (sets / "train.txt").write_text("a\nb.jpg\nc\n")
    (sets / "trainval.txt").write_text("a\nb\n")
    (sets / "cat_train.txt").write_text("a 1\nb -1\n")
    found = preview(tmp_path)
    assert found.splits == {"train": 2}
    assert {f.code: f.where for f in found.findings} == {
        "missing_annotation": str(tmp_path / "Annotations" / "b.xml"),
        "listed_only": str(sets / "train.txt"),
    }


def test_a_dataset_in_the_only_subfolder_is_found(tmp_path):
    make_coco(tmp_path / "inner")
    (tmp_path / "docs").mkdir()
    found = preview(tmp_path)
    whole(found, "coco")
    assert found.root == tmp_path / "inner" and "in the folder inner" in found.why
    make_coco(tmp_path / "other")
    with pytest.raises(FormatError, match="expected one dataset, found several: inner, other; name the one to import"):
        preview(tmp_path)


def test_a_format_can_be_chosen(tmp_path):
    make_coco(tmp_path)
    found = preview(tmp_path, "images")
    assert (found.format, found.count, found.labels, found.why) == ("images", 6, 0, "chosen by hand")
    with pytest.raises(FormatError, match="expected a format of coco, coco_keypoints, coco_panoptic, yolo"):
        preview(tmp_path, "dota")


def test_class_folders_hold_images_at_any_depth(tmp_path):
    make_image(tmp_path / "cat" / "2023" / "1.jpg")
    make_image(tmp_path / "dog" / "2.jpg", seed=1)
    make_image(tmp_path / "__MACOSX" / "cat" / "._1.jpg", seed=2)
    found = preview(tmp_path)
    assert (found.format, found.class_counts) == ("class_folders", {"cat": 1, "dog": 1})


def test_links_to_blobs_keep_their_name(tmp_path):
    blob = make_image(tmp_path / "blobs" / "x.jpg").rename(tmp_path / "blobs" / "0a1b2c")
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "one.jpg").symlink_to(blob)
    assert files.resolved(tmp_path / "set" / "one.jpg") == tmp_path.resolve() / "set" / "one.jpg"
    whole(preview(tmp_path / "set"), "images", {"": 1}, labels=0)
