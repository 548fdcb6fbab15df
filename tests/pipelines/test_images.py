import os
import subprocess
import sys
from pathlib import Path

from pipelines.images import read_image
from tests.helpers import ROOT, make_image


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


def test_what_is_no_file_or_too_large_is_not_read(tmp_path: Path) -> None:
    make_image(tmp_path / "a.png", (1200, 1000))
    os.mkfifo(tmp_path / "pipe.png")
    code = (
        "import sys\nfrom datasets.workspace import settle\nsettle()\nfrom pipelines.images import read_image\n"
        "print([read_image(one) is None for one in sys.argv[1:]])\n"
    )
    found = {}
    for most in ("1", "2"):
        env = {**os.environ, "FOVEAL_MEGAPIXELS": most, "FOVEAL_HOME": str(tmp_path / "home")}
        paths = [str(tmp_path / name) for name in ("a.png", "pipe.png")]
        command = [sys.executable, "-c", code, *paths]
        found[most] = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout
    assert found == {"1": "[True, True]\n", "2": "[False, True]\n"}
