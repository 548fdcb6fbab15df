"""Masks of objects as files: those of labels are read, those that were predicted are written."""

import shutil
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from datasets.images import masks, outlines
from pipelines.objects.data import ObjectImage

Array = np.ndarray[Any, Any]
THREADS = 4


def of_label(sample: ObjectImage, number: int, size: tuple[int, int]) -> Array | None:
    """The mask (h, w) of an object on the whole image of `size` (w, h), 1 inside; None where it has none.

    Raises EvaluationError for a mask file that is absent or broken.
    """
    path = sample.masks[number]
    if not path:
        return None
    x, y, w, h = sample.drawn[number].tolist()
    return outlines.pasted(masks.read({"mask_path": path}), (x, y, w, h), size)


class Files:
    """Writes masks as small PNG files below a folder, by threads: encoding needs no lock of Python's.

    The folder begins empty. Leaving the block waits for what is still being written, and raises what went wrong.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pool = ThreadPoolExecutor(THREADS)
        self._asked: list[Future[None]] = []

    def __enter__(self) -> "Files":
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()
        for one in self._asked:
            one.result()

    def write(self, sample: str, found: Sequence[Array]) -> list[str]:
        """Write the masks (h, w) of one sample, uint8 of 0 and 255. Returns their paths."""
        if not found:
            return []
        here = self.folder / sample
        paths = [here / f"{number}.png" for number in range(len(found))]
        self._asked.append(self._pool.submit(_write, here, paths, found))
        return [str(path) for path in paths]


def _write(folder: Path, paths: Sequence[Path], found: Sequence[Array]) -> None:
    import cv2

    folder.mkdir(exist_ok=True)
    for path, mask in zip(paths, found, strict=True):
        done, data = cv2.imencode(".png", mask, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        if not done:
            raise OSError(f"expected to encode a mask of {mask.shape}, found that it cannot be done: {path}")
        path.write_bytes(data.tobytes())
