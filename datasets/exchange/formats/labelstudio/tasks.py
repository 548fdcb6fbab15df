"""What the annotations and predictions of a Label Studio task say, as labels; and what is left of the task then.

A result of a task that became (a part of) a label loses its place and gets the key `foveal`, which says what it was:
`shape`, `again` (its place once more), `class`, `attribute` or `choices`. The writer puts the values back there.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common.parsing import class_name, finite
from datasets.exchange.formats.common.shapes import box_of
from datasets.exchange.formats.common.turned_boxes import corners
from datasets.exchange.formats.labelstudio.brush_rle import decoded
from datasets.exchange.formats.labelstudio.config import Config
from datasets.exchange.formats.several import grouped
from datasets.images.outlines import runs_of
from datasets.kinds import CLASSIFICATIONS, DETECTIONS, KEYPOINTS, POLYLINES, Kind
from datasets.labelschema import Schema
from datasets.limits import most_pixels
from datasets.records import Label, Outline
from datasets.storage.labels import attribute_name

MARK = "foveal"
PLACES = {"rectangle": ("x", "y", "width", "height", "rotation"), "point": ("x", "y"), "polygon": ("points",),
          "brush": ("rle",)}  # fmt: skip
PREDICTED = "pred_"
Size = tuple[int, int]


def groups(task: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The parts of a task that hold results, with the name of their group (`several`); cancelled ones stay alone."""
    taken: set[str] = set()
    for one in _dicts(task.get("annotations") or task.get("completions")):
        if one.get("was_cancelled"):
            continue
        author = one.get("completed_by")
        author = author.get("email") or author.get("id") if isinstance(author, dict) else author
        yield _free("" if not taken else f"by_{attribute_name(str(author))}", taken), one
    for one in _dicts(task.get("predictions")):
        yield _free(f"{PREDICTED}{attribute_name(str(one.get('model_version') or 'labelstudio'))}", taken), one


def results(part: dict[str, Any]) -> list[dict[str, Any]]:
    """The results of an annotation or a prediction."""
    return _dicts(part.get("result"))


@dataclass
class Reader:
    """Reads tasks; `config` learns what they use."""

    config: Config
    findings: Findings

    def labels(
        self, task: dict[str, Any], where: str, size: Callable[[], Size | None]
    ) -> tuple[dict[str, tuple[Label, ...]], Size | None]:
        """The labels of a task by group and kind, and the size that it declares. What they hold is taken out of it."""
        found: dict[str, list[Label]] = {}
        declared = None
        for group, part in groups(task):
            listed = results(part)
            declared = declared or next(filter(None, map(_size, listed)), None)
            known = declared or (size() if listed else None)
            for kind, label in self._labels(listed, known, where):
                found.setdefault(grouped(group, kind), []).append(label)
        return {key: tuple(labels) for key, labels in found.items()}, declared

    def schema(self) -> Schema:
        """Classes and attributes of the interface, and those that were used."""
        return self.config.schema()

    @staticmethod
    def foreign(task: dict[str, Any]) -> bool:
        """Whether a task holds anything that we would not write ourselves."""
        own = {"data", "annotations", "predictions"}
        return bool(task.keys() - own or task["data"].keys() - {"image", "split"}) or any(
            part.keys() - {"result", "model_version"} or results(part) for _, part in groups(task)
        )

    def _labels(self, listed: list[dict[str, Any]], size: Size | None, where: str) -> Iterator[tuple[Kind, Label]]:
        regions: dict[str, list[dict[str, Any]]] = {}
        for number, one in enumerate(listed):
            regions.setdefault(str(one.get("id") or f"#{number}"), []).append(one)
        for key, parts in regions.items():
            here = f"{where}: region {key}"
            try:
                shapes = [one for one in parts if _kind(one)]
                yield from (
                    self._region(key, shapes[0], parts, size, here) if shapes else self._choices(key, parts, here)
                )
            except (TypeError, ValueError, KeyError) as wrong:
                action = "kept aside, not shown"
                self.findings.warn("bad_region", here, "a region with a label and numbers", str(wrong)[:200], action)

    def _region(
        self, key: str, shape: dict[str, Any], parts: list[dict[str, Any]], size: Size | None, where: str
    ) -> Iterator[tuple[Kind, Label]]:
        named = [(one, names) for one in parts if (names := _names(one))]
        if not named:
            raise ValueError("no class")
        name = class_name(named[0][1][0])
        attributes = {"labelstudio_id": key} if not key.startswith("#") else {}
        kind, label = _shape(shape, name, size)
        for one in parts:
            if _kind(one):
                one[MARK], places = "shape" if one is shape else "again", PLACES[str(_kind(one))]
                one["value"] = {at: value for at, value in one["value"].items() if at not in places}
            elif _names(one):
                one[MARK] = "class"
            else:
                attributes |= self._attribute(one, where)
        sure = finite(shape.get("score"))
        self.config.use(name)
        more = {**label.attributes, **attributes}
        yield kind, Label(name, label.box, sure if sure is not None and 0 <= sure <= 1 else None, attributes=more,
                          points=label.points, outline=label.outline)  # fmt: skip

    def _attribute(self, one: dict[str, Any], where: str) -> dict[str, Any]:
        control, value = str(one.get("from_name") or one.get("type")), one.get("value") or {}
        kinds = {"choices": "choice", "text": "text", "number": "number", "rating": "number"}
        at = next((key for key in kinds if key in value), None)
        if at is None or one.get("type") == "relation":
            self.findings.note(
                "kept_aside", where, "choices, text or a number", str(one.get("type")), "kept, not shown"
            )
            return {}
        found = value[at]
        found = found[0] if isinstance(found, list) and len(found) == 1 else found
        one[MARK] = "attribute"
        one["value"] = {key: rest for key, rest in value.items() if key != at}
        name = self.config.attribute(control, kinds[at], found)
        one["foveal_at"] = [at, name]
        return {name: found}

    def _choices(self, key: str, parts: list[dict[str, Any]], where: str) -> Iterator[tuple[Kind, Label]]:
        for one in parts:
            value = one.get("value")
            if one.get("type") != "choices" or not isinstance(value, dict) or not value.get("choices"):
                found = str(one.get("type"))
                self.findings.note("kept_aside", where, "a region or choices", found, "kept, not shown")
                continue
            names = [class_name(name) for name in value["choices"]]
            one[MARK] = "choices"
            one["value"] = {at: rest for at, rest in value.items() if at != "choices"}
            for name in names:
                self.config.use(name)
                more = {} if key.startswith("#") else {"labelstudio_id": key}
                sure = finite(one.get("score"))
                yield CLASSIFICATIONS, Label(name, confidence=sure, attributes=more)


