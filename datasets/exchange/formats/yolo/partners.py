"""Which label file belongs to which image, counted on both sides.

Ultralytics' rule comes first: `images` in the path becomes `labels`, the ending .txt; or the file lies beside the
image. Then the same folder of labels with another case of the name, or a doubled ending (`b.jpg.txt` of `b.jpg`).
Images of a folder of which no image has labels by that rule take those of a folder under another name (`annotations/`,
`txt/train/`): where its place is no other one and exactly one file fits exactly one image.
"""

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import files, opened
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.parsing import read_head
from datasets.exchange.formats.yolo.rows import look_like_rows
from datasets.records import first_paths

_LAYOUT = frozenset(
    ("images", "image", "img", "imgs", "jpegimages", "labels", "label", "annotations", "annotation", "txt", "txts",
     "yolo", "data", "obj", "ground", "truth")
)  # fmt: skip
_OTHERS = frozenset(
    ("classes", "class", "names", "labels", "labelmap", "train", "val", "valid", "validation", "test", "trainval",
     "readme", "requirements", "license", "predefined_classes", "_classes", "class_names", "log", "notes")
)  # fmt: skip
Key = tuple[tuple[str, ...], str | None]  # folders but those of the layout, and the split that they name


@dataclass
class Partners:
    """Finds the label file of each image. `beside` is a folder with `labels` of its own for images that lie elsewhere.

    `taken` has the image of each label file that was found.
    """

    bounds: Bounds
    images: Sequence[Path]
    beside: Path | None = None
    taken: dict[Path, Path] = field(default_factory=dict)
    other_names: list[Path] = field(default_factory=list)
    doubtful: list[tuple[Path, Path]] = field(default_factory=list)
    shared: list[tuple[Path, Path]] = field(default_factory=list)

    def __post_init__(self) -> None:
        found = list(label_files(self.bounds.root))
        self.known = {str(path): path for path in found}
        self._folders: dict[str, list[str]] = {}

    def find(self) -> dict[Path, Path]:
        """The label file of each image that has one."""
        made: dict[Path, Path] = {}
        for image in self.images:
            path = self._by_rule(image)
            if path is not None:
                made[image] = path
                if self.taken.setdefault(path, image) is not image:
                    self.shared.append((path, image))
        if len(self.taken) < len(self.known):
            served: dict[Path, set[Path]] = {}  # folders of images and those of their labels
            for image, path in made.items():
                served.setdefault(image.parent, set()).add(path.parent)
            self._by_name(made, served)
        return made

    def tell(self, labelled: int, where: Path, findings: Findings) -> None:
        """Label files that no image takes, those taken under another name, and those that could be of several."""
        self._tell_orphans(len(self.images) - labelled, where, findings)
        if self.other_names:
            found = f"{len(self.other_names):,} of another case or ending, as {self._short(self.other_names[0])}"
            findings.note("label_names", where, "label files named as their image", found,
                          "they are taken: each fits one image alone", **_more(self.other_names))  # fmt: skip
        if self.doubtful:
            image, path = self.doubtful[0]
            found = f"{len(self.doubtful):,} that fit several, as {self._short(path)} for {self._short(image)}"
            findings.warn("doubtful_labels", where, "one label file for one image", found,
                          "none is taken: name the label files' folders as those of the images",
                          **_more([path for _, path in self.doubtful]))  # fmt: skip
        if self.shared:
            path, image = self.shared[0]
            found = f"{len(self.shared):,} for two, as {self._short(path)} for {self.taken[path].name} and {image.name}"
            findings.warn("shared_labels", where, "a label file for each image", found,
                          "both images have its labels", **_more([path for path, _ in self.shared]))  # fmt: skip

    @cached_property
    def by_name(self) -> dict[str, list[Path]]:
        """All label files by the name that their image has without its ending."""
        made: dict[str, list[Path]] = {}
        for path in self.known.values():
            made.setdefault(_stem(path), []).append(path)
        return made

    def _by_rule(self, image: Path) -> Path | None:
        folder, _, name = str(image).rpartition(os.sep)
        if folder not in self._folders:
            self._folders[folder] = self._label_folders(Path(folder))
        name = os.path.splitext(name)[0] + ".txt"  # noqa: PTH122  of 100,000 names
        for place in self._folders[folder]:
            path = self.known.get(f"{place}{os.sep}{name}") or self._elsewhere(Path(place, name))
            if path is not None:
                return path
        return None

    def _label_folders(self, folder: Path) -> list[str]:
        """Where the rule looks for the labels of a folder of images, in this order."""
        found, parts = [], folder.parts
        for at in range(len(parts) - 1, -1, -1):
            if parts[at] == "images":
                if self.beside is not None:
                    return [str(Path(self.beside, "labels", *parts[at + 1 :]))]
                place = Path(*parts[:at], "labels", *parts[at + 1 :])
                if not self.bounds.holds(place):
                    break
                found.append(str(place))
        return [*found, str(folder)]

    def _elsewhere(self, path: Path) -> Path | None:
        """A label file outside the source, where a person allowed to read."""
        if path.is_relative_to(self.bounds.root) or not self.bounds.holds(path):
            return None
        return path if files.is_file(path) else None

    def _by_name(self, made: dict[Path, Path], served: dict[Path, set[Path]]) -> None:
        """Images that the rule gives none, and label files that it gives to none, where they fit each other alone."""
        wanted: dict[Path, list[Path]] = {}
        for image in self.images:
            if image in made or self.beside is not None:
                continue
            fitting = self._fitting(image, served.get(image.parent))
            if len(fitting) == 1:
                wanted.setdefault(fitting[0], []).append(image)
            elif fitting:
                self.doubtful += [(image, path) for path in fitting]
        for path, images in wanted.items():
            if len(images) > 1:
                self.doubtful += [(image, path) for image in images]
                continue
            made[images[0]] = path
            self.taken[path] = images[0]
            if path.stem != images[0].stem:
                self.other_names.append(path)

    def _fitting(self, image: Path, folders: set[Path] | None) -> list[Path]:
        """The label files of this name that no image has; in `folders`, or where the place is no other than its own."""
        found = [path for path in self.by_name.get(_plain(image.stem), ()) if path not in self.taken]
        found = [path for path in found if not files.is_image(path.stem) or _plain(path.stem) == _plain(image.name)]
        if folders is not None:
            return [path for path in found if path.parent in folders or path.parent == image.parent]
        key = key_of(image, self.bounds.root)
        return [path for path in found if fit(key, key_of(path, self.bounds.root))]

    def _tell_orphans(self, unlabelled: int, where: Path, findings: Findings) -> None:
        if len(self.taken) >= len(self.known):
            return
        doubtful = {path for _, path in self.doubtful}
        left = [path for some in self.by_name.values() for path in some if path not in self.taken]
        for path in left:
            if path in doubtful:
                opened.note(path)
        left = sorted(path for path in left if path not in doubtful and self._holds_rows(path))
        second = self._fitted(left, self.images)
        listed = set(self.images)
        absent = [image for image in files.images_below(self.bounds.root) if image not in listed] if left else []
        unlisted = self._fitted([path for path in left if path not in second], absent)
        orphans = [path for path in left if path not in unlisted and path not in second]
        self._tell_second(list(second), where, findings)
        if orphans:
            lacking = f"; {unlabelled:,} images have no label file" if unlabelled else ""
            found = f"{len(orphans):,} without an image, as {self._short(orphans[0])}{lacking}"
            findings.warn("orphan_labels", where, "an image for each label file", found,
                          "their labels are left out: name them as the images, or add the images",
                          **_more(orphans))  # fmt: skip
        if unlisted:
            path, image = next(iter(unlisted.items()))
            found = f"{len(unlisted):,} of images that it does not name, as {self._short(path)} of {self._short(image)}"
            findings.note("unlisted", where, "label files of its images", found, "they are left out with their images",
                          **_more(list(unlisted.values())))  # fmt: skip

    def _tell_second(self, second: Sequence[Path], where: Path, findings: Findings) -> None:
        """Label files of images that have theirs in another folder: one note for each such folder."""
        folders: dict[Path, list[Path]] = {}
        for path in second:
            folders.setdefault(path.parent, []).append(path)
        for folder, some in folders.items():
            found = f"a second set of labels of {len(some):,} images in {self._short(folder)}"
            findings.note("second_labels", where, "one set of labels", found,
                          "it is not read; to read it put it in place of the other, or give it a yaml of its own",
                          **_more(some))  # fmt: skip

    def _fitted(self, left: Sequence[Path], images: Sequence[Path]) -> dict[Path, Path]:
        """Of these label files those that fit one of the images by name and place, with the image."""
        if not left:
            return {}
        root, stems = self.bounds.root, dict[str, list[Path]]()
        for image in images:
            stems.setdefault(_plain(image.stem), []).append(image)
        found = {
            path: next((one for one in stems.get(_stem(path), ()) if fit(key_of(one, root), key_of(path, root))), None)
            for path in left
        }
        return {path: image for path, image in found.items() if image is not None}

    def _holds_rows(self, path: Path) -> bool:
        text = read_head(path, 4096)
        rows = look_like_rows(text)
        if rows or not (text or path.stat().st_size):  # an empty one says that nothing is to be seen
            opened.note(path)
        return rows

    def _short(self, path: Path) -> str:
        return str(path.relative_to(self.bounds.root) if path.is_relative_to(self.bounds.root) else path)


