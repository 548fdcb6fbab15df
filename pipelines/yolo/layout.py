"""The layout of a YOLO model, Ultralytics' `model.yaml`, from a file that a stranger may have made.

Ultralytics evaluates the text of an activation and finds layers by their name, some of which open files or addresses.
So every word in a layout stands in a list here, and every number has bounds.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.errors import CheckpointError

LAYERS = (
    "A2C2f", "AConv", "ADown", "AIFI", "Bottleneck", "BottleneckCSP", "C1", "C2", "C2PSA", "C2f", "C2fCIB", "C2fPSA",
    "C3", "C3Ghost", "C3TR", "C3k2", "C3x", "CBFuse", "CBLinear", "Classify", "Concat", "Conv", "ConvTranspose",
    "DWConv", "DWConvTranspose2d", "Detect", "ELAN1", "Focus", "GhostBottleneck", "GhostConv", "HGBlock", "HGStem",
    "PSA", "Pose", "Pose26", "RepC3", "RepNCSPELAN4", "ResNetLayer", "SCDown", "SPP", "SPPELAN", "SPPF", "Segment",
    "Segment26", "Silence", "v10Detect", "nn.AvgPool2d", "nn.BatchNorm2d", "nn.Conv2d", "nn.ConvTranspose2d",
    "nn.Dropout", "nn.Identity", "nn.MaxPool2d", "nn.Upsample", "nn.ZeroPad2d",
)  # fmt: skip
ACTIVATIONS = (
    "CELU", "ELU", "GELU", "Hardsigmoid", "Hardswish", "Identity", "LeakyReLU", "Mish", "PReLU", "ReLU", "ReLU6",
    "SELU", "SiLU", "Sigmoid", "Softplus", "Tanh",
)  # fmt: skip
GIVEN = r"(\w+ ?= ?)?(-?\d[\d.e-]*|True|False)"
ACTIVATION = re.compile(rf"(torch\.)?nn\.({'|'.join(ACTIVATIONS)})\(({GIVEN}(, ?{GIVEN}){{0,3}})?\)")
WORDS = ("None", "True", "False", "nc", "kpt_shape", "nearest", "bilinear")
ROWS, REPEATS, LARGEST = 500, 1000, 65_536  # rows of a layout, layers they repeat to, the highest number in one
POINTS = 1000  # key points of an object


def checked(given: Any) -> dict[str, Any]:
    """The layout with what Ultralytics needs of it. Raises CheckpointError for anything that is no plain layout."""
    if not isinstance(given, Mapping):
        raise CheckpointError(f"expected the layout of a YOLO model, found {type(given).__name__}")
    found = {key: check(given[key], key) for key, check in PARTS.items() if given.get(key) is not None}
    missing = [key for key in ("nc", "backbone", "head") if key not in found]
    if missing:
        raise CheckpointError(f"expected a layout with nc, backbone and head, found one without {missing[0]}")
    rows = [*found["backbone"], *found["head"]]
    depth = max([found.get("depth_multiple", 1.0), *(scale[0] for scale in found.get("scales", {}).values())])
    if not rows or len(rows) > ROWS or sum(row[1] for row in rows) * depth > REPEATS:
        raise CheckpointError(f"expected a layout of 1 to {ROWS} rows and {REPEATS} layers, found {len(rows)} rows")
    if found.get("scales") and found.get("scale") and found["scale"] not in found["scales"]:
        raise CheckpointError(f"expected one of the scales of the layout, found {_short(found['scale'])}")
    return found


def _number(low: float, high: float) -> Any:
    def check(value: Any, what: str) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise CheckpointError(f"expected {what} from {low:g} to {high:g} in the layout, found {_short(value)}")
        return value

    return check


def _whole(low: int, high: int) -> Any:
    def check(value: Any, what: str) -> int:
        if type(value) is not int:
            raise CheckpointError(f"expected a whole number as {what} in the layout, found {_short(value)}")
        return int(_number(low, high)(value, what))

    return check


def _flag(value: Any, what: str) -> bool:
    if not isinstance(value, bool):
        raise CheckpointError(f"expected yes or no as {what} in the layout, found {_short(value)}")
    return value


def _activation(value: Any, _what: str) -> str:
    if not isinstance(value, str) or len(value) > 100 or not ACTIVATION.fullmatch(value):
        raise CheckpointError(
            f"expected an activation of torch, such as nn.SiLU(), in the layout, found {_short(value)}; "
            "Ultralytics would run that text as code"
        )
    return value


def _word(value: Any, what: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"\w{0,16}", value):
        raise CheckpointError(f"expected a short word as {what} in the layout, found {_short(value)}")
    return value


def _points(value: Any, what: str) -> list[int]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise CheckpointError(
            f"expected how many key points, and numbers of each, in the layout, found {_short(value)}"
        )
    return [_whole(1, POINTS)(value[0], what), _whole(2, 3)(value[1], what)]


def _scales(value: Any, what: str) -> dict[str, list[Any]]:
    if not isinstance(value, Mapping) or not 0 < len(value) <= 16:
        raise CheckpointError(f"expected up to 16 scales in the layout, found {_short(value)}")
    checks = _number(0.01, 10), _number(0.01, 10), _number(1, LARGEST)
    for scale in value.values():
        if not isinstance(scale, Sequence) or isinstance(scale, str) or len(scale) != len(checks):
            raise CheckpointError(f"expected depth, width and most channels of a scale, found {_short(scale)}")
    return {
        _word(name, what): [check(part, what) for check, part in zip(checks, scale, strict=True)]
        for name, scale in value.items()
    }


def _rows(value: Any, what: str) -> list[list[Any]]:
    if not isinstance(value, list | tuple) or len(value) > ROWS:
        raise CheckpointError(f"expected at most {ROWS} rows as {what} of the layout, found {_short(value)}")
    return [_row(row) for row in value]


def _row(row: Any) -> list[Any]:
    if not isinstance(row, list | tuple) or len(row) != 4 or not isinstance(row[3], list | tuple) or len(row[3]) > 16:
        raise CheckpointError(f"expected from, number, layer and arguments in a row of the layout, found {_short(row)}")
    source, number, layer, given = row
    if not isinstance(layer, str) or layer not in LAYERS:
        raise CheckpointError(f"expected a layer of YOLO models in the layout, found {_short(layer)}")
    place = _whole(-ROWS, ROWS)
    sources = [place(one, "from") for one in source] if isinstance(source, list | tuple) else place(source, "from")
    return [sources, _whole(1, 100)(number, "number of repeats"), layer, [_argument(one) for one in given]]


def _argument(value: Any) -> Any:
    if value is None or isinstance(value, bool) or (isinstance(value, str) and value in WORDS):
        return value
    if isinstance(value, list | tuple) and len(value) <= 16:
        return [_number(-LARGEST, LARGEST)(one, "an argument") for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise CheckpointError("expected numbers in the layout, found one that is none")
    return _number(-LARGEST, LARGEST)(value, "an argument")


def _short(value: Any) -> str:
    return repr(value[:60]) if isinstance(value, str) else repr(value) if isinstance(value, int | float) else (
        type(value).__name__
    )  # fmt: skip


PARTS: Mapping[str, Any] = {
    "nc": _whole(1, 100_000), "backbone": _rows, "head": _rows, "scales": _scales, "scale": _word,
    "depth_multiple": _number(0.01, 10), "width_multiple": _number(0.01, 10), "activation": _activation,
    "channels": _whole(1, 64), "ch": _whole(1, 64), "reg_max": _whole(1, 64), "end2end": _flag, "inplace": _flag,
    "kpt_shape": _points,
}  # fmt: skip
