"""People and networks get one picture of a file: the same pixels by every way that leads to them."""

import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
import pytest
from PIL import Image, UnidentifiedImageError

from datasets.images import pictures, probe, videos
from datasets.images.probe import probe_one
from datasets.showing import media, thumbnails
from datasets.workspace import Workspace
from pipelines.images import read_image
from pipelines.interactive import pictures as interactive
from tests.helpers import ROOT, make_image

pillow_heif.register_heif_opener()  # to write such files
RAMP = np.tile(np.linspace(0, 1, 96), (64, 1))
COLOURS = np.stack([RAMP, RAMP[:, ::-1], np.full_like(RAMP, 0.25)], axis=-1)


def exif(orientation: int) -> Image.Exif:
    made = Image.Exif()
    made[0x0112] = orientation
    return made


def deep_png(path: Path, values: np.ndarray, orientation: int = 1) -> Path:
    """A PNG of 16 bits with EXIF after its pixels; `values` (h, w, channels), as OpenCV orders them."""
    cv2.imwrite(str(path), values)
    data = path.read_bytes()
    if orientation != 1:
        body = b"eXIf" + exif(orientation).tobytes().removeprefix(b"Exif\0\0")
        late = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
        path.write_bytes(data[:-12] + late + data[-12:])
    return path


def close(a: np.ndarray, b: np.ndarray, most: float = 6) -> bool:
    return a.shape == b.shape and float(np.abs(a.astype(float) - b.astype(float)).mean()) < most


