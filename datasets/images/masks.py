"""The pixels of masks, wherever labels store them: in a file named by `mask_path`, or as `mask` inside the document."""

import hashlib
import io
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from datasets.errors import EvaluationError
from datasets.images import keeping
from datasets.images.pixels import decoding, opened
from datasets.limits import most_pixels
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
    """Write a mask that was stored inside a document to a PNG of the workspace, named by its content. Returns the path.

    This keeps documents far below MongoDB's limit of 16 MB; writing the same mask again changes nothing.
    """
    target = _target(hashlib.blake2b(packed, digest_size=16).hexdigest(), workspace)
    if not target.exists():
        _save(unpack(packed), target)
    return str(target)


def write(mask: Mask, workspace: Workspace | None = None) -> str:
    """Write a mask (h, w) of whole numbers from 0 to 65535 to a PNG of the workspace, named by its content.

    Returns the path. Writing the same mask again changes nothing.
    """
    if mask.ndim != 2 or mask.dtype.kind not in "iub":
        raise ValueError(f"expected a mask (h, w) of whole numbers, found {mask.shape} of {mask.dtype}")
    values = mask.astype(np.uint8 if mask.max(initial=0) < 256 else np.uint16)
    digest = hashlib.blake2b(f"{values.shape} {values.dtype}".encode(), digest_size=16)
    digest.update(np.ascontiguousarray(values).data)
    target = _target(digest.hexdigest(), workspace)
    if not target.exists():
        _save(values, target)
    return str(target)


def adopt(path: Path, workspace: Workspace | None = None) -> str:
    """Link or copy a mask file into the workspace (`keeping.adopt`). Returns the new path."""
    return keeping.adopt(path, (workspace or Workspace.current()).masks)


def pack(values: NDArray[Any]) -> bytes:
    """An array as documents hold it: `fiftyone.core.utils.serialize_numpy_array`, without all of FiftyOne."""
    with io.BytesIO() as stream:
        np.save(stream, values, allow_pickle=False)
        return zlib.compress(stream.getvalue())


def unpack(packed: bytes) -> Mask:
    """An array as documents hold it: `fiftyone.core.utils.deserialize_numpy_array`, without all of FiftyOne.

    Raises EvaluationError for anything but an array, or for more bytes than a 16-bit mask of the largest image.
    """
    most, reader = 2 * most_pixels(), zlib.decompressobj()
    try:
        content = reader.decompress(packed, most)
        if not reader.eof:
            raise EvaluationError(f"expected a mask of at most {most:,} bytes, found more; remove the label")
        with io.BytesIO(content) as stream:
            return np.asarray(np.load(stream, allow_pickle=False))
    except (zlib.error, ValueError, EOFError, OSError, MemoryError) as wrong:
        raise EvaluationError(f"expected a mask packed as FiftyOne does, found {wrong}; remove the label") from wrong


def _target(name: str, workspace: Workspace | None) -> Path:
    return keeping.place((workspace or Workspace.current()).masks, name)


def _save(values: Mask, target: Path) -> None:
    # As fiftyone.core.labels._mask_to_image: the smallest unsigned numbers that hold all values.
    wide = values.dtype == np.uint16 or values.max(initial=0) > 255
    target.parent.mkdir(parents=True, exist_ok=True)
    part = keeping.part_of(target)
    Image.fromarray(values.astype(np.uint16 if wide else np.uint8)).save(part, format="PNG")
    part.replace(target)


def _open(path: str) -> Mask:
    try:
        with opened(path) as image, decoding(image.width * image.height):
            return np.array(image.convert("L") if image.mode == "1" else image)
    except (OSError, ValueError, SyntaxError, MemoryError, RuntimeError) as wrong:
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
