"""Masks in a database: outcomes equal FiftyOne's, and what cannot be compared is told before anything is written."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bson import ObjectId
from numpy.typing import NDArray
from PIL import Image

from datasets.errors import EvaluationError
from datasets.evaluation import engines
from datasets.evaluation.objects import table
from datasets.review.objects import Review
from datasets.storage import collection, store
from datasets.workspace import Workspace

NAME, W, H, CLASSES = "masked", 64, 48, ["cat", "dog"]


def detection(r: np.random.Generator, folder: Path, truth: dict[str, Any] | None = None) -> dict[str, Any]:
    """An ellipse inside its box; near `truth` and with a confidence if that is given."""
    if truth is None:
        w, h = (int(v) for v in r.integers(8, 24, 2))
        x, y = int(r.integers(0, W - w)), int(r.integers(0, H - h))
        label = CLASSES[r.integers(2)]
    else:
        x, y, w, h = (round(v * s) for v, s in zip(truth["bounding_box"], (W, H, W, H), strict=True))
        x, y = (int(np.clip(v + r.integers(-2, 3), 0, s)) for v, s in ((x, W - w), (y, H - h)))
        label = truth["label"]
    rows, columns = np.mgrid[:h, :w]
    mask = ((columns - w / 2) / w) ** 2 + ((rows - h / 2) / h) ** 2 < 0.24
    key = ObjectId()
    path = folder / f"{key}.png"
    Image.fromarray((mask * 255).astype(np.uint8)).save(path)
    made = {"_id": key, "_cls": "Detection", "tags": [], "label": label, "mask_path": str(path),
            "bounding_box": [x / W, y / H, w / W, h / H]}  # fmt: skip
    return made if truth is None else {**made, "confidence": float(r.random())}


@pytest.fixture
def masked(database: Workspace, tmp_path: Path) -> str:
    r = np.random.default_rng(3)
    store.create(NAME, {"ground_truth": "detections", "pred_r1": "detections"}, CLASSES)
    made = []
    for i in range(10):
        truth = [detection(r, tmp_path) for _ in range(4)]
        found = [detection(r, tmp_path, one) for one in truth for _ in range(r.integers(0, 3))]
        size = collection.image_metadata(W, H, 1, "image/jpeg", 3)
        fields = {"ground_truth": truth, "pred_r1": found}
        filled = {name: {"_cls": "Detections", "detections": some} for name, some in fields.items()}
        split = "val" if i % 2 else "test"
        made.append(collection.sample_document(f"/nowhere/{i}.jpg", size, split=split, **filled))
    collection.insert(NAME, made)
    return NAME


def set_first(field: str, **values: Any) -> str:
    first = next(one for one in collection.stream(NAME) if one[field]["detections"])
    collection.update(NAME, [(str(first["_id"]), {f"{field}.detections.0.{k}": v for k, v in values.items()})])
    return str(first["_id"])


def save(path: Path, mask: NDArray[Any]) -> str:
    Image.fromarray(mask.astype(np.uint8)).save(path)
    return str(path)


def test_every_field_equals_fiftyones_own_evaluation_of_masks(masked: str) -> None:
    scored = engines.evaluate(NAME, "r1", "pred_r1")
    dataset = collection.load(NAME)
    theirs = dataset.evaluate_detections(
        "pred_r1", "ground_truth", eval_key="theirs", compute_mAP=True, use_masks=True, progress=False
    )
    for field in ("ground_truth", "pred_r1"):
        for end in ("", "_id", "_iou"):
            ours, reference = dataset.values([f"{field}.detections.eval_r1{end}", f"{field}.detections.theirs{end}"])
            assert ours == reference, (field, end)
    results = dataset.load_evaluation_results("eval_r1")
    assert results.config.use_masks
    assert results.mAP() == pytest.approx(theirs.mAP(), abs=1e-12)
    assert scored.report().metrics["map"] == pytest.approx(theirs.mAP(), abs=1e-9)
    assert 0.1 < theirs.mAP() < 1
    assert "masks" in scored.report().card.protocol


def test_the_review_opens_it_at_any_threshold_and_split(masked: str) -> None:
    scored = engines.evaluate(NAME, "r1", "pred_r1")
    review = Review.open(NAME, "r1")
    for split in (None, "val"):
        assert review.at(split).report().metrics == scored.report(split).metrics
        assert engines.look(NAME, "r1", split) == scored.report(split)
    with pytest.raises(EvaluationError, match="train"):
        engines.look(NAME, "r1", "train")
    assert engines.look(NAME, "r1", confidence=0.6, iou=0.7) == review.at(None, 0.6, 0.7).report()
    loose, strict = (review.at(iou=iou).report().metrics["tp"] for iou in (0.3, 0.9))
    assert loose > strict
    stored = table.read(scored.path)
    assert stored.overlaps is not None
    assert stored.overlaps.iou.max() <= 1


def test_boxes_are_compared_when_asked_and_where_predictions_have_no_masks(masked: str) -> None:
    found = engines.evaluate(NAME, "r1", "pred_r1")
    assert (found.protocol, engines.load(NAME, "r1").protocol) == ("instances", "instances")
    masked_too, card = found.report().metrics, found.report().card
    assert card.origin.chosen == "masks of objects, since both fields hold masks"
    asked = engines.evaluate(NAME, "r1", "pred_r1", protocol="objects").report()
    assert "boxes" in asked.card.protocol and not asked.card.origin.chosen
    assert "box_map" not in asked.metrics
    assert masked_too["box_map"] == asked.metrics["map"] != masked_too["map"]
    assert masked_too["box_map50"] == asked.metrics["map50"]
    collection.update_where(NAME, {}, {"$unset": {"pred_r1.detections.$[].mask_path": ""}})
    bare = engines.evaluate(NAME, "r1", "pred_r1").report()
    assert bare.metrics == asked.metrics
    assert bare.card.origin.chosen == "boxes of objects, since not both fields hold masks"
    assert engines.look(NAME, "r1", confidence=0.6).card.origin.chosen == bare.card.origin.chosen
    mixed = engines.evaluate(NAME, "r1", "pred_r1", protocol="instances").report()
    assert mixed.metrics["map"] < asked.metrics["map"]  # boxes of predictions on ellipses of labels


def test_a_mask_of_the_whole_image_and_one_inside_the_document_are_the_same(masked: str, tmp_path: Path) -> None:
    import io
    import zlib

    before = engines.evaluate(NAME, "r1", "pred_r1").report().metrics
    first = next(one for one in collection.stream(NAME) if one["pred_r1"]["detections"])
    one = first["pred_r1"]["detections"][0]
    mask = np.asarray(Image.open(one["mask_path"]))
    whole = np.zeros((H, W))
    x, y = round(one["bounding_box"][0] * W), round(one["bounding_box"][1] * H)
    whole[y : y + mask.shape[0], x : x + mask.shape[1]] = mask
    set_first("pred_r1", mask_path=save(tmp_path / "whole.png", whole))
    assert engines.evaluate(NAME, "r1", "pred_r1").report().metrics == before
    with io.BytesIO() as stream:
        np.save(stream, mask > 0)
        set_first("pred_r1", mask_path=None, mask=zlib.compress(stream.getvalue()))
    assert engines.evaluate(NAME, "r1", "pred_r1").report().metrics == before


@pytest.mark.parametrize("case", ["absent", "broken", "size", "colour"])
def test_a_bad_mask_is_named_before_anything_is_written(masked: str, tmp_path: Path, case: str) -> None:
    bad = tmp_path / f"{case}.png"
    if case == "broken":
        bad.write_bytes(b"no image")
    elif case == "size":
        save(bad, np.ones((300, 100)))
    elif case == "colour":
        save(bad, np.random.default_rng(0).integers(0, 255, (H, W, 3)))
    set_first("ground_truth", mask_path=str(bad))
    with pytest.raises(EvaluationError, match=str(bad)):
        engines.evaluate(NAME, "r1", "pred_r1")
    assert collection.load(NAME).list_evaluations() == []


def test_a_database_that_cannot_be_written_to_is_told_first(masked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from pymongo.collection import Collection
    from pymongo.errors import OperationFailure

    from datasets.errors import DatabaseError

    def refuse(*_: Any, **__: Any) -> None:
        raise OperationFailure("not authorized on fiftyone to execute command")

    for name in ("update_one", "bulk_write", "insert_one"):
        monkeypatch.setattr(Collection, name, refuse)
    with pytest.raises(DatabaseError, match="nothing was written"):
        engines.evaluate(NAME, "r1", "pred_r1")
