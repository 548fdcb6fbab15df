"""Bad sources: each mistake is named with its place, what was expected and what was found; the rest is imported."""

import json
from pathlib import Path
from typing import Any

import pytest

from datasets.errors import FormatError
from datasets.exchange.importing import Preview, preview
from tests.helpers import make_coco, make_image, make_yolo


def coco(folder: Path, change: Any) -> Preview:
    """A COCO folder of 6 images whose train json was changed."""
    make_coco(folder)
    path = folder / "annotations" / "instances_train.json"
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    return preview(folder)


def yolo(folder: Path, row: str) -> Preview:
    """A YOLO folder of 6 images; the second image has its one row replaced."""
    path = make_yolo(folder)
    (folder / "labels" / "train" / "0001.txt").write_text(row)
    return preview(path)


def said(found: Preview) -> str:
    return "\n".join(map(str, found.findings))


def test_the_builders_are_without_a_finding(tmp_path):
    for found in (preview(make_coco(tmp_path / "c")), preview(make_yolo(tmp_path / "y"))):
        assert (found.findings, found.count, found.labels, found.splits) == ((), 6, 6, {"train": 4, "val": 2})
        assert found.class_counts == {"cat": 2, "dog": 2, "bird": 2}


def test_missing_image(tmp_path):
    make_coco(tmp_path)
    (tmp_path / "images" / "train" / "0001.jpg").unlink()
    found = preview(tmp_path)
    assert found.count == 5
    assert "0001.jpg: expected an image file, found no such file; it is left out" in said(found)


def test_unreadable_image(tmp_path):
    make_coco(tmp_path)
    (tmp_path / "images" / "train" / "0001.jpg").write_bytes(b"\0" * 5000)
    assert "0001.jpg: expected an image that can be read, found no image that Pillow knows" in said(preview(tmp_path))


def test_truncated_image(tmp_path):
    make_coco(tmp_path)
    path = tmp_path / "images" / "train" / "0001.jpg"
    path.write_bytes(path.read_bytes()[:-200])
    found = preview(tmp_path)
    assert "0001.jpg: expected a whole image file, found" in said(found) and found.count == 5


@pytest.mark.parametrize(
    ("box", "words", "labels"),
    [
        ([5, 5, 0, 9], "0001.jpg: box 1 (dog): expected a box of positive size, found x 5, y 5, width 0", 5),
        (
            [70, 5, 9, 9],
            "expected a box inside the image, found x 70, y 5, width 9, height 9 pixels in 64 x 48; it is l",
            5,
        ),
        ([60, 5, 9, 9], "found x 60, y 5, width 9, height 9 pixels in 64 x 48; it was clipped", 6),
        ([float("nan"), 5, 9, 9], "annotation 11: expected bbox of 4 finite numbers, found [nan, 5, 9, 9]", 5),
        ([float("inf"), 5, 9, 9], "expected bbox of 4 finite numbers, found [inf, 5, 9, 9]", 5),
        ([1, 2, 3], "expected bbox of 4 finite numbers, found [1, 2, 3]", 5),
        (None, "expected bbox of 4 finite numbers, found None", 5),
    ],
)
def test_bad_box_in_coco(box, words, labels, tmp_path):
    found = coco(tmp_path, lambda document: document["annotations"][0].update(bbox=box))
    assert words in said(found) and (found.count, found.labels, len(found.findings)) == (6, labels, 1)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("7 0.5 0.5 0.1 0.1", "0001.txt:1: expected a class from 0 to 2, found 7"),
        ("-1 0.5 0.5 0.1 0.1", "expected a class from 0 to 2, found -1"),
        ("1.5 0.5 0.5 0.1 0.1", "expected a class from 0 to 2, found 1.5"),
        ("0 0.5 0.5 0.1", "expected class and 4 numbers, or class and the points of a polygon, found '0 0.5 0.5 0.1'"),
        ("horse 0.5 0.5 0.1 0.1", "expected a class from 0 to 2, found 'horse'; the row is left out"),
        ("0 nan 0.5 0.1 0.1", "0001.txt:1: expected finite numbers"),
        ("0 0.5 0.5 0 0.1", "expected a box of positive size"),
        ("0 2.5 0.5 0.1 0.1", "expected a box inside the image, found x 2.45"),
    ],
)
def test_bad_row_in_yolo(row, words, tmp_path):
    found = yolo(tmp_path, row)
    assert words in said(found) and (found.count, found.labels, len(found.findings)) == (6, 5, 1)


