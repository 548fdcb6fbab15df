"""Reading the pixels of a sample. Imports no torch."""

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from datasets.images import pictures
from datasets.images.probe import BROKEN
from pipelines.runs.manifests import Row

Array = np.ndarray[Any, Any]


class SizedImage(Protocol):
    """An image by its path and its size in pixels as shown, 0 when unknown."""

    @property
    def path(self) -> str:
        """Where the image lies."""

    @property
    def width(self) -> int:
        """In pixels."""

    @property
    def height(self) -> int:
        """In pixels."""


class Reader:
    """Reads the pixels of rows. Frames of a video that are asked for in their order are decoded one after another."""

    def __init__(self) -> None:
        self._path, self._at = "", 0
        self._frames: Iterator[Array] = iter(())

    def read(self, row: Row) -> Array | None:
        """The image, or the frame: (height, width, 3) uint8 BGR; None when it cannot be read."""
        from datasets.images import videos

        try:
            if not (row.frame_number and videos.is_video(row.path)):
                return read_image(row.path)
            if row.path != self._path or row.frame_number <= self._at:
                self._path, self._at, self._frames = row.path, 0, videos.frames(row.path)
            for frame in self._frames:
                self._at += 1
                if self._at == row.frame_number:
                    return frame
        except OSError:
            pass
        return None


def read_image(path: str) -> Array | None:
    """An image as people see it (`datasets.images.pictures`): (height, width, 3) uint8 BGR; None if it is broken."""
    try:
        return pictures.read(path)
    except BROKEN:
        return None
