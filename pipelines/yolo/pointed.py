"""Key points as lines of Ultralytics' label files, and from outputs of YOLO-pose back to relative points."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from datasets.skeleton import mirrored, sigmas_of
from pipelines.objects.data import Manifest, ObjectImage
from pipelines.objects.found import Found
from pipelines.yolo.detecting import Rows, placed_boxes
from pipelines.yolo.placing import Placed


def lines(sample: ObjectImage) -> str:
    """`class x y width height` and `x y visibility` of each point for every object, relative; 0 0 0 for no point."""
    centres = sample.boxes[:, :2] + sample.boxes[:, 2:] / 2
    points = np.where(sample.points[..., 2:] > 0, sample.points, 0.0).reshape(len(sample.boxes), -1)
    rows = np.concatenate([centres, sample.boxes[:, 2:], points], axis=1).tolist()
    return "".join(
        f"{number} {' '.join(map(repr, row))}\n" for number, row in zip(sample.classes.tolist(), rows, strict=True)
    )


def described(manifest: Manifest) -> Mapping[str, Any]:
    """What Ultralytics' yaml says of key points: how many, their names, sigmas, and which change places in a mirror.

    Without the last it flips nothing, and warns.
    """
    skeleton, count = manifest.skeleton, manifest.points
    names = skeleton.points if skeleton else ()
    swapped = list(mirrored(names))
    named = {"kpt_names": {number: list(names) for number in range(len(manifest.classes))}} if names else {}
    flipped = {"flip_idx": swapped} if swapped else {}
    return {"kpt_shape": [count, 3], "kpt_oks_sigmas": list(sigmas_of(skeleton, count)), **named, **flipped}


def placed(rows: Rows, image: Placed, shape: tuple[int, ...]) -> Found:
    """From rows of `suppress` to boxes with points (n, k, 3): x, y, relative, and confidence.

    `shape` says how many points there are and how many numbers each has: 2, which say nothing of confidence, or 3.
    """
    found, kept = placed_boxes(rows, image)
    values = rows.values[kept.tolist(), 6:].cpu().double().numpy().reshape(len(kept), *shape)
    places = (values[..., :2] - np.array(image.origin)) / np.array(image.size)
    sure = values[..., 2:] if shape[1] == 3 else np.ones((*values.shape[:2], 1))
    return replace(found, points=np.concatenate([places, sure.clip(0, 1)], axis=2))
