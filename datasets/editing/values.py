"""What may be stored in a label: finite numbers within bounds, names of one line, masks as large as their boxes."""

import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from datasets import kinds
from datasets.errors import FieldError
from datasets.images import masks
from datasets.images.pixels import decoding, opened
from datasets.records import Label
from datasets.storage import labels

LONGEST_NAME = 500  # letters of a class name, and of a tag
LONGEST_TEXT = 10_000  # letters of an attribute
MOST = 1000  # elements of an attribute that is a list
BEYOND = 1.0  # how far boxes and points may lie outside the image, in its own width and height
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ID = re.compile(r"[0-9a-f]{24}")
_OPERATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{3,99}")


def checked(kind: str, values: Mapping[str, Any], *, new: bool) -> dict[str, Any]:
    """Parts of a label by name, as they are stored. Raises FieldError that names the first invalid one.

    A `new` label must have everything its kind needs. Besides the parts of `Label`, `tags` are accepted, and `png`,
    the bytes of an image file that holds its mask.
    """
    shape, made = kinds.kind(kind), dict[str, Any]()
    needed = {shape.place} - {None} | ({"mask_path"} if shape.whole_mask else {"label"})
    for name, value in values.items():
        check = _CHECKS.get(name)
        if check is None:
            raise FieldError(f"expected parts of a label, of {', '.join(_CHECKS)}; found {name!r}")
        if value is None and name in needed:
            raise FieldError(f"expected {name} for every label of kind {kind}, found none")
        made[name] = value if value is None else check(value)
    if made.get("mask") or made.get("png"):
        needed -= {"mask_path"}
    missing = sorted(str(name) for name in needed if name not in made)
    if new and missing:
        raise FieldError(f"expected {' and '.join(missing)} for every label of kind {kind}, found none")
    if "tags" in made:
        made["attributes"] = {**(made.get("attributes") or {}), "tags": made.pop("tags") or []}
    if made.get("points") is not None and shape.item_class == kinds.KEYPOINT.item_class and len(made["points"]) != 1:
        raise FieldError(f"expected one list of keypoints, found {len(made['points'])}")
    return made


def of_label(label: Label) -> dict[str, Any]:
    """The parts of a whole label by name, for `checked`; a box or points that it lacks are left out."""
    parts = {name: getattr(label, name) for name in ("label", "box", "points", "support") if getattr(label, name)}
    masked = {"mask": label.mask, "mask_path": label.mask_path}
    return {
        **parts, **masked, "confidence": label.confidence, "crowd": label.crowd, "attributes": dict(label.attributes)
    }  # fmt: skip


def label_id(text: object) -> str:
    """The id of a label. Raises FieldError for anything but 24 hexadecimal digits."""
    if not isinstance(text, str) or not _ID.fullmatch(text):
        raise FieldError(f"expected the id of a label, 24 hexadecimal digits in lower case, found {_shown(text)}")
    return text


def operation_id(text: object) -> str:
    """The id of an operation, such as a UUID. Raises FieldError."""
    if not isinstance(text, str) or not _OPERATION.fullmatch(text):
        expected = "the id of an operation, 4 to 100 letters, digits and any of ._:- (such as a UUID)"
        raise FieldError(f"expected {expected}, found {_shown(text)}")
    return text


def drawn(png: bytes, box: Sequence[float] | None, size: tuple[int, int] | None) -> str:
    """Store a mask that came as an image file and return its path. It covers `box`, or the whole image for None.

    Raises FieldError unless it is a one-channel image with the size of the box in pixels (give or take two, as
    boxes are not whole numbers of pixels) and, for an object, at least one pixel inside.
    """
    try:
        with opened(io.BytesIO(png)) as image, decoding(image.width * image.height):
            mask = np.array(image.convert("L") if image.mode in ("1", "LA", "RGB", "RGBA") else image)
    except (OSError, ValueError, SyntaxError, MemoryError, RuntimeError) as wrong:
        raise FieldError(f"expected a mask as a PNG file, found none that can be read ({wrong})") from wrong
    if mask.ndim != 2 or mask.dtype.kind not in "iub" or mask.min(initial=0) < 0 or mask.max(initial=0) > 65535:
        raise FieldError(f"expected a mask of one channel of whole numbers, found {mask.shape} of {mask.dtype}")
    if box is not None and not mask.any():
        raise FieldError("expected a mask with a pixel inside, found an empty one; delete the label instead")
    if size is not None:
        _check_size((mask.shape[1], mask.shape[0]), box, size)
    return masks.write(mask if box is None else masks.binary(mask) * np.uint8(255))


