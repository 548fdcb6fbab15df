"""What nobody used is told: label files, masks, images; where a guess would lose labels nothing is imported."""

import json
from pathlib import Path

import pytest

from datasets.errors import FormatError
from datasets.exchange.importing import Preview, ingest, preview
from tests.helpers import make_coco, make_image, make_yolo


def told(found: Preview, code: str) -> list[tuple[str, int]]:
    return [(one.severity, one.count) for one in found.findings if one.code == code]


def said(found: Preview) -> str:
    return "\n".join(map(str, found.findings))


TEXTS = {
    "a.landmarks.json": '{"points": [[1, 2], [3, 4]], "file": "a.jpg"}',
    "everything.json": '{"data": {"a.jpg": {"regions": [1]}, "b.jpg": {"regions": []}}}',
    "marks.jsonl": '{"photo": "a.jpg", "points": [[1, 2]]}\n{"photo": "b.jpg", "points": []}\n',
    "all.xml": "<dataset><thing><object>x</object><file>a.jpg</file></thing></dataset>",
    "wider.txt": "pics/a.jpg\n1\n1 2 10 12 0 0\npics/b.jpg\n2\n1 2 10 12 0 0\n5 6 7 8 0 0\n",
    "values.dat": "a.jpg;0;1;2\nb.jpg;3;4;5\n",
    "cells.csv": "cell,area\na.jpg_1,5\na.jpg_2,6\nb.jpg_1,7\nb.jpg_2,9\n",
    "labelTxt/a.txt": "imagesource:GoogleEarth\ngsd:0.1\n1.0 2.0 9.0 2.0 9.0 9.0 1.0 9.0 plane 0\n",
    "masks/a.png": None,
    "train_masks/b_mask.png": None,
}


@pytest.mark.parametrize("name", TEXTS)
def test_bare_images_with_labels_that_no_format_takes_are_an_error(name, tmp_path, database):
    for image in ("a.jpg", "b.jpg"):
        make_image(tmp_path / "pics" / image, seed=len(image))
    target = tmp_path / "pics" / name
    if TEXTS[name] is None:
        make_image(target)
        make_image(target.with_name(f"other{target.suffix}"))
    else:
        target.parent.mkdir(exist_ok=True)
        target.write_text(TEXTS[name])
    found = preview(tmp_path)
    assert found.format == "images"
    assert [one for one, _ in told(found, "labels_unread")] == ["error"] and found.count == 0
    assert Path(name).name in said(found) and "--format images" in said(found) and "yolo" in said(found)
    with pytest.raises(FormatError, match="labels that are read with their images"):
        ingest(found, "probe")
    chosen = preview(tmp_path, "images")
    assert chosen.count == 2 and [one for one, _ in told(chosen, "labels_unread")] == ["warning"]


def test_a_table_that_names_parts_of_images_is_told(tmp_path):
    """Channels of one image (`7_red.png`), and slices whose folders stand in the id: no row names a file."""
    for image in ("7_red.png", "7_green.png", "9_red.png"):
        make_image(tmp_path / "cells" / image, seed=len(image))
    (tmp_path / "cells.csv").write_text("Id,Target\n7,16 0\n9,7 1\n")
    make_image(tmp_path / "scans" / "case1" / "scans" / "slice_0001_266.png")
    (tmp_path / "scans" / "train.csv").write_text("id,class,segmentation\ncase1_slice_0001,bowel,\n")
    for place, name in ((tmp_path / "scans", "train.csv"), (tmp_path, "cells.csv")):
        found = preview(place)
        assert name in said(found) and "labels_unread" in {one.code for one in found.findings}


def test_sequences_with_boxes_in_one_file_each_are_no_classes(tmp_path):
    for sequence in ("MOT-02", "MOT-04"):
        for number in range(3):
            make_image(tmp_path / sequence / "img1" / f"{number:06d}.jpg", seed=number)
        (tmp_path / sequence / "gt").mkdir()
        (tmp_path / sequence / "gt" / "gt.txt").write_text("1,1,5,6,20,20,1,1,1\n2,1,6,6,20,20,1,1,1\n")
    found = preview(tmp_path)
    assert found.count == 0 and [one for one, _ in told(found, "labels_unread")] == ["error"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("README.md", "a.jpg and b.jpg were taken in May"),
        ("requirements.txt", "numpy==2.0\ntorch\n"),
        ("losses.csv", "epoch,loss\n0,1.5\n1,1.2\n2,1.1\n"),
        ("calibration.txt", "1 0 0 0 1 0\n0 0 1 0 0 1\n"),
        ("package.json", '{"name": "x", "version": "1", "tags": ["y"]}'),
        ("settings.xml", "<project><image>none</image></project>"),
    ],
)
def test_files_that_are_no_labels_are_left_alone(name, text, tmp_path):
    for image in ("a.jpg", "b.jpg"):
        make_image(tmp_path / image, seed=len(image))
    (tmp_path / name).write_text(text)
    found = preview(tmp_path)
    assert (found.format, found.count) == ("images", 2) and told(found, "labels_unread") == []


