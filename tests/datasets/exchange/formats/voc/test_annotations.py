"""VOC as it lies on the disks of people, compared with the truth as it is stored."""

import math

import numpy as np
import pytest

from datasets.exchange.importing import preview
from tests.helpers import make_image
from tests.stored import imported, pixels

SIZE = (64, 48)
BOX = "<bndbox><xmin>8</xmin><ymin>6.5</ymin><xmax>40</xmax><ymax>30</ymax></bndbox>"
TRUTH = (8, 6.5, 32, 23.5)


def thing(name="cat", box=BOX, more=""):
    return f"<object><name>{name}</name>{box}{more}</object>"


def corners(left, top, right, bottom):
    return f"<bndbox><xmin>{left}</xmin><ymin>{top}</ymin><xmax>{right}</xmax><ymax>{bottom}</ymax></bndbox>"


def voc(label, image=None, *objects, named="", size="<size><width>64</width><height>48</height></size>"):
    """One annotation, and its image where a path of it is given."""
    if image is not None:
        make_image(image, SIZE, seed=sum(map(ord, str(image))) % 9999)
    label.parent.mkdir(parents=True, exist_ok=True)
    body = f"<filename>{named or label.stem + '.jpg'}</filename>{size}{''.join(objects or [thing()])}"
    label.write_text(f"<annotation>{body}</annotation>", encoding="utf-8")


def labels_of(held):
    return {path: [(one.label, one.box) for one in sample.of()] for path, sample in held.items()}


PLACES = {
    "devkit": ("VOCdevkit/VOC2012/Annotations", "VOCdevkit/VOC2012/JPEGImages"),
    "lower case": ("archive/annotations", "archive/images"),
    "beside": ("photos", "photos"),
    "xmls": ("set/annotations/xmls", "set/images"),
    "splits above": ("train/Annotations", "train/JPEGImages"),
    "splits below": ("annotations/val", "images/val"),
    "cameras": ("Annotations/cam1", "JPEGImages/cam1"),
    "ImageNet": ("ILSVRC/Annotations/CLS-LOC/val", "ILSVRC/Data/CLS-LOC/val"),
}


@pytest.mark.parametrize("place", PLACES)
def test_wherever_annotations_and_images_lie(place, tmp_path, database):
    labels, images = PLACES[place]
    for stem in "ab":
        voc(tmp_path / labels / f"{stem}.xml", tmp_path / images / f"{stem}.jpg", thing(stem))
    found, held = imported(tmp_path)
    assert found.format == "voc"
    assert labels_of(held) == {f"{images}/{stem}.jpg": [(stem, TRUTH)] for stem in "ab"}
    splits = {"splits above": "train", "splits below": "val", "ImageNet": "val"}
    assert {one.split for one in held.values()} == {splits.get(place)}


def test_two_years_with_lists_of_their_own_and_equal_names(tmp_path, database):
    for year in ("VOC2007", "VOC2012"):
        for stem in ("000001", "000002"):
            voc(
                tmp_path / year / "Annotations" / f"{stem}.xml",
                tmp_path / year / "JPEGImages" / f"{stem}.jpg",
                thing(year),
            )
        make_image(tmp_path / year / "SegmentationClass" / "000001.png", SIZE)
        sets = tmp_path / year / "ImageSets" / "Main"
        sets.mkdir(parents=True)
        first, second = ("train", "val") if year == "VOC2007" else ("test", "train")
        (sets / f"{first}.txt").write_text("000001\n")
        (sets / f"{second}.txt").write_text("000002 -1\n")
    _, held = imported(tmp_path)
    assert {path: (one.split, one.of()[0].label) for path, one in held.items()} == {
        "VOC2007/JPEGImages/000001.jpg": ("train", "VOC2007"), "VOC2007/JPEGImages/000002.jpg": ("val", "VOC2007"),
        "VOC2012/JPEGImages/000001.jpg": ("test", "VOC2012"), "VOC2012/JPEGImages/000002.jpg": ("train", "VOC2012"),
    }  # fmt: skip


def test_equal_names_of_cameras_never_share_a_label(tmp_path, database):
    voc(tmp_path / "Annotations" / "cam1" / "1.xml", tmp_path / "JPEGImages" / "cam1" / "1.jpg", thing("one"))
    voc(tmp_path / "Annotations" / "cam2" / "1.xml", None, thing("two"))
    found, held = imported(tmp_path)
    assert labels_of(held) == {"JPEGImages/cam1/1.jpg": [("one", TRUTH)]}
    assert any("cam2" in str(one) for one in found.findings)


