"""The ways in which YOLO datasets lie on disk, compared with what is stored."""

import pytest

from datasets.errors import FormatError
from datasets.exchange.formats.yolo import labels
from datasets.exchange.importing import preview
from tests.datasets.exchange.formats.yolo.stored import codes, put, stored, told, words

A, B = "0 0.5 0.5 0.25 0.5\n", "1 0.25 0.5 0.5 0.25\n"
BOX_A, BOX_B = [0.375, 0.25, 0.25, 0.5], [0.0, 0.375, 0.5, 0.25]
NAMES = "helmet\nvest\n"
YAML = "train: images/train\nval: images/val\nnames: [helmet, vest]\n"


def one(split, *shown):
    named = {"a": ("helmet", BOX_A, None), "b": ("vest", BOX_B, None)}
    return split, [named[label] for label in shown]


FLAT = {"x.jpg": "", "x.txt": A, "y.png": "", "y.txt": A + B, "z.jpg": ""}
LAYOUTS = {
    "labelimg": (
        {**FLAT, "classes.txt": NAMES},
        {"x.jpg": one(None, "a"), "y.png": one(None, "a", "b"), "z.jpg": one(None)},
    ),
    "labelimg in splits": (
        {
            "train/x.jpg": "",
            "train/x.txt": A,
            "train/classes.txt": NAMES,
            "val/x.jpg": "",
            "val/x.txt": B,
            "val/classes.txt": NAMES,
        },
        {"train/x.jpg": one("train", "a"), "val/x.jpg": one("val", "b")},
    ),
    "images at the top": (
        {"x.jpg": "", "y.jpg": "", "labels/x.txt": A, "labels/y.txt": B, "classes.txt": NAMES},
        {"x.jpg": one(None, "a"), "y.jpg": one(None, "b")},
    ),
    "folder of labels under another name": (
        {"images/x.jpg": "", "images/y.jpg": "", "yolo_labels/x.txt": A, "yolo_labels/y.txt": B, "classes.txt": NAMES},
        {"images/x.jpg": one(None, "a"), "images/y.jpg": one(None, "b")},
    ),
    "labels in one folder, images in splits": (
        {"images/train/x.jpg": "", "images/val/y.jpg": "", "txt/x.txt": A, "txt/y.txt": B, "classes.txt": NAMES},
        {"images/train/x.jpg": one("train", "a"), "images/val/y.jpg": one("val", "b")},
    ),
    "roboflow darknet": (
        {
            "train/x.jpg": "",
            "train/x.txt": A,
            "train/_darknet.labels": NAMES,
            "valid/y.jpg": "",
            "valid/y.txt": B,
            "valid/_darknet.labels": NAMES,
        },
        {"train/x.jpg": one("train", "a"), "valid/y.jpg": one("val", "b")},
    ),
    "roboflow": (
        {
            "data.yaml": "train: ../train/images\nval: ../valid/images\ntest: ../test/images\nnc: 2\n"
            "names: ['helmet', 'vest']\n",
            "train/images/x.jpg": "",
            "train/labels/x.txt": A,
            "valid/images/x.jpg": "",
            "valid/labels/x.txt": B,
            "test/images/x.jpg": "",
            "test/labels/x.txt": A + B,
            "README.roboflow.txt": "0 0.5 is no row",
        },
        {
            "train/images/x.jpg": one("train", "a"),
            "valid/images/x.jpg": one("val", "b"),
            "test/images/x.jpg": one("test", "a", "b"),
        },
    ),
    "darknet": (
        {
            "cfg/obj.data": "classes = 2\ntrain = data/train.txt\nvalid = data/test.txt\n"
            "names = data/obj.names\nbackup = backup/\n",
            "cfg/obj.names": NAMES,
            "cfg/train.txt": "data/obj/x.jpg\n",
            "cfg/test.txt": "data/obj/y.jpg\n",
            "cfg/obj/x.jpg": "",
            "cfg/obj/x.txt": A,
            "cfg/obj/y.jpg": "",
            "cfg/obj/y.txt": B,
        },
        {"cfg/obj/x.jpg": one("train", "a"), "cfg/obj/y.jpg": one("val", "b")},
    ),
    "cvat 1.1": (
        {
            "obj.data": "classes = 2\ntrain = data/train.txt\nnames = data/obj.names\nbackup = backup/\n",
            "obj.names": NAMES,
            "train.txt": "data/obj_train_data/s/x.jpg\ndata/obj_train_data/t/x.jpg\n",
            "obj_train_data/s/x.jpg": "",
            "obj_train_data/s/x.txt": A,
            "obj_train_data/t/x.jpg": "",
            "obj_train_data/t/x.txt": B,
        },
        {"obj_train_data/s/x.jpg": one("train", "a"), "obj_train_data/t/x.jpg": one("train", "b")},
    ),
    "images twice": (
        {
            "images/s1/images/x.jpg": "",
            "labels/s1/images/x.txt": A,
            "images/s2/images/x.jpg": "",
            "labels/s2/images/x.txt": B,
            "data.yaml": "train: images\nnames: [helmet, vest]\n",
        },
        {"images/s1/images/x.jpg": one("train", "a"), "images/s2/images/x.jpg": one("train", "b")},
    ),
    "notebook": (
        {
            "data.yaml": "train: /content/Things-3/train/images\nval: /content/Things-3/valid/images\n"
            "names: [helmet, vest]\n",
            "train/images/x.jpg": "",
            "train/labels/x.txt": A,
            "valid/images/x.jpg": "",
            "valid/labels/x.txt": B,
        },
        {"train/images/x.jpg": one("train", "a"), "valid/images/x.jpg": one("val", "b")},
    ),
    "windows": (
        {
            "data.yaml": "path: D:\\work\\things\ntrain: images\\train\nval: .\\images\\val\nnames: [helmet, vest]\n",
            "images/train/x.jpg": "",
            "labels/train/x.txt": A,
            "images/val/x.jpg": "",
            "labels/val/x.txt": B,
        },
        {"images/train/x.jpg": one("train", "a"), "images/val/x.jpg": one("val", "b")},
    ),
    "lists with a prefix": (
        {
            "data.yaml": "path: .\ntrain: train.txt\nval: val.txt\nnames: [helmet, vest]\n",
            "train.txt": "data/images/train/x.jpg\r\n\r\n",
            "val.txt": "# a comment\ndata/images/val/x.jpg\n",
            "images/train/x.jpg": "",
            "labels/train/x.txt": A,
            "images/val/x.jpg": "",
            "labels/val/x.txt": B,
        },
        {"images/train/x.jpg": one("train", "a"), "images/val/x.jpg": one("val", "b")},
    ),
    "pattern": (
        {
            "data.yaml": "train: images/a*.jpg\nval: [images/b1.jpg, images/sub]\nnames: [helmet, vest]\n",
            "images/a1.jpg": "",
            "labels/a1.txt": A,
            "images/b1.jpg": "",
            "labels/b1.txt": B,
            "images/sub/c.jpg": "",
            "labels/sub/c.txt": A,
        },
        {"images/a1.jpg": one("train", "a"), "images/b1.jpg": one("val", "b"), "images/sub/c.jpg": one("val", "a")},
    ),
    "names in a yaml that says nothing else": (
        {
            "data.yaml": "nc: 2\nnames: [helmet, vest]\n",
            "images/x.jpg": "",
            "labels/x.txt": A,
            "images/y.jpg": "",
            "labels/y.txt": B,
        },
        {"images/x.jpg": one(None, "a"), "images/y.jpg": one(None, "b")},
    ),
    "a yaml without names beside a list of them": (
        {
            "data.yaml": "train: images/a\nval: images/b\n",
            "classes.txt": NAMES,
            "images/a/x.jpg": "",
            "labels/a/x.txt": A,
            "images/b/y.jpg": "",
            "labels/b/y.txt": B,
        },
        {"images/a/x.jpg": one("train", "a"), "images/b/y.jpg": one("val", "b")},
    ),
    "folders with a word of their own": (
        {
            "classes.txt": NAMES,
            "cam1_images/x.jpg": "",
            "cam1_labels/x.txt": A,
            "cam2_images/x.jpg": "",
            "cam2_labels/x.txt": B,
        },
        {"cam1_images/x.jpg": one(None, "a"), "cam2_images/x.jpg": one(None, "b")},
    ),
    "images and classes of the name of a split": (
        {
            "classes.txt": NAMES,
            "train.jpg": "",
            "train.txt": A,
            "test.jpg": "",
            "test.txt": B,
            "bus.jpg": "",
            "bus.txt": A,
        },
        {"train.jpg": one(None, "a"), "test.jpg": one(None, "b"), "bus.jpg": one(None, "a")},
    ),
    "label studio": (
        {
            "classes.txt": NAMES,
            "notes.json": '{"categories": [{"id": 0, "name": "helmet"}], "info": {}}',
            "images/0a-x.jpg": "",
            "labels/0a-x.txt": A,
            "images/0b-x.jpg": "",
            "labels/0b-x.txt": B,
        },
        {"images/0a-x.jpg": one(None, "a"), "images/0b-x.jpg": one(None, "b")},
    ),
}