def test_label_file_that_is_no_text(tmp_path):
    make_yolo(tmp_path)
    (tmp_path / "labels" / "train" / "0001.txt").write_bytes(b"\xff\xfe\x00")
    found = preview(tmp_path)
    assert "0001.txt: expected a text file in UTF-8" in said(found) and found.count == 6


def test_unknown_class_in_coco(tmp_path):
    found = coco(tmp_path, lambda document: document["annotations"][0].update(category_id=99))
    assert "annotation 11: expected a category_id of the 3 categories, found category_id 99" in said(found)
    assert found.labels == 5


def test_duplicate_ids_in_coco(tmp_path):
    def change(document):
        document["images"][1]["id"] = document["images"][0]["id"]
        document["annotations"][1]["id"] = document["annotations"][0]["id"]
        document["categories"].append({"id": 1, "name": "horse"})

    found = coco(tmp_path, change)
    assert "image 1: expected an id of its own per image, found it again for '0001.jpg'" in said(found)
    assert "annotation 11: expected an id of its own per annotation, found it a second time" in said(found)
    assert "category 1: expected an id of its own per category, found both 'cat' and 'horse'" in said(found)
    assert found.count == 5


def test_annotation_of_no_image(tmp_path):
    found = coco(tmp_path, lambda document: document["annotations"][0].update(image_id=12345))
    assert "image 12345: expected an image of this id, found none, but 1 annotations of it" in said(found)


def test_duplicate_image(tmp_path):
    found = coco(tmp_path, lambda document: document["images"].append({**document["images"][0], "id": 999}))
    assert "0000.jpg: expected each image once, found it again; the first entry is kept" in said(found)
    assert found.count == 6


def test_entries_that_are_no_entries(tmp_path):
    found = coco(tmp_path, lambda document: document["images"].extend([None, {"id": 555}, {"file_name": "x.jpg"}]))
    assert said(found).count("it is left out") == 3 and found.count == 6


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "expected a JSON object, found an empty file"),
        ("[]", "expected a JSON object with images and annotations, found a list"),
        ("{}", "expected a list `images` with entries, found none"),
        ('{"images": [{"id": 1,\n "file', "expected valid JSON, found Unterminated string starting at in line 2"),
        ('{"images": [', "expected valid JSON, found an early end in line 1"),
        ('{"images" 5}', "expected valid JSON, found expecting ':' in line 1"),
        ("hello", "found 'hello'"),
    ],
)
def test_broken_coco_json(text, words, tmp_path):
    path = tmp_path / "instances.json"
    path.write_text(text)
    with pytest.raises(FormatError) as raised:
        preview(path)
    assert words in str(raised.value) and str(path) in str(raised.value)


def test_one_broken_json_of_two(tmp_path):
    make_coco(tmp_path)
    (tmp_path / "annotations" / "instances_val.json").write_text("")
    found = preview(tmp_path)
    assert "instances_val.json: expected a COCO json, found" in said(found) and found.splits == {"train": 4}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "expected a yaml with train, val and names, found NoneType"),
        ("- 1\n- 2", "expected a yaml with train, val and names, found list"),
        ("names: [a]\npath: .", "expected one of the keys train, val, test; found names, path"),
        ("train: images/train\nval: images/val", "expected `names` as a list or as number: name, found None"),
        ("train: nowhere\nnames: [a]", "expected images under its train, val or test, found none in"),
        ("a: [\nb", "expected valid yaml, found an error in line 3"),
    ],
)
def test_wrong_yaml(text, words, tmp_path):
    path = make_yolo(tmp_path)
    path.write_text(text)
    with pytest.raises(FormatError) as raised:
        preview(path)
    assert words in str(raised.value) and str(path) in str(raised.value)


