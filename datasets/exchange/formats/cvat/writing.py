"""Writing CVAT for images: `annotations.xml` and the images in `images`, by the names that CVAT knows them by."""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree

import numpy as np

from datasets.errors import EvaluationError
from datasets.exchange.formats.base import Draft, Findings
from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.turned_boxes import rectangle
from datasets.exchange.formats.cvat.labels import CONFIDENCE, OWN, points_of, text_of, written
from datasets.exchange.formats.several import parts
from datasets.images import masks
from datasets.images.outlines import placed
from datasets.kinds import KEYPOINT, Kind
from datasets.labelschema import Schema, SchemaAttribute, SchemaClass
from datasets.records import Finding, ImageRecord, Label, Progress, no_progress

_HIDDEN = OWN | {"confidences", "score", "attributes", "logits"}  # said otherwise, or for programs alone
Size = tuple[int, int]


def write(draft: Draft, folder: Path, progress: Progress = no_progress) -> tuple[Finding, ...]:
    """One file for all splits, which are its subsets. With media `none` it names the paths of the images."""
    findings = Findings()
    writer = _Writer(draft, _schema(draft), findings)
    root = ElementTree.Element("annotations")
    ElementTree.SubElement(root, "version").text = "1.1"
    task = ElementTree.SubElement(ElementTree.SubElement(root, "meta"), "task")
    for tag, text in {"name": (draft.final or folder).name, "size": len(draft.records), "mode": "annotation"}.items():
        ElementTree.SubElement(task, tag).text = str(text)
    ElementTree.SubElement(task, "labels").extend([*written(writer.schema, _more(draft, writer.schema))])
    for number, (record, name) in enumerate(zip(draft.records, _names(draft), strict=True)):
        files.place(record.path, folder / "images" / name, draft.media)
        root.append(writer.image(record, number, name))
        progress(number + 1, len(draft.records))
    (folder / "images").mkdir(exist_ok=True)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, "utf-8", xml_declaration=True, short_empty_elements=False)
    (folder / "annotations.xml").write_bytes(text)
    return findings.all()


def _schema(draft: Draft) -> Schema:
    plain = Schema.model_construct(classes=tuple(SchemaClass.model_construct(name=name) for name in draft.classes))
    return draft.schema or plain


def _names(draft: Draft) -> list[str]:
    """The names of images as CVAT knows them, where these are safe and each is there once; else those of the files."""
    if draft.media == "none":
        return [str(record.path) for record in draft.records]
    plain, taken, made = files.file_names(draft.records), set[str](), list[str]()
    for record, name in zip(draft.records, plain, strict=True):
        known = str(record.about.get("cvat_name") or name)
        path = PurePosixPath(known)
        safe = not path.is_absolute() and ".." not in path.parts and "\\" not in known and known not in taken
        made.append(known if safe else name)
        taken.add(made[-1])
    return made if len(set(made)) == len(made) else plain


def _more(draft: Draft, schema: Schema) -> dict[str, list[SchemaAttribute]]:
    """Attributes that labels carry although the schema does not hold them, by class: CVAT takes no others."""
    found: dict[tuple[str, str], list[Any]] = {}
    for record in draft.records:
        for label in (one for group in parts(draft, record).values() for _, labels in group for one in labels):
            said = {one.name for one in schema.attributes_of(label.label)} | _HIDDEN
            for name, value in label.attributes.items():
                if name not in said and isinstance(value, bool | int | float | str):
                    found.setdefault((label.label, name), []).append(value)
            if label.confidence is not None:
                found[label.label, CONFIDENCE] = [0.0, 1.0]
    made: dict[str, list[SchemaAttribute]] = {}
    for (owner, name), values in found.items():
        made.setdefault(owner, []).append(_guessed(name, values))
    return made


def _guessed(name: str, values: Sequence[Any]) -> SchemaAttribute:
    if all(isinstance(one, bool) for one in values):
        return SchemaAttribute.model_construct(name=name, kind="flag")
    numbers = [float(one) for one in values if isinstance(one, int | float) and not isinstance(one, bool)]
    if len(numbers) < len(values) or not all(map(math.isfinite, numbers)):
        return SchemaAttribute.model_construct(name=name, kind="text")
    low, high = float(math.floor(min(numbers))), float(math.ceil(max(numbers)))
    return SchemaAttribute.model_construct(name=name, kind="number", minimum=low, maximum=high)


