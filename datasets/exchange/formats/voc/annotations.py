"""Pascal VOC: `Annotations/*.xml`, `JPEGImages`, `ImageSets/Main/<split>.txt`; or xml files beside their images.

`xmin, ymin, xmax, ymax` are read as edges in pixels, origin 0 at the top left, as FiftyOne, LabelImg and most tools of
today write them: width is `xmax - xmin`. The devkit of 2007 counted pixels from 1 and included the last one; read this
way its boxes are one pixel short, which no tool agrees to correct. Numbers keep their fraction, so that a round trip is
exact. VOC has no class list: `classes.txt` at the top gives the order when there is one, else classes are sorted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from datasets.errors import FormatError
from datasets.exchange.formats.base import Draft, Findings, Sniff, Source
from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.parsing import class_name, read_text, xml_of
from datasets.exchange.formats.common.pixelbox import corners, from_corners
from datasets.images.probe import shown_size
from datasets.images.regular import open_regular
from datasets.kinds import DETECTIONS
from datasets.records import Finding, ImageRecord, Label, Progress, no_progress

NAME = "voc"
TITLE = "Pascal VOC"
ACCEPTS = (DETECTIONS, None)
FLAGS = ("difficult", "truncated", "occluded")
UNASSIGNED = "unassigned"


def sniff(path: Path) -> Sniff:
    """A folder `Annotations` of xml files, or xml files beside images."""
    if not path.is_dir():
        return Sniff(0.0)
    if any((path / "Annotations").glob("*.xml")):
        return Sniff(0.9, "a folder Annotations with xml files")
    flat = (file for file in _annotations(path) if "Annotations" not in file.relative_to(path).parts)
    beside = next(filter(_is_annotation, flat), None)
    return Sniff(0.7, f"annotations like {beside.relative_to(path)} beside images") if beside else Sniff(0.0)


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:
    """Every annotated image, and every image that a split names. Raises FormatError when there is no annotation."""
    findings = Findings()
    reader = _Reader(path, findings, _splits(path), bounds or Bounds.of(path))
    annotations = _annotations(path)
    if not annotations:
        raise FormatError(f"{path}: expected xml files in `Annotations` or beside images, found none")
    records: list[ImageRecord] = []
    for annotation in annotations:
        progress(len(records), 0)
        record = reader.record(annotation)
        if record is not None:
            records.append(record)
    records += reader.unannotated({annotation.stem for annotation in annotations})
    found = sorted({label.label for record in records for label in record.objects})
    classes = tuple(dict.fromkeys([*files.read_classes(path), *found]))
    return Source(tuple(records), classes, DETECTIONS, findings.all())


def write(draft: Draft, folder: Path, progress: Progress = no_progress) -> tuple[Finding, ...]:
    """The devkit's folders, and `classes.txt` for the order. With media `none` the xml names the absolute path."""
    for inner in ("Annotations", "JPEGImages", "ImageSets/Main"):
        (folder / inner).mkdir(parents=True)
    (folder / "classes.txt").write_text("".join(f"{name}\n" for name in draft.classes), encoding="utf-8")
    sets: dict[str, list[str]] = {}
    masks = sum(bool(label.mask_path or label.mask) for record in draft.records for label in record.objects)
    for done, (record, name) in enumerate(zip(draft.records, files.file_names(draft.records), strict=True)):
        files.place(record.path, folder / "JPEGImages" / name, draft.media)
        stem = name.removesuffix(record.path.suffix)
        tree = ElementTree.ElementTree(_element(record, name))
        ElementTree.indent(tree)
        tree.write(folder / "Annotations" / f"{stem}.xml", encoding="utf-8")
        sets.setdefault(record.split or UNASSIGNED, []).append(stem)
        progress(done + 1, len(draft.records))
    for split, stems in sets.items():
        text = "".join(f"{stem}\n" for stem in stems)
        (folder / "ImageSets" / "Main" / f"{split}.txt").write_text(text, encoding="utf-8")
    if not masks:
        return ()
    action = "boxes alone are written; COCO and YOLO keep masks"
    return (Finding("note", "masks_left_out", str(draft.final or folder), "boxes", f"{masks:,} masks", action),)


def _element(record: ImageRecord, name: str) -> ElementTree.Element:
    root = ElementTree.Element("annotation")
    _children(root, folder="JPEGImages", filename=name, path=str(record.path))
    _children(ElementTree.SubElement(root, "size"), width=record.width, height=record.height, depth=3)
    _children(root, segmented=0)
    for label in record.objects:
        item = ElementTree.SubElement(root, "object")
        _children(item, name=label.label, pose=label.attributes.get("pose", "Unspecified"))
        _children(item, **{flag: int(bool(label.attributes.get(flag))) for flag in FLAGS})
        if label.crowd:
            _children(item, iscrowd=1)
        if label.confidence is not None:
            _children(item, confidence=repr(label.confidence))
        box = corners(label.box or (0.0, 0.0, 1.0, 1.0), record.width or 1, record.height or 1)
        values = dict(zip(("xmin", "ymin", "xmax", "ymax"), map(_number, box), strict=True))
        _children(ElementTree.SubElement(item, "bndbox"), **values)
    return root