def test_a_folder_that_the_yaml_names_is_missing(tmp_path):
    path = make_yolo(tmp_path)
    path.write_text(path.read_text() + "test: images/test\n")
    assert "data.yaml: test: expected images/test in" in said(preview(path))


def test_broken_xml(tmp_path):
    make_image(tmp_path / "JPEGImages" / "a.jpg")
    (tmp_path / "Annotations").mkdir()
    entity = '<!DOCTYPE x [<!ENTITY a "b">]><annotation>&a;</annotation>'
    box = "<bndbox><xmin>a</xmin><ymin>1</ymin><xmax>4</xmax><ymax>5</ymax></bndbox>"
    good = f"<annotation><filename>a.jpg</filename><object><name>cat</name>{box}</object><object/></annotation>"
    for name, text in [("a", good), ("b", "<annotation>"), ("c", "<svg/>"), ("d", entity), ("e", "")]:
        (tmp_path / "Annotations" / f"{name}.xml").write_text(text)
    found = preview(tmp_path)
    assert found.format == "voc" and found.count == 1
    for words in (
        "b.xml: expected valid xml, found",
        "c.xml: expected <annotation>, found <svg>",
        "d.xml: expected valid xml, found EntitiesForbidden",
        "e.xml: expected valid xml, found",
        "a.xml: object 1: expected 4 finite numbers in bndbox, found ['a', '1', '4', '5']",
        "a.xml: object 2: expected a name, found none",
    ):
        assert words in said(found)


def test_mixed_endings_and_names(tmp_path):
    names = ["A.JPG", "b.jpeg", "ç.PNG", "d.bmp", "e.Tif", "f.webp", "空.jpg", "g h.jpg"]
    for seed, name in enumerate(names):
        make_image(tmp_path / "cat" / name, seed=seed)
        make_image(tmp_path / "dög" / name, seed=seed + 50)
    found = preview(tmp_path)
    assert found.class_counts == {"cat": 8, "dög": 8} and found.findings == ()


def test_names_that_differ_in_case_or_normal_form(tmp_path):
    make_image(tmp_path / "images" / "train" / "Ä.JPG")  # composed, upper case
    found = coco(tmp_path, lambda document: document["images"].append({"id": 77, "file_name": "a\u0308.jpg"}))
    assert found.count == 7 and found.findings == ()


def test_sixteen_bits_and_four_colours(tmp_path):
    make_image(tmp_path / "deep.png", mode="I;16")
    make_image(tmp_path / "print.jpg", mode="CMYK")
    found = preview(tmp_path)
    assert found.count == 2 and {p.bits for p in found.probes} == {8, 16}
    assert [one.code for one in found.findings] == ["deep_image"]


def test_symlink_loops(tmp_path):
    make_image(tmp_path / "a" / "1.jpg")
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    (tmp_path / "self.jpg").symlink_to("self.jpg")
    found = preview(tmp_path)
    assert found.count == 1
    assert "expected a folder of its own, found a link to" in said(found)
    assert "self.jpg: expected an image that can be read, found" in said(found)


@pytest.mark.parametrize(("declared", "box"), [((64, 48), (32, 8, 8, 16)), ((48, 64), (4, 8, 16, 8))])
def test_boxes_fit_what_is_shown_whatever_size_was_declared(declared, box, tmp_path):
    def change(document):
        make_image(tmp_path / "images" / "train" / "0001.jpg", (64, 48), orientation=6)
        document["images"][1].update(width=declared[0], height=declared[1])
        document["annotations"][0].update(bbox=[8.0, 32.0, 16.0, 8.0] if declared == (64, 48) else list(box))

    found = coco(tmp_path, change)
    record = next(r for r in found.records if r.path.name == "0001.jpg")
    x, y, w, h = record.objects[0].box
    assert (record.width, record.height) == (48, 64)
    shown = (48 - 32 - 8, 8, 8, 16) if declared == (64, 48) else box
    assert (x * 48, y * 64, w * 48, h * 64) == pytest.approx(shown)


