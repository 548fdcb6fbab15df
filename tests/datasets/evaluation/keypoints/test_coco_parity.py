"""OKS and its figures against pycocotools, on arrays and by way of the database."""

import contextlib
import io
from typing import Any

import numpy as np
import pytest

from datasets.evaluation import engines
from datasets.evaluation.keypoints.similarity import LEAST
from datasets.records import Label
from datasets.skeleton import COCO, Skeleton, sigmas_of
from datasets.storage import collection, labels, schemas, skeletons, store
from datasets.workspace import Workspace

SIZE = (640, 480)
NAMES = ("person", "dog")


def scene(seed: int, points: int = 17, images: int = 25, digits: int | None = None) -> dict[str, Any]:
    """COCO's json of poses that are found, missed, slipped and repeated; some hidden, crowded, or without a point."""
    r = np.random.default_rng(seed)
    annotations, found = list[dict[str, Any]](), list[dict[str, Any]]()
    for image in range(images):
        for _ in range(int(r.integers(0, 6)) if image else 24):  # more than 20 predictions on the first
            side = np.exp(r.uniform(np.log(20), np.log(300), 2))
            x, y = r.uniform(0, np.maximum(SIZE - side, 1))
            pose = np.column_stack([r.uniform(0, 1, (points, 2)) * side + (x, y), r.integers(0, 3, points)])
            kind = r.random()
            pose[:, 2] *= kind > 0.15
            pose[pose[:, 2] == 0] = 0
            category = int(r.integers(1, 3))
            annotations.append({
                "id": len(annotations) + 1, "image_id": image, "category_id": category, "iscrowd": int(kind < 0.05),
                "bbox": [x, y, *side.tolist()], "area": float(side.prod() * r.uniform(0.3, 0.9)),
                "keypoints": pose.reshape(-1).tolist(), "num_keypoints": int((pose[:, 2] > 0).sum()),
            })  # fmt: skip
            for _ in range(int(r.integers(0, 4))):
                slip = r.normal(0, r.choice([0.01, 0.05, 0.3]), (points, 2)) * side
                guess = pose.copy()
                guess[:, :2] = (
                    np.where(pose[:, 2:] > 0, pose[:, :2], (x, y) + side * r.uniform(0, 1, (points, 2))) + slip
                )
                guess[:, 2] = 1
                score = r.random() if digits is None else round(float(r.random()), digits)
                found.append({"image_id": image, "category_id": int(r.integers(1, 3)) if r.random() < 0.1 else category,
                              "keypoints": guess.reshape(-1).tolist(), "score": float(score)})  # fmt: skip
    names = [{"id": row, "name": name} for row, name in enumerate(NAMES, 1)]
    pictures = [{"id": image, "width": SIZE[0], "height": SIZE[1]} for image in range(images)]
    return {"images": pictures, "annotations": annotations, "categories": names, "found": found}


def pycocotools(given: dict[str, Any], sigmas: tuple[float, ...]) -> Any:
    from pycocotools import coco as theirs
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        coco = theirs.COCO()
        coco.dataset = {key: value for key, value in given.items() if key != "found"}
        coco.createIndex()
        run = COCOeval(coco, coco.loadRes([dict(one) for one in given["found"]]), "keypoints")
        run.params.kpt_oks_sigmas = np.array(sigmas)
        run.evaluate()
        run.accumulate()
        run.summarize()
    return run


def stored(given: dict[str, Any], skeleton: Skeleton | None) -> None:
    """The scene as a dataset, labels in `truth` and predictions in `pred_r1`."""
    store.create("coco", {"truth": "keypoints"}, NAMES)
    schemas.declare("coco", {"pred_r1": "keypoints"})
    if skeleton:
        skeletons.declare("coco", "truth", skeleton)
    size, made = np.array(SIZE), []
    for image in given["images"]:
        here: dict[str, list[Label]] = {"annotations": [], "found": []}
        for side, rows in here.items():
            for one in (one for one in given[side] if one["image_id"] == image["id"]):
                pose = np.array(one["keypoints"]).reshape(-1, 3)
                places = np.where(pose[:, 2:] > 0, pose[:, :2] / size, np.nan).tolist()
                more = {"visible": pose[:, 2].astype(int).tolist()} if side == "annotations" else {
                    "confidences": pose[:, 2].tolist()}  # fmt: skip
                box = (np.array(one["bbox"]) / np.tile(size, 2)).tolist() if "bbox" in one else None
                area = {"area": one["area"] / size.prod()} if "area" in one else {}
                rows.append(Label(NAMES[one["category_id"] - 1], box and tuple(box), one.get("score"),
                                  crowd=bool(one.get("iscrowd")), points=(tuple(map(tuple, places)),),
                                  attributes={**more, **area}))  # fmt: skip
        metadata = collection.image_metadata(*SIZE, 0, "image/png", 3)
        fields = {name: labels.to_document("keypoints", here[side])
                  for name, side in (("truth", "annotations"), ("pred_r1", "found"))}  # fmt: skip
        made.append(collection.sample_document(f"/nowhere/{image['id']}.png", metadata, split="val", **fields))
    collection.insert("coco", made)


