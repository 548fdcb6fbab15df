"""The image of a label file, found by place: the same stem, in the folder that answers to that of the label file.

`Annotations/cam1/7.xml` belongs to `JPEGImages/cam1/7.jpg`, `train/labels/7.txt` to `train/images/7.jpg`,
`ann/7.jpg.json` to `img/7.jpg`. Where several images fit equally well none is taken, and a finding names them.
"""

import os
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePath

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import files
from datasets.records import first_paths

# Folders that say of what kind their files are, and nothing about which of them belong together.
LAYOUT = frozenset(
    {
        "ann", "anno", "annot", "annotation", "annotations", "annots", "anns", "bbox", "bboxes", "boxes", "color",
        "data", "dataset", "ds", "frames", "ground_truth", "groundtruth", "gt", "gtcoarse", "gtfine", "image",
        "image_02", "image_2", "images", "img", "imgs", "jpegimages", "json", "jsons", "label", "label_02", "label_2",
        "labelme", "labels", "labels_txt", "leftimg8bit", "photos", "pictures", "pngimages", "raw", "rgb", "xml",
        "xmls",
    }
)  # fmt: skip
_MASKS = frozenset(
    {
        "ground_truth", "gtcoarse", "gtfine", "mask", "masks", "masks_human", "masks_instances", "masks_machine",
        "segmentationclass", "segmentationclassaug", "segmentationclassraw", "segmentationobject", "trimaps",
    }
)  # fmt: skip


class Partners:
    """Images below `root`, and those in `more` folders, for the label files that are given.

    An image in the folder that answers to a label file is that file's alone.
    """

    def __init__(self, root: Path, labels: Sequence[Path], more: Iterable[Path] = ()) -> None:
        self.root = root
        self.torn: dict[Path, list[Path]] = {}
        self.renamed: dict[Path, str] = {}
        self.without: dict[Path, Path] = {}  # label files to which only the image of another answers
        self._trails: dict[str, tuple[str, ...]] = {}
        self._images: dict[str, list[Path]] = defaultdict(list)
        for folder in (root, *more):
            for image in files.images_below(folder):
                self._images[plain(image.stem)].append(image)
        self._own: dict[Path, Path] = {}  # the image of each label file whose folder answers to that of one image
        self._claimed: set[Path] = set()
        for label in labels:
            found = [one for one in self._candidates(label) if self._trail(one) == self._trail(label)]
            if len(found) == 1:
                self._own[label] = found[0]
                self._claimed.add(found[0])

    def image(self, label: Path, named: str = "") -> Path | None:
        """The image of a label file; among several of one stem that with the file name `named`. None for none.

        The name that a label file has goes before the one that it holds, since files are copied; `tell` says so.
        """
        own = self._own.get(label) or self._nearest(label, named)
        if own is not None and named and self._is_another(own, named):
            self.renamed[label] = named
        return own

    def _nearest(self, label: Path, named: str) -> Path | None:
        every = self._candidates(label)
        found = [one for one in every if one not in self._claimed]
        if every and not found and plain(PurePath(named or label.name).stem) == plain(label.stem):
            self.without[label] = every[0]
        found = _best(found, lambda one: shared_start(self._trail(one)[::-1], self._trail(label)[::-1]))
        found = _best(found, lambda one: shared_start(one.parent.parts, label.parent.parts))
        exact = [one for one in found if plain(one.name) == plain(named)]
        found = exact if len(exact) == 1 else found
        if len(found) > 1:
            self.torn[label] = found
            return None
        return found[0] if found else None

    def decided(self, label: Path) -> bool:
        """Whether it is known that a label file has no image, or none of its own: then no other is to be looked for."""
        return label in self.torn or label in self.without

    def _is_another(self, own: Path, named: str) -> bool:
        """Whether a file name is that of another image in the same folder."""
        if own.name == named or not files.is_image(named):
            return False
        wanted = plain(named)
        return plain(own.name) != wanted and any(
            one.parent == own.parent and one != own and plain(one.name) == wanted
            for one in self._images.get(plain(PurePath(named).stem), ())
        )

    def tell(self, findings: Findings) -> None:
        """Label files to which several images answer, and those that name the image of another, one finding each."""
        if self.renamed:
            label, named = next(iter(self.renamed.items()))
            findings.warn(
                "wrong_filename", label, f"{label.name} to name its own image", f"{named!r}, another image",
                "its labels are put on the image that has the name of the label file", count=len(self.renamed),
                paths=first_paths(self.renamed),
            )  # fmt: skip
        if self.without:
            label, image = next(iter(self.without.items()))
            found = f"only {_below(image, self.root)}, which belongs to another label file"
            findings.warn(
                "no_image_of_its_own", label, f"an image for {_below(label, self.root)}", found, "it is left out",
                count=len(self.without), paths=first_paths(self.without),
            )  # fmt: skip
        if not self.torn:
            return
        label, images = next(iter(self.torn.items()))
        listed = " and ".join(_below(one, self.root) for one in images[:3])
        paths = first_paths(one for found in self.torn.values() for one in found)
        findings.warn(
            "several_images", label, "one image for each label file", f"{listed} for {label.name}",
            "none of them is taken; keep label files in folders named as those of their images",
            count=len(self.torn), paths=paths,
        )  # fmt: skip

    def _candidates(self, label: Path) -> list[Path]:
        stem = label.stem
        found = self._images.get(plain(stem), ())
        if files.is_image(stem):  # 7.jpg.json
            named = self._images.get(plain(Path(stem).stem), [])
            exact = [one for one in named if plain(one.name) == plain(stem)]
            found = exact or found or named
        if len(found) < 2:
            return list(found)
        pictures = [one for one in found if not _MASKS & {part.lower() for part in one.parent.parts[-2:]}]
        return pictures or list(found)

    def _trail(self, path: Path) -> tuple[str, ...]:
        folder = os.path.dirname(path)  # noqa: PTH120  asked for each file: Path is slower
        found = self._trails.get(folder)
        if found is None:
            found = self._trails[folder] = _trail(_below(Path(folder), self.root))
        return found


def plain(name: str) -> str:
    """A name as it is compared: without regard to case and Unicode normal form."""
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


def _trail(folder: str) -> tuple[str, ...]:
    return tuple(part for part in map(plain, PurePath(folder).parts) if part not in LAYOUT)


def _below(path: Path, root: Path) -> str:
    return os.path.relpath(path, root) if path.is_relative_to(root) else str(path)


def _best(found: list[Path], score: Callable[[Path], int]) -> list[Path]:
    if len(found) < 2:
        return found
    scores = [score(one) for one in found]
    return [one for one, worth in zip(found, scores, strict=True) if worth == max(scores)]


def shared_start(one: Sequence[str], other: Sequence[str]) -> int:
    """How many items two sequences have in common, counted from their first."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
