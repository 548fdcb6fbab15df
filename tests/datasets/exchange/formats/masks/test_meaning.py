"""What pixels of masks mean, over all files: by value or by colour, with a table that fits or one that does not."""

import numpy as np
import pytest
from PIL import Image

from datasets.errors import FormatError
from datasets.exchange.formats.masks import classtable
from tests.datasets.exchange.formats.masks.drawn import BACKGROUND, SIZE, check, codes, pairs, save, seen
from tests.helpers import make_image

RED = [(0, 0, 0), (255, 0, 0), (0, 255, 0)]


def levels(*values):
    return lambda path, found, number: save(path, np.array(values, np.uint8)[found])


def wide(*values):
    return lambda path, found, number: save(path, np.array(values, np.uint16)[found])


def coloured(path, found, number):
    save(path, np.array(RED, np.uint8)[found])


def palette(path, found, colours):
    image = Image.fromarray(found)
    image.putpalette([band for colour in colours for band in colour])
    return save(path, image)


def shuffled(path, found, number):
    order = np.random.default_rng(number).permutation(3)
    palette(path, order.astype(np.uint8)[found], [RED[k] for k in np.argsort(order)])


def see_through(colour):
    """Masks whose alpha says what is inside; the colour beneath is the same everywhere."""
    return lambda path, found, number: save(
        path, np.dstack([*(np.full_like(found, band) for band in colour), found * 255])
    )


def zero_one(path, found, number):
    save(path, found * (255 if number else 1))


@pytest.mark.parametrize(
    ("write", "names", "said"),
    [
        (levels(0, 255), BACKGROUND, []),
        (levels(0, 1), BACKGROUND, []),
        (levels(0, 200), BACKGROUND, []),
        (lambda path, found, number: save(path, found * 255, "1"), BACKGROUND, []),
        (lambda path, found, number: save(path, found * 255, "RGB"), BACKGROUND, []),
        (lambda path, found, number: save(path, found * 255, "RGB" if number else "L"), BACKGROUND, []),
        (wide(0, 65535), BACKGROUND, []),
        (zero_one, BACKGROUND, ["mixed_values"]),
        (see_through((0, 0, 0)), BACKGROUND, []),
        (see_through((255, 255, 255)), BACKGROUND, []),
        (levels(0, 128, 255), ("class_0", "class_128", "class_255"), []),
        (levels(0, 85, 170, 255), ("class_0", "class_85", "class_170", "class_255"), []),
        (levels(0, 15, 255), ("class_0", "class_15", None), []),
        (levels(0, 1, 2, 255), ("class_0", "class_1", "class_2", None), []),
        (wide(0, 1000, 2000), ("class_0", "class_1", "class_2"), ["wide_values"]),
        (coloured, ("#000000", "#ff0000", "#00ff00"), []),
        (shuffled, ("#000000", "#ff0000", "#00ff00"), ["palettes_differ"]),
        (lambda path, found, number: palette(path, found, RED), ("class_0", "class_1", "class_2"), []),
        (lambda path, found, number: palette(path, 1 - found, RED[1::-1]), BACKGROUND, []),
        (lambda path, found, number: palette(path, 1 - found, RED[1::-1]) if number else coloured(path, found, 0),
         BACKGROUND, []),
    ],
)  # fmt: skip
def test_masks_without_a_table(write, names, said, tmp_path, database):
    truth = pairs(tmp_path, write, len(names))
    found = seen(tmp_path)
    assert codes(found) == [*said, "class_names"]
    check(found, truth, names)


def test_what_is_void_is_said(tmp_path):
    pairs(tmp_path, levels(0, 1, 255), 3)
    assert "255 is void" in str(seen(tmp_path).findings[0])
    (tmp_path / "classes.txt").write_text("sky\nroad\n")
    found = seen(tmp_path)
    assert codes(found) == ["void"] and "found 255, which it does not name; these pixels are void" in str(
        found.findings[0]
    )


TABLES = [
    ("classes.txt", "sky\npolyp\n", levels(0, 255), ("sky", "polyp"), ["class_values"]),
    ("classes.txt", "polyp\n", levels(0, 255), ("background", "polyp"), ["class_values"]),
    ("classes.txt", "polyp\n", levels(0, 1), ("background", "polyp"), ["class_values"]),
    ("classes.txt", "cat\ndog\n", levels(0, 1, 2), ("background", "cat", "dog"), ["class_values"]),
    ("classes.json", '{"0": "sky", "1": "polyp"}', levels(0, 255), ("sky", "polyp"), ["class_values"]),
    ("classes.txt", "bg\ndisc\ncup\n", levels(0, 128, 255), ("bg", "disc", "cup"), ["class_values"]),
    ("classes.txt", "bg\ndisc\ncup\n", levels(0, 1, 255), ("bg", "disc", None), ["void"]),
    ("class_dict.csv", "name,r,g,b\nbg,0,0,0\npolyp,255,255,255\n", levels(0, 255), ("bg", "polyp"), []),
    ("class_dict.csv", "name,r,g,b\nwall,255,0,0\nsky,0,0,0\ntree,0,255,0\n", shuffled, ("sky", "wall", "tree"),
     ["palettes_differ"]),
    ("class_dict.csv", "name,r,g,b\nwall,255,0,0\nsky,0,0,0\ntree,0,255,0\n", coloured, ("sky", "wall", "tree"), []),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "write", "names", "said"), TABLES)