OWN = Skeleton(tuple("abcd"), (), (0.02, 0.1, 0.3, 0.05))
STATS = ("map", "map50", "map75", "map_medium", "map_large", "ar_20", "ar50", "ar75", "ar_medium", "ar_large")


@pytest.mark.parametrize(
    ("seed", "points", "digits", "skeleton"),
    [(1, 17, None, COCO), (2, 17, 1, None), (3, 5, None, None), (4, 4, 2, OWN)],
)  # fmt: skip
def test_figures_equal_those_of_pycocotools(
    seed: int, points: int, digits: int | None, skeleton: Skeleton | None, database: Workspace
) -> None:
    given = scene(seed, points, digits=digits)
    expected = pycocotools(given, sigmas_of(skeleton, points))
    stored(given, skeleton)
    whole = engines.evaluate("coco", "r1", "pred_r1", "truth").report()
    assert [whole.metrics[name] for name in STATS] == pytest.approx(expected.stats.tolist(), abs=1e-9)
    assert 0.2 < expected.stats[0] < 0.9  # or nothing was compared
    precision = expected.eval["precision"][:, :, :, 0, -1]
    assert [whole.per_class[name]["ap"] for name in NAMES] == pytest.approx(
        precision.mean(axis=(0, 1)).tolist(), abs=1e-9
    )
    again = engines.look("coco", "r1", confidence=0.5, iou=0.75)
    assert [again.metrics[name] for name in STATS] == [whole.metrics[name] for name in STATS]
    assert again.card.measure == "OKS" and again.card.max_detections["map"] == 20
    known = {COCO: "COCO's persons", None: f"1/{points}" if points != 17 else "COCO's persons"}.get(
        skeleton, "skeleton"
    )
    assert known in again.card.similarity


def test_each_similarity_equals_that_of_pycocotools(database: Workspace) -> None:
    from datasets.evaluation.keypoints.reading import read_table

    given = scene(5)
    expected = pycocotools(given, COCO.sigmas)
    stored(given, COCO)
    table = read_table("coco", "truth", "pred_r1")
    overlaps = table.overlaps
    assert overlaps is not None and len(overlaps) > 50
    compared = 0
    for image in range(len(given["images"])):
        labelled, guessed = (np.flatnonzero(rows.image == image) for rows in (table.labels, table.predictions))
        ours = np.zeros((len(guessed), len(labelled)))
        here = overlaps.image == image
        ours[overlaps.prediction[here], overlaps.label[here]] = overlaps.iou[here]
        for category in (1, 2):
            theirs = np.array(expected.ious[image, category])
            rows, columns = (np.flatnonzero(side.label[at] == category - 1) for side, at in
                             ((table.predictions, guessed), (table.labels, labelled)))  # fmt: skip
            if not theirs.size:
                continue
            order = rows[np.argsort(-table.predictions.confidence[guessed[rows]], kind="stable")][: len(theirs)]
            assert ours[np.ix_(order, columns)] == pytest.approx(np.where(theirs >= LEAST, theirs, 0), abs=1e-9)
            compared += theirs.size
    assert compared > 100


def test_poses_of_another_number_of_points_are_refused(database: Workspace) -> None:
    from datasets.errors import EvaluationError

    given = scene(6, 5)
    stored(given, None)
    collection.samples("coco").update_many({}, {"$set": {"truth.keypoints.$[].points": [[0.5, 0.5]] * 4}})
    with pytest.raises(EvaluationError, match="expected predictions of 4 points, as the labels have, found 5"):
        engines.evaluate("coco", "r1", "pred_r1", "truth")


def test_fiftyone_finds_outcomes_on_every_label(database: Workspace) -> None:
    stored(scene(7), COCO)
    engines.evaluate("coco", "r1", "pred_r1", "truth")
    dataset = collection.load("coco")
    dataset.reload()
    counts = dataset.count_values("pred_r1.keypoints.eval_r1")
    assert set(counts) == {"tp", "fp"} and sum(counts.values()) == dataset.count("pred_r1.keypoints")
    assert dataset.load_evaluation_results("eval_r1").mAP() > 0
