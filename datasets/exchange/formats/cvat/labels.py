"""The labels of a CVAT task (`<labels>` of its `<meta>`) as a schema, and a schema as such labels."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from pydantic import ValidationError

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common.parsing import class_name
from datasets.labelschema import Schema, SchemaAttribute, SchemaClass, Skeleton
from datasets.storage.labels import attribute_name

# Attributes of our own that say what CVAT says beside its attributes: theirs of these names get another.
OWN = frozenset({"occluded", "z_order", "group_id", "source", "rotation", "closed", "filled", "visible", "tags",
                 "index", "area"})  # fmt: skip
CONFIDENCE = "confidence"
_KINDS = {"select": "choice", "radio": "choice", "checkbox": "flag", "number": "number", "text": "text"}
_INPUTS = {"choice": "select", "flag": "checkbox", "number": "number", "text": "text"}
_TAG = re.compile(r"<(line|circle)\b([^>]{0,2000})>")
_VALUE = re.compile(r'([\w-]+)\s*=\s*"([^"]{0,200})"')


@dataclass
class Labels:
    """What a file says about its labels. `points` are the names of the points of skeletons, by class."""

    classes: list[SchemaClass] = field(default_factory=list)
    attributes: list[SchemaAttribute] = field(default_factory=list)
    names: dict[tuple[str, str], SchemaAttribute] = field(default_factory=dict)  # by class and CVAT's name
    points: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Any, findings: Findings, where: str) -> "Labels":
        """The labels of a file; those that make no sense are left out with a finding."""
        made, listed = cls(), next(root.iter("labels"), ())
        parents: dict[str, list[str]] = {}
        for one in listed:
            if parent := (one.findtext("parent") or "").strip():
                parents.setdefault(parent, []).append((one.findtext("name") or "").strip())
        for one in listed:
            if (one.findtext("parent") or "").strip():
                continue
            try:
                made._take(one, parents)
            except (ValueError, ValidationError) as wrong:
                found = str(wrong).splitlines()[-1][:200]
                findings.warn("bad_label", where, "labels of the task with names and attributes", found, "left out")
        return made

    def skeleton(self) -> Skeleton | None:
        """The skeleton of the first class that has one; None where classes have different ones."""
        if len(set(self.points.values())) != 1:
            return None
        name, points = next(iter(self.points.items()))
        kept = next((one.kept for one in self.classes if one.name == name), {})
        try:
            return Skeleton(points=points, edges=tuple(_edges(kept.get("cvat.svg", ""), points)))
        except ValidationError:
            return None

    def _take(self, one: Any, parents: Mapping[str, Sequence[str]]) -> None:
        name, colour = class_name((one.findtext("name") or "").strip()), (one.findtext("color") or "").strip().lower()
        kept = {f"cvat.{tag}": text for tag in ("type", "svg") if (text := one.findtext(tag) or "")}
        if name in parents:
            kept["cvat.points"] = json.dumps(parents[name])
            self.points[name] = tuple(parents[name])
        good = re.fullmatch("#[0-9a-f]{6}", colour)
        self.classes.append(SchemaClass(name=name, colour=colour if good else None, kept=kept))
        for found in one.iter("attribute"):
            self._attribute(name, found)

    def _attribute(self, owner: str, found: Any) -> None:
        title = (found.findtext("name") or "").strip()
        made = _attribute(title, self._free(owner, title), found, owner)
        if title == CONFIDENCE and (made.minimum, made.maximum) == (0, 1):
            self.names[owner, title] = made
            return
        alike = made.model_copy(update={"classes": None})
        for number, known in enumerate(self.attributes):
            if known.model_copy(update={"classes": None}) == alike:
                made = known.model_copy(update={"classes": (*(known.classes or ()), owner)})
                self.attributes[number] = made
                break
        else:
            self.attributes.append(made)
        self.names[owner, title] = made

    def _free(self, owner: str, title: str) -> str:
        safe, taken = attribute_name(title), {one.name for (mine, _), one in self.names.items() if mine == owner}
        names = (safe, *(f"{safe}_{number}" for number in range(2, 1000)))
        return next(one for one in names if one not in OWN and one not in taken)

    def schema(self, used: Iterable[str]) -> Schema:
        """The schema, with classes that labels use although the task does not list them."""
        known = {one.name for one in self.classes}
        more = [SchemaClass(name=name) for name in dict.fromkeys(used) if name not in known]
        every = {one.name for one in (*self.classes, *more)}
        general = [
            one.model_copy(update={"classes": None}) if len(every) > 1 and set(one.classes or ()) == every else one
            for one in self.attributes
        ]
        return Schema(classes=(*self.classes, *more), attributes=tuple(general), skeleton=self.skeleton())


def value_of(one: SchemaAttribute | None, text: str) -> Any:
    """The value of an attribute from its text."""
    if one is None or one.kind in ("choice", "text"):
        return text
    if one.kind == "flag":
        return {"true": True, "false": False}.get(text.strip().lower(), text)
    try:
        return int(text) if re.fullmatch(r"-?\d{1,15}", text.strip()) else float(text)
    except ValueError:
        return text


def text_of(value: object) -> str:
    """The text of a value."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def written(schema: Schema, more: Mapping[str, Sequence[SchemaAttribute]]) -> Iterator[ElementTree.Element]:
    """The `<label>` elements of a schema; `more` are attributes that labels carry although it does not hold them."""
    for one in schema.classes:
        label, points = ElementTree.Element("label"), points_of(schema, one)
        joined = bool(points) and one.kept.get("cvat.type", "skeleton") == "skeleton"
        kind = "skeleton" if joined else one.kept.get("cvat.type", "any")
        _texts(label, name=one.name, color=one.colour or "", type=kind)
        listed = ElementTree.SubElement(label, "attributes")
        for attribute in (*schema.attributes_of(one.name), *more.get(one.name, ())):
            _texts(ElementTree.SubElement(listed, "attribute"), **_parts(attribute))
        if joined:
            _texts(label, svg=one.kept.get("cvat.svg") or _svg(points, schema.skeleton))
        yield label
        for name in points if joined else ():
            inner = ElementTree.Element("label")
            _texts(inner, name=name, type="points")
            ElementTree.SubElement(inner, "attributes")
            _texts(inner, parent=one.name)
            yield inner


