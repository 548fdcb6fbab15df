"""Merged and split instances of a stored evaluation, as galleries."""

from pathlib import Path

import numpy as np
import pytest
from bson import ObjectId
from PIL import Image

from datasets.evaluation import engines
from datasets.review import grouped
from datasets.review.objects import Review
from datasets.storage import collection, store
from datasets.workspace import Workspace

W, H = 64, 48


def thing(folder: Path, x: int, y: int, w: int, h: int, confidence: float | None = None) -> dict[str, object]:
    key = ObjectId()
    Image.fromarray(np.full((h, w), 255, np.uint8)).save(folder / f"{key}.png")
    made = {"_id": key, "_cls": "Detection", "tags": [], "label": "cell", "mask_path": str(folder / f"{key}.png"),
            "bounding_box": [x / W, y / H, w / W, h / H]}  # fmt: skip
    return made if confidence is None else {**made, "confidence": confidence}


@pytest.fixture
def review(database: Workspace, tmp_path: Path) -> Review:
    """Two images: on the first two cells are merged and one is split, on the second all is well."""
    store.create("cells", {"ground_truth": "detections", "pred_r1": "detections"}, ["cell"])
    truth = [thing(tmp_path, 4, 4, 8, 8), thing(tmp_path, 13, 4, 8, 8), thing(tmp_path, 30, 20, 12, 10)]
    found = [
        thing(tmp_path, 4, 4, 17, 8, 0.9),
        thing(tmp_path, 30, 20, 6, 10, 0.8),
        thing(tmp_path, 36, 20, 6, 10, 0.3),
    ]
    well = [thing(tmp_path, 10, 10, 9, 9)], [thing(tmp_path, 10, 10, 9, 9, 0.7)]
    size = collection.image_metadata(W, H, 1, "image/png", 3)
    made = [
        collection.sample_document(
            f"/nowhere/{i}.png", size, split="val",
            ground_truth={"_cls": "Detections", "detections": labels},
            pred_r1={"_cls": "Detections", "detections": predictions},
        )
        for i, (labels, predictions) in enumerate([(truth, found), well])
    ]  # fmt: skip
    collection.insert("cells", made)
    engines.evaluate("cells", "r1", "pred_r1")
    return Review.open("cells", "r1")


def test_merged_and_split_instances_are_found(review: Review) -> None:
    look = review.at(None, confidence=0.25)
    assert look.masked
    assert grouped.counts(look) == {"merged": 1, "split": 1}
    (merged,) = grouped.groups(look, "merged").rows
    assert (len(merged.parts), merged.label, merged.confidence) == (2, "cell", 0.9)
    assert merged.box == pytest.approx((4 / W, 4 / H, 17 / W, 8 / H))
    (split,) = grouped.groups(look, "split").rows
    assert (len(split.parts), split.confidence, split.sample_id) == (2, 0.8, merged.sample_id)


def test_predictions_that_are_not_shown_split_nothing(review: Review) -> None:
    look = review.at("val", confidence=0.5)
    assert grouped.counts(look) == {"merged": 1, "split": 0}
    assert grouped.groups(look, "split").rows == ()
    assert grouped.groups(look, "merged", page=1).rows == ()
