"""The labeling interface of a Label Studio project (`config.xml`): classes, colours, hotkeys, attributes of regions."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from pydantic import ValidationError

from datasets.errors import FormatError
from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common.parsing import class_name, xml_of
from datasets.labelschema import Schema, SchemaAttribute, SchemaClass
from datasets.storage.labels import attribute_name

FILE = "config.xml"
# The control of each kind of region, by the type of its results.
CONTROLS = {
    "rectanglelabels": "RectangleLabels", "polygonlabels": "PolygonLabels", "brushlabels": "BrushLabels",
    "keypointlabels": "KeyPointLabels",
}  # fmt: skip
NAMES = {"rectanglelabels": "boxes", "polygonlabels": "polygons", "brushlabels": "masks", "keypointlabels": "points",
         "choices": "classes"}  # fmt: skip
OWN = frozenset({"labelstudio_id", "closed", "filled", "rotation", "tags", "visible", "index", "area", "confidences",
                 "score", "attributes", "logits", "z_order"})  # fmt: skip
_PALETTE = {"red": "#ff0000", "green": "#008000", "blue": "#0000ff", "orange": "#ffa500", "yellow": "#ffff00",
            "black": "#000000", "white": "#ffffff", "purple": "#800080"}  # fmt: skip


@dataclass
class Config:
    """Classes and attributes, as the project declares them and as its results use them."""

    classes: dict[str, SchemaClass] = field(default_factory=dict)
    attributes: dict[str, SchemaAttribute] = field(default_factory=dict)  # by the name of their control
    declared: bool = False

    @classmethod
    def beside(cls, source: Path, findings: Findings) -> "Config":
        """The interface beside the file of tasks; an empty one where there is none."""
        made, path = cls(), source.with_name(FILE)
        if not path.is_file():
            return made
        try:
            root = xml_of(path)
        except FormatError as wrong:
            findings.warn("bad_config", path, "a labeling interface", str(wrong), "classes are those of the results")
            return made
        for one in root.iter():
            try:
                made._take(one)
            except (ValueError, ValidationError) as wrong:
                findings.warn("bad_config", path, "names of classes", str(wrong).splitlines()[-1][:200], "left out")
        made.declared = bool(made.classes)
        return made

    def use(self, name: str) -> None:
        """A class that a label has."""
        if name not in self.classes:
            self.classes[name] = SchemaClass(name=name)

    def attribute(self, control: str, kind: str, value: object) -> str:
        """The name of the attribute that a control sets, which learns the choices that are used."""
        known = self.attributes.get(control)
        choices = [value] if kind == "choice" and isinstance(value, str) else []
        if known is None:
            name, taken = attribute_name(control), {one.name for one in self.attributes.values()} | OWN
            name = next(one for one in (name, *(f"{name}_{n}" for n in range(2, 999))) if one not in taken)
            made: dict[str, Any] = {"name": name, "kind": kind, "choices": tuple(choices)}
            made |= {"title": control} if name != control else {}
            self.attributes[control] = SchemaAttribute.model_construct(**made)
            return name
        if known.kind == "choice" and choices and value not in known.choices:
            self.attributes[control] = known.model_copy(update={"choices": (*known.choices, *choices)})
        return known.name

    def schema(self) -> Schema:
        """The schema; attributes whose values are lists alone have no choices and are not in it."""
        fit = [one for one in self.attributes.values() if one.kind != "choice" or one.choices]
        return Schema(classes=tuple(self.classes.values()), attributes=tuple(fit))

    def _take(self, one: Any) -> None:
        if one.tag in (*CONTROLS.values(), "Labels") or (one.tag == "Choices" and one.get("perRegion") != "true"):
            for inner in one:
                name, colour = class_name((inner.get("value") or "").strip()), (inner.get("background") or "").lower()
                colour = _PALETTE.get(colour, colour)
                good = len(colour) == 7 and colour[0] == "#" and all(c in "0123456789abcdef" for c in colour[1:])
                key = inner.get("hotkey") or ""
                taken = {known.hotkey for known in self.classes.values()}
                key = key if len(key) == 1 and key not in taken else ""
                made = SchemaClass(name=name, colour=colour if good else None, hotkey=key or None)
                self.classes.setdefault(name, made)
        elif one.get("perRegion") == "true" and one.get("name"):
            self._control(one)

    def _control(self, one: Any) -> None:
        kind = {"Choices": "choice", "Number": "number", "Rating": "number", "TextArea": "text"}.get(one.tag)
        if kind is None:
            return
        self.attribute(one.get("name"), kind, None)
        said = self.attributes[one.get("name")]
        choices = tuple(dict.fromkeys(inner.get("value") or "" for inner in one.iter("Choice")))
        bounds = {key: float(text) for key, at in (("minimum", "min"), ("maximum", "max")) if (text := one.get(at))}
        changed = {"choices": choices, **bounds, "required": one.get("required") == "true"}
        self.attributes[one.get("name")] = said.model_copy(update=changed)


def written(schema: Schema, types: Iterable[str], names: dict[str, str]) -> bytes:
    """The interface that shows results of these types; `names` are those of their controls."""
    root = ElementTree.Element("View")
    ElementTree.SubElement(root, "Image", {"name": "image", "value": "$image"})
    for kind in types:
        tag, inner = ("Choices", "Choice") if kind == "choices" else (CONTROLS[kind], "Label")
        control = ElementTree.SubElement(root, tag, {"name": names.get(kind, NAMES[kind]), "toName": "image"})
        if kind == "choices":
            control.set("choice", "multiple")
        for one in schema.classes:
            more = {"background": one.colour} if one.colour else {}
            more |= {"hotkey": one.hotkey} if one.hotkey else {}
            ElementTree.SubElement(control, inner, {"value": one.name, **more})
    for attribute in {one.title or one.name: one for one in schema.attributes}.values():
        _attribute(root, attribute)
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, "utf-8"))


def _attribute(root: ElementTree.Element, one: SchemaAttribute) -> None:
    tag = {"choice": "Choices", "flag": "Choices", "number": "Number", "text": "TextArea"}[one.kind]
    more = {"required": "true"} if one.required else {}
    if one.classes:
        more["whenLabelValue"] = ",".join(one.classes)
    for at, bound in (("min", one.minimum), ("max", one.maximum)):
        more |= {at: f"{bound:g}"} if bound is not None else {}
    control = {"name": one.title or one.name, "toName": "image", "perRegion": "true", **more}
    made = ElementTree.SubElement(root, tag, control)
    for choice in one.choices or (("true", "false") if one.kind == "flag" else ()):
        ElementTree.SubElement(made, "Choice", {"value": choice})
