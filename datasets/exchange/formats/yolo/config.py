"""The yaml of an Ultralytics dataset: where its images lie, and its classes (Ultralytics docs, datasets).

`path` may be absolute, relative to the yaml, or wrong because the folder was moved, as notebooks and Windows leave it:
then the yaml's own folder counts.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Any

from datasets.errors import FormatError
from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import files, opened, tree
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.parsing import MOST_SMALL, read_head, read_text, yaml_of, yaml_texts
from datasets.exchange.formats.yolo import classlists
from datasets.exchange.formats.yolo.classlists import Names

UNSPLIT = "unsplit"  # ours: images without a split, which Ultralytics is given as train and val
KEYS = {UNSPLIT: None, "train": "train", "val": "val", "validation": "val", "valid": "val", "test": "test"}
SUFFIXES = (".yaml", ".yml")
_KEY = re.compile(
    r"(?:^|[{,])\s{0,4}[\"']?(names|nc|classes|class_names|labels|train|val|valid|test)[\"']?\s*:", re.MULTILINE
)
_MOST_YAMLS = 20
_PLAIN = ("data", "dataset")


@dataclass(frozen=True, slots=True)
class Config:
    """What a yaml says: `values` as yaml reads them, and the names of classes as they are written."""

    path: Path
    values: dict[str, Any]
    names: Names | None

    @property
    def points(self) -> int | None:
        """The numbers of key points in a row, by `kpt_shape`; None without."""
        shape = self.values.get("kpt_shape")
        if shape is None:
            return None
        two = shape if isinstance(shape, list) and len(shape) == 2 else [0]
        if not all(isinstance(n, int) and 0 < n < 10_000 for n in two):
            raise FormatError(f"{self.path}: expected `kpt_shape` as [points, 2 or 3], found {shape!r:.60}")
        return int(shape[0] * shape[1])


def configs_in(folder: Path) -> tuple[list[Path], list[Path]]:
    """The yamls of a folder that describe a dataset, and those that seem to and cannot be read."""
    good: list[Path] = []
    broken: list[Path] = []
    for path in _yamls(folder):
        kind = _kind(path)
        if kind is not None:
            (good if kind else broken).append(path)
    return good, broken


def only(folder: Path, findings: Findings) -> Path | None:
    """The yaml of a folder that counts; None when it has none. Raises FormatError when that is not clear."""
    good, broken = configs_in(folder)
    found = good or broken
    if len(found) > 1:
        plain = [one for one in found if one.stem in (*_PLAIN, folder.name)]
        if len(plain) != 1:
            listed = ", ".join(one.name for one in found)
            raise FormatError(f"{folder}: expected one dataset yaml, found {listed}; name the one to import")
        others = [one for one in found if one != plain[0]]
        listed = ", ".join(one.name for one in others[:5])
        findings.note("other_yaml", folder, "one dataset yaml", f"{plain[0].name}, and {listed}",
                      f"{plain[0].name} is read; name another one to import that")  # fmt: skip
        found = plain
    for one in broken if good else ():
        findings.warn("broken_yaml", one, "a yaml that can be read", "one with errors", f"{found[0].name} is read")
        opened.note(one)
    return found[0] if found else None


def load(path: Path, findings: Findings) -> Config:
    """Read a yaml. Raises FormatError that names it, and the line where it has errors."""
    text = read_text(path, MOST_SMALL)
    values = yaml_of(text, path)
    if not isinstance(values, dict):
        raise FormatError(f"{path}: expected a yaml with train, val and names, found {type(values).__name__}")
    return Config(path, values, classlists.of_yaml(yaml_texts(text, path), path, findings))


def names_beside(folder: Path, findings: Findings) -> tuple[Path, Names] | None:
    """The names in a yaml of a folder that says nothing about images."""
    for path in _yamls(folder):
        if re.search(r"^[\"']?(names|nc)[\"']?\s*:", read_head(path), re.MULTILINE):
            names = load(path, findings).names
            if names:
                return path, names
    return None


def names_below(folder: Path, findings: Findings) -> Names | None:
    """The names in the only yaml further down that has some (`config/data.yaml`), with a note."""
    every = [path for suffix in SUFFIXES for path in tree.with_suffix(folder, suffix) if path.parent != folder]
    if len(every) > _MOST_YAMLS:
        return None
    found = {}
    for path in every:
        try:
            with opened.trying():
                named = names_beside(path.parent, Findings())
        except FormatError:  # of something else
            continue
        if named:
            found[named[0]] = named[1]
    if len(found) != 1:
        return None
    ((path, names),) = found.items()
    opened.note(path)
    listed = ", ".join(list(names.values())[:5])
    findings.note(
        "names_elsewhere", path, "names of classes beside the labels", f"them here: {listed}", "they are used"
    )
    return names


def images_of(config: Config, findings: Findings, bounds: Bounds) -> list[tuple[Path, str | None]]:
    """The images that a yaml names, with their split; none where nothing of it is there. Raises FormatError."""
    roots, found = roots_of(config), []
    if not any(config.values.get(key) for key in KEYS):
        said = ", ".join(map(str, config.values)) or "none"
        raise FormatError(f"{config.path}: expected one of the keys train, val, test; found {said}")
    for entry, keys in _entries(config.values):
        first, *others = keys
        where = f"{config.path.name}: {first}"
        found += [(image, KEYS[first]) for image in split_images(entry, roots, findings, where, bounds)]
        for key in others if first != UNSPLIT else ():
            action = f"kept as {first}; training needs images of its own for {KEYS[key]}: give them another split"
            findings.note("same_split", f"{config.path.name}: {key}", "images of its own", f"those of {first}", action)
    return found


def roots_of(config: Config) -> list[Path]:
    """The folders that the places in a yaml may be relative to, as it states them first."""
    here = config.path.resolve().parent
    given = str(config.values.get("path") or ".")
    if PureWindowsPath(given).drive or "\\" in given:
        parts = [part for part in PureWindowsPath(given).parts if part != PureWindowsPath(given).anchor]
        stated = Path(*parts) if parts and not PureWindowsPath(given).drive else Path(parts[-1] if parts else ".")
    else:
        stated = Path(given)
    stated = Path.home() / Path(*stated.parts[1:]) if stated.parts[:1] == ("~",) else stated
    found = [Path(os.path.normpath(here / stated)), here, here / stated.name]
    if (here / "labels").is_dir() and not (here / "images").is_dir():
        found.append(here.parent)
    return list(dict.fromkeys(found))


def split_images(entry: Any, roots: list[Path], findings: Findings, where: str, bounds: Bounds) -> Iterator[Path]:
    """The images of a folder, a list of images, a pattern with `*`, or of several of these."""
    for part in entry if isinstance(entry, list) else [entry]:
        named = sum(bounds.named.values())
        targets = _targets(str(part), roots, bounds)
        if not targets and sum(bounds.named.values()) == named:
            listed = " or ".join(str(root) for root in roots)
            findings.warn("missing_folder", where, f"{part} in {listed}", "nothing there", "this part is left out")
        for target in targets:
            yield from files.images_below(target, findings) if target.is_dir() else _listed(target, roots, bounds)


def _yamls(folder: Path) -> list[Path]:
    return [path for path in tree.listing(folder).files if path.suffix in SUFFIXES and files.is_file(path)]


def _kind(path: Path) -> bool | None:
    """True for a yaml of a dataset, False for one with errors that seems to be one, None for any other."""
    text = read_head(path, MOST_SMALL)
    keys = set(_KEY.findall(text))
    namers = {"names", "nc", *classlists.ALIASES}
    named = bool(namers & keys)
    seems = len(keys - namers) > 0 and (named or bool(classlists.lists_in([path.parent])))
    if not seems:
        return False if not text and path.stem in _PLAIN and path.stat().st_size else None
    try:
        values = yaml_of(text, path)
    except FormatError:
        return False if named else None
    if not isinstance(values, dict):
        return None
    if "names" in values or "nc" in values:
        return True if any(key in values for key in KEYS) else None
    if classlists.alias_in(values) and any(isinstance(values.get(key), str | list) for key in KEYS):
        return True
    places = [values[key] for key in KEYS if isinstance(values.get(key), str)]
    return True if any((path.parent / place).exists() for place in places) else None


def _entries(config: dict[str, Any]) -> list[tuple[Any, list[str]]]:
    """Each place that the yaml names, with the keys for it; the key that the place is called after comes first."""
    found: dict[str, tuple[Any, list[str]]] = {}
    for key in KEYS:
        if config.get(key):
            found.setdefault(str(config[key]), (config[key], []))[1].append(key)
    for entry, keys in found.values():
        keys.sort(key=lambda key: (key != UNSPLIT, KEYS[key] != files.split_of(Path(str(entry)).name)))
    return list(found.values())


def _targets(part: str, roots: list[Path], bounds: Bounds) -> list[Path]:
    """Folders or lists. Roboflow writes ../train/images for train/images; the bounds find it by the end of the path."""
    stated = roots[0] if not bounds.holds(roots[0]) else None
    plain = part.replace("\\", "/")
    if any(mark in plain for mark in "*?[") and ".." not in plain and not plain.startswith("/"):
        matched = (sorted(root.glob(plain)) for root in roots if bounds.holds(root) and root.is_dir())
        return [one for one in next(filter(None, matched), []) if one.is_dir() or files.is_image(one)]
    found = bounds.place(part, roots, stated) or _by_tail(plain, roots, bounds)
    return [found] if found is not None else []


def _by_tail(plain: str, roots: list[Path], bounds: Bounds) -> Path | None:
    """`train.txt` or `images/train` for `data/train.txt` and `data/images/train`, as seen from the folder above."""
    parts = [part for part in plain.split("/") if part not in ("", ".", "..")]
    tails = (Path(root, *parts[at:]) for at in range(1, len(parts)) for root in roots if bounds.holds(root))
    return next((tail for tail in tails if tail.is_dir() or files.is_file(tail)), None)


def _listed(target: Path, roots: list[Path], bounds: Bounds) -> Iterator[Path]:
    if files.is_image(target):
        yield target
        return
    for line in map(str.strip, read_text(target).splitlines()):
        image = bounds.image(line, [target.parent, *roots]) if line and not line.startswith("#") else None
        if image is not None:
            yield image