@pytest.mark.parametrize("kind", LAYOUTS)
def test_each_label_lies_on_its_image(kind, tmp_path, database):
    files, truth = LAYOUTS[kind]
    shown, found = stored(put(tmp_path, files))
    assert shown.format == "yolo" and {one.severity for one in told(shown)} <= {"note"}, words(shown)
    assert found == truth and shown.classes == ("helmet", "vest")


@pytest.mark.parametrize("above", ["one", "one/two/three"])
def test_a_set_some_folders_down_is_read_with_its_yaml(above, tmp_path, database):
    put(tmp_path / above, {"data.yaml": YAML, "images/train/x.jpg": "", "labels/train/x.txt": B,
                           "images/val/y.jpg": "", "labels/val/y.txt": A})  # fmt: skip
    _, found = stored(tmp_path, tmp_path / above)
    assert found == {"images/train/x.jpg": one("train", "b"), "images/val/y.jpg": one("val", "a")}


def test_a_yaml_that_cannot_be_read_is_an_error_with_its_line(tmp_path):
    put(tmp_path, {"data.yaml": "train: images\nnames: [a, 'b]\n", "images/x.jpg": "", "labels/x.txt": A})
    with pytest.raises(FormatError, match=r"data\.yaml: expected valid yaml, found an error in line \d"):
        preview(tmp_path)
    (tmp_path / "data.yaml").write_bytes(b"train: images\nnames: [\x81\x8d\x9d]\n")
    with pytest.raises(FormatError, match=r"data\.yaml: expected a text file in UTF-8"):
        preview(tmp_path)


