"""What a dataset holds after an import, read from the database, to be compared with the truth."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from datasets.exchange.importing import Preview, ingest, preview
from datasets.images import masks
from datasets.images.outlines import pasted
from datasets.storage import collection


@dataclass
class Held:
    """One label: its class, box and points in pixels of the image, and its mask (h, w) on the whole image."""

    label: str
    box: tuple[float, ...] | None = None
    points: tuple[tuple[float, float], ...] | None = None
    mask: Any = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    confidence: float | None = None


@dataclass
class Sample:
    """One image: its split, its tags, and its labels by field (`ground_truth`, `ground_truth_keypoints`, ...)."""

    split: str | None
    tags: list[str]
    labels: dict[str, list[Held]]

    def of(self, field: str = "ground_truth") -> list[Held]:
        """The labels of a field; none where it holds nothing."""
        return self.labels.get(field, [])


_LISTS = ("detections", "polylines", "keypoints", "classifications")
_OWN = frozenset({
    "_id", "_cls", "label", "bounding_box", "points", "mask", "mask_path", "confidence", "tags", "index", "iscrowd",
})  # fmt: skip


def imported(source: Path | str, name: str = "probe", **options: Any) -> tuple[Preview, dict[str, Sample]]:
    """Look at a source and import it; its preview, and what is stored, by path below the source.

    Asserts that both tell the same: which labels sit on which image, and in which split.
    """
    found = preview(source, **options)
    ingest(found, name, splits=None)
    held = stored(name, Path(source))
    told = {
        below(record.path, Path(source)): (
            record.split,
            sorted(
                label.label
                for labels in (
                    record.objects, record.classifications, [record.classification] if record.classification else [],
                    *record.others.values(),
                )
                for label in labels
            ),
        )
        for record in found.records
    }  # fmt: skip
    assert told == {
        path: (one.split, sorted(label.label for some in one.labels.values() for label in some))
        for path, one in held.items()
    }
    return found, held


def stored(name: str, root: Path) -> dict[str, Sample]:
    """The samples of a dataset by the path of their image below `root`."""
    return {below(Path(raw["filepath"]), root): _sample(raw) for raw in collection.stream(name)}


def below(path: Path, root: Path) -> str:
    """A path below a folder, as text."""
    top = (root if root.is_dir() else root.parent).resolve()
    return path.relative_to(top).as_posix() if path.is_relative_to(top) else str(path)


def _sample(raw: Mapping[str, Any]) -> Sample:
    size = (raw["metadata"]["width"], raw["metadata"]["height"])
    fields = {key: value for key, value in raw.items() if isinstance(value, dict) and "_cls" in value}
    labels = {key: _labels(value, size) for key, value in fields.items() if key != "metadata"}
    return Sample(raw.get("split"), raw.get("tags") or [], {key: some for key, some in labels.items() if some})


def _labels(value: Mapping[str, Any], size: tuple[int, int]) -> list[Held]:
    key = next((one for one in _LISTS if one in value), None)
    items = value[key] if key else [value] if "label" in value else []
    return [_held(one, size) for one in items]


def _held(one: Mapping[str, Any], size: tuple[int, int]) -> Held:
    width, height = size
    box, points, mask = one.get("bounding_box"), one.get("points"), None
    if masks.has_mask(one):
        mask = pasted(masks.read(one), tuple(box), size) != 0
    if points and isinstance(points[0][0], list):
        points = points[0]
    return Held(
        one["label"],
        box and tuple(round(v * s, 6) for v, s in zip(box, (width, height, width, height), strict=True)),
        points and tuple((round(x * width, 6), round(y * height, 6)) for x, y in points),
        mask,
        {key: value for key, value in one.items() if key not in _OWN},
        one.get("confidence"),
    )


def pixels(size: tuple[int, int], *rectangles: tuple[int, int, int, int]) -> Any:
    """A mask (h, w) of rectangles `left, top, right, bottom` of whole pixels."""
    whole = np.zeros(size[::-1], bool)
    for left, top, right, bottom in rectangles:
        whole[top:bottom, left:right] = True
    return whole
