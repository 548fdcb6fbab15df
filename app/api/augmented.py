"""`/api/augmented`: samples with their labels as an augmentation changes them, for a look before training."""

import base64
import json
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.asked import whole
from app.api.problems import RequestError
from app.api.samples import FRESH
from app.components.palette import colour_of, palette_colours
from pipelines.augment import Augment, steps

SIDES = (128, 256, 512)  # largest size of the image that is changed: blur and noise are in its pixels
MOST = 64  # samples of a request
SHOWN = 320  # longer side of the picture that is sent
_VOID = 255
_made = threading.local()  # an Augment holds random state, so each thread has its own


async def augmented(request: Request) -> Response:
    """`ids` joined by commas, `steps` as JSON, `seed`, `side`, and the label `field`.

    Each sample comes with its picture and masks as data URLs, its boxes and its classes; a missing one as null.
    """
    return JSONResponse(await to_thread.run_sync(_augmented, request), headers=FRESH)


def _augmented(request: Request) -> list[dict[str, Any] | None]:
    from datasets.showing import scenes

    dataset, query = request.path_params["dataset"], request.query_params
    ids, side = query.get("ids", "").split(",")[:MOST], _whole(query.get("side", "256"), "side")
    if side not in SIDES:
        raise RequestError(
            400, "unknown size", f"side as one of {', '.join(map(str, SIDES))}", str(side), "ask for one"
        )
    found = scenes.read(dataset, ids, query.get("field", "ground_truth"), side)
    seed, steps_, colour = _whole(query.get("seed", "0"), "seed"), query.get("steps", "[]"), colour_of(dataset)
    return [
        _picture(found[id_], _changed(found[id_], steps_, seed + number), colour) if id_ in found else None
        for number, id_ in enumerate(ids)
    ]


def _changed(scene: Any, text: str, seed: int) -> Any:
    augment = _augment(text, 0 if scene.numbered else _VOID)
    mask = scene.mask if scene.mask.size else None
    return augment(scene.image, seed, mask=mask, corners=scene.corners, classes=np.arange(len(scene.corners)))


def _picture(scene: Any, changed: Any, colour: Callable[[str], tuple[int, int, int]]) -> dict[str, Any]:
    from datasets.images import painting

    height, width = changed.image.shape[:2]
    corners, mask = changed.corners, painting.shrunk(changed.mask, SHOWN) if changed.mask.size else changed.mask
    if mask.size and scene.numbered:
        corners = _around(mask, changed.kept, corners)
    size = painting.fitting((width, height), SHOWN)
    names = [scene.names[number] for number in changed.kept] if len(scene.corners) else scene.names
    return {
        "width": size[0],
        "height": size[1],
        "image": _encoded(changed.image, size, ".jpg"),
        "overlay": _encoded(_painted(scene, mask, changed.kept, colour), size, ".png") if mask.size else None,
        "boxes": np.round(corners, 4).tolist(),
        "labels": [{"name": name, "colour": "#{:02x}{:02x}{:02x}".format(*colour(name))} for name in names],
    }


def _painted(scene: Any, mask: Any, kept: Any, colour: Callable[[str], tuple[int, int, int]]) -> Any:
    """Masks in the colours of their classes, translucent (h, w, 4)."""
    from datasets.images import painting

    if not scene.numbered:
        values = np.unique(mask).tolist()
        named = scene.targets or {value: str(value) for value in values if value != _VOID}
        shown = {value: name for value, name in named.items() if (value, name.lower()) != (0, "background")}
        picture = painting.classes(mask, {value: colour(name) for value, name in shown.items()})
        picture[..., 3] = np.where(picture[..., 3] > 0, 150, 0)
        return picture
    drawn = np.zeros(len(scene.names) + 1, dtype=np.int32)
    drawn[kept + 1] = np.arange(1, len(kept) + 1)  # dropped objects lose their pixels too
    many = palette_colours()
    alike = len(set(scene.names)) == 1  # then colours tell objects apart, not classes
    colours = [many[number % len(many)] if alike else colour(scene.names[number]) for number in kept]
    return painting.objects(drawn[mask], colours)


def _around(mask: Any, kept: Any, corners: Any) -> Any:
    """The boxes around the visible parts of the kept objects; unchanged for those without a mask."""
    found = corners.copy()
    height, width = mask.shape
    for place, number in enumerate(kept):
        rows, columns = np.nonzero(mask == number + 1)
        if len(rows):
            found[place] = (
                columns.min() / width, rows.min() / height, (columns.max() + 1) / width, (rows.max() + 1) / height,
            )  # fmt: skip
    return found


def _encoded(picture: Any, size: tuple[int, int], suffix: str) -> str:
    import cv2

    order = cv2.COLOR_RGBA2BGRA if picture.shape[2] == 4 else cv2.COLOR_RGB2BGR
    if (picture.shape[1], picture.shape[0]) != size:
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    options = [cv2.IMWRITE_JPEG_QUALITY, 85] if suffix == ".jpg" else [cv2.IMWRITE_PNG_COMPRESSION, 1]
    _, content = cv2.imencode(suffix, cv2.cvtColor(picture, order), options)
    kind = "jpeg" if suffix == ".jpg" else "png"
    return f"data:image/{kind};base64,{base64.b64encode(content.tobytes()).decode()}"


def _augment(text: str, fill: int) -> Augment:
    """The augmentation of a spec; reused while the spec is the same."""
    if getattr(_made, "key", None) != (text, fill):
        _made.augment = Augment(steps(_json(text)), mask_fill=fill)
        _made.key = text, fill
    found: Augment = _made.augment
    return found


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise RequestError(400, "steps are no JSON", "a list of steps as JSON", text, "reload the page") from wrong


def _whole(text: str, name: str) -> int:
    return whole(text, name)
