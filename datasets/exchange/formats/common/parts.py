"""The part of a source that each image belongs to: its split, by lists and by folders, and groups that are no split.

What a format says itself goes first; this is asked for images to which it gives no split.
"""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import files, splits
from datasets.exchange.formats.common.partners import LAYOUT
from datasets.exchange.formats.common.splitlists import Names, by_lists
from datasets.records import ImageRecord, first_paths

_MOST_GROUPS = 20


@dataclass(frozen=True)
class Places:
    """Where the images of a source lie, as the source has them (records hold paths with links followed).

    `labels` are their label files, whose names lists may use and whose folders may denote splits; `bare` are images
    without labels that lists may name.
    """

    images: Sequence[Path]
    labels: Sequence[Path] = ()
    bare: Sequence[Path] = ()


def given(
    records: Sequence[ImageRecord], root: Path, findings: Findings, places: Places | None = None
) -> tuple[ImageRecord, ...]:
    """The records with the splits that lists and folders below `root` name, for those that have none.

    Readers that know the places of their images and label files ask with them; bare images that a list names follow.
    Asked without places, for the source of any format, parts that lie side by side (`batch1`, `site_a`) become tags of
    their images where nothing names a split.
    """
    whole = places is None
    records = tuple(records)
    places = places or Places(_as_named(records, root))
    if not root.is_dir() or (all(record.split for record in records) and not places.bare):
        return records
    count = len(records)
    every = (enumerate(places.images), enumerate(places.labels), enumerate(places.bare, count))
    found, groups = by_lists(Names(root, [pair for some in every for pair in some]), findings)
    bare = [ImageRecord(files.resolved(one), found[n]) for n, one in enumerate(places.bare, count) if n in found]
    found = {n: split for n, split in found.items() if n < count and not records[n].split}
    classes = {record.classification.label for record in records if record.classification}
    folders = _Folders(root, places.images, classes)
    for some in (folders, _Folders(root, places.labels, classes)):
        for n in range(len(some.paths)):
            if n not in found and not records[n].split and (split := some.split(n)):
                found[n] = split
    if whole and not found and not any(record.split for record in records):
        found = _by_first_words(places.images, root, findings)
    if not whole or found or any(record.split for record in records):
        groups = {}
    else:
        groups = groups or folders.groups()
        _tell_groups(groups, root, places.images, findings)
    return (*(_with(record, found.get(n), groups.get(n)) for n, record in enumerate(records)), *bare)


def _by_first_words(images: Sequence[Path], root: Path, findings: Findings) -> dict[int, str]:
    """The splits by how the names of images begin (`train_01.jpg`, `val_02.jpg`), where all of them say one."""
    said = [splits.leading(image.name) for image in images]
    found = {number: split for number, split in enumerate(said) if split}
    if len(found) < len(images) or len(set(found.values())) < 2:
        return {}
    shown = ", ".join(f"{images[said.index(split)].name} is {split}" for split in dict.fromkeys(found.values()))
    findings.note(
        "splits_by_names", root, "splits by lists or folders", f"names of images that begin with them: {shown}",
        "they are used", count=len(found),
    )  # fmt: skip
    return found


def _with(record: ImageRecord, split: str | None, group: str | None) -> ImageRecord:
    if split:
        return replace(record, split=split)
    return replace(record, tags=(*record.tags, group)) if group and group not in record.tags else record


def _as_named(records: Sequence[ImageRecord], root: Path) -> list[Path]:
    """The paths below `root` as it was named, although records hold resolved ones."""
    real = os.path.realpath(root)
    if real == str(root):
        return [record.path for record in records]
    start = real + os.sep
    texts = (str(record.path) for record in records)
    return [root / text.removeprefix(start) if text.startswith(start) else Path(text) for text in texts]


class _Folders:
    """The folders that images lie in, below the root, and which of them denote splits."""

    def __init__(self, root: Path, images: Sequence[Path], classes: set[str]) -> None:
        self.classes = classes
        folders = [os.path.dirname(image) for image in images]  # noqa: PTH120  Path is slower
        known = {folder: _parts(Path(folder), root) for folder in set(folders)}
        self.paths = [known[folder] for folder in folders]
        children: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
        for path in dict.fromkeys(self.paths):
            for depth, part in enumerate(path):
                if part.lower() not in LAYOUT:
                    children[path[:depth]].setdefault(part)
        self.children = children
        self.splits = {top: splits.among(names) for top, names in children.items()}

    def split(self, number: int) -> str | None:
        """The split of an image by the first of its folders that denotes one and is no class."""
        path = self.paths[number]
        for depth, part in enumerate(path):
            split = self.splits.get(path[:depth], {}).get(part)
            if split and part not in self.classes:
                return split
        return None

    def groups(self) -> dict[int, str]:
        """The folder of each image among those that lie side by side first; empty for too many, or for classes."""
        sides = [(top, names) for top, names in self.children.items() if len(names) > 1]
        if not sides:
            return {}
        top, names = min(sides, key=lambda side: len(side[0]))
        if len(names) > _MOST_GROUPS or self.classes & names.keys():
            return {}
        depth = len(top)
        below = ((n, path) for n, path in enumerate(self.paths) if len(path) > depth and path[:depth] == top)
        return {n: path[depth] for n, path in below if path[depth] in names}


def _parts(folder: Path, root: Path) -> tuple[str, ...]:
    return folder.relative_to(root).parts if folder.is_relative_to(root) else ()


def _tell_groups(groups: Mapping[int, str], root: Path, images: Sequence[Path], findings: Findings) -> None:
    if not groups:
        return
    names = sorted(set(groups.values()))
    listed = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
    findings.note(
        "groups_kept", root, "parts called train, val and test", f"{len(names)} other parts: {listed}",
        "each image carries the name of its part as a tag", paths=first_paths(images[n] for n in groups),
    )  # fmt: skip