def _children(parent: ElementTree.Element, **texts: object) -> None:
    for tag, text in texts.items():
        ElementTree.SubElement(parent, tag).text = str(text)


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


@dataclass
class _Reader:
    """Reads annotations; `splits` maps a stem to its split."""

    root: Path
    findings: Findings
    splits: dict[str, str]
    bounds: Bounds

    def record(self, path: Path) -> ImageRecord | None:
        """One annotation file; None when it cannot be read."""
        try:
            tree = xml_of(path)
        except FormatError as error:
            self.findings.warn("broken_file", path, "valid xml", str(error), "it is left out")
            return None
        if tree.tag != "annotation":
            self.findings.warn("broken_file", path, "<annotation>", f"<{tree.tag}>", "it is left out")
            return None
        image = self._image(path, tree)
        if image is None:
            return None
        width, height = _size(tree) or shown_size(image) or (None, None)
        objects = tuple(self._labels(tree, path, width, height)) if width and height else ()
        return ImageRecord(files.resolved(image), self._split(path), width, height, objects)

    def _split(self, path: Path) -> str | None:
        top = path.relative_to(self.root).parts[0]
        return self.splits.get(path.stem) or files.split_of(top)

    def _image(self, path: Path, tree: Any) -> Path | None:
        """The image of an annotation; None for one that lies outside the source."""
        name = Path(str(tree.findtext("filename") or path.stem).replace("\\", "/")).name
        folders = [path.parent, self.root / "JPEGImages", self.root / "images"]
        if path.parent.name == "Annotations":
            folders = [path.parent.parent / "JPEGImages", path.parent.parent / "images", *folders]
        folders = [folder for folder in folders if self.bounds.holds(folder)]
        found = files.find_image(*(folder / name for folder in folders if files.is_image(name)))
        found = found or next(filter(None, (files.find_stem(folder, path.stem) for folder in folders)), None)
        stated = tree.findtext("path") or ""
        return found or self.bounds.image(stated if Path(stated).is_absolute() else name, folders)

    def _labels(self, tree: Any, path: Path, width: int, height: int) -> Iterator[Label]:
        for number, item in enumerate(tree.iter("object"), 1):
            name = (item.findtext("name") or "").strip()
            where = f"{path}: object {number}"
            try:
                class_name(name)
            except ValueError as wrong:
                found = str(wrong) if name else "none"
                self.findings.warn("unknown_class", where, "a name", found, "it is left out")
                continue
            texts = [item.findtext(f"bndbox/{tag}") for tag in ("xmin", "ymin", "xmax", "ymax")]
            box = from_corners(texts, width, height)
            if box is None:
                self.findings.warn("bad_box", where, "4 finite numbers in bndbox", str(texts), "it is left out")
                continue
            crowd = item.findtext("iscrowd") == "1"
            yield Label(name, box, _confidence(item), crowd=crowd, attributes=_attributes(item))

    def unannotated(self, stems: set[str]) -> list[ImageRecord]:
        """Images that a split names and that have no annotation: imported without labels."""
        records: list[ImageRecord] = []
        for stem in sorted(self.splits.keys() - stems):
            image = files.find_stem(self.root / "JPEGImages", stem)
            where = f"{self.root / 'Annotations' / stem}.xml"
            found = "no such file"
            if image is None:
                self.findings.warn("missing_annotation", where, "an annotation", found, "there is no image either")
            else:
                self.findings.warn("missing_annotation", where, "an annotation", found, "imported without labels")
                records.append(ImageRecord(files.resolved(image), self.splits[stem]))
        return records


def _annotations(path: Path) -> list[Path]:
    inside = path / "Annotations"
    folder = inside if any(inside.glob("*.xml")) else path
    return [file for file in files.walk(folder) if file.suffix.lower() == ".xml"]


def _is_annotation(path: Path) -> bool:
    try:
        with open_regular(path) as stream:
            return b"<annotation" in stream.read(1024)
    except OSError:
        return False


def _splits(path: Path) -> dict[str, str]:
    """Stem to split, from `ImageSets/Main`; lists per class and `trainval` add nothing."""
    found = {}
    for file in sorted((path / "ImageSets" / "Main").glob("*.txt")):
        split = files.split_of(file.stem)
        for line in read_text(file).splitlines() if split else ():
            if line.strip() and split:
                found[_stem(line.strip())] = split
    return found


def _stem(line: str) -> str:
    return line[: -len(Path(line).suffix)] if files.is_image(line) else line


def _size(tree: Any) -> tuple[int, int] | None:
    try:
        width, height = int(float(tree.findtext("size/width"))), int(float(tree.findtext("size/height")))
    except (TypeError, ValueError, OverflowError):
        return None
    return (width, height) if 0 < width < 1e9 and 0 < height < 1e9 else None


def _confidence(item: Any) -> float | None:
    text = item.findtext("confidence")
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _attributes(item: Any) -> dict[str, object]:
    found: dict[str, object] = {flag: True for flag in FLAGS if (item.findtext(flag) or "").strip() == "1"}
    pose = (item.findtext("pose") or "").strip()
    return found if pose in ("", "Unspecified") else {**found, "pose": pose}