def test_polygons_are_read_with_their_boxes(tmp_path):
    found = coco(tmp_path, lambda document: document["annotations"][0].update(segmentation=[[1, 1, 2, 2, 3, 1]]))
    assert "expected an outline, as other objects have, found none" in said(found) and found.labels == 6
    assert found.masks == 1
    found = yolo(tmp_path / "y", "0 0.2 0.2 0.4 0.2 0.3 0.5")
    assert found.records[1].objects[0].box == pytest.approx((0.2, 0.2, 0.2, 0.3))
    assert found.findings == () and found.masks == 1


@pytest.mark.parametrize(
    ("segmentation", "words"),
    [
        ([[]], "expected 3 or more points as x, y, found none"),
        ([[1, 1, 5, 5, 1e12, 9]], "expected points near the image, found 1 to 1e+12"),
        ([[1, 1, 5, 5]], "expected 3 or more points as x, y, found 2"),
        ([[1, 1, 5, 5, 9]], "expected 3 or more points as x, y, found"),
        ([[1, 1, 5, "x", 9, 2]], "expected 3 or more points as x, y, found"),
        ([[1, 1, 5, float("nan"), 9, 2]], "expected 3 or more points as x, y, found"),
        ([[1, 1, 9, 9, 9, 1, 1, 9]], "expected a polygon whose edges do not cross, found some that do"),
        ({"size": [48, 64], "counts": [5, 5]}, "expected runs of the image's 64 x 48 pixels, found 10 pixels"),
        (
            {"size": [48, 64], "counts": "PPPz"},
            "expected runs of the image's 64 x 48 pixels, found characters that are",
        ),
        ({"size": [9, 9], "counts": [81]}, "expected runs of the image's 64 x 48 pixels, found runs of size [9, 9]"),
        ({"size": [48, 64]}, "expected runs of the image's 64 x 48 pixels, found"),
        ("polygon", "expected a list of polygons, or runs, found 'polygon'"),
    ],
)
def test_bad_outlines_are_findings_and_their_boxes_stay(segmentation, words, tmp_path):
    found = coco(tmp_path, lambda document: document["annotations"][0].update(segmentation=segmentation))
    assert words in said(found) and found.labels == 6


def test_an_object_without_a_bbox_has_the_box_of_its_outline(tmp_path):
    polygon = [[8, 12, 40, 12, 40, 36, 8, 36]]
    found = coco(tmp_path, lambda document: document["annotations"][0].update(segmentation=polygon, bbox=None))
    assert found.records[1].objects[0].box == pytest.approx((8 / 64, 12 / 48, 32 / 64, 24 / 48))


def test_crowds_are_kept(tmp_path):
    found = coco(tmp_path, lambda document: document["annotations"][0].update(iscrowd=1))
    assert [o.crowd for r in found.records for o in r.objects].count(True) == 1


def test_nothing_there_and_nothing_known(tmp_path):
    with pytest.raises(FormatError, match="absent: expected a file or folder, found nothing there"):
        preview(tmp_path / "absent")
    with pytest.raises(FormatError, match=r"expected a source in one of coco, coco_keypoints, .*yolo, .*; found not"):
        preview(tmp_path)


def test_a_source_without_a_good_image_has_an_error(tmp_path):
    (tmp_path / "a.jpg").write_text("x")
    found = preview(tmp_path)
    assert found.count == 0 and found.findings[-1].severity == "error"
    assert "expected at least one image, found none that can be read" in said(found)
