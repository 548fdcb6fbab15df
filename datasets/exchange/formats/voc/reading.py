"""VOC annotations, one file after another, and which image each belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from datasets.errors import FormatError
from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.parsing import xml_of
from datasets.exchange.formats.common.partners import Partners
from datasets.exchange.formats.voc.objects import Objects, text_in
from datasets.images.probe import shown_size
from datasets.records import ImageRecord, Label

_IMAGES = ("JPEGImages", "images")


@dataclass
class Reader:
    """Reads the xml files `labels` below `root`: `records[n]` is of `sources[n]`, and its image lies at `places[n]`.

    Places are paths in the source; records hold them with links followed.
    """

    root: Path
    labels: Sequence[Path]
    bounds: Bounds
    findings: Findings
    records: list[ImageRecord] = field(default_factory=list)
    places: list[Path] = field(default_factory=list)
    sources: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.objects = Objects(self.findings)
        self.partners = Partners(self.bounds.root, self.labels, self.bounds.images)

    def take(self, path: Path) -> None:
        """Read one annotation file; one that cannot be read is left out with a finding."""
        try:
            tree = xml_of(path)
        except FormatError as error:
            self.findings.warn("broken_file", path, "valid xml", str(error), "it is left out")
            return
        if tree.tag != "annotation":
            self.findings.warn("broken_file", path, "<annotation>", f"<{tree.tag}>", "it is left out")
            return
        image = self._image(path, tree)
        if image is None:
            return
        labels, size = self._labels(tree, path, image)
        width, height = size or (None, None)
        self.records.append(ImageRecord(files.resolved(image), None, width, height, labels))
        self.places.append(image)
        self.sources.append(path)

    def tell(self) -> None:
        """What was found about many files, a finding for each kind."""
        self.objects.tell()
        self.partners.tell(self.findings)

    def bare(self) -> list[Path]:
        """Images without an annotation in the folders of those that have one, which lists may name."""
        taken, folders = set(self.places), {place.parent for place in self.places}
        return [
            image for image in files.images_below(self.bounds.root) if image.parent in folders and image not in taken
        ]

    def label_of(self, image: Path) -> Path:
        """Where the annotation of an image would be."""
        return (self.sources[0].parent if self.sources else self.root) / f"{image.stem}.xml"

    def _image(self, path: Path, tree: Any) -> Path | None:
        """The image of an annotation: that of its own name, else what it names; None for one outside the source."""
        stated = (tree.findtext("path") or "").strip()
        name = PurePosixPath((tree.findtext("filename") or path.stem).strip().replace("\\", "/")).name
        own = self.partners.image(path, name)
        if own is not None or self.partners.decided(path):
            return own
        folders = [path.parent, *(top / inner for top in (path.parent.parent, self.root) for inner in _IMAGES)]
        folders = [folder for folder in dict.fromkeys(folders) if self.bounds.holds(folder)]
        found = self.bounds.seek(name, folders, path)
        named = stated if PurePosixPath(stated).is_absolute() else name
        return found or self.bounds.image(named, folders, path)

    def _labels(self, tree: Any, path: Path, image: Path) -> tuple[tuple[Label, ...], tuple[int, int] | None]:
        """The labels, and the size that they are relative to: as declared, else that of the image."""
        size = _size(tree) or shown_size(image)
        if size is None:
            return (), None
        if _turned(tree, size) and shown_size(image) == size[::-1]:
            found = f"{size[0]} x {size[1]}, and boxes beyond it"
            expected = f"the size of the image, {size[1]} x {size[0]}"
            self.findings.warn("turned_size", path, expected, found, "the size of the image counts")
            size = size[::-1]
        return tuple(self.objects.of(tree, path, size)), size


def _turned(tree: Any, size: tuple[int, int]) -> bool:
    """Whether boxes go beyond a declared size, but not beyond it with width and height swapped."""
    try:
        corners = [
            (float(text_in(item, "bndbox", "xmax") or 0), float(text_in(item, "bndbox", "ymax") or 0))
            for item in tree.iter("object")
        ]
    except ValueError:
        return False
    beyond = any(x > size[0] + 1 or y > size[1] + 1 for x, y in corners)
    return beyond and all(x <= size[1] + 1 and y <= size[0] + 1 for x, y in corners)


def _size(tree: Any) -> tuple[int, int] | None:
    try:
        width, height = (int(float(text_in(tree, "size", tag) or "")) for tag in ("width", "height"))
    except (TypeError, ValueError, OverflowError):
        return None
    return (width, height) if 0 < width < 1e9 and 0 < height < 1e9 else None
