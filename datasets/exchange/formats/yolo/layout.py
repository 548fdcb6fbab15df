"""Where the images and labels of an Ultralytics dataset lie: its yaml, lists and folders (Ultralytics docs, datasets).

`path` may be absolute, relative to the yaml, or wrong because the folder was moved: then the yaml's own folder counts.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from datasets.errors import FormatError, LimitError
from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.parsing import MOST_SMALL, class_name, read_text, yaml_of

UNSPLIT = "unsplit"  # ours: images without a split, which Ultralytics is given as train and val
MOST_CLASSES = 100_000
KEYS = {UNSPLIT: None, "train": "train", "val": "val", "validation": "val", "valid": "val", "test": "test"}


@dataclass(frozen=True)
class Layout:
    """Images in order with their split, class names by number, and whether rows carry key points."""

    names: dict[int, str]
    images: list[tuple[Path, str | None]]
    bounds: Bounds
    key_points: bool = False
    beside: Path | None = None

    def label_file(self, image: Path) -> Path | None:
        """`images` in the path becomes `labels` (the last such folder), the ending .txt; or beside the image.

        Where the yaml has a folder `labels` of its own (`beside`) while its images lie elsewhere, that one counts.
        """
        parts = list(image.parts)
        name = image.with_suffix(".txt").name
        for at in range(len(parts) - 2, -1, -1):
            if parts[at] == "images":
                top = Path(*parts[:at]) if self.beside is None else self.beside
                found = Path(top, "labels", *parts[at + 1 : -1], name)
                if not self.bounds.holds(found):
                    break
                if files.is_file(found) or self.beside:
                    return found if files.is_file(found) else None
                break
        beside = image.with_suffix(".txt")
        return beside if files.is_file(beside) else None


def looks_like_yolo(path: Path) -> str:
    """Why this is a YOLO dataset, in words; empty when it is not."""
    if path.is_file():
        return f"the yaml {path.name}" if path.suffix.lower() in (".yaml", ".yml") else ""
    configs = _configs(path)
    if configs:
        return f"the yaml {configs[0].name}"
    pairs = _folders(path)
    return f"folders of images and labels ({pairs[0][0].relative_to(path)})" if pairs else ""


def layout_of(path: Path, findings: Findings, bounds: Bounds) -> Layout:
    """Read the yaml, or the folders when there is none. Raises FormatError."""
    config = path if path.is_file() else _only(_configs(path), path)
    return _from_folders(path, findings, bounds) if config is None else _from_yaml(config, findings, bounds)


def _only(configs: list[Path], path: Path) -> Path | None:
    if len(configs) > 1:
        plain = [config for config in configs if config.stem in ("data", "dataset", path.name)]
        if len(plain) != 1:
            listed = ", ".join(config.name for config in configs)
            raise FormatError(f"{path}: expected one dataset yaml, found {listed}; name the one to import")
        return plain[0]
    return configs[0] if configs else None


def _configs(path: Path) -> list[Path]:
    return [p for p in sorted([*path.glob("*.yaml"), *path.glob("*.yml")]) if _is_config(p)]


def _is_config(path: Path) -> bool:
    try:
        config = yaml_of(read_text(path, MOST_SMALL), path)
    except LimitError:  # a malicious file is reported, not skipped
        raise
    except FormatError:
        return False
    return isinstance(config, dict) and ("names" in config or "nc" in config) and any(key in config for key in KEYS)


def _from_yaml(path: Path, findings: Findings, bounds: Bounds) -> Layout:
    config = _load(path)
    names = _names(config, path)
    roots = _roots(config, path)
    images: list[tuple[Path, str | None]] = []
    for entry, keys in _entries(config):
        first, *others = keys
        where = f"{path.name}: {first}"
        images.extend((image, KEYS[first]) for image in _split_images(entry, roots, findings, where, bounds))
        for key in others if first != UNSPLIT else ():
            findings.note(
                "same_split", f"{path.name}: {key}", "images of its own", f"those of {first}", f"kept as {first}"
            )
    if not images and not bounds.named:
        tried = ", ".join(str(root) for root in roots)
        raise FormatError(
            f"{path}: expected images under its train, val or test, found none in {tried}; correct `path`"
        )
    layout = Layout(names, images, bounds, "kpt_shape" in config, _own_labels(path.resolve().parent, images))
    if config.get("skip_if_label_file_missing"):  # Lightly: an image without a label file is not part of the dataset
        kept = [(image, split) for image, split in images if layout.label_file(image)]
        return replace(layout, images=kept or images)
    return layout


def _own_labels(here: Path, images: list[tuple[Path, str | None]]) -> Path | None:
    """The yaml's folder when it holds `labels` while the images lie elsewhere: several sets of labels for them."""
    outside = not any(image.is_relative_to(here) for image, _ in images[:1])
    return here if outside and (here / "labels").is_dir() else None


def _entries(config: dict[str, Any]) -> list[tuple[Any, list[str]]]:
    """Each place that the yaml names, with the keys for it; the key that the place is called after comes first."""
    found: dict[str, tuple[Any, list[str]]] = {}
    for key in KEYS:
        if config.get(key):
            found.setdefault(str(config[key]), (config[key], []))[1].append(key)
    for entry, keys in found.values():
        keys.sort(key=lambda key: (key != UNSPLIT, KEYS[key] != files.split_of(Path(str(entry)).name)))
    return list(found.values())


