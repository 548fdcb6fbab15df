"""The masks of a record that is not imported yet, as a small picture to overlay on its image."""

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from datasets.exchange.formats.masks.scan import indexes
from datasets.images import outlines, painting
from datasets.images.painting import Colour
from datasets.images.probe import BROKEN
from datasets.records import ImageRecord, Label, Recode

_SEEN = 155  # alpha of classes over an image


def glimpse(record: ImageRecord, targets: Mapping[int, str], colours: Mapping[str, Colour], side: int) -> bytes | None:
    """A PNG with transparency, its longer side at most `side` pixels; None where there is no mask that can be drawn.

    `record` fits its image (`fitting.fit`), `targets` are the classes of semantic masks by value.
    """
    if record.segmentation is not None:
        picture = _semantic(record.segmentation, record.recode or Recode(), targets, colours, side)
    else:
        picture = _objects(record, colours, side)
    if picture is None:
        return None
    with io.BytesIO() as stream:
        Image.fromarray(picture).save(stream, format="PNG")
        return stream.getvalue()


def _semantic(
    label: Label, recode: Recode, targets: Mapping[int, str], colours: Mapping[str, Colour], side: int
) -> NDArray[np.uint8] | None:
    try:
        mask = indexes(Path(label.mask_path or ""), recode)
    except BROKEN:
        return None
    mask = outlines.turned(mask, recode.orientation)
    shown = {value: colours[name] for value, name in targets.items() if name in colours}
    picture = painting.classes(painting.shrunk(mask, side), shown)
    picture[..., 3] = np.where(picture[..., 3] > 0, _SEEN, 0)
    return picture


def _objects(record: ImageRecord, colours: Mapping[str, Colour], side: int) -> NDArray[np.uint8] | None:
    size = record.width or 1, record.height or 1
    drawn = [
        (label.label, *found)
        for label in record.objects
        if label.outline and (found := outlines.cropped(outlines.drawn(label.outline, size), size, label.box))
    ]
    if not drawn:
        return None
    small = painting.fitting(size, side)
    numbered = painting.numbered([mask for _, mask, _ in drawn], [box for *_, box in drawn], small)
    return painting.objects(numbered, [colours[name] for name, *_ in drawn])
