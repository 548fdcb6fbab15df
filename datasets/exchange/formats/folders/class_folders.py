"""A folder of class folders, with or without a level of splits: `train/cat/1.jpg` or `cat/1.jpg` (`layout` tells more).

Classes are the folder names, sorted (torchvision's order), unless `classes.txt` at the top gives another order.
"""

from itertools import islice
from pathlib import Path

from datasets.errors import FormatError
from datasets.exchange.formats.base import Draft, Findings, Sniff, Source
from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.folders import tables
from datasets.exchange.formats.folders.layout import Layout, Place, layout_of
from datasets.kinds import CLASSIFICATION
from datasets.records import Finding, ImageRecord, Label, Progress, first_paths, no_progress

NAME = "class_folders"
TITLE = "Folder of class folders"
ACCEPTS = (CLASSIFICATION,)
UNSORTED = "_unlabelled"
_FEW = 4  # a set of class folders has so many times more images in them than beside them


def sniff(path: Path) -> Sniff:
    """Folders of images that are classes; surer when they lie in splits, barely when there is but one of them."""
    found = layout_of(path)
    names = len(found.classes)
    if not names or (found.loose and _number(found) < _FEW * found.loose):
        return Sniff(0.0)
    if names == 1:
        (name,) = found.classes
        return Sniff(
            0.3 if found.split else 0.05, f"the one folder {name} in splits" if found.split else f"a folder {name}"
        )
    if found.split:
        return Sniff(0.6, f"folders of splits that hold {names} folders of images")
    return Sniff(0.4, f"{names} folders of images")


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:  # noqa: ARG001
    """One classification per image; images below a class folder count at any depth, bare ones of a split have none.

    Raises FormatError when no folder is one of a class.
    """
    found = layout_of(path)
    if not found.classes:
        raise FormatError(f"{path}: expected folders of images named by their class, found none")
    findings = found.findings
    records: list[ImageRecord] = []
    for place in found.places:
        label = None if place.label in (None, UNSORTED) else Label(place.label)
        listed = {} if place.label is not None else _listed(path, place, found.classes, findings)
        for file in place.images():
            progress(len(records), 0)
            image, own = files.resolved(file), listed.get(file.name)
            classification = Label(own) if own else label
            records.append(ImageRecord(image, split=place.split, classification=classification, tags=place.tags))
    names = sorted({record.classification.label for record in records if record.classification})
    classes = _in_order(path, names, findings)
    _tell(path, records, classes, found, findings)
    return Source(tuple(records), classes, CLASSIFICATION, findings.all())


def _listed(path: Path, place: Place, classes: set[str], findings: Findings) -> dict[str, str]:
    """The classes of the bare images of a split by their names, from a text beside them; empty without one."""
    images = list(place.images())
    found = tables.classes_of(place.folder, images, classes, place.split, path) if images else None
    if found is None:
        return {}
    text, listed = found
    findings.note(
        "listed_classes", text, "images in folders of classes", f"{len(listed):,} of {place.split} listed here",
        "they are read together", count=len(listed),
    )  # fmt: skip
    return listed


def _number(found: Layout) -> int:
    """Images of classes, as many as are needed to compare."""
    images = (1 for place in found.places if place.label is not None for _ in place.images())
    return sum(islice(images, _FEW * found.loose))


def _in_order(path: Path, names: list[str], findings: Findings) -> tuple[str, ...]:
    """The classes as `classes.txt` lists them, if that is what it lists."""
    listed = files.read_classes(path) if path.is_dir() else []
    if listed and not set(names) & set(listed):
        found = f"{listed[0]!r} and others, which no folder is called"
        findings.warn("classes_unused", path / "classes.txt", "the names of the class folders", found, "it is not used")
        listed = []
    return tuple(dict.fromkeys([*listed, *names]))


def _tell(path: Path, records: list[ImageRecord], classes: tuple[str, ...], found: Layout, findings: Findings) -> None:
    bare = [str(record.path) for record in records if record.classification is None]
    told = [one for one in found.unlabelled if one.name != UNSORTED]
    if len(found.classes) == 1:
        findings.note(
            "one_class", path, "two classes or more", f"the one class {classes[0]}", "nothing can be told apart"
        )
    if told and bare:
        findings.note(
            "unlabelled_images", told[0], "images in folders of classes", f"{len(bare):,} that lie in none",
            "they are imported without a label", count=len(bare), paths=first_paths(bare),
        )  # fmt: skip


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


def _check_names(names: list[str]) -> None:
    for name in names:
        if name in ("", ".", "..", UNSORTED) or "/" in name or "\0" in name or name.startswith("."):
            raise FormatError(f"expected class names that can be folder names, found {name!r}; rename the class first")