def _check_size(found: tuple[int, int], box: Sequence[float] | None, size: tuple[int, int]) -> None:
    wide, high = size if box is None else (box[2] * size[0], box[3] * size[1])
    slack = 0 if box is None else 2
    if abs(found[0] - wide) > slack or abs(found[1] - high) > slack:
        what = "the image" if box is None else "its box"
        raise FieldError(
            f"expected a mask of {round(wide)} x {round(high)} pixels, as large as {what}, "
            f"found {found[0]} x {found[1]}"
        )


def _name(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_NAME or _CONTROL.search(value):
        raise FieldError(
            f"expected the name of a class, one line of 1 to {LONGEST_NAME} letters, found {_shown(value)}"
        )
    return value


def _box(value: object) -> tuple[float, float, float, float]:
    box = _numbers(value, "a box of four finite numbers (x, y, width, height), relative to the image", 4)
    x, y, width, height = box
    inside = -BEYOND <= x < 1 and -BEYOND <= y < 1 and x + width <= 1 + BEYOND and y + height <= 1 + BEYOND
    if not (width > 0 and height > 0 and inside and x + width > 0 and y + height > 0):
        raise FieldError(
            "expected a box with a width and height above 0 that lies on the image (0 to 1) at least in part and "
            f"reaches no more than {BEYOND:g} beyond it, found {list(box)}"
        )
    return x, y, width, height


def _points(value: object) -> tuple[tuple[tuple[float, float], ...], ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(part, list | tuple) for part in value):
        raise FieldError(f"expected points as lists of pairs (x, y), found {_shown(value)}")
    return tuple(tuple(_point(pair) for pair in part) for part in value)


def _point(pair: object) -> tuple[float, float]:
    if isinstance(pair, list | tuple) and len(pair) == 2 and all(one is None or _is_nan(one) for one in pair):
        return math.nan, math.nan  # a keypoint that is not seen
    x, y = _numbers(pair, "a point of two finite numbers (x, y), relative to the image", 2)
    if not all(-BEYOND <= one <= 1 + BEYOND for one in (x, y)):
        raise FieldError(f"expected points on the image, or at most {BEYOND:g} beyond it, found {[x, y]}")
    return x, y


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _support(value: object) -> tuple[int, int]:
    ends = [one for one in value if type(one) is int] if isinstance(value, list | tuple) else []
    if len(ends) != 2 or not 1 <= ends[0] <= ends[1] < 2**31:
        raise FieldError(f"expected the first and last frame, counted from 1, found {_shown(value)}")
    return ends[0], ends[1]


def _confidence(value: object) -> float:
    (found,) = _numbers([value], "a confidence from 0 to 1", 1)
    if not 0 <= found <= 1:
        raise FieldError(f"expected a confidence from 0 to 1, found {found}")
    return found


def _numbers(value: object, what: str, count: int) -> tuple[float, ...]:
    parts = list(value) if isinstance(value, list | tuple) else []
    good = [
        float(one)
        for one in parts
        if isinstance(one, int | float) and one is not True and one is not False and abs(one) < 1e9
    ]
    if len(good) != count or len(parts) != count:
        raise FieldError(f"expected {what}, found {_shown(value)}")
    return tuple(good)


def _crowd(value: object) -> bool:
    if not isinstance(value, bool):
        raise FieldError(f"expected crowd as true or false, found {_shown(value)}")
    return value


def _tags(value: object) -> list[str]:
    if not isinstance(value, list | tuple) or len(value) > MOST:
        raise FieldError(f"expected a list of at most {MOST} tags, found {_shown(value)}")
    return list(dict.fromkeys(_name(one) for one in value))


def _attributes(value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise FieldError(f"expected attributes by name, found {_shown(value)}")
    for name, one in value.items():
        if not isinstance(name, str) or labels.attribute_name(name) != name or len(name) > 100:
            raise FieldError(
                "expected names of attributes of letters, digits and underscores, none of a label's own parts, found "
                f"{_shown(name)}"
            )
        if name == "tags" and one is not None:
            _tags(one)
        elif not _is_plain(one) and not _is_list(one):
            raise FieldError(f"expected text, numbers or lists of them in attribute {name}, found {_shown(one)}")
    return dict(value)


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST_TEXT and "\0" not in value and not re.search("[\ud800-\udfff]", value)
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) < 2**63)


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple) and len(value) <= MOST and all(_is_plain(part) for part in value)


def _as_it_is(value: Any) -> Any:
    return value


def _shown(value: object) -> str:
    return repr(value)[:80]


_CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "label": _name,
    "box": _box,
    "points": _points,
    "support": _support,
    "confidence": _confidence,
    "crowd": _crowd,
    "tags": _tags,
    "attributes": _attributes,
    "mask": _as_it_is,
    "mask_path": _as_it_is,
    "png": _as_it_is,
}
