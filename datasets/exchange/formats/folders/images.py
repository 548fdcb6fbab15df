"""A bare folder of images, at any depth, without labels. Top folders named train, val or test become splits."""

import re
from collections import Counter, defaultdict
from pathlib import Path

from datasets.exchange.formats.base import Draft, Findings, Sniff, Source
from datasets.exchange.formats.common import files, foldernames, tree
from datasets.exchange.formats.common.bounds import Bounds
from datasets.kinds import CLASSIFICATION, CLASSIFICATIONS, DETECTIONS, KEYPOINTS, SEGMENTATION
from datasets.records import Finding, ImageRecord, Progress, first_paths, no_progress

_NUMBERED = re.compile(r"([^\W\d_][^\d]*?)[ ._(-]*\d+\)?")
_MOST_WORDS = 50
NAME = "images"
TITLE = "Folder of images"
ACCEPTS = (DETECTIONS, CLASSIFICATION, CLASSIFICATIONS, SEGMENTATION, KEYPOINTS, None)


def sniff(path: Path) -> Sniff:
    """Any folder that holds an image, however deep; the weakest of all claims."""
    if path.is_dir() and any(one.images for one in tree.listings_below(path)):
        return Sniff(0.1, "a folder that holds images")
    return Sniff(0.0)


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:  # noqa: ARG001
    """Every image below `path`, in the order of names, but those in folders of masks beside other images."""
    findings = Findings()
    every = files.images_below(path, findings)
    masks = {folder for folder in {file.parent for file in every} if _holds_masks(folder, path)}
    chosen = [file for file in every if file.parent not in masks] or every
    records: list[ImageRecord] = []
    for file in chosen:
        progress(len(records), 0)
        records.append(ImageRecord(files.resolved(file), split=_split(file.relative_to(path))))
    _tell_folders(path, chosen, findings)
    _tell_names(path, chosen, findings)
    _tell_pairs(path, chosen, findings)
    return Source(tuple(records), (), None, findings.all())


def _holds_masks(folder: Path, top: Path) -> bool:
    return any(foldernames.holds(part) == "labels" for part in folder.relative_to(top).parts)


def _tell_folders(path: Path, images: list[Path], findings: Findings) -> None:
    """That the name of a folder, which may be a class, is taken for none."""
    tops = {file.relative_to(path).parts[0] for file in images if file.parent != path}
    names = [
        one for one in sorted(tops) if not (foldernames.holds(one) or foldernames.is_part(one) or files.split_of(one))
    ]
    if names:
        listed = ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")
        action = "their names are not taken as classes; if they are, name the format class_folders"
        findings.note("folders_not_classes", path, "images without labels", f"images in the folders {listed}", action)


def _tell_names(path: Path, images: list[Path], findings: Findings) -> None:
    """That images are called by what may be their classes: `cat.0.jpg`, `dog_1.jpg`."""
    words = Counter(found[1] for image in images if (found := _NUMBERED.fullmatch(image.stem)))
    named = [word for word, number in words.items() if number > 1 and not files.split_of(word)]
    if 1 < len(named) <= _MOST_WORDS and sum(words[word] for word in named) * 2 > len(images):
        listed = ", ".join(sorted(named)[:5])
        action = "they are not taken as classes; if they are, put the images into folders called so"
        findings.note("names_not_classes", path, "images without labels", f"names that begin with {listed}", action)


def _tell_pairs(path: Path, images: list[Path], findings: Findings) -> None:
    """That most images have another of their name beside them, as masks in the folder of their images have."""
    by_name: dict[Path, list[Path]] = defaultdict(list)
    for image in images:
        by_name[image.with_suffix("")].append(image)
    pairs = [some for some in by_name.values() if len(some) > 1]
    if pairs and len(pairs) * 4 >= len(images):
        one, other = pairs[0][:2]
        found = f"{len(pairs):,} names there twice with another ending, as {one.name} and {other.name}"
        action = "all are images; if one of each two is a mask, move the masks into a folder `masks` beside `images`"
        more = {"count": len(pairs), "paths": first_paths(some[1] for some in pairs)}
        findings.warn("names_in_pairs", path, "each image once", found, action, **more)


def write(draft: Draft, folder: Path, progress: Progress = no_progress) -> tuple[Finding, ...]:
    """Images in one folder per split; labels are not written."""
    for done, (record, name) in enumerate(zip(draft.records, files.file_names(draft.records), strict=True)):
        files.place(record.path, folder / (record.split or "") / name, draft.media)
        progress(done + 1, len(draft.records))
    return ()


def _split(relative: Path) -> str | None:
    return files.split_of(relative.parts[0]) if len(relative.parts) > 1 else None
