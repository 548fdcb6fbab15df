"""Reading the pixels of a sample. Imports no torch."""

from typing import Any

import numpy as np

from datasets.images.regular import open_regular

Array = np.ndarray[Any, Any]


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
