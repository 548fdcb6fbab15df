"""All masks of a field of a sample as one file, for a browser that edits them.

The file begins with the length of its head (four bytes, little-endian). The head is JSON, a list of
`{id, width, height, bits}`, one for each mask. Then come their pixels, row by row: with `bits` one bit each (the
highest first, every row padded to whole bytes), else one byte each, the value of a class.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datasets.errors import EvaluationError
from datasets.images import masks
from datasets.kinds import kind
from datasets.showing.overlays import Masked

LARGEST = 255  # the largest value of a class that a byte holds
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stored:
    """One mask: the id of its label, width and height in pixels, whether it is bits, and its bytes."""

    id: str
    width: int
    height: int
    bits: bool
    content: bytes


def packed(found: Masked, field: str) -> bytes:
    """The masks of a field as such a file. A mask that cannot be read is left out, and logged.

    Raises EvaluationError for values of classes above 255: they would be lost when the mask is saved again.
    """
    whole = kind(found.kinds[field]).whole_mask
    stored = [_stored(item, mask, whole) for item, mask in _readable(found.items[field])]
    head = [{"id": one.id, "width": one.width, "height": one.height, "bits": one.bits} for one in stored]
    text = json.dumps(head).encode()
    return b"".join([len(text).to_bytes(4, "little"), text, *(one.content for one in stored)])


def _readable(items: Any) -> Iterator[tuple[Mapping[str, Any], NDArray[Any]]]:
    for item in items:
        try:
            yield item, masks.read(item)
        except EvaluationError as wrong:
            log.warning("a mask is not shown: %s", wrong)


def _stored(item: Mapping[str, Any], mask: NDArray[Any], whole: bool) -> Stored:
    height, width = mask.shape
    if not whole:
        return Stored(str(item["_id"]), width, height, True, np.packbits(mask != 0, axis=1).tobytes())
    if mask.max(initial=0) > LARGEST:
        found = int(mask.max())
        raise EvaluationError(f"expected values of classes up to {LARGEST}, found {found}; edit this mask elsewhere")
    return Stored(str(item["_id"]), width, height, False, mask.astype(np.uint8).tobytes())
