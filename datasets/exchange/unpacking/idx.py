"""MNIST's idx files, plain or gzipped, as images and a table of labels.

A file is two zeros, a type, the number of dimensions, the dimensions (big endian, 32 bits each), then the numbers;
images are (n, height, width) or (n, height, width, 3), labels (n), both of bytes (yann.lecun.com/exdb/mnist). The files
of EMNIST hold each image turned over its diagonal, and a text with the letter of each number.
"""

import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from datasets.errors import FormatError, LimitError
from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common.parsing import MOST_SMALL, read_text
from datasets.exchange.formats.common.splits import split_in
from datasets.exchange.unpacking.streams import BROKEN, broken, decompressed
from datasets.exchange.unpacking.tables import LabelTable
from datasets.exchange.unpacking.writing import Writer

_BYTES = 0x08
_LARGEST = 1 << 24  # pixels of an image
_MOST = 20_000_000  # images
_WORDS = re.compile(r"images?|labels?|idx\d|ubyte|\.gz|[^a-z0-9]")


def unpack(paths: Sequence[Path], writer: Writer, table: LabelTable, findings: Findings) -> None:
    """Write the images of all files, and their labels into the table. Raises FormatError."""
    unique = {path.name.removesuffix(".gz"): path for path in sorted(paths)}  # torchvision leaves both
    shapes = {path: _shape(path) for path in unique.values()}
    labels = {path: shape[0] for path, shape in shapes.items() if len(shape) == 1}
    images = [path for path, shape in shapes.items() if len(shape) > 1]
    if not images:
        raise FormatError(f"{paths[0]}: expected idx files of images, found labels alone; add the file of the images")
    used = set()
    for path in images:
        partner = _partner(path, labels, alone=len(images) == 1)
        if partner is None:
            found = "no file of labels of the same name"
            findings.warn("no_labels", path, "idx files of images and of labels", found, "its images have no labels")
        elif labels[partner] != shapes[path][0]:
            raise FormatError(
                f"{partner}: expected a label for each of the {shapes[path][0]:,} images of {path.name}, found "
                f"{labels[partner]:,}; use files that belong together"
            )
        used.add(partner)
        if _is_turned(path):
            found = "images turned over their diagonal, as EMNIST stores them"
            findings.note("turned_images", path, "images as they are looked at", found, "they are turned back")
        _write(path, shapes[path], partner, writer, table)
    for path in labels.keys() - used:
        findings.warn("no_images", path, "idx files of images and of labels", "labels alone", "they are left out")


def _is_turned(path: Path) -> bool:
    return path.name.lower().startswith("emnist")


def _write(path: Path, shape: Sequence[int], partner: Path | None, writer: Writer, table: LabelTable) -> None:
    split, letters, turned = split_in(path.name.replace("t10k", "test")), _letters(path), _is_turned(path)
    labels = None if partner is None else _array(partner)
    digits = len(str(shape[0] - 1))
    folder = split or path.name.partition(".")[0]
    for number, pixels in enumerate(_images(path, shape)):
        name = f"{folder}/{number:0{digits}}.png"
        made = io.BytesIO()
        Image.fromarray(pixels.swapaxes(0, 1) if turned else pixels).save(made, "PNG", compress_level=1)
        writer.save(made.getvalue(), writer.root / name)
        value = "" if labels is None else str(int(labels[number]))
        table.add({"image": name, "split": split or "", "label": letters.get(value, value)})
    if labels is not None:
        table.classes += [letters.get(str(one), str(one)) for one in np.unique(labels)]
    writer.read += path.stat().st_size


def _images(path: Path, shape: Sequence[int]) -> Iterator[NDArray[np.uint8]]:
    size = int(np.prod(shape[1:]))
    try:
        with decompressed(path) as stream:
            stream.read(4 + 4 * len(shape))
            for _ in range(shape[0]):
                yield np.frombuffer(_exactly(stream, size), np.uint8).reshape(shape[1:])
    except BROKEN as error:
        raise broken(path, error) from error


def _array(path: Path) -> NDArray[np.uint8]:
    try:
        with decompressed(path) as stream:
            count = int.from_bytes(stream.read(8)[4:], "big")
            return np.frombuffer(_exactly(stream, count), np.uint8)
    except BROKEN as error:
        raise broken(path, error) from error


def _exactly(stream: BinaryIO, size: int) -> bytes:
    found = stream.read(size)
    if len(found) < size:
        raise EOFError(f"{len(found):,} of {size:,} bytes")
    return found


def _shape(path: Path) -> tuple[int, ...]:
    """The dimensions of a file. Raises FormatError for numbers that are no bytes, LimitError."""
    try:
        with decompressed(path) as stream:
            head = stream.read(4)
            shape = tuple(int.from_bytes(stream.read(4), "big") for _ in range(head[3]))
    except (*BROKEN, IndexError) as error:
        raise broken(path, error) from error
    colour = len(shape) == 4 and shape[3] == 3
    if head[2] != _BYTES or (len(shape) not in (1, 3) and not colour):
        found = f"{len(shape)} dimensions of type 0x{head[2]:02x}"
        raise FormatError(f"{path}: expected idx of bytes, of labels or of images, found {found}; save it as images")
    if shape[0] > _MOST or int(np.prod(shape[1:])) > _LARGEST or 0 in shape:
        raise LimitError(path, f"at most {_MOST:,} images of 1 to {_LARGEST:,} pixels", " x ".join(map(str, shape)))
    return shape


def _partner(path: Path, labels: dict[Path, int], *, alone: bool) -> Path | None:
    """The labels of a file of images: of the same name but for these words, or the only ones beside the only images."""
    wanted = _WORDS.sub("", path.name.lower())
    found = [one for one in labels if one.parent == path.parent and _WORDS.sub("", one.name.lower()) == wanted]
    if len(found) == 1:
        return found[0]
    return next(iter(labels)) if alone and len(labels) == 1 else None


def _letters(path: Path) -> dict[str, str]:
    """EMNIST's `emnist-<set>-mapping.txt`: a number, then the codes of its letters, of which the first counts."""
    if not _is_turned(path):
        return {}
    mapping = path.with_name("-".join([*path.name.split("-")[:2], "mapping.txt"]))
    if not mapping.is_file():
        return {}
    rows = [line.split() for line in read_text(mapping, MOST_SMALL).splitlines()]
    return {row[0]: chr(int(row[1])) for row in rows if len(row) > 1 and row[1].isdecimal() and int(row[1]) < 0x110000}
