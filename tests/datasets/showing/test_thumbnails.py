import multiprocessing
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from datasets.errors import ThumbnailError
from datasets.images.pictures import eight_bits
from datasets.showing import thumbnails
from datasets.storage import collection, store
from datasets.workspace import Workspace
from tests.helpers import make_image


def opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        assert image.format == "JPEG"
        return image.convert("RGB")


@pytest.mark.parametrize(
    ("name", "mode"),
    [("a.jpg", "RGB"), ("a.png", "RGB"), ("g.jpg", "L"), ("c.jpg", "CMYK"), ("a.tif", "RGB"), ("d.png", "I;16"),
     ("p.png", "P"), ("t.png", "RGBA"), ("a.webp", "RGB"), ("a.bmp", "RGB"), ("d.tif", "I;16")],
)  # fmt: skip
def test_every_kind_of_image_gets_a_small_picture_like_itself(name, mode, tmp_path, workspace):
    path = make_image(tmp_path / name, (600, 300), mode=mode)
    small = opened(thumbnails.thumbnail(path, 128))
    assert small.size == (128, 64)
    with Image.open(path) as image:
        whole = Image.fromarray(eight_bits(np.asarray(image))) if mode == "I;16" else image.convert("RGB")
    reference = whole.convert("L").resize((128, 64), Image.Resampling.BOX)
    assert np.abs(np.asarray(small.convert("L"), float) - np.asarray(reference, float)).mean() < 6


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_pictures_are_turned_as_the_image_is_shown(orientation, name, tmp_path, workspace):
    pixels = np.full((320, 640, 3), 30, np.uint8)
    pixels[:80, :160] = 240
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(pixels).save(tmp_path / name, exif=exif)
    small = np.asarray(opened(thumbnails.thumbnail(tmp_path / name, 64)))[:, :, 0]
    height, width = small.shape
    assert (width, height) == ((64, 32) if orientation < 5 else (32, 64))
    row, column = np.argwhere(small > 150).mean(0) / (height, width) > 0.5
    corner = {1: (0, 0), 2: (0, 1), 3: (1, 1), 4: (1, 0), 5: (0, 0), 6: (0, 1), 7: (1, 1), 8: (1, 0)}[orientation]
    assert (row, column) == corner


def test_a_small_image_is_not_enlarged(tmp_path, workspace):
    assert opened(thumbnails.thumbnail(make_image(tmp_path / "a.png", (40, 20)), 256)).size == (40, 20)


def test_a_long_thin_image_keeps_a_pixel(tmp_path, workspace):
    assert opened(thumbnails.thumbnail(make_image(tmp_path / "a.png", (2000, 2)), 128)).size == (128, 1)


def test_the_picture_is_cut_once_and_again_after_a_change(tmp_path, workspace):
    path = make_image(tmp_path / "a.jpg")
    first = thumbnails.thumbnail(path)
    stamp = first.stat().st_mtime_ns
    assert thumbnails.thumbnail(path) == first and first.stat().st_mtime_ns == stamp
    make_image(path, seed=9)
    os.utime(path, ns=(1, 1))
    assert thumbnails.thumbnail(path) != first
    assert first.is_relative_to(workspace.thumbnails) and first.parent.name == first.name[:2]


def test_what_cannot_be_read_is_an_error_that_says_so(tmp_path, workspace):
    (tmp_path / "a.jpg").write_text("no image")
    with pytest.raises(
        ThumbnailError, match=r"a\.jpg: expected an image that can be read, found no image that Pillow knows"
    ):
        thumbnails.thumbnail(tmp_path / "a.jpg")
    with pytest.raises(ThumbnailError, match="expected an image file, found No such file"):
        thumbnails.thumbnail(tmp_path / "absent.jpg")
    assert not list(workspace.thumbnails.rglob("*.jpg"))


def test_many_are_cut_ahead_and_bad_ones_named(tmp_path, workspace):
    paths = [make_image(tmp_path / f"{i}.jpg", seed=i) for i in range(40)]
    (tmp_path / "bad.jpg").write_text("x")
    seen = []
    findings = thumbnails.make_ahead([*paths, tmp_path / "bad.jpg"], progress=lambda *at: seen.append(at))
    assert [f.where for f in findings] == [str(tmp_path / "bad.jpg")]
    assert seen[-1] == (41, 41) and len(list(workspace.thumbnails.rglob("*_256.jpg"))) == 40


def test_a_dataset_is_cut_ahead(tmp_path, database):
    paths = [make_image(tmp_path / f"{i}.jpg", seed=i) for i in range(5)]
    store.create("pictures")
    collection.insert("pictures", [collection.sample_document(str(path)) for path in [*paths, tmp_path / "no.jpg"]])
    seen = []
    assert thumbnails.make_ahead_of("pictures", progress=lambda *at: seen.append(at)) == 1
    assert seen == [(6, 6)] and all(thumbnails._target(path, "256", None).exists() for path in paths)


def _cut(home: str, path: str) -> str:
    return str(thumbnails.thumbnail(Path(path), 64, Workspace(Path(home))))


def test_processes_may_cut_the_same_picture_at_once(tmp_path, workspace):
    path = make_image(tmp_path / "a.jpg", (800, 600))
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        made = pool.starmap(_cut, [(str(workspace.home), str(path))] * 8)
        pool.close()
        pool.join()
    assert len(set(made)) == 1 and opened(Path(made[0])).size == (64, 48)
    assert [p.name for p in Path(made[0]).parent.iterdir()] == [Path(made[0]).name]


@pytest.mark.parametrize(("name", "mode"), [("a.jpg", "RGB"), ("a.png", "RGBA"), ("a.webp", "RGB"), ("p.png", "P")])
def test_what_browsers_show_is_shown_itself(name, mode, tmp_path, workspace):
    path = make_image(tmp_path / name, mode=mode)
    assert thumbnails.displayable(path) == path


@pytest.mark.parametrize(("name", "mode"), [("a.tif", "RGB"), ("d.png", "I;16"), ("c.jpg", "CMYK"), ("l.tif", "L")])
def test_other_images_are_converted_once_in_full_size(name, mode, tmp_path, workspace):
    path = make_image(tmp_path / name, (300, 200), mode=mode)
    shown = thumbnails.displayable(path)
    assert shown != path and opened(shown).size == (300, 200) and thumbnails.displayable(path) == shown
