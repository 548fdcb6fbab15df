"""What lies in a source and was not used: label files that no reader opened, masks, images that no record names.

Nothing falls through in silence. Of each kind there is one finding with the number, an example and the way out. Where a
source was taken for bare images, or its folders for classes, although its images have label files, it is an error.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import files, tree
from datasets.exchange.formats.common.labellike import Kind, Known, is_labels, kind_of
from datasets.exchange.formats.common.partners import plain
from datasets.records import ImageRecord, first_paths

_SAMPLED, _MOST_GROUPS = 8, 400
_WAYS: dict[Kind, str] = {
    "rows of numbers": "YOLO wants each called like its image and beside it, or in a folder `labels` beside `images`",
    "xml": "name their format (voc, cvat), or import the file or folder itself",
    "json": "name their format, or import the file itself",
    "a table": "import the table itself, with a column of images and one of labels",
    "a table of other names": "write the names of the images into it as the files have them, as 00001.png for 1",
    "a list of images": "a split is taken from a list called train, val or test",
    "a kind that is not read": "convert labels to COCO json, YOLO, VOC or csv, arrays and videos to images",
    "images by another name": "give their names the ending of their kind, as .jpg or .png",
    "nothing": "write it anew, or delete it",
    "rows below names of images": "write them as COCO json, YOLO or csv (a row for each box: image, corners, class)",
    "masks": "masks are read with the format mask_folders, where each is called like its image",
}


@dataclass(frozen=True)
class Guess:
    """How a source was understood: its format, whether that is a weak guess, and the formats that were tried.

    Files with one of the endings `told` are told of elsewhere.
    """

    format: str
    weak: bool = False
    tried: Sequence[str] = ()
    told: Collection[str] = ()


@dataclass
class _Group:
    kind: Kind
    suffix: str
    paths: list[Path] = field(default_factory=list)

    def said(self, root: Path) -> str:
        """As in `3 txt files with rows of numbers in annotations, as annotations/0.txt`."""
        folders = sorted({_below(path.parent, root) for path in self.paths})
        listed = ", ".join(folders[:3]) + (" ..." if len(folders) > 3 else "")
        number = len(self.paths)
        endings = ", ".join(sorted({path.suffix.lower() for path in self.paths}))
        plural = "file" if number == 1 else "files"
        those = f"{number:,} {self.suffix} {plural}"
        what = {
            "masks": f"{number:,} {'image' if number == 1 else 'images'} in a folder called as one of masks",
            "a kind that is not read": f"{number:,} {plural} of kinds that are not read ({endings})",
            "rows of numbers": f"{those} with rows of numbers, as of labels",
            "rows below names of images": f"{those} with rows of numbers below names of images",
            "a table of other names": f"{those} with a table of labels, whose names no image has,",
            "a table": f"{those} with a table that names images",
            "images by another name": f"{number:,} {plural} that are images by their content, not by their names,",
            "nothing": f"{those} that hold nothing of their kind",
            "a list of images": f"{those} with a list of images",
        }.get(self.kind, f"{those} with labels or names of images")
        return f"{what} in {listed}, as {_below(self.paths[0], root)}"


def tell(root: Path, records: Sequence[ImageRecord], opened: Collection[str], guess: Guess, findings: Findings) -> bool:
    """Add findings about the files below `root` that were not used. Whether the source must not be imported as guessed.

    `opened` are the files that a reader opened or knows, as text. Where `root` is a file, that one was asked for: only
    what lies among the images and label files that it led to is told.
    """
    images, others = _left(root, records, opened)
    others = [path for path in others if path.suffix.lower() not in guess.told]
    if not images and not others:
        return False
    top = root.parent if root.is_file() else root
    if not guess.weak:
        others = _of_others(others, records, [*images, *map(Path, filter(files.is_image, opened))])
    groups = _groups(top, others, Known.of([*(record.path for record in records), *images]))
    masks = [path for path in images if is_labels(_below(path.parent, top))]
    if masks:
        groups.append(_Group("masks", "image", masks))
    grave = [group for group in groups if guess.weak and _belongs(group, records, guess)]
    for group in groups:
        _tell_group(group, top, guess, group in grave, findings)
    _tell_images(_untold(images, masks, opened, records), top, guess, findings)
    return bool(grave)


def _left(root: Path, records: Sequence[ImageRecord], opened: Collection[str]) -> tuple[list[Path], list[Path]]:
    used = {str(record.path) for record in records} | _masks(records)
    if not root.is_file():
        return _unused(tree.folders_below(root), used, opened)
    folders, many = {record.path.parent for record in records}, _many(opened)
    images, others = _unused([*folders, *(many - folders)], used, opened)
    return [path for path in images if path.parent in folders], [path for path in others if path.parent in many]


def _of_others(paths: Sequence[Path], records: Iterable[ImageRecord], unnamed: Iterable[Path]) -> list[Path]:
    """Files that do not belong to an image which is told as left out itself."""
    own = {plain(record.path.stem) for record in records}
    theirs = {plain(path.stem) for path in unnamed} - own
    return [path for path in paths if plain(path.stem) not in theirs]


def _untold(
    images: Iterable[Path], masks: Iterable[Path], opened: Iterable[str], records: Iterable[ImageRecord]
) -> list[Path]:
    """Images that are no masks, and whose label file nobody opened: of others a reader said why it takes neither.

    A label file of the same name that belongs to an image which is used says nothing about others.
    """
    stems = {plain(os.path.splitext(os.path.basename(one))[0]) for one in opened}  # noqa: PTH119, PTH122  quicker
    stems -= {plain(record.path.stem) for record in records}
    hidden = set(masks)
    return [image for image in images if image not in hidden and plain(image.stem) not in stems]


def _masks(records: Iterable[ImageRecord]) -> set[str]:
    found = {one.mask_path for record in records if (one := record.segmentation) and one.mask_path}
    return found | {label.mask_path for record in records for label in record.objects if label.mask_path}


def _many(opened: Iterable[str]) -> set[Path]:
    """The folders of which several files were opened."""
    return {folder for folder, number in Counter(Path(one).parent for one in opened).items() if number > 1}


def _unused(folders: Iterable[Path], used: Collection[str], opened: Collection[str]) -> tuple[list[Path], list[Path]]:
    """The images that no record names, and the other files that nobody opened."""
    images: list[Path] = []
    others: list[Path] = []
    for folder in folders:
        listing = tree.listing(folder)
        real, named = str(files.resolved_folder(folder)), str(folder)
        for path in listing.files:
            name = path.name
            if f"{named}/{name}" in opened or (real != named and f"{real}/{name}" in opened):
                continue
            if not files.is_image(name):
                others.append(path)
            elif (str(files.resolved(path)) if name in listing.links else f"{real}/{name}") not in used:
                images.append(path)
    return images, others


def _groups(root: Path, paths: Iterable[Path], known: Known) -> list[_Group]:
    """The files that look like labels, one group for a kind and suffix; of each folder a few are looked at."""
    by_place: dict[tuple[Path, str], list[Path]] = defaultdict(list)
    for path in paths:
        by_place[path.parent, path.suffix.lower()].append(path)
    found: dict[tuple[Kind, str], _Group] = {}
    for (folder, suffix), some in list(by_place.items())[:_MOST_GROUPS]:
        inside = _below(folder, root)
        if len(some) <= _SAMPLED:
            kinds = {path: kind_of(path, known, inside) for path in some}
        else:
            sample = some[:: max(1, len(some) // _SAMPLED)]
            counted = Counter(kind for path in sample if (kind := kind_of(path, known, inside)))
            likely = counted.most_common(1)[0][0] if counted.total() * 2 > len(sample) else None
            kinds = dict.fromkeys(some, likely)
        for path, kind in kinds.items():
            if kind is not None:
                key = (kind, "" if kind == "a kind that is not read" else suffix)
                found.setdefault(key, _Group(kind, suffix.lstrip(".") or "plain")).paths.append(path)
    return list(found.values())


def _belongs(group: _Group, records: Sequence[ImageRecord], guess: Guess) -> bool:
    """Whether a guess would lose the labels of its images: of bare images any, of classes those of half of them."""
    if group.kind in ("a list of images", "a kind that is not read", "nothing", "images by another name"):
        return False
    if guess.format == "images" or group.kind == "rows below names of images":
        return True
    classes = {record.classification.label for record in records if record.classification}
    if group.kind == "a table":  # beside classes a table says the same, or more: not beside one
        return len(classes) == 1
    if group.kind == "rows of numbers" and len(group.paths) >= len(classes):  # one for each folder, as of sequences
        return True
    return group.kind in ("rows of numbers", "xml", "json") and len(group.paths) * 2 >= len(records)


def _tell_group(group: _Group, root: Path, guess: Guess, grave: bool, findings: Findings) -> None:
    where = group.paths[0].parent if len({path.parent for path in group.paths}) == 1 else root
    more = {"count": len(group.paths), "paths": first_paths(group.paths)}
    if grave:
        found = f"{group.said(root)}; none of {', '.join(guess.tried)} takes them"
        action = f"{_WAYS[group.kind]}; to import without them, name the format (--format {guess.format})"
        findings.error("labels_unread", where, "labels that are read with their images", found, action, **more)
        return
    found = f"{group.said(root)}, which {guess.format} does not use"
    findings.warn(
        "labels_unread", where, "label files that are used", found, f"left out; {_WAYS[group.kind]}", **more
    )  # fmt: skip


def _tell_images(images: Sequence[Path], root: Path, guess: Guess, findings: Findings) -> None:
    if not images:
        return
    folders = Counter(_below(path.parent, root) for path in images)
    listed = ", ".join(f"{name} ({number:,})" for name, number in folders.most_common(3))
    listed += " ..." if len(folders) > 3 else ""
    noun = "image that nothing names" if len(images) == 1 else "images that nothing names"
    found = f"{len(images):,} {noun} in {listed}, as {_below(images[0], root)}"
    findings.warn(
        "unnamed_images", root, f"images that {guess.format} takes", found, "left out", count=len(images),
        paths=first_paths(images),
    )  # fmt: skip


def _below(path: Path, root: Path) -> str:
    if path == root:
        return root.name
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
