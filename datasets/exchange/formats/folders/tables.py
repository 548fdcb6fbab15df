"""Classes of bare images beside class folders, from a text in their split: `val/val_annotations.txt` of Tiny ImageNet.

Each row holds the name of an image and, in another cell, the name of a class that the folders have.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

from datasets.errors import FormatError
from datasets.exchange.formats.common import opened, splits, tree
from datasets.exchange.formats.common.parsing import MOST_SMALL, read_text

_SUFFIXES = (".txt", ".csv", ".tsv")
_DUMMIES = ("submission", "submit", "dummy")
_TRIED = 8  # texts of a folder


def classes_of(
    folder: Path, images: Sequence[Path], classes: Collection[str], split: str | None, top: Path
) -> tuple[Path, dict[str, str]] | None:
    """The text that gives images of a split their classes, and the class by name of file; None without one.

    It lies in `folder` or above it, up to that of the split; or, called like the split, further up to `top`. Most of
    its rows name an image and a class. Samples of submissions say nothing.
    """
    names, own = {image.name for image in images}, True
    for place in (folder, *folder.parents):
        if not place.is_relative_to(top):
            return None
        own = own and place != top
        texts = [one for one in tree.listing(place).files if _may_name(one, None if own else split)]
        for path in texts[:_TRIED]:
            found = _read(path, names, classes)
            if found:
                opened.note(path)
                return path, found
        own = own and splits.split_of(place.name) is None
    return None


def _may_name(path: Path, split: str | None) -> bool:
    named = split is None or splits.split_in(path.stem) == split
    dummy = any(word in path.stem.lower() for word in _DUMMIES)
    return named and not dummy and path.suffix.lower() in _SUFFIXES


def _read(path: Path, names: Collection[str], classes: Collection[str]) -> dict[str, str]:
    try:
        with opened.trying():
            lines = read_text(path, MOST_SMALL).splitlines()
    except FormatError:
        return {}
    mark = next((one for one in "\t,;" if lines and one in lines[0]), None)
    rows = [[cell.strip() for cell in line.split(mark)] for line in lines if line.strip()]
    made: dict[str, str] = {}
    for row in rows:
        image = next((cell for cell in row if cell in names), None)
        label = next((cell for cell in row if cell != image and cell in classes), None)
        if image and label and made.setdefault(image, label) != label:
            return {}
    same = len(made) > 1 and len(set(made.values())) == 1 < len(classes)  # answers to be replaced
    return made if len(made) * 2 > len(rows) and not same else {}
