"""Key points in COCO json: of an annotation, of a category, of a result; both ways."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from datasets import poses
from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common.parsing import finite
from datasets.records import Label
from datasets.skeleton import Skeleton

MOST = 1000  # key points of an object
_DIGITS = 6  # of a pixel: a place is stored relative to the image, and comes back as it was


def skeleton_of(entry: Mapping[str, Any], where: str, findings: Findings) -> Skeleton | None:
    """The skeleton of a category; edges count from 1 in the file. None for a category without key points."""
    names = entry.get("keypoints")
    if not isinstance(names, list) or not names:
        return None
    if len(names) > MOST or not all(isinstance(name, str | int) and len(str(name)) <= 200 for name in names):
        findings.warn("bad_skeleton", where, f"names of 1 to {MOST} key points", repr(names)[:80], "it is left out")
        return None
    edges = entry.get("skeleton")
    good = [edge for edge in edges or () if _is_edge(edge, len(names))] if isinstance(edges, list) else []
    if isinstance(edges, list) and len(good) < len(edges):
        found = f"{len(edges) - len(good)} that are not"
        findings.warn("bad_skeleton", where, f"pairs of numbers from 1 to {len(names)}", found, "they are left out")
    return Skeleton(tuple(map(str, names)), tuple((one - 1, other - 1) for one, other in good))


def kept(entry: Mapping[str, Any]) -> tuple[Any, Any]:
    """What is kept of an annotation while its file is read: its numbers in little memory, and its area."""
    numbers = entry.get("keypoints")
    if isinstance(numbers, list) and all(type(one) in (int, float) and finite(one) is not None for one in numbers):
        return array("d", numbers), entry.get("area")
    return numbers, entry.get("area")


def placed(shape: tuple[Any, Any], count: int, size: tuple[int, int], where: str, findings: Findings) -> dict[str, Any]:
    """Points and attributes of a label from what was `kept`, on an image of `size`; `count` points are expected."""
    numbers, area = shape
    if numbers is not None and (not isinstance(numbers, array) or len(numbers) != 3 * count):
        found = repr(numbers.tolist() if isinstance(numbers, array) else numbers)[:80]
        findings.warn("bad_keypoints", where, f"x, y and visibility of {count} points", found, "none of them is read")
        numbers = None
    triples = list(zip(*[iter(numbers or [0.0] * 3 * count)] * 3, strict=True))
    seen = [int(v) if v in (0, 1, 2) else None for _, _, v in triples]
    if None in seen:
        findings.warn("bad_keypoints", where, "visibilities 0, 1 or 2", "others", "these points are read as seen")
    if any(v == 0 and (x or y) for (x, y, _), v in zip(triples, seen, strict=True)):
        findings.note("unlabelled_place", where, "no place where visibility is 0", "one", "that place is left out")
    nothing = (float("nan"), float("nan"))
    places = tuple(
        nothing if v == 0 else (x / size[0], y / size[1]) for (x, y, _), v in zip(triples, seen, strict=True)
    )
    share = finite(area)
    told = {poses.AREA: share / size[0] / size[1]} if share and share > 0 else {}
    visible = [poses.SEEN if v is None else v for v in seen]
    return {"points": (places,), "attributes": {poses.VISIBLE: visible, **told}}


def pose(label: Label, size: tuple[int, int], where: str, findings: Findings) -> dict[str, Any]:
    """The parts of an annotation of a pose; a label without a box has the one around its points."""
    x, y, width, height = poses.box(label) or (0.0, 0.0, 0.0, 0.0)
    seen, across, down = poses.visibility(label), *size
    numbers = [
        _pixels(value) for (px, py), v in zip(poses.points(label), seen, strict=True)
        for value in ((px * across, py * down, v) if v else (0, 0, 0))
    ]  # fmt: skip
    if label.mask_path or label.mask:
        findings.note(
            "no_outline", where, "poses without a mask", "one", "it is not written; export a field of objects"
        )
    entry: dict[str, Any] = {
        "bbox": [_pixels(one) for one in (x * across, y * down, width * across, height * down)],
        "area": _pixels((poses.area(label) or 0.0) * across * down),
        "keypoints": numbers,
        "num_keypoints": sum(v > 0 for v in seen),
    }
    rest = {name: value for name, value in label.attributes.items() if name not in (poses.VISIBLE, poses.AREA)}
    return {**entry, "attributes": rest} if rest else entry


def pose_results(annotations: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Predictions as COCO results."""
    keys = ("image_id", "category_id", "keypoints", "score")
    return [{key: entry[key] for key in keys} for entry in annotations if "score" in entry]


def described(skeleton: Skeleton | None) -> dict[str, Any]:
    """What a category says of its key points."""
    if skeleton is None:
        return {}
    return {"keypoints": list(skeleton.points), "skeleton": [[one + 1, other + 1] for one, other in skeleton.edges]}


def _is_edge(edge: object, count: int) -> bool:
    ends: Sequence[Any] = edge if isinstance(edge, list) else ()
    return len(ends) == 2 and all(type(end) is int and 1 <= end <= count for end in ends)


def _pixels(value: float) -> float | int:
    rounded = round(value, _DIGITS)
    return int(rounded) if rounded == int(rounded) else rounded
