"""Pascal VOC written: the devkit's folders, with boxes as edges in pixels."""

from pathlib import Path
from xml.etree import ElementTree

from datasets.exchange.formats.base import Draft
from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.pixelbox import corners
from datasets.exchange.formats.voc.objects import FLAGS
from datasets.records import Finding, ImageRecord, Progress, no_progress

UNASSIGNED = "unassigned"


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