def label_files(root: Path) -> Iterator[Path]:
    """Every file below `root` that may hold labels: .txt in any case; named as a list or readme only if it has rows."""
    for path in files.walk(root):
        if path.name[-4:].lower() == ".txt" and not (is_list(path) and not look_like_rows(read_head(path, 4096))):
            yield path


def is_list(path: Path) -> bool:
    """Whether a text file has the name of one that lists classes or images, or explains."""
    stem = path.name[:-4].lower()
    return stem in _OTHERS or stem.startswith(("readme", "requirements", "license"))


def _stem(path: Path) -> str:
    """The name that an image has without its ending: `b` of `b.txt` and of `b.jpg.txt`."""
    return _plain(Path(path.stem).stem if files.is_image(path.stem) else path.stem)


def _plain(name: str) -> str:
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


def key_of(path: Path, root: Path) -> Key:
    """The place of an image or label file below `root`, by which both are compared."""
    folders = path.parent.relative_to(root).parts if path.is_relative_to(root) else path.parent.parts
    split = next((found for found in map(files.split_of, folders) if found), None)
    plain = (_without_layout(one) for one in folders if not files.split_of(one))
    return tuple(one for one in plain if one), split


@lru_cache(maxsize=4096)
def _without_layout(name: str) -> str:
    """`cam 1` of `cam_1_images`; empty for `labels`."""
    return " ".join(word for word in re.split(r"[\W_]+", _plain(name)) if word not in _LAYOUT)


def fit(one: Key, other: Key) -> bool:
    """Whether two places may be the same: no other split, and the folders of one are among those of the other."""
    if one[1] and other[1] and one[1] != other[1]:
        return False
    shorter, longer = sorted((one[0], other[0]), key=len)
    rest = iter(longer)
    return all(name in rest for name in shorter)


def _more(paths: Sequence[Path]) -> dict[str, object]:
    return {"count": len(paths), "paths": first_paths(paths)}