def test_two_images_that_fit_equally_well_are_named_and_none_is_taken(tmp_path):
    voc(tmp_path / "Annotations" / "1.xml", tmp_path / "images" / "a" / "1.jpg")
    make_image(tmp_path / "images" / "b" / "1.jpg", SIZE, seed=3)
    voc(tmp_path / "Annotations" / "2.xml", tmp_path / "images" / "a" / "2.jpg")
    found = preview(tmp_path)
    assert [record.path.name for record in found.records] == ["2.jpg"]
    (told,) = (one for one in found.findings if one.code == "several_images")
    assert "images/a/1.jpg and images/b/1.jpg" in told.found


def test_a_copied_xml_names_another_image(tmp_path, database):
    for stem in "01":
        voc(
            tmp_path / "Annotations" / f"{stem}.xml",
            tmp_path / "JPEGImages" / f"{stem}.jpg",
            thing(f"c{stem}"),
            named="0.jpg",
        )
    found, held = imported(tmp_path)
    assert labels_of(held) == {f"JPEGImages/{stem}.jpg": [(f"c{stem}", TRUTH)] for stem in "01"}
    (told,) = (one for one in found.findings if one.code == "wrong_filename")
    assert told.where.endswith("1.xml") and told.count == 1


def test_an_xml_with_another_name_than_its_image(tmp_path, database):
    voc(tmp_path / "xml" / "000001.xml", tmp_path / "photos" / "IMG_7.jpg", named="IMG_7.jpg")
    _, held = imported(tmp_path)
    assert labels_of(held) == {"photos/IMG_7.jpg": [("cat", TRUTH)]}


def test_outlines_and_turned_boxes(tmp_path, database):
    ell = "".join(f"<x{n}>{x}</x{n}><y{n}>{y}</y{n}>" for n, (x, y) in enumerate(
        [(4, 4), (20, 4), (20, 12), (12, 12), (12, 24), (4, 24)], 1
    ))  # fmt: skip
    points = "".join(f"<pt><x>{x}</x><y>{y}</y></pt>" for x, y in [(30, 30), (40, 30), (40, 40), (30, 40)])
    turned = "<robndbox><cx>32</cx><cy>24</cy><w>20</w><h>8</h><angle>{}</angle></robndbox>"
    voc(
        tmp_path / "a.xml", tmp_path / "a.jpg", thing("leaf", f"<polygon>{ell}</polygon>"),
        thing("old", f"<polygon>{points}</polygon>"), thing("ship", turned.format(math.pi / 2)),
        thing("both", corners(30, 30, 40, 40), f"<polygon>{points}</polygon>"),
    )  # fmt: skip
    found, held = imported(tmp_path)
    leaf, old, ship, both = held["a.jpg"].of()
    assert leaf.box == (4, 4, 16, 20) and (leaf.mask == pixels(SIZE, (4, 4, 20, 12), (4, 4, 12, 24))).all()
    assert old.box == (30, 30, 10, 10) and (old.mask == pixels(SIZE, (30, 30, 40, 40))).all()
    assert ship.box == pytest.approx((28, 14, 8, 20)) and (ship.mask == pixels(SIZE, (28, 14, 36, 34))).all()
    assert both.box == (30, 30, 10, 10) and (both.mask == old.mask).all()
    assert [(one.code, one.count) for one in found.findings if one.code == "outline_box"] == [("outline_box", 3)]


def test_what_is_put_right_is_told_once_for_each_kind(tmp_path, database):
    for stem in "ab":
        voc(
            tmp_path / f"{stem}.xml", tmp_path / f"{stem}.jpg", thing("swapped", corners(40, 30, 8, 6.5)),
            thing("share", corners(0.125, 0.25, 0.5, 0.75)), thing("gone", BOX, "<deleted>1</deleted>"),
            thing("man", BOX, f"<part><name>head</name>{corners(9, 9, 12, 12)}</part>"),
            thing("bad", corners(1, 2, "x", 4)),
        )  # fmt: skip
    found, held = imported(tmp_path)
    assert labels_of(held)["a.jpg"] == [("swapped", TRUTH), ("share", (8, 12, 24, 24)), ("man", TRUTH)]
    told = {one.code: one.count for one in found.findings}
    kinds = ("swapped_corners", "relative_corners", "deleted_object", "parts_left_out")
    assert {code: told[code] for code in kinds} == dict.fromkeys(kinds, 2)
    assert [one.code for one in found.findings].count("bad_box") == 2


