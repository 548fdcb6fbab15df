"""The images and regions that files of VIA hold, in one form whatever the version."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datasets.errors import FormatError
from datasets.exchange.formats.common.jsonlists import read_object
from datasets.exchange.formats.common.parsing import csv_rows, json_of, read_text

# The first number of a shape in version 3, and its name in version 2 (VIA 3, `_via_util.js`).
_SHAPES = {1: "point", 2: "rect", 3: "circle", 4: "ellipse", 5: "polyline", 6: "polyline", 7: "polygon"}


@dataclass
class Region:
    """A shape, its attributes by name, and where it says so the text of each choice of an attribute."""

    shape: Mapping[str, Any]
    attributes: dict[str, Any]


@dataclass
class Image:
    """An image by its name in the file, its regions, and the classes that its own attributes give it."""

    name: str
    regions: list[Region] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)


def images_of(source: Path) -> list[Image]:
    """All images of a file, those of one name together. Raises FormatError."""
    if source.suffix.lower() == ".csv":
        return _joined(_of_csv(source))
    held: dict[str, Any] = {}

    def take(key: str, entry: object) -> None:
        if isinstance(held.get(key), list):
            held[key].append(entry)
        else:
            held[key] = entry

    read_object(source, take)
    if isinstance(held.get("file"), dict) and isinstance(held.get("metadata"), dict):
        return _joined(_of_third(held))
    listed = held.get("_via_img_metadata", held)
    options = _options(held.get("_via_attributes"))
    entries = [one for one in listed.values() if isinstance(one, dict) and isinstance(one.get("filename"), str)]
    if not entries and "_via_img_metadata" not in held:
        raise FormatError(f"{source}: expected images with regions of VIA, found none")
    return _joined(_of_second(entries, options))


def _joined(images: Iterator[Image]) -> list[Image]:
    made: dict[str, Image] = {}
    for one in images:
        known = made.setdefault(one.name, one)
        if known is not one:
            known.regions += one.regions
            known.tags += [tag for tag in one.tags if tag not in known.tags]
    return list(made.values())


def _of_second(entries: list[dict[str, Any]], options: Mapping[str, Mapping[str, str]]) -> Iterator[Image]:
    """Versions 1 (regions by number) and 2 (a list of regions)."""
    for entry in entries:
        regions = entry.get("regions") or []
        listed = list(regions.values()) if isinstance(regions, dict) else regions
        made = [
            Region(_mapping(one.get("shape_attributes")), _read_out(_mapping(one.get("region_attributes")), options))
            for one in listed if isinstance(one, dict)
        ]  # fmt: skip
        yield Image(entry["filename"], made, _tags(_mapping(entry.get("file_attributes"))))


def _of_csv(source: Path) -> Iterator[Image]:
    rows = csv_rows(read_text(source), source, ",")
    columns = [cell.strip().lstrip("#") for cell in next(rows, [])]
    wanted = ("filename", "region_shape_attributes", "region_attributes")
    if not set(wanted) <= set(columns):
        raise FormatError(f"{source}: expected the columns {', '.join(wanted)}, found {', '.join(columns)[:200]}")
    for row in rows:
        cells = dict(zip(columns, row, strict=False))
        if not cells.get("filename"):
            continue
        shape, attributes, of_file = (
            _mapping(json_of(cells.get(name) or "{}", source)) for name in (*wanted[1:], "file_attributes")
        )
        yield Image(cells["filename"], [Region(shape, attributes)] if shape else [], _tags(of_file))


def _of_third(held: Mapping[str, Any]) -> Iterator[Image]:
    """Projects of version 3: files, views of them, and metadata of views."""
    attributes = {key: one for key, one in _mapping(held.get("attribute")).items() if isinstance(one, dict)}
    names = {key: str(one.get("aname") or key) for key, one in attributes.items()}
    options = _options({names[key]: one for key, one in attributes.items()})
    files = {str(key): _mapping(one) for key, one in held["file"].items()}
    views = {str(key): _mapping(one).get("fid_list") or [] for key, one in _mapping(held.get("view")).items()}
    for one in files.values():
        yield Image(str(one.get("fname") or one.get("src") or ""))
    for one in held["metadata"].values():
        entry = _mapping(one)
        shown = views.get(str(entry.get("vid")), [entry.get("vid")])
        given = {names.get(str(key), str(key)): value for key, value in _mapping(entry.get("av")).items()}
        read_out = _read_out(given, options)
        numbers = entry.get("xy") or []
        for number in shown:
            if str(number) not in files or entry.get("z"):
                continue
            name = str(files[str(number)].get("fname") or "")
            region = [Region(_third_shape(numbers), read_out)] if numbers else []
            yield Image(name, region, [] if numbers else _tags(read_out))


def _third_shape(numbers: list[Any]) -> dict[str, Any]:
    kind, values = _SHAPES.get(numbers[0], f"shape {numbers[0]}"), numbers[1:]
    if kind == "point":
        return {"name": kind, "cx": values[0], "cy": values[1]}
    if kind == "rect":
        return dict(zip(("x", "y", "width", "height"), values, strict=False)) | {"name": kind}
    if kind == "circle":
        return dict(zip(("cx", "cy", "r"), values, strict=False)) | {"name": kind}
    if kind == "ellipse":
        return dict(zip(("cx", "cy", "rx", "ry"), values, strict=False)) | {"name": kind}
    return {"name": kind, "all_points_x": values[0::2], "all_points_y": values[1::2]}


def _options(attributes: object) -> dict[str, dict[str, str]]:
    """The texts of choices by attribute, where choices are numbers that stand for texts."""
    every = _mapping(attributes)
    region = _mapping(every.get("region")) if isinstance(every.get("region"), dict) and "aname" not in every else every
    made = {}
    for name, one in region.items():
        texts = _mapping(_mapping(one).get("options"))
        if texts and all(str(key).isdigit() and isinstance(text, str) and text for key, text in texts.items()):
            made[str(name)] = {str(key): str(text) for key, text in texts.items()}
    return made


def _read_out(attributes: Mapping[str, Any], options: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    return {
        name: options.get(name, {}).get(value, value) if isinstance(value, str) else value
        for name, value in attributes.items()
    }


def _tags(attributes: Mapping[str, Any]) -> list[str]:
    """Classes of an image: the values of its attributes, but for what VIA fills in itself (caption, url)."""
    found = []
    for name, value in attributes.items():
        if isinstance(value, dict):
            found += [str(key) for key, chosen in value.items() if chosen]
        elif isinstance(value, str) and value.strip() and name not in ("caption", "public_domain", "image_url"):
            found.append(value)
    return found


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
