from pathlib import Path

from pipelines.images import read_image
from tests.helpers import make_image


def test_images_come_as_shown_in_three_channels_of_bytes(tmp_path: Path) -> None:
    for mode in ("RGB", "L", "RGBA", "I;16"):
        image = read_image(str(make_image(tmp_path / f"{mode[0]}.png", mode=mode)))
        assert image is not None
        assert (image.shape, image.dtype.name) == ((48, 64, 3), "uint8")
    turned = read_image(str(make_image(tmp_path / "turned.jpg", orientation=6)))
    assert turned is not None and turned.shape == (64, 48, 3)


def test_what_cannot_be_read_is_none(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no image")
    (tmp_path / "empty.png").touch()
    assert read_image(str(tmp_path / "text.png")) is None
    assert read_image(str(tmp_path / "empty.png")) is None
    assert read_image(str(tmp_path / "absent.png")) is None