def points_of(schema: Schema, one: SchemaClass) -> tuple[str, ...]:
    """The names of the points of a class's skeleton; none where it has none."""
    if "cvat.points" in one.kept:
        return tuple(json.loads(one.kept["cvat.points"]))
    foreign = any("cvat.type" in known.kept for known in schema.classes)  # then CVAT said which classes have one
    return schema.skeleton.points if schema.skeleton and not foreign else ()


def _attribute(title: str, name: str, found: Any, owner: str) -> SchemaAttribute:
    texts = {tag: found.findtext(tag) or "" for tag in ("mutable", "input_type", "default_value", "values")}
    kind = _KINDS.get(texts["input_type"], "text")
    listed = [line for line in texts["values"].splitlines() if line.strip()]
    numbers = [value_of(_NUMBER, line) for line in listed[:2]] if kind == "number" else []
    bounds = [float(one) for one in numbers if not isinstance(one, str)]
    made = SchemaAttribute.model_construct(kind=kind, choices=tuple(dict.fromkeys(listed)) or ("",))
    default = value_of(made, texts["default_value"])
    return SchemaAttribute(
        name=name, kind=made.kind, choices=made.choices if kind == "choice" else (),
        minimum=bounds[0] if len(bounds) == 2 else None, maximum=bounds[1] if len(bounds) == 2 else None,
        default=default if default != "" and _allowed(made, default) else None, classes=(owner,),
        title=title if title != name else None, kept={f"cvat.{key}": text for key, text in texts.items() if text},
    )  # fmt: skip


