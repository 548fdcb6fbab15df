"""Images that arrive as bytes, from a browser: kept in the workspace by their content, and added to a dataset once.

A file is written beside its later place and hashed on the way; it gets its name once it is known to be an image.
"""

import hashlib
import os
import re
import secrets
import threading
import time
import unicodedata
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from datasets.errors import FormatError
from datasets.images.probe import Probe, probe_one
from datasets.images.regular import open_regular
from datasets.storage import collection, handle, layout
from datasets.storage.handle import Dataset
from datasets.workspace import Workspace

LARGEST = 512 << 20  # bytes of a file
INCOMING = "incoming"
SUFFIXES = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"), "MPO": (".jpg", ".jpeg", ".mpo"), "PNG": (".png", ".apng"),
    "WEBP": (".webp",), "TIFF": (".tif", ".tiff"), "GIF": (".gif",), "BMP": (".bmp", ".dib"), "DIB": (".dib", ".bmp"),
    "JPEG2000": (".jp2", ".j2k", ".jpx", ".j2c", ".jpf"), "AVIF": (".avif", ".avifs"),
    "HEIF": (".heic", ".heif", ".hif"),
    "PPM": (".ppm", ".pgm", ".pbm", ".pnm"), "TGA": (".tga",), "PCX": (".pcx",), "ICO": (".ico",),
}  # fmt: skip
_LETTERS = 80  # of a name that are kept
_DIGITS = 8  # of the hash in a name; all of them where another file has that name
_STALE = 24 * 3600  # seconds without a change after which what arrives does so no more
_lock = threading.Lock()
_seen: dict[str, "_Sizes"] = {}


@dataclass(frozen=True)
class Kept:
    """An image in the workspace. `digest` is that of its content, `probe` what its header says."""

    path: Path
    digest: str
    probe: Probe


@dataclass(frozen=True)
class Added:
    """What became of an image: the id of its sample, and whether the dataset had this content already."""

    id: str
    known: bool


class Incoming:
    """One file while it arrives. Call `take` for each part, then `keep`; `drop` in any case."""

    def __init__(self, workspace: Workspace) -> None:
        """Open a file in the workspace for it. Raises OSError where it cannot be written."""
        self.folder = workspace.uploads
        place = self.folder / INCOMING
        place.mkdir(parents=True, exist_ok=True)
        _sweep(place)
        self.part = place / f"{os.getpid()}-{secrets.token_hex(8)}.part"
        self.size, self._hash = 0, hashlib.blake2b(digest_size=16)
        self._file = os.fdopen(os.open(self.part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    def take(self, part: bytes) -> None:
        """Write the next part. Raises FormatError beyond the largest size."""
        self.size += len(part)
        if self.size > LARGEST:
            raise FormatError(f"expected a file of at most {LARGEST >> 20} MB, found a larger one; cut it into tiles")
        self._hash.update(part)
        self._file.write(part)

    def keep(self, name: str) -> Kept:
        """Check that it is an image, and give it its place; content that is there already is kept once.

        Raises FormatError for anything but an image that can be read.
        """
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        seen = probe_one(self.part)
        if seen.error:
            action = "leave it out, or save it again as JPEG or PNG"
            raise FormatError(f"expected an image that can be read, found {seen.detail or seen.error}; {action}")
        digest = self._hash.hexdigest()
        with _lock:
            path = self._same(digest) or self._placed(digest, _file_name(name, seen.format))
        return Kept(path, digest, seen)

    def drop(self) -> None:
        """Remove what was not kept."""
        self._file.close()
        self.part.unlink(missing_ok=True)

    def _same(self, digest: str) -> Path | None:
        """A file that is kept already and has this content to the last byte."""
        alike = (self.folder / digest[:2]).glob(f"*-{digest[:_DIGITS]}*.*")
        return next((path for path in alike if path.stat().st_size == self.size and _digest(path) == digest), None)

    def _placed(self, digest: str, name: tuple[str, str]) -> Path:
        short, whole = (self.folder / digest[:2] / f"{name[0]}-{part}{name[1]}" for part in (digest[:_DIGITS], digest))
        path = whole if short.exists() else short
        path.parent.mkdir(exist_ok=True)
        self.part.replace(path)
        return path


def _sweep(place: Path) -> None:
    """Remove what a process left that was killed while it received."""
    for left in place.glob("*.part"):
        with suppress(OSError):  # kept or removed meanwhile
            if time.time() - left.stat().st_mtime > _STALE:
                left.unlink()


def check(dataset: str) -> Dataset:
    """The dataset, if images can be added to it. Raises DatasetNotFound, or FormatError for one of videos."""
    found = handle.of(dataset)
    if layout.is_video(found.document):
        raise FormatError(
            f"expected a dataset of images, found that {dataset!r} holds videos; make a dataset of images"
        )
    return found


def add(dataset: str, kept: Kept, place: str = "") -> Added:
    """Add an image to a dataset, unless a sample of it has the same content.

    `place` is the id that its sample gets, unless that is taken: ids decide the order of import, so that files that are
    sent side by side keep theirs. Raises DatasetNotFound, FormatError, and FieldError for a place that is no id.
    """
    with _lock:
        found = check(dataset)
        known = _known(found, kept)
        if known:
            return Added(known, known=True)
        seen = kept.probe
        about = collection.image_metadata(seen.width, seen.height, seen.bytes, seen.mime, seen.bands)
        document = collection.sample_document(str(kept.path), about)
        if place and not list(collection.by_ids(found, [place], {"_id": 1})):
            document["_id"] = layout.object_id(place)
        made = collection.insert(found, [document])[0]
        _sizes(found).note(seen.bytes, made, kept.path)
        return Added(made, known=False)


@dataclass
class _Sizes:
    """The samples of a dataset by the size of their file: only files of equal size are read."""

    count: int
    by_size: dict[int, list[tuple[str, Path]]]

    def note(self, size: int, sample: str, path: Path) -> None:
        self.by_size[size].append((sample, path))
        self.count += 1


def _known(dataset: Dataset, kept: Kept) -> str | None:
    """The sample that has this content."""
    for sample, path in _sizes(dataset).by_size.get(kept.probe.bytes, ()):
        with suppress(OSError):  # gone since
            if path == kept.path or _digest(path) == kept.digest:
                return sample
    return None


def _sizes(dataset: Dataset) -> _Sizes:
    """As they were read last, if the dataset has as many samples as then; else read again."""
    found = _seen.get(dataset.id)
    if found is None or found.count != dataset.count:
        by_size: dict[int, list[tuple[str, Path]]] = defaultdict(list)
        for one in collection.stream(dataset, projection={"filepath": 1, "metadata.size_bytes": 1}):
            size = (one.get("metadata") or {}).get("size_bytes") or 0
            by_size[int(size)].append((str(one["_id"]), Path(one["filepath"])))
        _seen.clear()  # one dataset at a time is filled
        found = _seen[dataset.id] = _Sizes(sum(map(len, by_size.values())), by_size)
    return found


def _digest(path: Path) -> str:
    with open_regular(path) as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _file_name(name: str, format_: str) -> tuple[str, str]:
    """Stem and suffix for a file: of the name that it came with what is harmless, of its content the suffix."""
    last = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    stem, dot, suffix = last.rpartition(".")
    stem = stem if dot else last
    kept = re.sub(r"[^\w .()+-]", "_", stem)[:_LETTERS].strip(" .") or "image"
    while len(kept.encode()) > 180:
        kept = kept[:-1]
    known = SUFFIXES.get(format_, (".img",))
    return kept, f".{suffix.lower()}" if f".{suffix.lower()}" in known else known[0]
