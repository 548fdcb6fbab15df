"""Reading the pixels of a sample. Imports no torch."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from datasets.images.regular import open_regular
from pipelines.runs.manifests import Row

Array = np.ndarray[Any, Any]


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
    """An image as shown (EXIF rotation applied): (height, width, 3) uint8 BGR; None when it cannot be read."""
    import cv2

    try:
        with open_regular(path) as stream:
            data = np.fromfile(stream, np.uint8)
        image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    except (OSError, cv2.error):
        return None
    if image is not None and image.dtype == np.uint16:
        image = (image >> 8).astype(np.uint8)
    return image
