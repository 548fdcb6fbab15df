"""What counts as an image by its name, what as a picture that is not read, and what a file is instead."""

from pathlib import Path

import pytest

from datasets.images.instead import instead
from datasets.images.suffixes import READ, UNREAD, is_image, is_unread


def test_an_ending_is_read_or_not_and_never_both() -> None:
    assert not READ & set(UNREAD)
    assert all(one.startswith(".") and one == one.lower() for one in (*READ, *UNREAD))
    assert is_image("IMG_1.HEIC") and is_image(Path("a/b.PGM")) and not is_image("x.DNG") and is_unread("x.DNG")
    assert not is_unread("paper.pdf") and not is_image("labels.txt")  # documents lie beside many sets


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "an empty file"),
        (bytes(9000), "zeros"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (b"\n <!DOCTYPE HTML><title>404", "a page of the web"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"PK\3\4rest", "a zip; unpack it"),
        (b"%PDF-1.7", "a PDF"),
        (b"hello", "no image that Pillow knows"),
    ],
)
def test_what_stands_in_the_place_of_an_image_is_named(data: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    assert words in instead(path)