def _shape(one: dict[str, Any], name: str, size: Size | None) -> tuple[Kind, Label]:
    value, kind = one["value"], _kind(one)
    if kind == "brush":
        return DETECTIONS, _mask(value["rle"], name, size)
    if kind == "polygon":
        points = tuple((_share(x), _share(y)) for x, y in value["points"])
        closed = value.get("closed") is not False
        return POLYLINES, Label(name, points=(points,), attributes={"closed": closed, "filled": closed})
    x, y = _share(value["x"]), _share(value["y"])
    if kind == "point":
        return KEYPOINTS, Label(name, points=(((x, y),),))
    width, height, degrees = _share(value["width"]), _share(value["height"]), _number(value.get("rotation") or 0)
    if not degrees:
        return DETECTIONS, Label(name, (x, y, width, height))
    if size is None:
        raise ValueError("a turned rectangle on an image of unknown size")
    start = x * size[0], y * size[1]
    turned = corners(start, start, width * size[0], height * size[1], degrees)
    places = tuple((px / size[0], py / size[1]) for px, py in turned)
    return POLYLINES, Label(name, points=(places,), attributes={"closed": True, "filled": True, "rotation": degrees})


def _mask(rle: Any, name: str, size: Size | None) -> Label:
    if size is None or size[0] * size[1] > most_pixels():
        raise ValueError(f"a mask on an image of size {size}")
    mask = decoded(rle, size)
    outline = Outline(size, runs=runs_of(mask))
    box = box_of(outline)
    if box is None:
        raise ValueError("a mask without a pixel")
    return Label(name, box, outline=outline)


def _kind(one: dict[str, Any]) -> str | None:
    """What a result draws; None for one that draws nothing that we know."""
    value = one.get("value")
    if not isinstance(value, dict) or "radiusX" in value:
        return None
    if "rle" in value:
        return "brush"
    if "points" in value:
        return "polygon"
    if not {"x", "y"} <= value.keys():
        return None
    return "rectangle" if "height" in value else "point"


def _names(one: dict[str, Any]) -> list[Any]:
    """The classes that a result gives its region."""
    value, kind = one.get("value"), str(one.get("type"))
    found = value.get(kind) if isinstance(value, dict) and kind.endswith("labels") else None
    return found if isinstance(found, list) else []


def _size(one: dict[str, Any]) -> Size | None:
    width, height = finite(one.get("original_width")), finite(one.get("original_height"))
    return (int(width), int(height)) if width and height and 1 <= width < 1e9 and 1 <= height < 1e9 else None


def _share(value: object) -> float:
    return _number(value) / 100


def _number(value: object) -> float:
    found = finite(value)
    if found is None or math.fabs(found) > 1e9:
        raise ValueError(f"{value!r} as a number"[:100])
    return found


def _dicts(found: object) -> list[dict[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _free(name: str, taken: set[str]) -> str:
    names = (name, *(f"{name}_{number}" for number in range(2, 10_000)))
    found = next(one for one in names if one not in taken)
    taken.add(found)
    return found