def test_label_files_beside_a_known_format_are_told_with_their_number(tmp_path):
    make_coco(tmp_path)
    for number in (0, 1, 3):
        path = tmp_path / "boxes" / f"{number:04d}.xml"
        path.parent.mkdir(exist_ok=True)
        path.write_text("<annotation><object><name>x</name></object></annotation>")
    found = preview(tmp_path)
    assert (found.format, found.labels) == ("coco", 6)
    assert told(found, "labels_unread") == [("warning", 3)] and "boxes/0000.xml" in said(found)


def test_images_that_no_record_names_are_one_finding(tmp_path):
    make_coco(tmp_path)
    for number in range(30):
        make_image(tmp_path / "more" / f"m{number}.jpg", seed=number)
    found = preview(tmp_path)
    (one,) = (finding for finding in found.findings if finding.code == "unnamed_images")
    assert (one.count, len(one.paths)) == (30, 20) and "more (30)" in one.found and found.count == 6


def test_masks_beside_a_format_of_boxes_are_told_as_masks(tmp_path):
    make_yolo(tmp_path)
    make_image(tmp_path / "masks" / "0000.png")
    found = preview(tmp_path)
    assert found.format == "yolo" and told(found, "labels_unread") == [("warning", 1)]
    assert "mask_folders" in said(found) and told(found, "unnamed_images") == []


def test_a_broken_or_empty_label_file_is_told(tmp_path):
    make_image(tmp_path / "a.jpg")
    for name, text in (("x.json", ""), ("y.xml", "no xml"), ("z.json", "hello")):
        (tmp_path / name).write_text(text)
    found = preview(tmp_path)
    assert found.count == 1 and sum(count for _, count in told(found, "labels_unread")) == 3
    assert all(name in " ".join(path for one in found.findings for path in one.paths) for name in ("x.json", "y.xml"))


def test_one_file_asks_only_after_what_lies_among_its_own_images(tmp_path):
    make_coco(tmp_path / "set")
    (tmp_path / "set" / "annotations" / "other.json").write_text(json.dumps({"labels": ["0001.jpg"]}))
    make_image(tmp_path / "elsewhere" / "x.jpg")
    found = preview(tmp_path / "set" / "annotations" / "instances_train.json")
    assert (found.count, told(found, "labels_unread"), told(found, "unnamed_images")) == (4, [], [])


def test_class_folders_whose_images_have_labels_of_their_own_are_an_error(tmp_path):
    for place in ("cam1/1", "cam1/2", "cam2/3", "cam9/4"):
        make_image(tmp_path / f"{place}.jpg", seed=len(place))
        (tmp_path / f"{place}.json").write_text('{"things": 1, "points": [[1, 2]]}')
    found = preview(tmp_path)
    assert (found.count, told(found, "labels_unread")) == (0, [("error", 4)])


def test_files_that_are_images_by_their_content_and_kinds_that_are_not_read_are_told(tmp_path):
    make_image(tmp_path / "a.jpg")
    for number in range(3):
        (tmp_path / f"00{number}").write_bytes(b"\xff\xd8\xff\xe0" + bytes(40))
    for name in ("film.mp4", "rows.npy", "table.xlsx"):
        (tmp_path / name).write_bytes(b"\0" * 9)
    found = preview(tmp_path)
    assert found.count == 1 and sorted(told(found, "labels_unread")) == [("warning", 1), ("warning", 3)]
    assert sorted(told(found, "packed_beside")) == [("warning", 1), ("warning", 1)]  # each is told once
    assert all(
        name in said(found) for name in (".mp4", "rows.npy", "table.xlsx")
    ) and "images by their content" in said(found)


