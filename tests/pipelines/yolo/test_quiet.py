"""What Ultralytics changes for the whole process is put back."""

from pathlib import Path

import pytest
from PIL import Image, UnidentifiedImageError

from pipelines.yolo.model import quiet


@pytest.mark.usefixtures("workspace")
def test_pillow_says_itself_what_is_wrong_with_an_image(tmp_path: Path) -> None:
    quiet()
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no image")
    with pytest.raises(UnidentifiedImageError):
        Image.open(broken)