def test_width_and_height_in_the_wrong_order(tmp_path, database):
    size = "<size><width>48</width><height>64</height></size>"
    voc(tmp_path / "a.xml", tmp_path / "a.jpg", thing("far", corners(50, 10, 60, 20)), size=size)
    found, held = imported(tmp_path)
    assert labels_of(held) == {"a.jpg": [("far", (50, 10, 10, 10))]}
    assert [one.code for one in found.findings if "size" in one.code] == ["turned_size"]


def test_without_a_size_and_with_attributes_of_cvat(tmp_path, database):
    attributes = "<attributes><attribute><name>rotation</name><value>0.0</value></attribute></attributes>"
    voc(tmp_path / "a.xml", tmp_path / "a.jpg", thing(more=f"<difficult>1</difficult>{attributes}"), size="")
    _, held = imported(tmp_path)
    (cat,) = held["a.jpg"].of()
    assert cat.box == TRUTH and cat.attributes["difficult"] is True and cat.attributes["rotation"] == "0.0"


def test_classes_in_the_order_of_cvats_labelmap(tmp_path):
    voc(tmp_path / "Annotations" / "a.xml", tmp_path / "JPEGImages" / "a.jpg", thing("cat"), thing("ant"))
    (tmp_path / "labelmap.txt").write_text(
        "# label:color_rgb:parts:actions\nbackground:0,0,0::\ncat:1,2,3::\nant:4,5,6::\n"
    )
    assert preview(tmp_path).classes == ("cat", "ant")


def test_masks_of_a_devkit_are_no_images(tmp_path):
    voc(tmp_path / "Annotations" / "a.xml", tmp_path / "JPEGImages" / "a.jpg")
    make_image(tmp_path / "SegmentationClass" / "a.png", SIZE, mode="P")
    make_image(tmp_path / "SegmentationClass" / "b.png", SIZE, mode="P")
    (tmp_path / "ImageSets" / "Segmentation").mkdir(parents=True)
    (tmp_path / "ImageSets" / "Segmentation" / "train.txt").write_text("a\nb\n")
    found = preview(tmp_path, "voc")
    assert [record.path.name for record in found.records] == ["a.jpg"] and found.splits == {"train": 1}
    assert np.isclose(found.records[0].objects[0].box, (8 / 64, 6.5 / 48, 32 / 64, 23.5 / 48)).all()


def test_an_annotation_of_cvat_for_images_is_none_of_voc(tmp_path):
    make_image(tmp_path / "images" / "0.jpg", SIZE)
    box = '<box label="car" xtl="1" ytl="2" xbr="30" ybr="40"/>'
    image = f'<image id="0" name="0.jpg" width="64" height="48">{box}</image>'
    (tmp_path / "annotations.xml").write_text(f"<annotations><version>1.1</version>{image}</annotations>")
    assert preview(tmp_path).format == "cvat"


def test_the_pets_of_oxford_whose_lists_have_four_columns_and_whose_trimaps_have_the_same_names(tmp_path, database):
    for number, stem in enumerate(("Abyssinian_1", "beagle_2", "pug_3")):
        make_image(tmp_path / "images" / f"{stem}.jpg", SIZE, seed=number)
        make_image(tmp_path / "annotations" / "trimaps" / f"{stem}.png", SIZE, mode="L")
    for stem in ("Abyssinian_1", "beagle_2"):
        voc(tmp_path / "annotations" / "xmls" / f"{stem}.xml", None, thing(stem[:-2]))
    (tmp_path / "annotations" / "trainval.txt").write_text("Abyssinian_1 1 1 1\nbeagle_2 2 2 1\n")
    (tmp_path / "annotations" / "test.txt").write_text("pug_3 3 2 2\n")
    _, held = imported(tmp_path, format="voc")
    assert {path: (one.split, [label.label for label in one.of()]) for path, one in held.items()} == {
        "images/Abyssinian_1.jpg": ("train", ["Abyssinian"]), "images/beagle_2.jpg": ("train", ["beagle"]),
        "images/pug_3.jpg": ("test", []),
    }  # fmt: skip