@pytest.mark.parametrize("name", ["annotations.xml", "labels.csv", "data.yaml", "x.ndjson", "y.json"])
@pytest.mark.parametrize("content", [b"", b"\xff\x00\x80\x81\xfe" * 20])
def test_empty_and_undecodable_files_of_labels_are_told(name, content, tmp_path):
    make_image(tmp_path / "a.jpg")
    (tmp_path / name).write_bytes(content)
    try:
        found = preview(tmp_path)
    except FormatError as error:
        assert name in str(error)
    else:
        assert name in said(found)


LABELS = {
    "dota": (
        "labelTxt/P1.txt",
        "imagesource:GoogleEarth\ngsd:0.1\n2 3 20 3 20 15 2 15 plane 0\n2 3 9 3 9 15 2 15 ship 1\n",
    ),
    "counted": ("Annotations/P1.jpg.txt", "2\n1 5 6 20 30\n2 1 2 10 12\n"),
    "one box": ("Labels/P1.txt", "1\n5 6 20 30\n"),
    "stems": ("boxes.txt", "P1 1 2 20 30\nP2 1 2 20 30\n"),
    "stems and classes": ("variants.txt", "P1 707-320\nP2 Boeing 717\n"),
    "odgt": ("all.odgt", '{"ID": "P1xx", "gtboxes": [{"fbox": [1, 2, 3, 4]}]}\n'),
    "ids without zeros": ("rows.csv", "id,label\n1,cat\n2,dog\n"),
    "json with a remark": ("coco.json", '// made by hand\n{"images": [{"file_name": "P1.jpg"}], "annotations": [1]}'),
}


@pytest.mark.parametrize("name", LABELS)
def test_labels_of_bare_images_in_forms_that_are_not_read_are_an_error(name, tmp_path):
    for image in ("P1", "P2", "P1xx"):
        make_image(tmp_path / "pics" / f"{image}.jpg", seed=len(image))
    file, text = LABELS[name]
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text)
    found = preview(tmp_path)
    assert found.format == "images" and told(found, "labels_unread") == [("error", 1)] and found.count == 0
    assert Path(file).name in said(found)


def test_rows_of_boxes_below_names_of_images_are_no_labels_of_class_folders(tmp_path):
    """WIDER FACE: the folders are kinds of events, and the boxes of faces lie elsewhere."""
    for place in ("0--Parade/a", "0--Parade/b", "1--Riot/c"):
        make_image(tmp_path / "WIDER_train" / "images" / f"{place}.jpg", seed=len(place))
    rows = (
        "0--Parade/a.jpg\n2\n1 2 10 12 0 0 0 0 0 0\n20 5 10 12 0 0 0 0 0 0\n1--Riot/c.jpg\n1\n1 2 10 12 0 0 0 0 0 0\n"
    )
    (tmp_path / "wider_face_split").mkdir()
    (tmp_path / "wider_face_split" / "wider_face_train_bbx_gt.txt").write_text(rows)
    found = preview(tmp_path)
    assert found.count == 0 and told(found, "labels_unread") == [("error", 1)]
    assert "rows of numbers below names of images" in said(found) and "COCO json" in said(found)


def test_images_of_another_folder_that_are_called_like_used_ones_are_told(tmp_path):
    """KITTI: testing/image_2 has the same names as training/image_2, and no labels."""
    row = "Car 0.00 0 -1.58 5 7 30 40 1.65 1.67 3.64 -0.65 1.71 46.70 -1.59\n"
    for part in ("training", "testing"):
        for number in range(2):
            make_image(tmp_path / part / "image_2" / f"00000{number}.png", seed=number)
    (tmp_path / "training" / "label_2").mkdir()
    for number in range(2):
        (tmp_path / "training" / "label_2" / f"00000{number}.txt").write_text(row)
    found = preview(tmp_path)
    assert (found.format, found.count, told(found, "unnamed_images")) == ("kitti", 2, [("warning", 2)])
    assert "testing/image_2" in said(found)


def test_a_number_behind_the_names_of_images_is_no_label(tmp_path):
    for number in range(3):
        make_image(tmp_path / f"frame_{number}.jpg", seed=number)
    (tmp_path / "timestamps.txt").write_text("".join(f"frame_{number} 16000{number}.5\n" for number in range(3)))
    assert (preview(tmp_path).count, told(preview(tmp_path), "labels_unread")) == (3, [])


def test_names_that_begin_with_words_are_told_to_be_no_classes(tmp_path):
    for number, name in enumerate(("cat.0", "cat.1", "dog.0", "dog.1")):
        make_image(tmp_path / "train" / f"{name}.jpg", seed=number)
    found = preview(tmp_path)
    assert told(found, "names_not_classes") == [("note", 1)] and "cat, dog" in said(found)
