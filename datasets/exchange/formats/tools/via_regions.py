"""The class and the shape of regions of VIA."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.tools.drawing import Drawing, ellipse, number
from datasets.exchange.formats.tools.via_files import Image, Region

_CLASS = ("class", "label", "name", "type", "category", "object", "species", "class_name", "classname")
_UNNAMED = "object"


@dataclass(frozen=True)
class Regions:
    """`attribute` is the one that holds the class; empty where no region has any."""

    attribute: str

    @classmethod
    def of(cls, images: Sequence[Image], source: Path, findings: Findings) -> "Regions":
        """Decide over all regions of a file which attribute is the class."""
        regions = [region for image in images for region in image.regions]
        held = Counter(name for one in regions for name, value in one.attributes.items() if _texts(value))
        if not held:
            if regions:
                findings.note(
                    "made_up_names", source, "an attribute of regions that names their class", "none",
                    f"all are of the class {_UNNAMED!r}", count=len(regions),
                )  # fmt: skip
            return cls("")
        if len(held) == 1:
            return cls(next(iter(held)))
        plain = {name.lower().replace(" ", "_"): name for name in held}
        chosen = next((plain[word] for word in _CLASS if word in plain), held.most_common(1)[0][0])
        others = ", ".join(name for name in held if name != chosen)
        expected, action = "one attribute of regions", f"{chosen!r} is the class, the others are attributes of labels"
        findings.note("several_attributes", source, expected, f"{chosen}, {others}"[:200], action)
        return cls(chosen)

    def draw(self, region: Region, drawn: Drawing, where: str) -> None:
        """Draw a region. Raises ValueError for one without a class, or of no known shape."""
        texts = _texts(region.attributes.get(self.attribute)) if self.attribute else [_UNNAMED]
        if len(texts) != 1:
            found = ", ".join(texts) or "none"
            raise ValueError(f"{found} as the one class (attribute {self.attribute!r})")
        others = {name: _texts(value) for name, value in region.attributes.items() if name != self.attribute}
        more = {name: some[0] if len(some) == 1 else some for name, some in others.items() if some}
        _shape(texts[0], region.shape, more, drawn, where)


def _texts(value: object) -> list[str]:
    """What an attribute says: its text, or the choices that are ticked."""
    if isinstance(value, dict):
        return [str(key) for key, chosen in value.items() if chosen]
    text = "" if value is None or isinstance(value, list) else str(value)
    return [text] if text.strip() else []


def _shape(name: str, shape: Mapping[str, Any], more: Mapping[str, Any], drawn: Drawing, where: str) -> None:
    kind = shape.get("name")
    if kind == "rect":
        x, y, width, height = (number(shape[key]) for key in ("x", "y", "width", "height"))
        drawn.box(name, (x, y, x + width, y + height), more)
    elif kind in ("circle", "ellipse"):
        centre = (number(shape["cx"]), number(shape["cy"]))
        radii = (number(shape["r"]),) * 2 if kind == "circle" else (number(shape["rx"]), number(shape["ry"]))
        angle = number(shape.get("theta") or 0)
        drawn.area(name, [ellipse(centre, radii, angle)], more, where)
    elif kind in ("polygon", "polyline"):
        across, down = (list(map(number, shape[key])) for key in ("all_points_x", "all_points_y"))
        places = list(zip(across, down, strict=True))
        if kind == "polygon":
            drawn.area(name, [places], more, where)
        else:
            drawn.line(name, places, more)
    elif kind == "point":
        drawn.point(name, (number(shape["cx"]), number(shape["cy"])), more)
    else:
        raise ValueError(f"a shape {kind!r}")
