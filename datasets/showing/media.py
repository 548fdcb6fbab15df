"""Which files of this machine belong to datasets, and their types: only these may be sent to a browser.

The type of a file follows from its content, never its name: a raster image or a video, nothing that a browser would
run. A file that was replaced by a link, a pipe or a folder after the import is refused; where the image was already a
link when it was imported, the sample records its target (`metadata.link`).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

from PIL import Image

from datasets.errors import FieldError, MediaError
from datasets.images import videos
from datasets.images.pixels import opened
from datasets.images.probe import BROKEN
from datasets.images.regular import open_regular
from datasets.storage import collection, documents, layout, tallies

_BROWSERS = {"MPO": "image/jpeg"}  # what browsers know a format by
_ENDINGS = {"image/jpeg": ".jpg", "video/mp4": ".mp4", "video/webm": ".webm", "video/quicktime": ".mov"}


@dataclass(frozen=True)
class Media:
    """An open file, which can no longer be replaced, and the type of its content."""

    stream: BufferedReader
    type: str
    name: str


def knows(path: str) -> bool:
    """Whether this is an image or a video, links followed, in a folder with media or masks of a known dataset."""
    real = Path(os.path.realpath(path))
    if str(real.parent) not in folders():
        return False
    try:
        with open_regular(real, follow=False) as stream:
            return type_of(stream) is not None
    except OSError:
        return False


def folders() -> frozenset[str]:
    """Real paths of all folders that hold media or masks of known datasets."""
    return frozenset(os.path.realpath(folder) for name in documents.names() for folder in tallies.of(name).folders)


def path_of(dataset: str, sample: str, field: str = "") -> Path | None:
    """The file of a sample, as it may be opened; None when there is no such sample.

    With `field`, the image that this field names: only fields that the dataset declares as media are read.
    Raises MediaError when the file has become a link since the import, FieldError for other fields.
    """
    if field:
        return _path_in(dataset, sample, field)
    found = collection.media(dataset, sample)
    if found is None or os.path.realpath(found["filepath"]) == found["filepath"]:  # not a link, as in nearly all cases
        return Path(found["filepath"]) if found else None
    return trusted(found, ours=is_ours(documents.of(dataset, any_version=True)))


def _path_in(dataset: str, sample: str, field: str) -> Path | None:
    document = documents.of(dataset, any_version=True)
    images = {one.name: one.stored for one in layout.stored_fields(document) if one.holds_image}
    if field not in images:
        known = ", ".join(images) or "none"
        raise FieldError(f"expected a field of images of dataset {dataset!r}, found {field!r}; there is {known}")
    found = next(collection.by_ids(dataset, [sample], {images[field]: 1}), None)
    path = (found or {}).get(images[field])
    if not path:
        return None
    if is_ours(document) and os.path.islink(path):  # noqa: PTH114  none was when it was made
        raise _swapped(Path(path))
    return Path(os.path.realpath(path))


def open_sample(dataset: str, sample: str) -> Media | None:
    """The image or video of a sample; None when there is no such sample. Raises MediaError."""
    path = path_of(dataset, sample)
    return None if path is None else open_media(path)


def open_known(path: str) -> Media:
    """A file for which `knows` is true. Raises MediaError."""
    if not os.path.islink(path):  # noqa: PTH114  no Path of whatever was asked for
        return open_media(Path(path))
    for name in documents.names():
        found = collection.samples(name).find_one({"filepath": path}, {"filepath": 1, "metadata": 1})
        if found is not None:
            return open_media(trusted(found, ours=is_ours(documents.of(name, any_version=True))))
    raise _swapped(Path(path))


def open_media(path: Path) -> Media:
    """A file by the path that `path_of` gave. Raises MediaError unless it is a regular file of an image or a video."""
    try:
        stream = open_regular(path, follow=False)
    except OSError as wrong:
        raise MediaError(f"{path}: expected an image file, found {wrong.strerror or wrong}") from wrong
    kind = type_of(stream)
    if kind is None:
        stream.close()
        raise MediaError(
            f"{path}: expected an image or a video, found neither; it is not shown, whatever its name says"
        )
    ending = _ENDINGS.get(kind, f".{kind.split('/')[1].split('-')[-1]}")
    return Media(stream, kind, f"{_plain(path.stem)}{ending}")


def type_of(stream: BufferedReader) -> str | None:
    """MIME type of an image or a video by its content; None for anything else. The stream is rewound."""
    try:
        with opened(stream) as image:
            found = _BROWSERS.get(image.format or "", Image.MIME.get(image.format or ""))
    except BROKEN:
        found = None
    if stream.closed:
        return None
    stream.seek(0)
    head = stream.read(videos.HEAD)
    stream.seek(0)
    return found if found and found.startswith("image/") else videos.type_of(head)


def is_ours(dataset: Mapping[str, Any]) -> bool:
    """Whether we imported a dataset, by its document: then no file was a link, or its target is recorded."""
    return "source" in ((dataset.get("info") or {}).get("foveal") or {})


def trusted(sample: Mapping[str, Any], *, ours: bool) -> Path:
    """The path of a sample's file, from its document with `filepath` and `metadata`.

    Raises MediaError for a link, unless it was one when we imported it or the dataset was made by other software.
    """
    path, about = Path(sample["filepath"]), sample.get("metadata") or {}
    real = Path(os.path.realpath(path))
    if real == path or not ours or str(real) == about.get("link"):
        return real
    if path.is_symlink() or _size(real) != about.get("size_bytes"):
        raise _swapped(path)
    return real  # a parent folder was moved and linked to; the file in it is the same


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _swapped(path: Path) -> MediaError:
    return MediaError(
        f"{path}: expected the file that was imported, found a link in its place to somewhere else; "
        "put the file back, or import the folder again"
    )


def _plain(stem: str) -> str:
    return "".join(one if one.isalnum() or one in "-_. " else "_" for one in stem)[:100] or "image"