_NUMBER = SchemaAttribute(name="number", kind="number")


def _allowed(made: SchemaAttribute, value: object) -> bool:
    plain = SchemaAttribute.model_construct(kind=made.kind, choices=made.choices, minimum=None, maximum=None)
    return plain.problem(value) is None


def _parts(one: SchemaAttribute) -> dict[str, str]:
    """The elements of an attribute: those that CVAT said, where they still say the same."""
    kept = {tag: one.kept.get(f"cvat.{tag}", "") for tag in ("mutable", "input_type", "default_value", "values")}
    told = ElementTree.Element("attribute")
    _texts(told, **kept)
    title = one.title or one.name
    again = _attribute(title, one.name, told, "x") if kept["input_type"] else None
    same = {"classes": None, "title": None, "required": False}
    if again and again.model_copy(update=same) == one.model_copy(update=same):
        return {"name": title, **kept}
    low, high = (0 if one.minimum is None else one.minimum), (100 if one.maximum is None else one.maximum)
    values = {"choice": one.choices, "number": (f"{low:g}", f"{high:g}", "1"), "flag": ("false",)}.get(one.kind, ())
    default = "" if one.default is None else text_of(one.default)
    fallback = {"choice": one.choices[0] if one.choices else "", "number": f"{low:g}", "flag": "false"}
    return {
        "name": title, "mutable": kept["mutable"] or "False", "input_type": _INPUTS[one.kind],
        "default_value": default or fallback.get(one.kind, ""), "values": "\n".join(values),
    }  # fmt: skip


def _edges(svg: str, points: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The edges that the drawing of a skeleton shows, as positions of their points."""
    found = [(tag, dict(_VALUE.findall(inner))) for tag, inner in _TAG.findall(svg)]
    nodes = {values.get("data-node-id"): values.get("data-label-name") for tag, values in found if tag == "circle"}
    for tag, values in found:
        ends = [nodes.get(values.get(f"data-node-{end}")) for end in ("from", "to")]
        if tag == "line" and all(end in points for end in ends):
            yield points.index(str(ends[0])), points.index(str(ends[1]))


def _svg(points: Sequence[str], skeleton: Skeleton | None) -> str:
    """A drawing of a skeleton, as CVAT needs one: its points on a grid of 100 x 100, its edges as lines."""
    wide = max(round(len(points) ** 0.5), 1)
    tall = -(-len(points) // wide)
    places = [(100 * (at % wide + 1) / (wide + 1), 100 * (at // wide + 1) / (tall + 1)) for at in range(len(points))]
    drawn = ElementTree.Element("svg")
    for one, other in skeleton.edges if skeleton else ():
        (x1, y1), (x2, y2) = places[one], places[other]
        ends = {"data-type": "edge", "data-node-from": str(one + 1), "data-node-to": str(other + 1)}
        line = {"x1": f"{x1:g}", "y1": f"{y1:g}", "x2": f"{x2:g}", "y2": f"{y2:g}", "stroke": "black", **ends}
        ElementTree.SubElement(drawn, "line", line | {"stroke-width": "0.5"}).text = ""
    for number, (name, (x, y)) in enumerate(zip(points, places, strict=True), 1):
        at = {"r": "1.5", "stroke": "black", "fill": "#b3b3b3", "cx": f"{x:g}", "cy": f"{y:g}", "stroke-width": "0.1"}
        node = {"data-type": "element node", "data-element-id": str(number), "data-node-id": str(number)}
        ElementTree.SubElement(drawn, "circle", at | node | {"data-label-name": name}).text = ""
    return "".join(ElementTree.tostring(one, "unicode", short_empty_elements=False) for one in drawn)


def _texts(parent: ElementTree.Element, /, **texts: str) -> None:
    for tag, text in texts.items():
        ElementTree.SubElement(parent, tag).text = text
