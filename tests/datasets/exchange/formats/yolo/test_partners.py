"""Which label file belongs to which image, and what is told about those without the other."""

from datasets.exchange.importing import preview
from tests.datasets.exchange.formats.yolo.stored import codes, put, stored, told, words

A, B = "0 0.5 0.5 0.25 0.5\n", "1 0.5 0.5 0.25 0.5\n"
SPLITS = "train: images/train\nval: images/val\nnames: [helmet, vest]\n"
BASE = {"data.yaml": "train: images\nnames: [helmet, vest]\n", "images/0.jpg": "", "labels/0.txt": A}


def classes(found):
    """The classes on each image, by its name."""
    return {record.path.name: [one.label for one in record.objects] for record in found.records}


def test_another_case_or_a_doubled_ending_is_the_same_name(tmp_path, database):
    shown, found = stored(put(tmp_path, {**BASE, "images/IMG_7.JPG": "", "labels/img_7.txt": B, "images/b.jpg": "",
                                         "labels/b.jpg.txt": A, "images/c.png": "", "labels/C.TXT": B}))  # fmt: skip
    assert {name: [one[0] for one in labels] for name, (_, labels) in found.items()} == {
        "images/0.jpg": ["helmet"], "images/IMG_7.JPG": ["vest"], "images/b.jpg": ["helmet"], "images/c.png": ["vest"],
    }  # fmt: skip
    assert [(one.code, one.count) for one in told(shown)] == [("label_names", 3)]


def test_both_sides_are_counted(tmp_path):
    found = preview(
        put(tmp_path, {**BASE, "images/1.jpg": "", "images/2.jpg": "", "labels/gone.txt": A, "labels/lost.txt": B})
    )
    (one,) = told(found)
    assert (one.code, one.severity, one.count) == ("orphan_labels", "warning", 2)
    assert one.paths == (str(tmp_path / "labels/gone.txt"), str(tmp_path / "labels/lost.txt"))
    assert "2 without an image, as labels/gone.txt; 2 images have no label file" in one.found


def test_readmes_and_empty_files_are_no_labels(tmp_path):
    found = preview(put(tmp_path, {**BASE, "README.txt": "made in 2020", "labels/empty.txt": "", "notes.txt": "0 1 2"}))
    assert not told(found)


def test_labels_of_another_version_are_not_mixed_in(tmp_path):
    found = preview(put(tmp_path, {**BASE, "images/1.jpg": "", "labels_old/1.txt": B, "labels_old/0.txt": B}))
    assert classes(found) == {"0.jpg": ["helmet"], "1.jpg": []}
    assert [(one.code, one.count) for one in told(found)] == [("second_labels", 2)] and "in labels_old" in words(found)


def test_of_two_folders_of_labels_neither_is_taken(tmp_path):
    found = preview(
        put(tmp_path, {"data.yaml": BASE["data.yaml"], "images/0.jpg": "", "anna/0.txt": A, "bert/0.txt": B})
    )
    assert classes(found) == {"0.jpg": []} and "doubtful_labels" in codes(found)
    assert str(tmp_path / "anna/0.txt") in str([one.paths for one in told(found)])


def test_equal_names_in_two_folders_never_share_a_label(tmp_path):
    found = preview(
        put(tmp_path, {"data.yaml": SPLITS, "images/train/0.jpg": "", "images/val/0.jpg": "", "annotations/0.txt": A})
    )
    assert found.labels == 0 and "doubtful_labels" in codes(found)
    again = put(
        tmp_path / "b",
        {"data.yaml": SPLITS, "images/train/0.jpg": "", "images/val/0.jpg": "", "annotations/val/0.txt": A},
    )
    found = preview(again)
    assert [(one.split, len(one.objects)) for one in found.records] == [("train", 0), ("val", 1)]


def test_two_images_of_one_name_are_told(tmp_path):
    found = preview(put(tmp_path, {**BASE, "images/0.png": ""}))
    assert codes(found) == ["shared_labels"] and "labels/0.txt for 0.jpg and 0.png" in words(found)


def test_images_with_labels_that_a_list_leaves_out_are_told(tmp_path):
    found = preview(put(tmp_path, {**BASE, "data.yaml": "train: train.txt\nnames: [helmet, vest]\n",
                                   "train.txt": "images/0.jpg\n", "images/1.jpg": "", "labels/1.txt": B}))  # fmt: skip
    (one,) = [one for one in told(found) if one.code == "unlisted"]
    assert found.count == 1 and one.paths == (str(tmp_path / "images/1.jpg"),)
    assert "1 of images that it does not name, as labels/1.txt of images/1.jpg" in one.found
