"""Images that stand in several entries or files: one record with the labels of all, equal ones once."""

from collections.abc import Iterable
from dataclasses import replace

from datasets.exchange.formats.base import Findings
from datasets.records import ImageRecord, Label, first_paths


def joined(records: Iterable[ImageRecord], findings: Findings) -> tuple[ImageRecord, ...]:
    """Records of one image each, in the order of their first; a split goes before none, the first before others.

    Where the entries declare different sizes, the first alone is kept, which is told, as every repetition is.
    """
    found: dict[str, ImageRecord] = {}
    again: dict[str, str] = {}
    for record in records:
        path = str(record.path)
        known = found.get(path)
        if known is None:
            found[path] = record
            continue
        whole = (known.width, known.height) == (record.width, record.height)
        again.setdefault(path, "with the labels of all" if whole else "labels on another size are left out")
        if known.split and record.split and known.split != record.split:
            again[path] = f"it stays in {known.split}, not {record.split}"
        objects = _once((*known.objects, *record.objects)) if whole else known.objects
        found[path] = replace(known, split=known.split or record.split, objects=objects)
    if again:
        first, action = next(iter(again.items()))
        what = "it again" if len(again) == 1 else f"it again, and {len(again) - 1:,} other images too"
        more = {"count": len(again), "paths": first_paths(again)}
        findings.warn("duplicate_image", first, "each image once", what, f"the first entry is kept, {action}", **more)
    return tuple(found.values())


def _once(labels: Iterable[Label]) -> tuple[Label, ...]:
    """Labels of one class and box, of which those with an outline, or the first, is kept."""
    kept: dict[object, Label] = {}
    for label in labels:
        box = label.box and tuple(round(value, 6) for value in label.box)
        key = label.label, box, label.crowd, repr(label.points)
        if key not in kept or (kept[key].outline is None and label.outline is not None):
            kept[key] = label
    return tuple(kept.values())
