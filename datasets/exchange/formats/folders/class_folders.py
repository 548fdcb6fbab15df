"""A folder of class folders, with or without a level of splits: `train/cat/1.jpg` or `cat/1.jpg`.

Classes are the folder names, sorted (torchvision's order), unless `classes.txt` at the top gives another order.
"""

from collections.abc import Iterator
from pathlib import Path

from datasets.errors import FormatError
from datasets.exchange.formats.base import Draft, Findings, Sniff, Source
from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.bounds import Bounds
from datasets.kinds import CLASSIFICATION
from datasets.records import Finding, ImageRecord, Label, Progress, no_progress

NAME = "class_folders"
TITLE = "Folder of class folders"
ACCEPTS = (CLASSIFICATION,)
UNSORTED = "_unlabelled"


def sniff(path: Path) -> Sniff:
    """Two or more folders of images, none named like a split, at the top or below splits; no image beside them."""
    if not path.is_dir():
        return Sniff(0.0)
    found = list(_class_folders(path))
    names = {folder.name for folder, _ in found}
    if len(names) < 2 or any(map(files.split_of, names)) or _has_image(path):
        return Sniff(0.0)
    if any(split for _, split in found):
        return Sniff(0.6, f"folders of splits that hold {len(names)} folders of images")
    return Sniff(0.4, f"{len(names)} folders of images")


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:  # noqa: ARG001
    """One classification per image; images below a class folder count at any depth."""
    findings = Findings()
    records: list[ImageRecord] = []
    classes = files.read_classes(path)
    for folder, split in _class_folders(path):
        label = None if folder.name == UNSORTED else Label(folder.name)
        for file in files.images_below(folder, findings):
            progress(len(records), 0)
            records.append(ImageRecord(files.resolved(file), split=split, classification=label))
    found = sorted({record.classification.label for record in records if record.classification})
    return Source(tuple(records), tuple(dict.fromkeys([*classes, *found])), CLASSIFICATION, findings.all())


def write(draft: Draft, folder: Path, progress: Progress = no_progress) -> tuple[Finding, ...]:
    """`split/class/image`, and `classes.txt` for the order. Raises FormatError for media `none`."""
    if draft.media == "none":
        raise FormatError("class folders are made of image files: expected media 'link' or 'copy', found 'none'")
    _check_names([*draft.classes, *(r.classification.label for r in draft.records if r.classification)])
    (folder / "classes.txt").write_text("".join(f"{name}\n" for name in draft.classes), encoding="utf-8")
    for done, (record, name) in enumerate(zip(draft.records, files.file_names(draft.records), strict=True)):
        label = record.classification.label if record.classification else UNSORTED
        files.place(record.path, folder / (record.split or "") / label / name, draft.media)
        progress(done + 1, len(draft.records))
    return ()


def _class_folders(path: Path) -> Iterator[tuple[Path, str | None]]:
    """The folders of classes, each with its split."""
    for folder in _folders(path):
        split = files.split_of(folder.name)
        inner = _folders(folder)
        if split and inner and not _has_image(folder):
            yield from ((deeper, split) for deeper in inner if _holds_image(deeper))
        elif _holds_image(folder):
            yield folder, None


def _folders(path: Path) -> list[Path]:
    return sorted(
        p for p in path.iterdir() if p.is_dir() and not p.name.startswith(".") and p.name not in files.SKIPPED
    )


def _has_image(folder: Path) -> bool:
    return any(files.is_image(file.name) for file in folder.iterdir())


def _holds_image(folder: Path) -> bool:
    return any(files.is_image(file.name) for file in files.walk(folder))


def _check_names(names: list[str]) -> None:
    for name in names:
        if name in ("", ".", "..", UNSORTED) or "/" in name or "\0" in name or name.startswith("."):
            raise FormatError(f"expected class names that can be folder names, found {name!r}; rename the class first")
