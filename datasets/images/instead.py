"""What a file is that has the name of an image and is none: what people find in the place of their images."""

from pathlib import Path

from datasets.images.regular import open_regular

_HEAD = 4096  # bytes
_UNKNOWN = "no image that Pillow knows"
_OTHERS = (
    (b"version https://git-lfs", "a pointer of Git LFS in its place; fetch the files (git lfs pull)"),
    ((b"<!doctype html", b"<html"), "a page of the web in its place; download it again"),
    (b"<?xml", "a file of XML"),
    (b"<svg", "a drawing (SVG)"),
    (b"%pdf", "a PDF"),
    (b"%!ps", "a PostScript file"),
    (b"8bps", "a Photoshop file; export it as PNG"),
    ((b"\xff\x0a", b"\0\0\0\x0cjxl "), "a JPEG XL image; convert it to PNG or JPEG (djxl)"),
    ((b"ii*\0", b"mm\0*", b"ii+\0", b"mm\0+"), "a TIFF of a kind of its own; save it as 8 or 16 bits, or float of 32"),
    ((b"\x89png", b"\xff\xd8\xff", b"gif8"), "one with a broken beginning; copy or download it again"),
    (b"pk\3\4", "a zip; unpack it"),
    (b"\x1f\x8b", "a gzip; unpack it"),
    (b"simple  =", "a FITS file"),
    (b"\x93numpy", "an array of NumPy"),
)


def instead(path: Path) -> str:
    """What a file is that is no image, by its first bytes."""
    with open_regular(path) as stream:
        head = stream.read(_HEAD)
    if not head.strip(b"\0"):
        return f"{_UNKNOWN} but zeros, as after a copy that broke off" if head else "an empty file"
    start = head.lstrip().lower()
    return next((f"no image that is read, but {words}" for sign, words in _OTHERS if start.startswith(sign)), _UNKNOWN)
