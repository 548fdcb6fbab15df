"""Masks cut in two where they are narrow: between clicks inside an object and clicks outside of it."""

import cv2
import numpy as np
from numpy.typing import NDArray

STEPS = 24  # widths of a neck that are tried
Mask = NDArray[np.uint8]
Pixels = NDArray[np.int32]  # (n, 2) column and row


def parted(mask: Mask, inside: Pixels, outside: Pixels) -> Mask:
    """A mask without what hangs on the clicks outside, cut at the narrowest place between them and those inside.

    Where there is none, in the middle between clicks. Clicks outside that do not touch the mask change nothing.
    """
    if not len(outside) or not mask.any():
        return mask
    whole = _dotted(mask, outside)
    parts = _parts(whole)
    here, there = _names(parts, inside), _names(parts, outside)
    if not here & there:
        return np.asarray(mask & ~np.isin(parts, list(there)), np.uint8) if here else mask
    cores = _cores(whole, inside, outside) or (_dots(mask.shape, inside), _dots(mask.shape, outside))
    near, far = (cv2.distanceTransform(1 - core, cv2.DIST_L2, 5) for core in cores)
    return np.asarray(mask & (near < far), np.uint8)


def joined(mask: Mask, clicks: Pixels) -> Mask:
    """The connected parts of a mask that lie under these pixels."""
    parts = _parts(mask)
    return np.isin(parts, list(_names(parts, clicks))).astype(np.uint8)


def _cores(mask: Mask, inside: Pixels, outside: Pixels) -> tuple[Mask, Mask] | None:
    """The thick parts around the clicks on either side, once thin ones are gone; None where they never part."""
    depth = cv2.distanceTransform(np.pad(mask, 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    for least in np.linspace(0, float(depth.max()), STEPS, endpoint=False)[1:]:
        parts = _parts((depth > least).astype(np.uint8))
        here, there = _names(parts, inside), _names(parts, outside)
        if not here or not there:
            return None
        if not here & there:
            return np.isin(parts, list(here)).astype(np.uint8), np.isin(parts, list(there)).astype(np.uint8)
    return None


def _parts(mask: Mask) -> NDArray[np.int32]:
    return np.asarray(cv2.connectedComponents(mask, connectivity=4)[1], np.int32)


def _names(parts: NDArray[np.int32], clicks: Pixels) -> set[int]:
    return {int(parts[y, x]) for x, y in clicks.tolist()} - {0}


def _dotted(mask: Mask, clicks: Pixels) -> Mask:
    """With small holes closed around clicks: GrabCut leaves a hole where it was told that there is background."""
    closed = cv2.morphologyEx(np.pad(mask, 8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))[8:-8, 8:-8]
    return np.asarray(mask | (closed & _dots(mask.shape, clicks, 6)), np.uint8)


def _dots(shape: tuple[int, ...], clicks: Pixels, radius: int = 1) -> Mask:
    made = np.zeros(shape, np.uint8)
    for x, y in clicks.tolist():
        cv2.circle(made, (x, y), radius, 1, -1)
    return made
