from pathlib import Path

import pytest
from PIL import Image

from datasets.errors import Cancelled
from datasets.images.probe import probe, probe_one, shown_size
from tests.helpers import make_image


@pytest.mark.parametrize(
    ("name", "mode", "bits", "bands"),
    [
        ("a.JPG", "RGB", 8, 3),
        ("a.jpeg", "L", 8, 1),
        ("cmyk.jpg", "CMYK", 8, 4),
        ("a.PNG", "RGBA", 8, 4),
        ("p.png", "P", 8, 1),
        ("deep.png", "I;16", 16, 1),
        ("deep.tif", "I;16", 16, 1),
        ("a.bmp", "RGB", 8, 3),
        ("a.TIF", "RGB", 8, 3),
        ("ä ö.webp", "RGB", 8, 3),
    ],
)
def test_every_common_kind_of_image_is_read(name, mode, bits, bands, tmp_path):
    found = probe_one(make_image(tmp_path / name, (40, 30), mode=mode))
    assert (found.error, found.width, found.height, found.mode, found.bits, found.bands) == (
        None,
        40,
        30,
        mode,
        bits,
        bands,
    )
    assert found.mime and found.bytes == (tmp_path / name).stat().st_size


def test_size_is_that_shown(tmp_path):
    found = probe_one(make_image(tmp_path / "a.jpg", (40, 30), orientation=6))
    assert (found.width, found.height, found.orientation, found.raw_size) == (30, 40, 6, (40, 30))
    assert shown_size(tmp_path / "a.jpg") == (30, 40)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.bmp", "a.tif"])
def test_half_a_file_is_truncated(name, tmp_path):
    path = make_image(tmp_path / name, (200, 150))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    found = probe_one(path)
    assert found.error in ("truncated", "unreadable") and found.width == 0
    assert name not in ("a.jpg", "a.png") or found.error == "truncated"


def test_bytes_behind_the_end_raise_no_alarm(tmp_path):
    path = make_image(tmp_path / "a.jpg")
    path.write_bytes(path.read_bytes() + b"camera" * 100)
    assert probe_one(path).error is None


def test_what_is_no_image_says_why(tmp_path):
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.png").write_text("hello")
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    assert probe_one(tmp_path / "absent.jpg").error == "missing"
    assert probe_one(tmp_path / "empty.jpg").detail == "an empty file"
    assert probe_one(tmp_path / "text.png").detail == "no image that Pillow knows"
    assert probe_one(tmp_path / "loop.jpg").error == "unreadable"
    assert probe_one(tmp_path).error == "unreadable"


def test_many_are_probed_in_order_with_progress(tmp_path):
    paths = [make_image(tmp_path / f"{i}.png", (10 + i, 8)) for i in range(150)]
    seen: list[tuple[int, int]] = []
    found = probe(paths, workers=3, progress=lambda done, total: seen.append((done, total)))
    assert [one.width for one in found] == [10 + i for i in range(150)]
    assert seen[-1] == (150, 150) and len(seen) == 3


def test_probing_can_be_cancelled(tmp_path):
    path = make_image(tmp_path / "a.png")

    def stop(done: int, total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        probe([path] * 1000, progress=stop)


def test_a_wide_image_does_not_warn(tmp_path):
    path = tmp_path / "wide.png"
    Image.new("1", (12_000, 10_000)).save(path)
    assert probe_one(path).width == 12_000


def test_none_are_probed(tmp_path: Path):
    assert probe([]) == []


@pytest.mark.parametrize("place", ["before", "behind"])
def test_how_a_png_is_turned_is_told_without_decoding_it(place, tmp_path, monkeypatch):
    path = make_image(tmp_path / "a.png", (64, 48), orientation=6)
    data = path.read_bytes()
    at = data.index(b"eXIf") - 4
    end = at + 12 + int.from_bytes(data[at : at + 4], "big")
    if place == "behind":
        last = data.index(b"IEND") - 4
        path.write_bytes(data[:at] + data[end:last] + data[at:end] + data[last:])
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("a pixel was decoded"))
    found = probe_one(path)
    assert (found.orientation, found.width, found.height) == (6, 48, 64)