def test_masks_with_a_table(name, text, write, names, said, tmp_path, database):
    truth = pairs(tmp_path, write, len(names))
    (tmp_path / name).write_text(text)
    found = seen(tmp_path)
    assert codes(found) == said
    check(found, truth, names)


def test_a_black_mask_among_coloured_ones_is_black(tmp_path, database):
    """It has equal channels, as a grey one; the table's first class is another."""
    truth = pairs(tmp_path, coloured, 3)
    save(tmp_path / "masks/1.png", np.zeros((48, 64, 3), np.uint8))
    truth["1.jpg"] = np.zeros((48, 64), np.uint8)
    (tmp_path / "class_dict.csv").write_text("name,r,g,b\nwall,255,0,0\nsky,0,0,0\ntree,0,255,0\n")
    check(seen(tmp_path), truth, ("sky", "wall", "tree"))


def test_a_table_of_values_decides_although_palettes_differ(tmp_path, database):
    truth = {}
    for number, colours in enumerate((RED, RED[::-1])):
        photo = make_image(tmp_path / f"images/{number}.jpg", SIZE, seed=number)
        truth[photo.name] = np.indices(SIZE[::-1])[1].astype(np.uint8) // 24
        palette(tmp_path / f"masks/{number}.png", truth[photo.name], colours)
    (tmp_path / "classes.txt").write_text("sky\nroad\ncar\n")
    found = seen(tmp_path)
    assert codes(found) == ["palettes_differ"] and "read by their number" in str(found.findings[0])
    check(found, truth, ("sky", "road", "car"))


def test_ranges_of_a_table_are_thresholds(tmp_path, database):
    truth = pairs(tmp_path, levels(10, 120, 250), 3)
    given = classtable.parse("0-99 sky\n100-199 road\n200-255 car\n")
    check(seen(tmp_path, classes=given), truth, ("sky", "road", "car"))


@pytest.mark.parametrize("text", ["9-3 a", "0-300 a", "0-9 a\n5-20 b"])
def test_ranges_that_are_none_are_refused(text):
    with pytest.raises(FormatError, match="found the range"):
        classtable.parse(text)


def counting(path, found, number):
    """A mask of as many numbered stripes as its number says."""
    stripes = np.arange(48 * 64).reshape(48, 64) // (48 * 64 // (40 + number) + 1)
    save(path, stripes.astype(np.uint16))


def test_numbers_of_objects_are_no_classes(tmp_path):
    pairs(tmp_path, counting)
    with pytest.raises(FormatError, match=r"found values that count up in each file, .*choose the format object_masks"):
        seen(tmp_path)
    assert seen(tmp_path, format="object_masks").labels > 80


def test_few_numbers_that_may_be_objects_are_told(tmp_path):
    pairs(tmp_path, lambda path, found, number: save(path, np.minimum(found, number + 1)), 4)
    found = seen(tmp_path)
    assert codes(found) == ["object_numbers", "class_names"]
    assert "count up from 1 in each file, to 1 in one and to 3 in another" in str(found.findings[0])


def test_sixteen_bits_that_measure_something_are_no_classes(tmp_path):
    depth = (np.add.outer(np.arange(48), np.arange(64)) * 40).astype(np.uint16)
    pairs(tmp_path, lambda path, found, number: save(path, depth + number))
    with pytest.raises(FormatError, match="values above 255, as masks have that number objects or measure something"):
        seen(tmp_path)


def test_parts_of_numbers_are_told(tmp_path):
    pairs(tmp_path, lambda path, found, number: save(path, found.astype(np.float32) / 2), masks_="masks/{}.tif")
    found = seen(tmp_path)
    assert found.masks == 0 and codes(found) == ["broken_mask"] * 3
    assert "floating point numbers that are not whole" in str(found.findings[0])


def test_masks_of_void_alone_are_told(tmp_path):
    pairs(tmp_path, lambda path, found, number: save(path, found if number else np.full_like(found, 255)), 3)
    (one,) = [one for one in seen(tmp_path).findings if one.code == "no_class"]
    assert one.where.endswith("masks/0.png") and one.count == 1