def test_another_broken_yaml_does_not_end_an_import(tmp_path):
    put(tmp_path, {"docker-compose.yaml": "services: [", "notes.yml": "a: 'b", "classes.txt": NAMES, **FLAT})
    assert preview(tmp_path).labels == 3
    put(tmp_path, {"data.yaml": "train: .\nnames: [helmet, vest]\n", "old.yaml": "train: x\nnames: [a\n"})
    found = preview(tmp_path)
    assert found.labels == 3 and ("broken_yaml", "warning") in [(one.code, one.severity) for one in told(found)]


def test_an_error_names_the_folders_that_would_do(tmp_path):
    put(tmp_path, {"data.yaml": "train: nowhere\nnames: [a]\n", "photos/one/x.jpg": "", "photos/one/x.txt": A})
    with pytest.raises(FormatError, match=r"found none in .*; correct `path`; images lie in photos/one"):
        preview(tmp_path)


def test_a_split_without_any_label_is_told(tmp_path):
    put(tmp_path, {"data.yaml": YAML, "images/train/x.jpg": "", "labels/train/x.txt": A, "images/val/y.jpg": ""})
    found = preview(tmp_path)
    assert found.splits == {"train": 1, "val": 1} and found.labels == 1
    assert [(one.code, one.severity, one.count) for one in told(found)] == [("no_labels", "warning", 1)]
    assert "images of val" in words(found) and told(found)[0].paths == (str(tmp_path / "images/val/y.jpg"),)


def test_train_for_val_is_told_with_what_training_needs(tmp_path):
    put(tmp_path, {"data.yaml": "train: images\nval: images\nnames: [a]\n", "images/x.jpg": "", "labels/x.txt": A})
    found = preview(tmp_path)
    assert codes(found) == ["same_split"] and "training needs images of its own for val" in words(found)


def test_other_folders_of_text_are_no_yolo(tmp_path):
    put(tmp_path, {"cat/x.jpg": "", "dog/y.jpg": "", "cat/notes.txt": "seen at 5 o'clock", "dog/y.txt": "a good dog"})
    assert preview(tmp_path).format == "class_folders"
    put(tmp_path, {"dog/x.txt": A})  # of no image there
    assert preview(tmp_path).format == "class_folders"
    put(
        tmp_path / "dtd",
        {"images/wood/x.jpg": "", "images/wool/y.jpg": "", "labels/train1.txt": "wood/x.jpg\nwool/y.jpg\n"},
    )
    assert labels.sniff(tmp_path / "dtd").score == 0
    kitti = "Car 0.00 0 -1.58 587.01 173.33 614.12 200.12 1.65 1.67 3.64 -0.65 1.71 46.70 -1.59\n"
    mot = "1,1,794,47,71,174,1,1,0.8\n2,1,795,48,71,174,1,1,0.8\n"
    for number, text in enumerate((kitti, mot, "12 14 60 40\n", "0 1\n")):
        folder = put(tmp_path / str(number), {"image_2/x.jpg": "", "label_2/x.txt": text})
        assert labels.sniff(folder).score == 0