class _Writer:
    """Makes `<image>` elements of records."""

    def __init__(self, draft: Draft, schema: Schema, findings: Findings) -> None:
        self.draft, self.schema, self.findings = draft, schema, findings
        self.points = {one.name: points_of(schema, one) for one in schema.classes}
        self.titles: dict[str, dict[str, str]] = {}

    def image(self, record: ImageRecord, number: int, name: str) -> ElementTree.Element:
        """One image with its labels."""
        size = record.width or 1, record.height or 1
        made = ElementTree.Element("image", {"id": str(number), "name": name})
        if record.split:
            made.set("subset", record.split)
        made.set("width", str(size[0]))
        made.set("height", str(size[1]))
        for group, held in parts(self.draft, record).items():
            for kind, labels in held:
                if group:
                    found = f"{len(labels)} labels of {group}"
                    self.findings.warn("one_annotator", record.path, "labels of one field", found, "they are left out")
                    continue
                for label in labels:
                    where = f"{record.path}: {label.label}"
                    made.extend(self._shapes(kind, label, size, where))
        return made

    def _shapes(self, kind: Kind, label: Label, size: Size, where: str) -> Iterable[ElementTree.Element]:
        if kind.of_class:
            return [self._element("tag", label, {}, ordered=False)]
        if kind.boxes:
            return [self._box(label, size, where)]
        if kind.item_class == KEYPOINT.item_class:
            return [self._posed(label, size, where)]
        return self._lines(label, size, where)

    def _element(
        self, tag: str, label: Label, values: dict[str, str], *, ordered: bool = True, shown: bool = True
    ) -> ElementTree.Element:
        """An element with what CVAT says of every label; `shown`: whether it may be occluded."""
        own = label.attributes
        made = ElementTree.Element(tag, {"label": label.label, "source": str(own.get("source", "manual"))})
        if ordered and shown:
            made.set("occluded", str(int(bool(own.get("occluded")))))
        made.attrib.update(values)
        if ordered:
            made.set("z_order", str(own.get("z_order", 0)))
        if "group_id" in own:
            made.set("group_id", str(own["group_id"]))
        for name, value in own.items():
            if name not in _HIDDEN and isinstance(value, bool | int | float | str):
                ElementTree.SubElement(made, "attribute", {"name": self._title(label.label, name)}).text = text_of(
                    value
                )
        if label.confidence is not None:
            ElementTree.SubElement(made, "attribute", {"name": CONFIDENCE}).text = repr(float(label.confidence))
        return made

    def _title(self, owner: str, name: str) -> str:
        if owner not in self.titles:
            self.titles[owner] = {one.name: one.title or one.name for one in self.schema.attributes_of(owner)}
        return self.titles[owner].get(name, name)

    def _box(self, label: Label, size: Size, where: str) -> ElementTree.Element:
        x, y, width, height = label.box or (0.0, 0.0, 1.0, 1.0)
        document = {"mask_path": label.mask_path, "mask": label.mask}
        if masks.has_mask(document):
            try:
                found, left, top = placed(masks.read(document), label.box or (0.0, 0.0, 1.0, 1.0), size)
                return self._mask(label, found, left, top)
            except EvaluationError as wrong:
                self.findings.warn("broken_mask", where, "a mask that can be read", str(wrong), "its box is written")
        edges = (x * size[0], y * size[1], (x + width) * size[0], (y + height) * size[1])
        values = dict(zip(("xtl", "ytl", "xbr", "ybr"), map(_number, edges), strict=True))
        return self._element("box", label, values)

    def _mask(self, label: Label, found: Any, left: int, top: int) -> ElementTree.Element:
        flat = found.reshape(-1) != 0
        changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
        edges = np.concatenate([[0], [0] * bool(flat[:1].any()), changes, [flat.size]])
        values = {"rle": ", ".join(map(str, np.diff(edges))), "left": left, "top": top, "width": found.shape[1]}
        return self._element("mask", label, {key: str(one) for key, one in {**values, "height": len(found)}.items()})

    def _posed(self, label: Label, size: Size, where: str) -> ElementTree.Element:
        points, names = label.points[0] if label.points else (), self.points.get(label.label, ())
        if ("visible" not in label.attributes and not any(map(_unseen, points))) or len(names) != len(points):
            kept = [point for point in points if not _unseen(point)]
            if len(kept) < len(points):
                found = f"{len(points) - len(kept)} without a place"
                self.findings.warn("unseen_points", where, f"a skeleton of {len(points)} points", found, "left out")
            return self._element("points", label, {"points": _pairs(kept, size)})
        made = self._element("skeleton", label, {}, shown=False)
        seen: Any = label.attributes.get("visible") or [2] * len(points)
        inner = []
        for name, point, state in zip(names, points, seen, strict=False):
            gone = _unseen(point)
            values = {"label": name, "source": made.get("source", "manual"), "outside": str(int(gone))}
            values |= {"occluded": str(int(state == 1 and not gone))}
            values |= {"points": _pairs([(0.0, 0.0) if gone else point], size)}
            inner.append(ElementTree.Element("points", values))
        made[:0] = inner
        return made

    def _lines(self, label: Label, size: Size, where: str) -> Iterable[ElementTree.Element]:
        degrees, several = label.attributes.get("rotation"), label.points or ()
        if len(several) > 1:
            self.findings.note("parts", where, "a shape of one part", f"{len(several)}", "each is a shape of its own")
        for part in several:
            found = rectangle([(x * size[0], y * size[1]) for x, y in part], degrees)
            if found:
                yield self._turned(label, found, [(x * size[0], y * size[1]) for x, y in part])
            else:
                tag = "polygon" if label.attributes.get("closed") or label.attributes.get("filled") else "polyline"
                yield self._element(tag, label, {"points": _pairs(part, size)})

    def _turned(self, label: Label, found: Any, part: Sequence[tuple[float, float]]) -> ElementTree.Element:
        _, width, height = found
        x, y = (sum(point[axis] for point in part) / 4 for axis in (0, 1))
        edges = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        values = dict(zip(("xtl", "ytl", "xbr", "ybr"), map(_number, edges), strict=True))
        return self._element("box", label, {**values, "rotation": _number(label.attributes["rotation"])})


def _unseen(point: tuple[float, float]) -> bool:
    return math.isnan(point[0]) or math.isnan(point[1])


def _pairs(points: Iterable[tuple[float, float]], size: Size) -> str:
    return ";".join(f"{_number(x * size[0])},{_number(y * size[1])}" for x, y in points)


def _number(value: Any) -> str:
    """A number of pixels as CVAT writes it, with two digits; more where they are needed."""
    near = round(float(value), 2)
    return f"{near:.2f}" if abs(near - value) < 1e-9 else repr(float(value))
