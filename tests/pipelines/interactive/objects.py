"""Objects of real data with their masks, and how well answers to prompts cover them."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipelines.interactive.prompts import Point, Prompt, Segmented

ROOT = Path(__file__).parents[3]
Mask = NDArray[np.uint8]


def shared(*parts: str) -> Path:
    """A place in the shared data."""
    return Path(os.environ.get("FOVEAL_SHARED") or ROOT.parent / "shared").joinpath(*parts)


@dataclass(frozen=True)
class Thing:
    """An object: its image, its mask (h, w) of the whole image (None where only a box is known), its box in pixels."""

    path: Path
    mask: Mask | None
    box: tuple[float, float, float, float]
    size: tuple[int, int]

    @property
    def boxed(self) -> Prompt:
        """The question by a box."""
        x, y, wide, high = self.box
        return Prompt(box=(x / self.size[0], y / self.size[1], wide / self.size[0], high / self.size[1]))

    @property
    def clicked(self) -> Prompt:
        """The question by one click: at the pixel that lies deepest inside the object."""
        assert self.mask is not None
        deep = cv2.distanceTransform(np.pad(self.mask, 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
        y, x = np.unravel_index(int(deep.argmax()), deep.shape)
        return Prompt((Point((x + 0.5) / self.size[0], (y + 0.5) / self.size[1]),))


def nuclei(images: int, each: int, least: int = 60) -> Iterator[Thing]:
    """Some nuclei of some images, chosen evenly; none of fewer than `least` pixels."""
    folder = shared("data", "inst_dsb2018_nuclei")
    for path in _some(sorted((folder / "images").glob("*.png")), images):
        numbers = cv2.imread(str(folder / "instance_masks" / path.name), cv2.IMREAD_UNCHANGED)
        found = [one for one in np.unique(numbers)[1:] if (numbers == one).sum() >= least]
        for one in _some(found, each):
            yield _thing(path, (numbers == one).astype(np.uint8))


def coco(images: int, each: int, least: int = 400) -> Iterator[Thing]:
    """Some objects of some images of COCO (validation), chosen evenly."""
    folder = shared("data", "coco128_multitask")
    for table in _some(sorted((folder / "labels_seg80" / "val2017").glob("*.txt")), images):
        path = folder / "images" / "val2017" / f"{table.stem}.jpg"
        height, width = cv2.imread(str(path)).shape[:2]
        found = []
        for row in table.read_text().splitlines():
            points = np.array(row.split()[1:], np.float64).reshape(-1, 2) * (width, height)
            mask = np.zeros((height, width), np.uint8)
            cv2.fillPoly(mask, [points.round().astype(np.int32)], 1)
            if mask.sum() >= least:
                found.append(mask)
        for mask in _some(found, each):
            yield _thing(path, mask)


def cells(images: int, each: int) -> Iterator[Thing]:
    """Some boxes of some images of blood cells, which have no masks."""
    from xml.etree import ElementTree

    folder = shared("data", "det_bccd", "BCCD")
    for table in _some(sorted((folder / "Annotations").glob("*.xml")), images):
        root = ElementTree.parse(table).getroot()
        path = folder / "JPEGImages" / f"{table.stem}.jpg"
        height, width = cv2.imread(str(path)).shape[:2]
        corners = [
            [int(box.findtext(name, "0")) for name in ("xmin", "ymin", "xmax", "ymax")] for box in root.iter("bndbox")
        ]
        inside = [one for one in corners if 0 <= one[0] < one[2] <= width and 0 <= one[1] < one[3] <= height]
        for x, y, right, bottom in _some(inside, each):
            yield Thing(path, None, (x, y, right - x, bottom - y), (width, height))


def iou(thing: Thing, answer: Segmented) -> float:
    """IoU of the answer's mask with that of the object; 0 where there is none."""
    assert thing.mask is not None
    found = _whole(answer, thing.size)
    return float((found & thing.mask).sum() / max((found | thing.mask).sum(), 1))


def box_iou(thing: Thing, answer: Segmented) -> float:
    """IoU of the box of the answer's mask with that of the object."""
    if answer.box is None:
        return 0.0
    x, y, wide, high = np.array(answer.box) * (*thing.size, *thing.size)
    left, top, width, height = thing.box
    across = max(0.0, min(x + wide, left + width) - max(x, left))
    down = max(0.0, min(y + high, top + height) - max(y, top))
    return across * down / (wide * high + width * height - across * down)


def told(values: Sequence[float]) -> str:
    """Mean of values, with an interval of 95 % by bootstrap, and how many they are."""
    found = np.array(values)
    means = np.random.default_rng(51).choice(found, (2000, len(found))).mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return f"{found.mean():.3f} [{low:.3f}, {high:.3f}] n={len(found)}"


def judged(
    things: Sequence[Thing], ask: Callable[[Thing], Any], score: Callable[[Thing, Segmented], float]
) -> list[float]:
    """The scores of the answers."""
    return [score(thing, ask(thing)) for thing in things]


def _thing(path: Path, mask: Mask) -> Thing:
    x, y, wide, high = cv2.boundingRect(mask)
    return Thing(path, mask, (x, y, wide, high), (mask.shape[1], mask.shape[0]))


def _whole(answer: Segmented, size: tuple[int, int]) -> Mask:
    made = np.zeros((size[1], size[0]), np.uint8)
    if answer.mask is not None and answer.box is not None:
        left, top = round(answer.box[0] * size[0]), round(answer.box[1] * size[1])
        made[top : top + answer.mask.shape[0], left : left + answer.mask.shape[1]] = answer.mask
    return made


def _some(items: Sequence[Any], count: int) -> list[Any]:
    """At most `count` of some items, evenly spread."""
    if len(items) <= count:
        return list(items)
    return [items[int(at)] for at in np.linspace(0, len(items) - 1, count)]
