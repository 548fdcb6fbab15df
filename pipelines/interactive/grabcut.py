"""Boxes and clicks to masks without a model: GrabCut (Rother, Kolmogorov and Blake 2004), by OpenCV.

What is looked at is a window around the prompt, so that the time does not depend on the size of the image.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipelines.images import Array
from pipelines.interactive import necks, tidy, windows
from pipelines.interactive.prompts import Prompt, Segmented, cropped
from pipelines.interactive.windows import Window

MOST = 224  # pixels of a side of what is looked at
ROUNDS = 2
MARGIN = 0.3  # of the box, around it: from there the colours of the background are learnt
REACH = 0.25  # of the longer side of the image: how far from a click an object without a box may reach
LEAST = 12  # pixels
SEED = 0.6  # of the box: the ellipse in its middle counts as inside, or else objects like their surroundings vanish
CLICK = 0.015  # radius of what a click says for sure, in sides of what is looked at
Mask = NDArray[np.uint8]


def segment(image: Array, prompt: Prompt) -> Segmented:
    """The mask of the object that a box surrounds and clicks name, on an image (height, width, 3) uint8 BGR."""
    size = image.shape[1], image.shape[0]
    window = _window(image, prompt)
    guess = _guess(window, prompt, size)
    made = _cut(window.pixels, guess)
    clicks, inside = window.inward(prompt.clicks(size)), np.array([one.inside for one in prompt.points], bool)
    made = necks.parted(made, clicks[inside], clicks[~inside])
    made = _kept(made, clicks[inside])
    return cropped(window.grown(made), (window.left, window.top), size)


def _window(image: Array, prompt: Prompt) -> Window:
    """Around the box, or else as far around the clicks as an object is believed to reach."""
    size = image.shape[1], image.shape[0]
    box = prompt.corners(size)
    if box is not None:
        return windows.around(image, box, max(MARGIN * max(box[2] - box[0], box[3] - box[1]), LEAST), MOST)
    clicks = prompt.clicks(size)
    low, high = clicks.min(axis=0), clicks.max(axis=0)
    reach = max(REACH * max(size), float((high - low).max()), LEAST)
    return windows.around(image, (low[0], low[1], high[0], high[1]), reach, MOST)


def _guess(window: Window, prompt: Prompt, size: tuple[int, int]) -> Mask:
    """What GrabCut begins with: surely and probably inside and outside, as OpenCV's constants."""
    box = prompt.corners(size)
    if box is not None:
        guess = _in_box(window, box)
    else:
        guess = np.where(_alike(window, prompt, size), cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    radius = max(1, round(CLICK * max(window.shape)))
    for one, (x, y) in zip(prompt.points, window.inward(prompt.clicks(size)).tolist(), strict=True):
        cv2.circle(guess, (x, y), radius, cv2.GC_FGD if one.inside else cv2.GC_BGD, -1)
    return guess


def _in_box(window: Window, box: windows.Corners) -> Mask:
    """Outside the box nothing, in its middle something for sure, in its corners rather nothing."""
    guess = np.full(window.shape, cv2.GC_BGD, np.uint8)
    left, top, right, bottom = window.inward(np.array([box[:2], box[2:]])).ravel().tolist()
    guess[top : bottom + 1, left : right + 1] = cv2.GC_PR_BGD
    middle, half = ((left + right) // 2, (top + bottom) // 2), np.array([right - left + 1, bottom - top + 1]) / 2
    for share, value in ((1.0, cv2.GC_PR_FGD), (SEED, cv2.GC_FGD)):
        wide, high = np.maximum(share * half, 1).astype(int).tolist()
        cv2.ellipse(guess, middle, (wide, high), 0, 0, 360, value, -1)
    return guess


def _alike(window: Window, prompt: Prompt, size: tuple[int, int]) -> Mask:
    """Pixels joined to the clicks inside whose colour is more like theirs than like most of the window (Otsu)."""
    colours = cv2.cvtColor(cv2.GaussianBlur(window.pixels, (0, 0), 1.5), cv2.COLOR_BGR2LAB).astype(np.float32)
    clicks = window.inward(prompt.clicks(size))
    inside = [tuple(one) for one, point in zip(clicks.tolist(), prompt.points, strict=True) if point.inside]
    far = np.full(window.shape, 255, np.float32)
    for x, y in inside:
        far = np.minimum(far, np.linalg.norm(colours - colours[y, x], axis=2))
    _, near = cv2.threshold(far.clip(0, 255).astype(np.uint8), 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    return necks.joined(np.asarray(near, np.uint8), np.array(inside, np.int32).reshape(-1, 2))


def _cut(pixels: Array, guess: Mask) -> Mask:
    """Rounds of GrabCut from a guess; the guess itself where it leaves nothing to decide."""
    inside = (guess == cv2.GC_FGD) | (guess == cv2.GC_PR_FGD)
    if inside.all() or not inside.any():
        return np.asarray(inside, np.uint8)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)  # the same prompt has the same answer
    cv2.grabCut(pixels, guess, None, *models, ROUNDS, cv2.GC_INIT_WITH_MASK)
    return np.asarray((guess == cv2.GC_FGD) | (guess == cv2.GC_PR_FGD), np.uint8)


def _kept(mask: Mask, clicks: NDArray[np.int32]) -> Mask:
    """The parts that hold a click, or without clicks the largest one; small holes are filled."""
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) if mask.sum() > 400 else mask
    found = necks.joined(mask, clicks) if len(clicks) else np.zeros_like(mask)
    return tidy.filled(found if found.any() else tidy.largest(mask))
