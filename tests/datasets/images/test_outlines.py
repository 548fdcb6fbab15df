"""Shapes against pycocotools, and there and back again."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image, ImageOps
from pycocotools import mask as rle

from datasets.images import outlines
from datasets.records import Outline

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:pycocotools"),
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]
masks = arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=14), elements=st.integers(0, 1))
coordinates = st.floats(-6, 30).map(lambda value: round(value, 2))
polygons = st.lists(
    st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=8).map(lambda p: np.array(p, np.float64)),
    min_size=1, max_size=3,
)  # fmt: skip


def size_of(mask):
    return mask.shape[1], mask.shape[0]


@settings(max_examples=150, deadline=None)
@given(masks)
def test_runs_are_those_of_pycocotools(mask):
    theirs = rle.encode(np.asfortranarray(mask))
    runs = outlines.runs_of(mask)
    assert outlines.compressed(runs, size_of(mask)) == theirs["counts"].decode()
    np.testing.assert_array_equal(outlines.decompressed(theirs["counts"]), runs)
    np.testing.assert_array_equal(outlines.mask_of(runs, size_of(mask)), mask)
    assert outlines.area(runs) == rle.area(theirs)
    outlines.check_runs(runs, size_of(mask))
    found = outlines.bounds(runs, size_of(mask))
    if found is None:
        assert not mask.any()
    else:
        left, top, right, bottom = found
        assert [left, top, right - left, bottom - top] == rle.toBbox(theirs).tolist()
        np.testing.assert_array_equal(outlines.window(runs, size_of(mask), found), mask[top:bottom, left:right])


@settings(max_examples=200, deadline=None)
@given(polygons, st.tuples(st.integers(1, 25), st.integers(1, 25)))
def test_polygons_cover_the_pixels_that_pycocotools_covers(drawn, size):
    width, height = size
    theirs = rle.merge(rle.frPyObjects([one.ravel().tolist() for one in drawn], height, width))
    runs = outlines.drawn(Outline(size, tuple(drawn)), size)
    np.testing.assert_array_equal(outlines.mask_of(runs, size), rle.decode(theirs))


@settings(max_examples=300, deadline=None)
@given(masks)
def test_a_mask_becomes_one_ring_that_covers_the_same_pixels(mask):
    rings = outlines.rings(mask)
    if not mask.any():
        assert rings == []
        return
    for shape in ([outlines.joined(rings)], rings if outlines.is_plain(rings, int(mask.sum())) else None):
        if shape is not None:
            np.testing.assert_array_equal(
                outlines.mask_of(outlines.polygon_runs(shape, size_of(mask)), size_of(mask)), mask
            )


@settings(max_examples=100, deadline=None)
@given(masks)
def test_a_ring_in_fractions_of_the_image_covers_the_same_pixels(mask):
    if mask.any():
        ring = outlines.joined(outlines.rings(mask)) / size_of(mask)
        runs = outlines.drawn(Outline((1.0, 1.0), (ring,)), size_of(mask))
        np.testing.assert_array_equal(outlines.mask_of(runs, size_of(mask)), mask)


def test_a_hole_is_not_plain():
    mask = np.ones((5, 5), np.uint8)
    assert outlines.is_plain(outlines.rings(mask), 25)
    mask[2, 2] = 0
    assert not outlines.is_plain(outlines.rings(mask), 24)


@settings(max_examples=100, deadline=None)
@given(masks, st.data())
def test_a_mask_in_its_box_is_pasted_where_it_was(mask, data):
    runs, size = outlines.runs_of(mask), size_of(mask)
    box = None
    if data.draw(st.booleans()):
        sides = [sorted(data.draw(st.tuples(st.floats(0, 1), st.floats(0, 1)))) for _ in "xy"]
        box = (sides[0][0], sides[1][0], sides[0][1] - sides[0][0], sides[1][1] - sides[1][0])
    found = outlines.cropped(runs, size, box)
    if found is None:
        assert not mask.any()
        return
    np.testing.assert_array_equal(outlines.pasted(*found, size), mask)


def test_a_box_that_fits_is_kept_and_another_is_not():
    runs = outlines.runs_of(np.pad(np.ones((10, 20), np.uint8), ((5, 25), (10, 70))))
    close, far = (0.098, 0.1249, 0.203, 0.2502), (0.3, 0.3, 0.2, 0.2)
    assert outlines.cropped(runs, (100, 40), close)[1] == close
    assert outlines.cropped(runs, (100, 40), far)[1] == (0.1, 0.125, 0.2, 0.25)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_masks_turn_as_pillow_turns_the_image(orientation, tmp_path):
    mask = np.random.default_rng(orientation).integers(0, 2, (7, 11)).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(mask).save(tmp_path / "a.png", exif=exif)
    with Image.open(tmp_path / "a.png") as image:
        shown = np.asarray(ImageOps.exif_transpose(image))
    np.testing.assert_array_equal(outlines.turned(mask, orientation), shown)
    outline = Outline((11, 7), runs=outlines.runs_of(mask), orientation=orientation)
    np.testing.assert_array_equal(outlines.mask_of(outlines.drawn(outline, size_of(shown)), size_of(shown)), shown)


@pytest.mark.parametrize("text", ["abcP", "P", "{}", "PPPPPPPPPPPPPPPP0"])
def test_text_that_holds_no_runs_is_refused(text):
    with pytest.raises(ValueError, match="expected compressed runs"):
        outlines.decompressed(text)


@pytest.mark.parametrize(
    ("runs", "found"), [([5, 5], "found 10 pixels"), ([-4, 16], "found one of -4"), ([], "found 0")]
)
def test_runs_of_another_length_are_refused(runs, found):
    with pytest.raises(ValueError, match=found):
        outlines.check_runs(np.array(runs, np.int64), (4, 3))
