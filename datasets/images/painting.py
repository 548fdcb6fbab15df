"""Masks as pictures to overlay on an image: pure functions of arrays.

A picture is (h, w, 4) of uint8, RGBA, transparent where nothing is shown. A mask is (h, w) of whole numbers: class
indexes, or numbers of instances with 0 for none.
"""

from collections.abc import Collection, Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from datasets.images.mask_limits import VALUES, tolerance

Mask = NDArray[np.integer]
Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]
Size = tuple[int, int]
Box = Sequence[float]

VOID, HIT, EDGE, FALSE_POSITIVE, FALSE_NEGATIVE, CONFUSED = range(6)
# Red and blue, as reviewers of segmentation expect; amber and violet differ from both for colour-blind readers.
MISTAKES: Mapping[int, tuple[Colour, int]] = {
    HIT: ((32, 201, 151), 90),
    EDGE: ((252, 196, 25), 235),
    FALSE_POSITIVE: ((240, 40, 40), 235),
    FALSE_NEGATIVE: ((34, 110, 255), 235),
    CONFUSED: ((174, 62, 201), 235),
}
_INSIDE = 140  # alpha of an object inside its outline


def fitting(size: Size, side: int | None) -> Size:
    """Width and height scaled to a longer side of at most `side`; unchanged for None."""
    scale = 1.0 if side is None else min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def shrunk(mask: Mask, side: int | None) -> Mask:
    """The mask with a longer side of at most `side` pixels, by nearest neighbours."""
    size = fitting((mask.shape[1], mask.shape[0]), side)
    if size == (mask.shape[1], mask.shape[0]):
        return mask
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST))


def table(colours: Mapping[int, Colour], alpha: int = 255) -> Picture:
    """A row of RGBA for each of 256 values (256, 4); values without a colour are transparent."""
    made = np.zeros((VALUES, 4), np.uint8)
    for value, colour in colours.items():
        made[value] = (*colour, alpha)
    return made


def outlines(mask: Mask, width: int = 1) -> NDArray[np.bool_]:
    """Pixels (h, w) beside one of another value, `width` pixels wide on each side; not at the image border."""
    found = np.zeros(mask.shape, np.bool_)
    across, down = mask[:, 1:] != mask[:, :-1], mask[1:] != mask[:-1]
    found[:, 1:] |= across
    found[:, :-1] |= across
    found[1:] |= down
    found[:-1] |= down
    if width > 1:
        kernel = cv2.getStructuringElement(cv2.MORPH_CROSS, (2 * width - 1, 2 * width - 1))
        found = cv2.dilate(found.view(np.uint8), kernel).astype(np.bool_)
    return found


def classes(mask: Mask, colours: Mapping[int, Colour], *, contour: bool = False, width: int = 1) -> Picture:
    """Every pixel in the colour of its class, or with `contour` the outlines of classes alone.

    Values without a colour, void among them, are transparent.
    """
    picture = table(colours)[mask]
    if contour:
        picture[~outlines(mask, width)] = 0
    return picture


def numbered(masks: Sequence[NDArray[np.uint8]], boxes: Sequence[Box], size: Size) -> NDArray[np.int32]:
    """Objects as one mask of `size` (width, height): 1 for the first, 2 for the second; small ones on top.

    Each mask is stretched over its box (x, y, width, height; relative): 0, 0, 1, 1 for one of the whole image.
    """
    made = np.zeros((size[1], size[0]), np.int32)
    areas = [
        np.count_nonzero(mask) / max(mask.size, 1) * box[2] * box[3] for mask, box in zip(masks, boxes, strict=True)
    ]
    for at in np.argsort([-area for area in areas], kind="stable").tolist():
        x0, y0, x1, y1 = _place(boxes[at], size)
        stretched = cv2.resize(masks[at], (x1 - x0, y1 - y0), interpolation=cv2.INTER_NEAREST)
        left, top = max(-x0, 0), max(-y0, 0)
        window = made[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)]
        window[stretched[top : top + window.shape[0], left : left + window.shape[1]] != 0] = at + 1
    return made


def objects(mask: Mask, colours: Sequence[Colour], *, contour: bool = False, width: int = 1) -> Picture:
    """Objects of `numbered` in their colours: outlines opaque, and unless `contour` the inside translucent."""
    rows = np.zeros((2 * len(colours) + 2, 4), np.uint8)  # outlines, then interiors; entry 0 of each is transparent
    for alpha, first in ((255, 1), (0 if contour else _INSIDE, len(colours) + 2)):
        rows[first : first + len(colours)] = [(*colour, alpha) for colour in colours] if colours else 0
    picture: Picture = rows[mask + np.where(outlines(mask, width), 0, len(colours) + 1)]
    return picture


def mistakes(truth: Mask, predicted: Mask, values: Collection[int], background: int | None = None) -> NDArray[np.uint8]:
    """The outcome of every pixel (h, w), over all classes.

    VOID where the true value is none of `values`; HIT; EDGE where the predicted class truly lies within the tolerance
    of the boundary figures (`limits.tolerance`); else FALSE_POSITIVE on true background, FALSE_NEGATIVE where
    background or none of the classes is predicted, CONFUSED between two classes.
    """
    known = _among(values)
    wrong = (truth != predicted) & known[truth]
    nothing = ~known[predicted] if background is None else ~known[predicted] | (predicted == background)
    code = np.where(nothing, FALSE_NEGATIVE, CONFUSED).astype(np.uint8)
    if background is not None:
        code[truth == background] = FALSE_POSITIVE
    code[_near(truth, predicted, wrong)] = EDGE
    code[~wrong] = HIT
    code[~known[truth]] = VOID
    return code


def mistakes_of(truth: Mask, predicted: Mask, values: Collection[int], value: int) -> NDArray[np.uint8]:
    """The outcome of every pixel (h, w), for one class: HIT, FALSE_POSITIVE, FALSE_NEGATIVE, VOID elsewhere."""
    is_true, is_predicted = truth == value, predicted == value
    code = np.select([is_true & is_predicted, is_predicted, is_true], [HIT, FALSE_POSITIVE, FALSE_NEGATIVE], VOID)
    code[~_among(values)[truth]] = VOID
    return code.astype(np.uint8)


def error_map(code: NDArray[np.uint8], *, hits: bool = False) -> Picture:
    """Mistakes in their colours; hits faint, or not at all."""
    rows = np.zeros((VALUES, 4), np.uint8)
    for kind, (colour, alpha) in MISTAKES.items():
        rows[kind] = (*colour, alpha if kind != HIT or hits else 0)
    picture: Picture = rows[code]
    return picture


def _place(box: Box, size: Size) -> tuple[int, int, int, int]:
    """Pixels x0, y0, x1, y1 of a box; at least one of them."""
    x0, y0 = round(box[0] * size[0]), round(box[1] * size[1])
    x1, y1 = round((box[0] + box[2]) * size[0]), round((box[1] + box[3]) * size[1])
    return x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)


def _among(values: Collection[int]) -> NDArray[np.bool_]:
    known = np.zeros(VALUES, np.bool_)
    known[list(values)] = True
    return known


def _near(truth: Mask, predicted: Mask, wrong: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Wrong pixels (h, w) whose predicted class truly lies no further away than the tolerance."""
    found, away = np.zeros(truth.shape, np.bool_), tolerance(*truth.shape)
    for value in np.unique(predicted[wrong]).tolist():
        here = truth == value
        if here.any():
            distance = cv2.distanceTransform((~here).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
            found |= wrong & (predicted == value) & (distance <= away)
    return found
