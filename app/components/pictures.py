"""Rows of small pictures with their labels, as plain HTML: for cards and previews."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import streamlit as st

from app.components.markup import Markup, markup, together
from app.components.palette import colour
from datasets import poses
from datasets.records import Label
from datasets.skeleton import Edges

TILE = 4 / 3  # width to height of a tile


@dataclass(frozen=True)
class Picture:
    """One picture: where the browser finds it, its size in pixels, and what is drawn over it.

    `overlay` is the address of a picture of its masks. Labels with points are key points, joined by `edges`, or lines
    where that is None.
    """

    source: str
    name: str
    width: int
    height: int
    labels: tuple[Label, ...] = ()
    overlay: str = ""
    edges: Edges | None = None


def of_sample(dataset: str, identity: str, side: int = 256) -> str:
    """The address of a sample's thumbnail."""
    return f"/api/thumbnails/{quote(dataset, safe='')}/{identity}?side={side}"


def masks_of_sample(dataset: str, identity: str, field: str, side: int = 256) -> str:
    """The address of the masks of a field, coloured by class."""
    return f"/api/overlay/{quote(dataset, safe='')}/{identity}/{quote(field, safe='')}?side={side}"


def of_file(jpeg: Path) -> str:
    """A small JPEG outside any dataset, embedded in the page."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg.read_bytes()).decode()


def of_png(png: bytes | None) -> str:
    """A small PNG, embedded in the page; nothing for None."""
    return "data:image/png;base64," + base64.b64encode(png).decode() if png else ""


def mosaic(pictures: Iterable[Picture], colours: Mapping[str, str], *, whole: bool = False, link: str = "") -> None:
    """Draw pictures side by side, cropped to equal tiles; `whole` shows them uncropped and named. `link` is a page."""
    tiles = together(_tile(picture, colours, whole) for picture in pictures)
    kind = "whole" if whole else "cropped"
    if link:
        st.html(markup('<a class="fv-mosaic {}" href="{}" target="_self">{}</a>', kind, link, tiles))
    else:
        st.html(markup('<div class="fv-mosaic {}">{}</div>', kind, tiles))


def _tile(picture: Picture, colours: Mapping[str, str], whole: bool) -> Markup:
    place = _percent(*_place((picture.width or 4) / (picture.height or 3), whole))
    boxes = together(_box(label, colours) for label in picture.labels if label.box and not label.points)
    image = markup('<img src="{}" alt="{}" loading="lazy">', picture.source, picture.name)
    overlay = markup('<img class="overlay" src="{}" alt="masks">', picture.overlay) if picture.overlay else ""
    lined = [label for label in picture.labels if label.points]
    over = markup('<img class="lines" src="{}" alt="">', _drawing(lined, picture.edges, colours)) if lined else ""
    word = ", ".join(label.label for label in picture.labels if not label.box and not label.points)
    em = markup("<em>{}</em>", word) if word else ""
    name = markup("<small>{}</small>", picture.name) if whole else ""
    inside = markup('<div style="{}">{}{}{}{}</div>{}', place, image, overlay, boxes, over, em)
    return markup('<figure><div class="frame">{}</div>{}</figure>', inside, name)


def _place(ratio: float, whole: bool) -> tuple[float, float, float, float]:
    """Where an image lies in a tile, in percent: inside it as a whole, or covering it."""
    wide = ratio >= TILE
    if wide == whole:
        height = 100 * TILE / ratio
        return 0, (100 - height) / 2, 100, height
    width = 100 * ratio / TILE
    return (100 - width) / 2, 0, width, 100


def _box(label: Label, colours: Mapping[str, str]) -> Markup:
    x, y, width, height = (100 * value for value in label.box or (0, 0, 0, 0))
    place, shown = _percent(x, y, width, height), colours.get(label.label) or colour(label.label)
    return markup('<i style="{};border-color:{}"></i>', place, shown)


def _drawing(labels: Sequence[Label], edges: Edges | None, colours: Mapping[str, str]) -> str:
    """The lines of labels as a picture that covers an image of any shape: pages take no SVG but as a picture."""
    shown = (markup('stroke="{}"', colours.get(one.label) or colour(one.label)) for one in labels)
    paths = "".join(f"<g {stroke}>{_lines(one, edges)}</g>" for one, stroke in zip(labels, shown, strict=True))
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1" preserveAspectRatio="none" fill="none" '
        f'stroke-linecap="round" stroke-linejoin="round">{paths}</svg>'
    )
    return "data:image/svg+xml," + quote(svg)


def _lines(label: Label, edges: Edges | None) -> str:
    """The lines of a label, in a square of 1 by 1, and a dot for each of its key points."""
    if edges is None:
        ends = "Z" if label.attributes.get("closed") is True else ""
        return _stroked("".join(f"{_path(part)}{ends}" for part in label.points or ()), 1.5)
    points = poses.points(label)
    joined = "".join(_path([points[end] for end in edge]) for edge in edges if max(edge) < len(points))
    dots = "".join(f"{_path([point])}h.00001" for point in points if poses.placed(point))
    return _stroked(joined, 1.5) + _stroked(dots, 4)


def _stroked(path: str, width: float) -> str:
    return f'<path d="{path}" stroke-width="{width}" vector-effect="non-scaling-stroke"/>'


def _path(spots: Sequence[tuple[float, float]]) -> str:
    """A line through points; nothing where one of them has no place."""
    if not all(map(poses.placed, spots)):
        return ""
    return "M" + "L".join(f"{x:.4f} {y:.4f}" for x, y in spots)


def _percent(left: float, top: float, width: float, height: float) -> Markup:
    return markup("left:{:.2f}%;top:{:.2f}%;width:{:.2f}%;height:{:.2f}%", left, top, width, height)
