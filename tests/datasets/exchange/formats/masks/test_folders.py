"""Semantic masks: where they lie, what names their values, and what is wrong with them."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image, ImageOps

from datasets.errors import FieldError, FormatError
from datasets.exchange.exporting import export
from datasets.exchange.formats.masks.classtable import ClassTable
from datasets.exchange.importing import ingest, preview
from datasets.images import masks
from datasets.storage import collection, documents, fields, store
from datasets.viewspec import ViewSpec
from tests.helpers import make_image

SIZE = (24, 16)
NAMES = ("sky", "road", "car")
COLOURS = [(10, 20, 30), (200, 0, 0), (0, 200, 7)]


def pixels(seed, values=(0, 1, 2)):
    return np.random.default_rng(seed).choice(values, SIZE[::-1]).astype(np.uint8)


def save(path, values, palette=False):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(values)
    if palette:
        image.putpalette([band for colour in COLOURS for band in colour])
    image.save(path)
    return path


def coloured(values):
    return np.array([*COLOURS, *[(255, 255, 255)] * 253], np.uint8)[values]


def pair(images, masks_, name, seed=0, values=None, image="jpg"):
    make_image(images / f"{name}.{image}", SIZE, seed=seed)
    save(masks_ / f"{name}.png", pixels(seed) if values is None else values)


def table(folder, found=None):
    (folder / "classes.json").write_text(json.dumps(dict(enumerate(NAMES)) if found is None else found))


def said(found):
    return "\n".join(map(str, found.findings))


def check(found, splits, codes=()):
    assert found.format == "mask_folders" and found.kind is not None and found.kind.whole_mask
    assert (found.splits, [f.code for f in found.findings]) == (splits, list(codes))
    assert found.masks == found.labels == found.count


TOPS = [("images", "masks"), ("img_dir", "ann_dir"), ("JPEGImages", "SegmentationClass"), ("image", "label")]


@pytest.mark.parametrize(("images", "masks_"), TOPS)
def test_two_folders_with_splits_inside(images, masks_, tmp_path):
    for split, name in (("train", "a"), ("train", "b"), ("val", "c")):
        pair(tmp_path / images / split, tmp_path / masks_ / split, name)
    table(tmp_path)
    check(preview(tmp_path), {"train": 2, "val": 1})


def test_two_folders_without_splits_and_in_folders_of_splits(tmp_path):
    pair(tmp_path / "flat/images", tmp_path / "flat/masks", "a")
    table(tmp_path / "flat")
    check(preview(tmp_path / "flat"), {"": 1})
    for split in ("train", "valid"):
        pair(tmp_path / "tops" / split / "images", tmp_path / "tops" / split / "masks", split)
    table(tmp_path / "tops")
    check(preview(tmp_path / "tops"), {"train": 1, "val": 1})


def test_pascal_voc_with_its_lists(tmp_path):
    for name in "abc":
        pair(tmp_path / "JPEGImages", tmp_path / "SegmentationClass", name, values=pixels(3, (0, 1, 20, 255)))
    make_image(tmp_path / "JPEGImages/other-task.jpg", SIZE)
    lists = tmp_path / "ImageSets/Segmentation"
    lists.mkdir(parents=True)
    (lists / "train.txt").write_text("a\nb\n")
    (lists / "val.txt").write_text("c\n")
    found = preview(tmp_path)
    check(found, {"train": 2, "val": 1}, ["unnamed_images", "class_names"])
    assert found.classes[0] == "background" and found.targets[20] == "tvmonitor" and 255 not in found.targets


def test_camvid(tmp_path):
    for split in ("train", "val"):
        pair(
            tmp_path / split,
            tmp_path / f"{split}annot",
            split,
            values=np.arange(384, dtype=np.uint8).reshape(16, 24) % 12,
        )
    found = preview(tmp_path)
    check(found, {"train": 1, "val": 1}, ["class_names"])
    assert found.classes[:2] == ("Sky", "Building") and len(found.classes) == 11


def test_cityscapes(tmp_path):
    for split in ("train", "val"):
        name = f"{split}/ulm/ulm_000000_000019"
        make_image(tmp_path / "leftImg8bit" / f"{name}_leftImg8bit.png", SIZE)
        save(tmp_path / "gtFine" / f"{name}_gtFine_labelIds.png", pixels(1, (0, 3, 7, 26)))
        save(tmp_path / "gtFine" / f"{name}_gtFine_color.png", coloured(pixels(1)))
        save(tmp_path / "gtFine" / f"{name}_gtFine_instanceIds.png", pixels(1).astype(np.uint16) * 1000)
    found = preview(tmp_path)
    check(found, {"train": 1, "val": 1}, ["class_names"])
    assert found.targets[7] == "road" and found.class_counts["car"] == 2 and len(found.classes) == 19


def test_masks_beside_images_with_a_table_in_each_split(tmp_path):
    for split in ("train", "valid"):
        make_image(tmp_path / split / "a.png", SIZE)
        save(tmp_path / split / "a_mask.png", pixels(4))
        (tmp_path / split / "_classes.csv").write_text("Pixel Value, Class\n0, sky\n1, road\n2, car\n")
    found = preview(tmp_path)
    check(found, {"train": 1, "val": 1})
    assert found.classes == NAMES


def test_a_yaml_that_names_the_folders(tmp_path):
    pair(tmp_path / "photos/x", tmp_path / "sem/masks/x", "a")
    text = "train:\n  images: ../photos/x\n  masks: masks/x\nclasses:\n  0: sky\n  1: road\n  2: car\n"
    (tmp_path / "sem/config.yaml").write_text(text)
    found = preview(tmp_path / "sem", allowed=[tmp_path / "photos"])
    check(found, {"train": 1}, ["outside_read"])


TABLES = [
    ("classes.json", '{"0": "sky", "1": "road", "2": "car"}'),
    ("classes.json", '["sky", "road", "car"]'),
    ("classes.json", '{"sky": 0, "road": 1, "car": 2}'),
    ("classes.json", '{"classes": [{"title": "sky"}, {"title": "road"}, {"title": "car"}]}'),
    ("classes.json", '[{"name": "sky", "value": 0}, {"name": "road", "value": 1}, {"name": "car", "value": 2}]'),
    ("classes.txt", "sky\nroad\ncar\n"),
    ("classes.txt", "0 sky\n1: road\n2, car\n"),
    ("class_dict.csv", "name,value\nsky,0\nroad,1\ncar,2\n"),
    ("classes.yaml", "names: [sky, road, car]"),
]


@pytest.mark.parametrize(("name", "text"), TABLES)
def test_tables_of_names_by_value(name, text, tmp_path):
    pair(tmp_path / "images", tmp_path / "masks", "a")
    (tmp_path / name).write_text(text)
    found = preview(tmp_path)
    check(found, {"": 1})
    assert found.targets == dict(enumerate(NAMES))


COLOURED = [
    ("classes.json", json.dumps([{"name": n, "color": list(c)} for n, c in zip(NAMES, COLOURS, strict=True)])),
    ("classes.json", '{"labels": [{"name": "sky", "color": "#0a141e"}, {"name": "road", "color": "#c80000"}, '
                     '{"name": "car", "color": "#00C807"}]}'),
    ("label_colors.txt", "10 20 30\tsky\n200 0 0\troad\n0 200 7\tcar\n"),
    ("class_dict.csv", "name,r,g,b\nsky,10,20,30\nroad,200,0,0\ncar,0,200,7\n"),
    ("labelmap.txt", "# label:color_rgb:parts:actions\nsky:10,20,30::\nroad:200,0,0::\ncar:0,200,7::\n"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text"), COLOURED)
def test_tables_of_colours(name, text, tmp_path, database):
    values = pixels(5)
    pair(tmp_path / "images", tmp_path / "masks", "a", values=coloured(values))
    (tmp_path / name).write_text(text)
    found = preview(tmp_path)
    check(found, {"": 1})
    assert found.targets == dict(enumerate(NAMES))
    ingest(found, "d")
    stored = next(collection.stream("d"))["ground_truth"]
    np.testing.assert_array_equal(masks.read(stored), values)
    assert stored["mask_path"].startswith(str(database.masks))


def test_colours_without_a_table_are_named_by_themselves(tmp_path):
    pair(tmp_path / "images", tmp_path / "masks", "a", values=coloured(pixels(5)))
    found = preview(tmp_path)
    check(found, {"": 1}, ["class_names"])
    assert found.classes == ("#00c807", "#0a141e", "#c80000")


def test_indexes_lie_where_they_are(tmp_path, database):
    pair(tmp_path / "images", tmp_path / "masks", "grey")
    pair(tmp_path / "images", tmp_path / "masks", "palette")
    save(tmp_path / "masks/palette.png", pixels(1), palette=True)
    table(tmp_path)
    ingest(tmp_path, "d")
    stored = [one["ground_truth"]["mask_path"] for one in collection.stream("d")]
    assert stored == [str(tmp_path / f"masks/{name}.png") for name in ("grey", "palette")]
    found = store.summary("d")
    assert found.label_fields == {"ground_truth": "segmentation"} and found.classes == NAMES
    assert fields.targets(documents.of("d"), "ground_truth") == dict(enumerate(NAMES))
    dataset = collection.load("d")
    assert dataset.default_mask_targets == dict(enumerate(NAMES))
    np.testing.assert_array_equal(dataset.first().ground_truth.get_mask(), pixels(0))


def test_a_palette_tells_which_value_a_colour_has(tmp_path):
    make_image(tmp_path / "images/a.jpg", SIZE)
    save(tmp_path / "masks/a.png", pixels(1), palette=True)
    (tmp_path / "labelmap.txt").write_text("car:0,200,7::\nsky:10,20,30::\nroad:200,0,0::\n")
    assert preview(tmp_path).targets == {0: "sky", 1: "road", 2: "car"}


@pytest.mark.parametrize("mode", ["1", "I;16", "RGB", "LA"])
def test_other_kinds_of_pixels_become_indexes(mode, tmp_path, database):
    values = pixels(2, (0, 255)) if mode == "1" else pixels(2)
    make_image(tmp_path / "images/a.jpg", SIZE)
    image = Image.fromarray(values.astype(np.uint16)) if mode == "I;16" else Image.fromarray(values).convert(mode)
    (tmp_path / "masks").mkdir()
    image.save(tmp_path / "masks/a.png")
    ingest(tmp_path, "d")
    stored = next(collection.stream("d"))["ground_truth"]
    np.testing.assert_array_equal(masks.read(stored), values)
    assert stored["mask_path"].startswith(str(database.masks))
    wanted = {0: "background", 255: "foreground"} if mode == "1" else {v: f"class_{v}" for v in range(3)}
    assert fields.targets(documents.of("d"), "ground_truth") == wanted


def test_a_given_table_goes_before_one_that_is_found(tmp_path):
    pair(tmp_path / "images", tmp_path / "masks", "a")
    table(tmp_path)
    given = ClassTable({0: "up", 1: "down"}, ignored=frozenset({2}))
    found = preview(tmp_path, classes=given)
    assert found.targets == {0: "up", 1: "down"} and found.findings == ()
    make_image(tmp_path / "pets/cat/1.jpg")
    make_image(tmp_path / "pets/dog/1.jpg")
    with pytest.raises(FormatError, match="expected images and masks, since a class table was given"):
        preview(tmp_path / "pets", classes=given)


def test_classes_that_are_ignored_or_void_are_no_classes(tmp_path):
    pair(tmp_path / "images", tmp_path / "masks", "a", values=pixels(1, (0, 1, 2, 3)))
    table(
        tmp_path,
        [{"name": "sky"}, {"name": "Void"}, {"name": "car", "ignore": True}, {"name": "void ", "ignore": False}],
    )
    assert preview(tmp_path).targets == {0: "sky", 3: "void"}


def bad(tmp_path):
    for name in "abcde":
        pair(tmp_path / "images", tmp_path / "masks", name, seed=ord(name))
    table(tmp_path)
    save(tmp_path / "masks/a.png", np.zeros((9, 9), np.uint8))
    (tmp_path / "masks/b.png").write_bytes(b"no image")
    (tmp_path / "masks/c.png").unlink()
    (tmp_path / "images/d.jpg").unlink()
    save(tmp_path / "masks/e.png", pixels(1, (0, 1, 9, 77)))
    pair(tmp_path / "images", tmp_path / "masks", "good")


def test_bad_masks_are_findings(tmp_path, database):
    bad(tmp_path)
    found = preview(tmp_path)
    assert sorted(f.code for f in found.findings) == [
        "broken_mask", "mask_size", "missing_image", "missing_mask", "unknown_value",
    ]  # fmt: skip
    assert "a.jpg: expected a mask of 24 x 16 pixels, found 9 x 9; imported without a mask" in said(found)
    assert "e.png: expected values that the class table names, found 9, 77; these pixels are void" in said(found)
    report = ingest(found, "d")
    assert report.added == 5
    kept = {one["filepath"][-5]: bool(one.get("ground_truth")) for one in collection.stream("d")}
    assert kept == {"a": False, "b": False, "c": False, "e": True, "d": True}  # d: good.jpg


def test_colours_that_no_table_names_are_void(tmp_path, database):
    values = pixels(6, (0, 1, 2, 9))
    pair(tmp_path / "images", tmp_path / "masks", "a", values=coloured(values))
    table(tmp_path, [{"name": n, "color": list(c)} for n, c in zip(NAMES, COLOURS, strict=True)])
    found = preview(tmp_path)
    assert "found #ffffff; these pixels are void" in said(found)
    ingest(found, "d")
    np.testing.assert_array_equal(
        masks.read(next(collection.stream("d"))["ground_truth"]), np.where(values == 9, 255, values)
    )


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_masks_of_stored_pixels_are_turned_with_the_image(orientation, tmp_path, database):
    values = pixels(7)
    pair(tmp_path / "images", tmp_path / "masks", "a", values=values)
    make_image(tmp_path / "images/a.jpg", SIZE, orientation=orientation)
    table(tmp_path)
    found = preview(tmp_path)
    assert [f.code for f in found.findings] == ["rotated_image"]
    ingest(found, "d")
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(values).save(tmp_path / "turned.png", exif=exif)
    with Image.open(tmp_path / "turned.png") as image:
        shown = np.asarray(ImageOps.exif_transpose(image))
    np.testing.assert_array_equal(masks.read(next(collection.stream("d"))["ground_truth"]), shown)


@pytest.mark.parametrize(
    "text", ["", "[]", '{"0": "a", "0": 3', '{"300": "a"}', '[{"value": 1}]', '[{"name": "a", "color": "red"}]']
)
def test_tables_that_are_none_are_refused(text, tmp_path):
    pair(tmp_path / "images", tmp_path / "masks", "a")
    (tmp_path / "classes.json").write_text(text)
    with pytest.raises(FormatError, match=r"classes\.json: expected (a table of classes|valid json), found"):
        preview(tmp_path)


def test_masks_of_colours_need_colours_in_the_table(tmp_path):
    pair(tmp_path / "images", tmp_path / "masks", "a", values=coloured(pixels(5)))
    table(tmp_path)
    with pytest.raises(FormatError, match="expected a class table with colours, since the masks hold 3 colours"):
        preview(tmp_path)


def test_a_round_trip_through_the_database_is_exact(tmp_path, database):
    for split, name in (("train", "a"), ("val", "b"), ("test", "c")):
        pair(
            tmp_path / "in/images" / split,
            tmp_path / "in/masks" / split,
            name,
            ord(name),
            pixels(ord(name), (0, 1, 2, 255)),
        )
    make_image(tmp_path / "in/images/train/none.jpg", SIZE)
    table(tmp_path / "in", {"0": "sky", "1": "road", "2": "car", "7": "unused"})
    ingest(tmp_path / "in", "first")
    report = export(ViewSpec(dataset="first"), tmp_path / "out", "mask_folders")
    assert (report.samples, report.labels, report.classes) == (4, 3, ("sky", "road", "car", "unused"))
    ingest(tmp_path / "out", "second")
    assert store.summary("second").classes == store.summary("first").classes
    found = [
        {one["filepath"]: (one["split"], masks.read(one["ground_truth"]).tolist() if one.get("ground_truth") else None)
         for one in collection.stream(name)}
        for name in ("first", "second")
    ]  # fmt: skip
    assert found[0] == found[1] and len(found[0]) == 4


def test_a_source_is_added_when_its_values_mean_the_same(tmp_path, database):
    for part, name in (("one", "a"), ("two", "b"), ("other", "c")):
        pair(tmp_path / part / "images", tmp_path / part / "masks", name)
    table(tmp_path / "one")
    table(tmp_path / "two", {"0": "sky", "1": "road", "2": "car", "3": "tree"})
    table(tmp_path / "other", {"0": "road", "1": "sky", "2": "car"})
    ingest(tmp_path / "one", "d")
    assert ingest(tmp_path / "two", "d", add=True).added == 1
    assert fields.targets(documents.of("d"), "ground_truth")[3] == "tree"
    with pytest.raises(
        FieldError, match="expected masks in which 0 means 'sky', as in dataset 'd', found that it means"
    ):
        ingest(tmp_path / "other", "d", add=True)
    assert store.summary("d").count == 2


def test_images_alone_are_no_masks(tmp_path):
    make_image(tmp_path / "images/a.jpg", SIZE)
    shutil.copytree(tmp_path / "images", tmp_path / "masks")
    assert preview(tmp_path).format != "mask_folders"


def test_masks_in_a_folder_that_the_images_have_not(tmp_path):
    pair(tmp_path / "images", tmp_path / "annotations/trimaps", "a")
    table(tmp_path)
    check(preview(tmp_path), {"": 1})


def test_folders_whose_names_do_not_match_are_no_masks(tmp_path):
    make_image(tmp_path / "images/a.jpg", SIZE)
    make_image(tmp_path / "labels/plot.png", SIZE)
    assert preview(tmp_path).format != "mask_folders"
