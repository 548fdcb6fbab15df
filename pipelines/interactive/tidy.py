"""Masks without what nobody means: small islands, small holes. Masks are (h, w) uint8, 1 inside."""

import cv2
import numpy as np
from numpy.typing import NDArray

SPECK = 0.02  # of the largest part: smaller parts are dropped
HOLE = 0.01  # of the mask: smaller holes are filled
Mask = NDArray[np.uint8]


def clean(mask: Mask) -> Mask:
    """Without islands and holes that are small beside the rest."""
    return filled(without_specks(mask))


def without_specks(mask: Mask) -> Mask:
    """Without parts that are small beside the largest one."""
    _, parts, figures, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    areas = figures[:, cv2.CC_STAT_AREA]
    if len(areas) < 3:
        return mask
    kept = areas >= SPECK * areas[1:].max()
    kept[0] = False
    return np.asarray(kept[parts], np.uint8)


def largest(mask: Mask) -> Mask:
    """The largest connected part alone."""
    _, parts, figures, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    if len(figures) < 2:
        return mask
    return np.asarray(parts == 1 + int(figures[1:, cv2.CC_STAT_AREA].argmax()), np.uint8)


def filled(mask: Mask) -> Mask:
    """Without holes that are small beside the mask."""
    _, parts, figures, _ = cv2.connectedComponentsWithStats(1 - mask, connectivity=4)
    small = figures[:, cv2.CC_STAT_AREA] < HOLE * mask.sum()
    small[0] = False
    return np.asarray(mask | small[parts], np.uint8)