def _load(path: Path) -> dict[str, Any]:
    config = yaml_of(read_text(path, MOST_SMALL), path)
    if not isinstance(config, dict):
        raise FormatError(f"{path}: expected a yaml with train, val and names, found {type(config).__name__}")
    if not any(config.get(key) for key in KEYS):
        raise FormatError(
            f"{path}: expected one of the keys train, val, test; found {', '.join(map(str, config)) or 'none'}"
        )
    return config


def _names(config: dict[str, Any], path: Path) -> dict[int, str]:
    """Names by number; numbers may have gaps, as those of COCO's categories do."""
    names, count = config.get("names"), config.get("nc")
    if isinstance(names, dict) and names and all(str(key).isdecimal() for key in names):
        return {int(key): _name(names[key], path) for key in sorted(names, key=int)}
    if isinstance(names, list) and names:
        return dict(enumerate(_name(one, path) for one in names))
    if isinstance(count, int) and count > MOST_CLASSES:
        raise LimitError(f"{path}: nc", f"at most {MOST_CLASSES:,} classes", f"{count:,}"[:80], "correct nc")
    if names is None and isinstance(count, int) and count > 0:
        return {number: f"class_{number}" for number in range(count)}
    raise FormatError(f"{path}: expected `names` as a list or as number: name, found {names!r:.80}")


def _name(value: object, path: Path) -> str:
    try:
        return class_name(value)
    except ValueError as wrong:
        raise FormatError(f"{path}: expected `names` to hold the names of classes, found {wrong}") from wrong


def _roots(config: dict[str, Any], path: Path) -> list[Path]:
    here = path.resolve().parent
    given = config.get("path")
    stated = Path(str(given or "."))
    stated = Path.home() / Path(*stated.parts[1:]) if stated.parts[:1] == ("~",) else stated
    found = [Path(os.path.normpath(here / stated)), here, here / stated.name]
    if (here / "labels").is_dir() and not (here / "images").is_dir():
        found.append(here.parent)
    return list(dict.fromkeys(found))


def _split_images(entry: Any, roots: list[Path], findings: Findings, where: str, bounds: Bounds) -> Iterator[Path]:
    for part in entry if isinstance(entry, list) else [entry]:
        named = sum(bounds.named.values())
        target = _target(str(part), roots, bounds)
        if target is None and sum(bounds.named.values()) > named:
            continue
        if target is None:
            listed = " or ".join(str(root) for root in roots)
            findings.warn("missing_folder", where, f"{part} in {listed}", "nothing there", "this part is left out")
        elif target.is_dir():
            yield from files.images_below(target, findings)
        else:
            yield from _listed(target, roots, bounds)


def _target(part: str, roots: list[Path], bounds: Bounds) -> Path | None:
    """A folder or list. Roboflow writes ../train/images for train/images; the bounds find it by the end of the path."""
    stated = roots[0] if not bounds.holds(roots[0]) else None
    return bounds.place(part, roots, stated)


def _listed(target: Path, roots: list[Path], bounds: Bounds) -> Iterator[Path]:
    if files.is_image(target):
        yield target
        return
    for line in map(str.strip, read_text(target).splitlines()):
        image = bounds.image(line, [target.parent, *roots]) if line else None
        if image is not None:
            yield image


def _from_folders(path: Path, findings: Findings, bounds: Bounds) -> Layout:
    pairs = _folders(path)
    if not pairs:
        raise FormatError(f"{path}: expected a yaml, or folders `images` and `labels`, found neither")
    images = [(image, _split(image, top)) for top, _ in pairs for image in files.images_below(top, findings)]
    names = _listed_names(path) or _counted_names(Layout({}, images, bounds))
    return Layout(dict(enumerate(names)), images, bounds)


def _folders(path: Path) -> list[tuple[Path, Path]]:
    """Pairs of folders: `images` and `labels` at the top, or one level down (`train/images`, `train/labels`)."""
    if not path.is_dir():
        return []
    tops = [path, *sorted(p for p in path.iterdir() if p.is_dir() and files.split_of(p.name))]
    pairs = [(top / "images", top / "labels") for top in tops]
    return [pair for pair in pairs if pair[0].is_dir() and pair[1].is_dir() and any(pair[1].rglob("*.txt"))]


def _split(image: Path, top: Path) -> str | None:
    inner = image.relative_to(top).parts
    return (files.split_of(inner[0]) if len(inner) > 1 else None) or files.split_of(top.parent.name)


def _listed_names(path: Path) -> list[str]:
    for folder in (path, path / "labels"):
        names = files.read_classes(folder)
        if names:
            return names
    listed = path / "obj.names"
    return files.read_names(listed) if listed.is_file() else []


def _counted_names(layout: Layout) -> list[str]:
    highest = -1
    for image, _ in layout.images:
        path = layout.label_file(image)
        for line in read_text(path).splitlines() if path else ():
            word = line.split(" ", 1)[0].strip()
            highest = max(highest, int(word) if word.isdecimal() and int(word) < 10_000 else -1)
    return [f"class_{number}" for number in range(highest + 1)]
