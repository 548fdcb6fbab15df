import numpy as np
import pytest
from PIL import Image, ImageOps

from datasets.exchange.fitting import clipped, fit, turned
from datasets.exchange.formats.base import Findings
from datasets.images.probe import Probe, probe_one
from datasets.records import ImageRecord, Label


def one(path, box, size=(100, 50), orientation=1, declared=(100, 50)):
    record = ImageRecord(path, width=declared[0], height=declared[1], objects=(Label("cat", box),))
    return fit([record], [Probe(path, *size, orientation=orientation)])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_box_turns_as_pillow_turns_the_image(orientation, tmp_path):
    pixels = np.zeros((40, 60), np.uint8)
    pixels[5:15, 10:40] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(pixels).save(tmp_path / "a.png", exif=exif)
    with Image.open(tmp_path / "a.png") as image:
        shown = np.asarray(ImageOps.exif_transpose(image))
    ys, xs = np.nonzero(shown)
    height, width = shown.shape
    expected = xs.min() / width, ys.min() / height, (np.ptp(xs) + 1) / width, (np.ptp(ys) + 1) / height
    assert turned((10 / 60, 5 / 40, 30 / 60, 10 / 40), orientation) == pytest.approx(expected)
    found = probe_one(tmp_path / "a.png")
    assert (found.width, found.height) == (width, height) and found.raw_size == (60, 40)


def test_boxes_on_stored_pixels_are_turned_and_said_so(tmp_path):
    kept, findings = one(tmp_path, (0.1, 0.2, 0.3, 0.4), size=(50, 100), orientation=6)
    assert kept[0][0].objects[0].box == pytest.approx((0.4, 0.1, 0.4, 0.3))
    assert (kept[0][0].width, kept[0][0].height) == (50, 100)
    assert [f.code for f in findings] == ["rotated_image"]


def test_boxes_on_the_image_as_shown_stay(tmp_path):
    kept, findings = one(tmp_path, (0.1, 0.2, 0.3, 0.4), size=(100, 50), orientation=6)
    assert kept[0][0].objects[0].box == (0.1, 0.2, 0.3, 0.4) and findings == ()


def test_a_box_over_the_edge_is_clipped(tmp_path):
    kept, findings = one(tmp_path, (-0.1, 0.5, 0.3, 0.8))
    assert kept[0][0].objects[0].box == pytest.approx((0, 0.5, 0.2, 0.5))
    assert "expected a box inside the image, found x -10, y 25, width 30, height 40 pixels" in str(findings[0])


def test_a_rounding_error_over_the_edge_is_clipped_without_a_word():
    assert clipped((0.5, 0.5, 0.5 + 1e-16, 0.5)) == ((0.5, 0.5, 0.5 + 1e-16, 0.5), 0.0)
    box, overstep = clipped((0.5, 0.5, 0.500001, 0.5))
    assert box == (0.5, 0.5, 0.5, 0.5) and 0 < overstep < 5e-6


@pytest.mark.parametrize(
    ("box", "code"),
    [
        ((0.5, 0.5, 0, 0.1), "zero_size_box"),
        ((0.5, 0.5, -0.1, 0.1), "zero_size_box"),
        ((1.2, 0, 0.1, 0.1), "box_outside"),
    ],
)
def test_a_box_of_which_nothing_remains_is_left_out(box, code, tmp_path):
    kept, findings = one(tmp_path, box)
    assert kept[0][0].objects == () and [f.code for f in findings] == [code]


def test_an_image_of_another_size_than_declared_is_kept_with_a_warning(tmp_path):
    kept, findings = one(tmp_path, (0.1, 0.2, 0.3, 0.4), size=(200, 200))
    assert kept[0][0].objects[0].box == (0.1, 0.2, 0.3, 0.4)
    assert "expected an image of 100 x 50 pixels, as declared, found 200 x 200" in str(findings[0])


def test_an_image_named_twice_counts_once(tmp_path):
    record = ImageRecord(tmp_path / "a.jpg")
    kept, findings = fit([record, record], [Probe(record.path, 4, 4)] * 2)
    assert len(kept) == 1 and findings[0].code == "duplicate_image"


def test_of_one_kind_of_finding_a_hundred_are_kept():
    findings = Findings()
    for number in range(250):
        findings.warn("bad_row", f"file:{number}", "a row", "none")
    found = findings.all()
    assert len(found) == 101 and "150 more of this kind (250 in all)" in str(found[-1])