KINDS = {
    "twelve_bits.png": lambda path: cv2.imwrite(str(path), (RAMP * 4095).astype(np.uint16)),
    "thermal.png": lambda path: cv2.imwrite(str(path), (29_000 + RAMP * 900).astype(np.uint16)),
    "sixteen.tif": lambda path: Image.fromarray((RAMP * 65_535).astype(np.uint16)).save(path),
    "unit.tif": lambda path: Image.fromarray((RAMP * 0.7).astype(np.float32)).save(path),
    "wide.tif": lambda path: Image.fromarray((RAMP * 1e5 - 3e4).astype(np.float32)).save(path),
    "signed.tif": lambda path: Image.fromarray((RAMP * 5000 - 1000).astype(np.int32)).save(path),
    "deep_colours.png": lambda path: cv2.imwrite(str(path), (COLOURS[..., ::-1] * 4095).astype(np.uint16)),
    "deep_colours.tif": lambda path: cv2.imwrite(str(path), (COLOURS[..., ::-1] * 4095).astype(np.uint16)),
    "deep.pgm": lambda path: path.write_bytes(
        b"P5 96 64 4095\n" + (RAMP * 4095).astype(">u2").tobytes()
    ),
    "plain.pgm": lambda path: path.write_bytes(b"P5 96 64 255\n" + (RAMP * 255).astype(np.uint8).tobytes()),
    "photo.heic": lambda path: Image.fromarray((COLOURS * 255).astype(np.uint8)).save(path, quality=90),
    "photo.avif": lambda path: Image.fromarray((COLOURS * 255).astype(np.uint8)).save(path, quality=95),
    "card.tga": lambda path: Image.fromarray((COLOURS * 255).astype(np.uint8)).save(path),
    "film.gif": lambda path: Image.fromarray((RAMP * 255).astype(np.uint8)).save(
        path, save_all=True, append_images=[Image.new("L", (96, 64))]
    ),
    "palette.png": lambda path: Image.fromarray((COLOURS * 255).astype(np.uint8)).quantize(64).save(path),
    "see_through.png": lambda path: Image.fromarray(
        np.dstack([(COLOURS * 255), RAMP * 255]).astype(np.uint8)
    ).save(path),
    "grey_alpha.png": lambda path: Image.fromarray(
        np.dstack([RAMP * 255, RAMP[:, ::-1] * 255]).astype(np.uint8)
    ).save(path),
    "print.jpg": lambda path: Image.fromarray((COLOURS * 255).astype(np.uint8)).convert("CMYK").save(path, quality=95),
    "turned.jpg": lambda path: Image.fromarray((COLOURS * 255).astype(np.uint8)).save(path, exif=exif(6)),
    "turned.png": lambda path: deep_png(path, (RAMP * 4095).astype(np.uint16), 6),
    "turned_colours.png": lambda path: deep_png(path, (COLOURS * 4095).astype(np.uint16), 8),
    "bits.png": lambda path: Image.fromarray(RAMP > 0.5).save(path),
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_screen_and_network_see_the_same(name: str, tmp_path: Path, workspace: Workspace) -> None:
    path = tmp_path / name
    KINDS[name](path)
    learned = read_image(str(path))
    assert learned is not None and learned.dtype == np.uint8
    found = probe_one(path)
    assert learned.shape == (found.height, found.width, 3)
    assert learned.min() < 40 and learned.max() > 200  # never nearly black
    small = cv2.imread(str(thumbnails.thumbnail(path, 256)))
    assert close(small, learned)
    shown = thumbnails.displayable(path)
    with Image.open(shown) as image:
        white = Image.new("RGBA", image.size, "white")
        over = Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    if name != "turned.jpg":  # a browser turns it itself
        assert close(np.asarray(over)[..., ::-1], learned)
    assert np.array_equal(interactive.pixels(path), learned)
    with shown.open("rb") as stream:
        kind = media.type_of(stream)
    assert kind in ("image/jpeg", "image/png", "image/gif")


@pytest.mark.parametrize("name", KINDS)
def test_what_counts_as_plain_is_read_alike_by_other_programs(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    KINDS[name](path)
    if pictures.is_plain(path):
        assert np.array_equal(cv2.imread(str(path), cv2.IMREAD_COLOR), pictures.read(path))
    else:
        assert name not in ("turned.jpg", "palette.png", "bits.png")


def test_the_rule_of_more_than_eight_bits() -> None:
    twelve = np.array([[0, 2047, 4095]], np.uint16)
    assert pictures.eight_bits(twelve).tolist() == [[0, 127, 255]]
    assert pictures.eight_bits(twelve.astype(np.float32)).tolist() == [[0, 127, 255]]
    assert pictures.eight_bits(twelve.astype(np.int32) - 5000).tolist() == [[0, 127, 255]]
    assert pictures.eight_bits(np.full((2, 2), 700, np.uint16)).tolist() == [[0, 0], [0, 0]]
    odd = np.array([[np.nan, 1.0, np.inf, -np.inf, 3.0]], np.float32)
    assert pictures.eight_bits(odd).tolist() == [[0, 0, 255, 0, 255]]
    assert pictures.eight_bits(np.full((1, 2), np.nan, np.float32)).tolist() == [[0, 0]]


def test_a_large_deep_image_takes_little_more_memory_than_its_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.arange(60_000, dtype=np.float32).reshape(300, 200)
    whole = pictures.eight_bits(values)
    monkeypatch.setattr(pictures, "_ROWS", 1000)
    assert np.array_equal(pictures.eight_bits(values), whole) and whole[0, 0] == 0 and whole[-1, -1] == 255


def test_colours_of_a_deep_image_keep_their_order(tmp_path: Path) -> None:
    red = np.zeros((8, 8, 3), np.uint16)
    red[..., 2], red[:4, :, 1] = 4000, 1000
    cv2.imwrite(str(tmp_path / "red.png"), red)
    assert pictures.read(tmp_path / "red.png")[0, 0].tolist() == [0, 64, 255]


def test_turning_is_that_of_pillow(tmp_path: Path) -> None:
    for orientation in range(1, 9):
        path = deep_png(tmp_path / f"{orientation}.png", (COLOURS[..., ::-1] * 4095).astype(np.uint16), orientation)
        plain = make_image(tmp_path / "plain.png", (96, 64))
        Image.fromarray((COLOURS * 255).astype(np.uint8)).save(plain, exif=exif(orientation))
        assert close(pictures.read(path), pictures.read(plain), 1.5)


def test_images_in_a_container_of_videos_are_no_videos(tmp_path: Path) -> None:
    for name in ("photo.heic", "photo.avif"):
        KINDS[name](tmp_path / name)
        assert not videos.is_video(tmp_path / name)
        assert probe_one(tmp_path / name).error is None


def test_a_turned_photo_of_a_phone_is_upright_once(tmp_path: Path) -> None:
    Image.fromarray((COLOURS * 255).astype(np.uint8)).save(tmp_path / "a.heic", exif=exif(6).tobytes())
    found = probe_one(tmp_path / "a.heic")
    assert (found.width, found.height, found.orientation) == (64, 96, 1)
    assert pictures.read(tmp_path / "a.heic").shape == (96, 64, 3)


def test_whole_photos_are_not_decoded_to_be_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("photo.heic", "photo.avif"):
        KINDS[name](tmp_path / name)
        monkeypatch.setattr(probe, "_decoded", lambda *given: pytest.fail("decoded"))
        assert probe_one(tmp_path / name).error is None


def test_what_is_broken_is_an_error_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "a.heic").write_bytes(b"\0\0\0\x18ftypheic" + b"\0" * 200)
    with pytest.raises(UnidentifiedImageError):
        pictures.read(tmp_path / "a.heic")
    KINDS["photo.heic"](tmp_path / "b.heic")
    (tmp_path / "b.heic").write_bytes((tmp_path / "b.heic").read_bytes()[:-400])
    assert read_image(str(tmp_path / "b.heic")) is None and probe_one(tmp_path / "b.heic").error


def test_an_image_of_too_many_pixels_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    make_image(tmp_path / "a.jpg", (1200, 1000))
    make_image(tmp_path / "b.heic", (1200, 1000))
    code = "import sys\nfrom datasets.images import pictures\npictures.read(sys.argv[1])\n"
    env = {**os.environ, "FOVEAL_MEGAPIXELS": "1", "FOVEAL_HOME": str(tmp_path / "home")}
    for name in ("a.jpg", "b.heic"):
        command = [sys.executable, "-c", code, str(tmp_path / name)]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        assert "1,200 x 1,000 = 1 megapixels, more than the 1 that are read" in done.stderr
