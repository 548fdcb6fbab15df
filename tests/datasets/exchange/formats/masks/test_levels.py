"""Masks whose edges were smoothed, that were saved as JPEG, or that are no masks at all."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from datasets.errors import FormatError
from datasets.exchange.formats.masks.levels import levels
from datasets.exchange.importing import ingest
from datasets.images import masks
from datasets.storage import collection
from tests.datasets.exchange.formats.masks.drawn import BACKGROUND, SIZE, check, codes, pairs, save, seen
from tests.helpers import make_image

COLOURS = np.array([(0, 0, 0), (255, 0, 0), (0, 0, 255)], np.uint8)


def soft(path, found, number):
    """Resized to the double and back, as labeling tools do."""
    image = Image.fromarray(found * 255)
    save(path, image.resize((128, 96), Image.Resampling.BILINEAR).resize(SIZE, Image.Resampling.BILINEAR))


def jpeg(*values):
    return lambda path, found, number: save(path, np.array(values, np.uint8)[found], quality=85)


def test_soft_edges_are_cut_in_the_middle_and_told(tmp_path, database):
    truth = pairs(tmp_path, soft)
    found = seen(tmp_path)
    assert codes(found) == ["soft_masks", "class_names"]
    assert "of which 2 fill areas: soft edges; each pixel counts as the nearest of 0, 255" in str(found.findings[0])
    assert "threshold 128" in str(found.findings[0]) and found.findings[0].count == 3
    check(found, truth, BACKGROUND)


def test_a_table_names_the_two_sides_of_soft_edges(tmp_path, database):
    truth = pairs(tmp_path, soft)
    (tmp_path / "classes.txt").write_text("skin\nwound\n")
    found = seen(tmp_path)
    assert codes(found) == ["soft_masks", "class_values"]
    check(found, truth, ("skin", "wound"))


def test_another_threshold_is_a_table_of_ranges(tmp_path, database):
    ramp = np.broadcast_to(np.linspace(0, 255, 64).round().astype(np.uint8), (48, 64))
    truth = pairs(tmp_path, lambda path, found, number: save(path, np.ascontiguousarray(ramp)))
    truth = {name: (ramp >= 100).astype(np.uint8) for name in truth}
    (tmp_path / "classes.txt").write_text("0-99 background\n100-255 foreground\n")
    found = seen(tmp_path)
    assert codes(found) == []
    check(found, truth, BACKGROUND)


def test_jpeg_masks_count_as_the_nearest_level(tmp_path, database):
    truth = pairs(tmp_path, jpeg(0, 255), masks_="masks/{}.jpg")
    found = seen(tmp_path)
    assert codes(found) == ["soft_masks", "class_names"] and "JPEG, which is lossy" in str(found.findings[0])
    check(found, truth, BACKGROUND)


def inner(mask):
    """Where a pixel is far from the border of its class: noise of JPEG at borders is void."""
    same = np.ones(mask.shape, bool)
    for dy in (-2, 0, 2):
        for dx in (-2, 0, 2):
            same &= np.roll(mask, (dy, dx), (0, 1)) == mask
    return same


@pytest.mark.parametrize("table", [False, True])
def test_jpeg_masks_of_several_levels_and_colours(table, tmp_path, database):
    greys = pairs(tmp_path / "grey", jpeg(0, 128, 255), 3, masks_="masks/{}.jpg")
    write = lambda path, found, number: save(path, COLOURS[found], quality=90, subsampling=0)  # noqa: E731
    colours = pairs(tmp_path / "colour", write, 3, masks_="masks/{}.jpg")
    if table:
        (tmp_path / "grey/classes.txt").write_text("a\nb\nc\n")
        (tmp_path / "colour/classes.csv").write_text("name,r,g,b\na,0,0,0\nb,255,0,0\nc,0,0,255\n")
    for name, truth in (("grey", greys), ("colour", colours)):
        found = seen(tmp_path / name)
        assert "soft_masks" in codes(found) and len(found.classes) == 3
        order = [found.classes.index(one) for one in (("a", "b", "c") if table else _expected(name))]
        ingest(found, name, None)
        for one in collection.stream(name):
            wanted = truth[one["filepath"].rsplit("/", 1)[1]]
            stored = masks.read(one["ground_truth"])
            sure = inner(wanted)
            assert (stored == np.array(order, np.uint8)[wanted])[sure].all() and sure.mean() > 0.4


def _expected(name):
    return ("class_0", "class_128", "class_255") if name == "grey" else ("#000000", "#ff0000", "#0000ff")


def test_masks_of_webp_are_lossy_too(tmp_path, database):
    def webp(path, found, number):
        save(path.with_suffix(".webp"), np.stack([found * 255] * 3, -1), quality=60)

    truth = pairs(tmp_path, webp)
    found = seen(tmp_path)
    assert "soft_masks" in codes(found)
    check(found, truth, BACKGROUND)


def test_photos_are_no_masks(tmp_path):
    for number in range(3):
        make_image(tmp_path / f"images/{number}.jpg", SIZE, seed=number)
        make_image(tmp_path / f"masks/{number}.png", SIZE, seed=number + 9)
    with pytest.raises(FormatError, match=r"found .* colours of which none fills an area, as in a photo"):
        seen(tmp_path)


def test_photos_as_jpeg_are_not_taken_for_masks(tmp_path):
    for number in range(3):
        make_image(tmp_path / f"images/{number}.jpg", (160, 120), seed=number)
        noise = np.random.default_rng(number).normal(120, 40, (120, 160, 3)).clip(0, 255).astype(np.uint8)
        save(tmp_path / f"masks/{number}.jpg", Image.fromarray(noise).filter(ImageFilter.GaussianBlur(1)))
    assert seen(tmp_path).format != "mask_folders"


def test_many_classes_that_fill_areas_stay_classes(tmp_path):
    blocks = np.random.default_rng(0).permutation(150).astype(np.uint8)[:144].reshape(12, 12)
    for number in range(2):
        path = save(tmp_path / f"{number}.png", np.roll(blocks, number).repeat(6, 0).repeat(6, 1))
    assert levels([path], by_colour=False).solid
