"""Where the images and labels of a YOLO dataset lie: by its yaml, by the files of darknet, or by its folders."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from datasets.errors import FormatError
from datasets.exchange.formats.base import Findings, Sniff
from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.yolo import classlists, config, darknet, trees
from datasets.exchange.formats.yolo.classlists import Names
from datasets.exchange.formats.yolo.partners import Partners
from datasets.records import first_paths

Images = list[tuple[Path, str | None]]


@dataclass(frozen=True)
class Layout:
    """Images in order with their split, the label file of each image that has one, and class names by number.

    `names` is None when nothing names the classes. `lists` are names that count for the label files below a folder
    alone. `points` are the numbers of key points in a row, where they are declared.
    """

    images: Images
    labels: Mapping[Path, Path]
    names: Names | None
    lists: Mapping[Path, Names] = field(default_factory=dict)
    points: int | None = None

    def names_for(self, labels: Path) -> Names:
        """The names that the numbers in a label file stand for."""
        found = classlists.nearest(labels.parent, self.lists) if self.lists else self.names
        return found or {}


def looks_like_yolo(path: Path) -> Sniff:
    """Whether this is a YOLO dataset: a yaml, a file of darknet, or folders; it never raises."""
    if path.is_file():
        if path.suffix.lower() in config.SUFFIXES:
            return Sniff(0.9, f"the yaml {path.name}")
        return Sniff(0.9, f"the file {path.name} of darknet") if darknet.is_data(path) else Sniff(0.0)
    return _folder_looks_like(path) if path.is_dir() else Sniff(0.0)


def _folder_looks_like(path: Path) -> Sniff:
    good, broken = config.configs_in(path)
    if good:
        return Sniff(0.9, f"the yaml {good[0].name}")
    data = darknet.data_file(path)
    if data:
        return Sniff(0.9, f"the file {data.name} of darknet")
    folders = trees.sniff(path)
    if broken:
        return Sniff(0.9 if folders.score else 0.4, f"the yaml {broken[0].name}, which cannot be read")
    return folders


def layout_of(path: Path, findings: Findings, bounds: Bounds) -> Layout:
    """Read the yaml, the file of darknet, or the folders when there is neither. Raises FormatError."""
    described = path if path.is_file() else config.only(path, findings) or darknet.data_file(path)
    if described is None:
        return _of_folders(path, findings, bounds)
    if described.suffix.lower() in config.SUFFIXES:
        return _of_yaml(described, findings, bounds)
    names, images = darknet.read(described, findings, bounds)
    images = images or trees.images_in(described.parent, findings)
    return _complete(described, images, names, Partners(bounds, _unique(images)), findings)


def _of_yaml(path: Path, findings: Findings, bounds: Bounds) -> Layout:
    read = config.load(path, findings)
    images = config.images_of(read, findings, bounds)
    here = path.resolve().parent
    if not images and not bounds.named:
        raise _no_images(read)
    partners = Partners(bounds, _unique(images), _own_labels(here, images))
    layout = _complete(path, images, read.names, partners, findings)
    if layout.names is None and not layout.lists:
        found = f"{read.values.get('names')!r:.80}"
        raise FormatError(f"{path}: expected `names` as a list or as number: name, found {found}")
    layout = replace(layout, points=read.points)
    if read.values.get("skip_if_label_file_missing"):  # Lightly: an image without a label file is no part of the set
        kept = [(image, split) for image, split in images if image in layout.labels]
        return replace(layout, images=kept or images)
    return layout


def _no_images(read: config.Config) -> FormatError:
    """The error of a yaml whose places are not there; it names folders that would do."""
    here = read.path.resolve().parent
    tried = ", ".join(str(root) for root in config.roots_of(read))
    folders = sorted({str(image.parent.relative_to(here)) for image in files.images_below(here)})[:3]
    lie = f"; images lie in {', '.join(folders)}" if folders else ""
    return FormatError(
        f"{read.path}: expected images under its train, val or test, found none in {tried}; correct `path`{lie}"
    )


def _own_labels(here: Path, images: Images) -> Path | None:
    """The yaml's folder when it holds `labels` while the images lie elsewhere: several sets of labels for them."""
    outside = not any(image.is_relative_to(here) for image, _ in images[:1])
    return here if outside and (here / "labels").is_dir() else None


def _of_folders(path: Path, findings: Findings, bounds: Bounds) -> Layout:
    images = trees.images_in(path, findings) if path.is_dir() else []
    if not images:
        raise FormatError(f"{path}: expected a yaml, or images with label files, found neither")
    return _complete(path, images, None, Partners(bounds, _unique(images)), findings)


def _unique(images: Images) -> list[Path]:
    return list(dict.fromkeys(image for image, _ in images))


def _complete(path: Path, images: Images, names: Names | None, partners: Partners, findings: Findings) -> Layout:
    """With the label file of each image, and names from lists where there are none yet."""
    labels = partners.find()
    partners.tell(len(labels), path, findings)
    _tell_unlabelled(path, images, labels, findings)
    top = path if path.is_dir() else path.parent
    if names:
        classlists.tell_others(names, path, classlists.lists_in([top, top / "labels"]), findings)
        return Layout(images, labels, names)
    lists = classlists.of_lists(classlists.lists_in(_folders_of_lists(top, labels)), findings)
    if lists:
        return Layout(images, labels, None, lists)
    named = config.names_beside(top, findings)
    return Layout(images, labels, named[1] if named else config.names_below(top, findings))


def _folders_of_lists(top: Path, labels: Mapping[Path, Path]) -> list[Path]:
    """The folders of labels and of images, those above them up to `top`, and `labels` and `data` in it."""
    inner = dict.fromkeys(folder for pair in labels.items() for folder in (pair[1].parent, pair[0].parent))
    above = dict.fromkeys(
        up for folder in inner for up in (folder, *folder.parents) if up.is_relative_to(top) and up != top
    )
    return [top, top / "labels", top / "data", *above]


def _tell_unlabelled(path: Path, images: Images, labels: Mapping[Path, Path], findings: Findings) -> None:
    """A split of which no image has a label file."""
    every: dict[str, list[Path]] = {}
    for image, split in images:
        every.setdefault(split or "", []).append(image)
    for split, some in every.items():
        if any(image in labels for image in some):
            continue
        tell = findings.note if split == "test" and labels else findings.warn
        found = f"none for the {len(some):,} images{f' of {split}' if split else ''}"
        tell("no_labels", path, "label files, as `labels/x.txt` for `images/x.jpg`", found,
             "they are read as images without objects", count=len(some),
             paths=first_paths(some))  # fmt: skip
