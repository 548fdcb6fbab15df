"""Find the same two cats in every frame, one step further each time."""

from pathlib import Path
from typing import Any

import numpy as np

from pipelines.runs import manifests, results


def predict(_checkpoint: Path, manifest: Path, out: Path, *_: Any) -> None:
    """Leave two boxes for each frame."""
    rows = manifests.read(manifest, labels=False).rows
    boxes = [[0.01 * row.frame_number + 0.5 * k, 0.2, 0.2, 0.3] for row in rows for k in range(2)]
    count = len(boxes)
    results.write(
        out, [row.id for row in rows], [2] * len(rows), ["cat"] * count, boxes=np.array(boxes),
        confidences=np.full(count, 0.9), indexes=[7, 8] * len(rows), frame_numbers=[row.frame_number for row in rows],
    )  # fmt: skip
