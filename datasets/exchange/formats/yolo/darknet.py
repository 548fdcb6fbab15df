"""The files of darknet, as CVAT exports them too (YOLO 1.1): `obj.data` names a list of classes and lists of images.

Lines of `obj.data` are `key = value`: `names`, `train`, `valid`, `test` (https://github.com/AlexeyAB/darknet).
"""

from pathlib import Path

from datasets.errors import FormatError
from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import files, tree
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.parsing import MOST_SMALL, read_head, read_text
from datasets.exchange.formats.yolo import classlists
from datasets.exchange.formats.yolo.classlists import Names
from datasets.exchange.formats.yolo.config import split_images

SUFFIX = ".data"
_SPLITS = {"train": "train", "valid": "val", "val": "val", "eval": "val", "test": "test"}


def data_file(folder: Path) -> Path | None:
    """The file of darknet in a folder; `obj.data` before others."""
    found = [path for path in tree.listing(folder).files if is_data(path)]
    return next((path for path in found if path.name == "obj.data"), found[0] if found else None)


def is_data(path: Path) -> bool:
    """Whether a file has the keys of a dataset of darknet."""
    values = _values(read_head(path, 4096)) if path.suffix == SUFFIX and files.is_file(path) else {}
    return "names" in values and bool(values.keys() & (_SPLITS.keys() | {"classes"}))


def read(path: Path, findings: Findings, bounds: Bounds) -> tuple[Names | None, list[tuple[Path, str | None]]]:
    """Names by number, and images with their split; no images where its lists are not there. Raises FormatError."""
    values = _values(read_text(path, MOST_SMALL))
    roots = [path.resolve().parent, path.resolve().parent.parent]
    listed = bounds.place(values.get("names", ""), roots) if values.get("names") else None
    beside = path.parent / Path(values.get("names", "").replace("\\", "/")).name
    listed = listed or (beside if files.is_file(beside) else None)
    if listed is None or listed.is_dir():
        findings.warn("missing_names", path, f"the list of names {values.get('names')}", "nothing there", "add it")
        names = None
    else:
        names = classlists.of_list(listed, findings)
    images: list[tuple[Path, str | None]] = []
    for key, split in _SPLITS.items():
        if values.get(key):
            where = f"{path.name}: {key}"
            images += [(image, split) for image in split_images(values[key], roots[:1], findings, where, bounds)]
    if names is not None and values.get("classes", "").isdecimal() and int(values["classes"]) != len(names):
        findings.warn("names_count", path, f"{values['classes']} names, as it says", f"{len(names):,} in {listed}",
                      "the names count")  # fmt: skip
    if not images and not names:
        raise FormatError(f"{path}: expected lists of images and of names, found neither")
    return names, images


def _values(text: str) -> dict[str, str]:
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line and not line.lstrip().startswith("#"))
    return {key.strip().lower(): value.strip() for key, value in pairs}
