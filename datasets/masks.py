"""The pixels of masks, wherever labels keep them: a file named by `mask_path`, or `mask` inside the document."""

import hashlib
import io
import os
import threading
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from datasets.errors import EvaluationError
from datasets.workspace import Workspace

Mask = NDArray[Any]


def has_mask(label: Mapping[str, Any]) -> bool:
    """Whether a label's document names or holds a mask."""
    return bool(label.get("mask_path") or label.get("mask"))


def read(label: Mapping[str, Any]) -> Mask:
    """The mask (h, w) of a label's document, palette images as their indexes.

    Raises EvaluationError for a file that is absent, broken or coloured; the message names it.
    """
    inline, path = label.get("mask"), label.get("mask_path")
    if inline:
        return _flat(unpack(bytes(inline)), f"the mask of label {label.get('_id')}")
    return _flat(_open(str(path)), str(path))


def binary(mask: Mask) -> NDArray[np.uint8]:
    """1 inside the object, 0 outside."""
    return np.asarray(mask != 0).view(np.uint8)


def keep(packed: bytes, workspace: Workspace | None = None) -> str:
    """Write a mask that was kept inside a document to a PNG of the workspace, named by its content. Returns the path.

    So a document never nears MongoDB's 16 MB, and writing the same mask again changes nothing.
    """
    name = hashlib.blake2b(packed, digest_size=16).hexdigest()
    target = (workspace or Workspace.current()).masks / name[:2] / f"{name}.png"
    if not target.exists():
        values = unpack(packed)
        # As fiftyone.core.labels._mask_to_image: the smallest unsigned numbers that hold all values.
        wide = values.dtype == np.uint16 or values.max(initial=0) > 255
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{name}.{os.getpid()}-{threading.get_ident()}")
        Image.fromarray(values.astype(np.uint16 if wide else np.uint8)).save(part, format="PNG")
        part.replace(target)
    return str(target)


def unpack(packed: bytes) -> Mask:
    """An array as documents hold it: `fiftyone.core.utils.deserialize_numpy_array`, without all of FiftyOne."""
    with io.BytesIO(zlib.decompress(packed)) as stream:
        return np.asarray(np.load(stream, allow_pickle=False))


def _open(path: str) -> Mask:
    try:
        with Image.open(path) as image:
            return np.array(image.convert("L") if image.mode == "1" else image)
    except (OSError, ValueError, SyntaxError) as wrong:
        found = f"a file that cannot be read ({wrong})" if Path(path).is_file() else "no such file"
        raise EvaluationError(f"expected a mask at {path}, found {found}; restore it, or remove the label") from wrong


def _flat(mask: Mask, where: str) -> Mask:
    if mask.ndim == 3 and (mask[..., :1] == mask[..., :3]).all():
        mask = mask[..., 0]
    if mask.ndim != 2:
        raise EvaluationError(
            f"expected a mask of one channel, found {mask.shape} in {where}; store class indexes, not colours"
        )
    return mask
