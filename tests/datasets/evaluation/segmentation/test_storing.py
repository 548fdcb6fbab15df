"""Semantic masks in a database: what is written equals FiftyOne's own, and bad masks are told first."""

import io
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bson import ObjectId
from numpy.typing import NDArray
from PIL import Image

from datasets.errors import EvaluationError, FieldError
from datasets.evaluation import engines, stored
from datasets.review.objects import Review
from datasets.storage import collection, documents, schemas, store
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from tests.datasets.evaluation.segmentation.test_figures import masks

NAME, SIZE = "painted", (40, 50)
TARGETS = {0: "background", 1: "cat", 2: "dog", 3: "ÄÖ.x"}


def save(path: Path, mask: NDArray[Any]) -> str:
    Image.fromarray(mask).save(path)
    return str(path)


def fill(folder: Path, samples: int = 8, targets: dict[int, str] | None = None, void: int | None = None) -> None:
    store.create(NAME, {"truth": "segmentation", "pred_r1": "segmentation"})
    if targets:
        documents.update(NAME, {"default_mask_targets": {str(k): name for k, name in targets.items()}})
    made = []
    for i in range(samples):
        truth, found = masks(i, SIZE)
        if void is not None:
            truth[:5] = void
        paths = save(folder / f"{i}_truth.png", truth), save(folder / f"{i}_found.png", found)
        fields = {
            name: {"_id": ObjectId(), "_cls": "Segmentation", "tags": [], "mask_path": path}
            for name, path in zip(("truth", "pred_r1"), paths, strict=True)
        }
        size = collection.image_metadata(SIZE[1], SIZE[0], 1, "image/jpeg", 3)
        split = "val" if i % 2 else "test"
        made.append(collection.sample_document(str(folder / f"{i}.jpg"), size, split=split, **fields))
    collection.insert(NAME, made)


def evaluate(**more: Any) -> engines.Evaluation:
    return engines.evaluate(NAME, "r1", "pred_r1", "truth", **more)


def whole(samples: Sequence[int], void: int | None = None) -> tuple[NDArray[Any], NDArray[Any]]:
    pairs = [masks(i, SIZE) for i in samples]
    return tuple(np.concatenate([pair[side][0 if void is None else 5 :].ravel() for pair in pairs]) for side in (0, 1))  # type: ignore[return-value]


@pytest.mark.parametrize("targets", [TARGETS, None], ids=["targets", "no targets"])
def test_what_is_written_equals_fiftyones_own_evaluation(
    database: Workspace, tmp_path: Path, targets: dict[int, str] | None
) -> None:
    fill(tmp_path, targets=targets)
    scored = evaluate()
    dataset = collection.load(NAME)
    theirs = dataset.evaluate_segmentations("pred_r1", "truth", eval_key="theirs", mask_targets=targets, progress=False)
    for end in ("accuracy", "precision", "recall"):
        ours, reference = dataset.values([f"eval_r1_{end}", f"theirs_{end}"])
        np.testing.assert_allclose(ours, reference, atol=1e-12)
    results = dataset.load_evaluation_results("eval_r1")
    np.testing.assert_array_equal(results.pixel_confusion_matrix, theirs.pixel_confusion_matrix)
    assert results.report() == theirs.report()
    assert results.metrics() == theirs.metrics()
    assert set(zip(results.ytrue, results.ypred, results.weights, results.ytrue_ids, strict=True)) == set(
        zip(theirs.ytrue, theirs.ypred, theirs.weights, theirs.ytrue_ids, strict=True)
    )
    assert list(scored.report().per_class) == list(theirs.classes)
    assert dataset.get_evaluation_info("eval_r1").config.type == "segmentation"


def test_figures_of_every_split_equal_scikit_learn(database: Workspace, tmp_path: Path) -> None:
    from sklearn.metrics import accuracy_score, jaccard_score

    fill(tmp_path, targets=TARGETS)
    scored = evaluate()
    assert list(scored.reports) == ["", "test", "val"] or list(scored.reports) == ["", "val", "test"]
    for split, rows in (("", range(8)), ("test", range(0, 8, 2)), ("val", range(1, 8, 2))):
        truth, found = whole(list(rows))
        metrics = scored.report(split).metrics
        assert metrics["miou"] == pytest.approx(jaccard_score(truth, found, average="macro"), abs=1e-9)
        assert metrics["pixel_accuracy"] == pytest.approx(accuracy_score(truth, found), abs=1e-9)
        assert scored.report(split).card.samples == len(rows)
    values = collection.load(NAME).values("eval_r1_miou")
    one = [jaccard_score(*(side.ravel() for side in masks(i, SIZE)), average="macro") for i in range(8)]
    np.testing.assert_allclose(values, one, atol=1e-9)
    assert engines.load(NAME, "r1").report("val").metrics == scored.report("val").metrics
    assert engines.look(NAME, "r1", "val", confidence=0.3) == scored.report("val")
    kept, about = stored.read(scored.path, "segmentation")
    assert (len(kept), about["classes"]) == (8, list(TARGETS.values()))


@pytest.mark.parametrize("ignore", [None, [7]])
def test_void_counts_as_no_class(database: Workspace, tmp_path: Path, ignore: list[int] | None) -> None:
    from sklearn.metrics import jaccard_score

    fill(tmp_path, void=7 if ignore else 255)
    scored = evaluate(ignore=ignore)
    assert scored.report().metrics["miou"] == pytest.approx(
        jaccard_score(*whole(range(8), void=7), average="macro"), abs=1e-9
    )
    assert str(7 if ignore else 255) in scored.report().card.ignored


def test_classes_that_are_not_declared_are_void_as_labels_and_wrong_as_predictions(
    database: Workspace, tmp_path: Path
) -> None:
    fill(tmp_path, targets={key: name for key, name in TARGETS.items() if key != 2})
    scored = evaluate()
    truth, found = whole(range(8))
    kept = truth != 2
    expected = [
        ((truth == k) & (found == k) & kept).sum() / (((truth == k) | (found == k)) & kept).sum() for k in (0, 1, 3)
    ]
    assert scored.report().metrics["miou"] == pytest.approx(np.mean(expected), abs=1e-9)
    assert any("values-unknown" in one or "no class" in one or "other values" in one
               for one in scored.report().card.findings)  # fmt: skip


def test_nothing_but_void_has_no_figures(database: Workspace, tmp_path: Path) -> None:
    fill(tmp_path, samples=2)
    for i in range(2):
        save(tmp_path / f"{i}_truth.png", np.full(SIZE, 255, np.uint8))
    scored = evaluate().report()
    assert set(scored.metrics.values()) == {None}
    assert collection.load(NAME).load_evaluation_results("eval_r1").pixel_confusion_matrix.sum() == 0


def test_a_class_that_is_only_predicted_is_a_finding(database: Workspace, tmp_path: Path) -> None:
    fill(tmp_path, targets={**TARGETS, 9: "never"})
    found = masks(0, SIZE)[1]
    found[:3] = 9
    save(tmp_path / "0_found.png", found)
    scored = evaluate()
    assert scored.report().per_class["never"]["iou"] == 0
    assert any("never" in one for one in scored.report().card.findings)


def test_samples_without_a_mask_on_one_side_are_counted_and_said(database: Workspace, tmp_path: Path) -> None:
    fill(tmp_path)
    first, second = [str(one["_id"]) for one in collection.stream(NAME)][:2]
    collection.update(NAME, [(first, {"pred_r1": None}), (second, {"truth": None})])
    card = evaluate().report().card
    assert (card.samples, card.missing_predictions, card.unlabelled) == (6, 1, 1)
    ids = collection.load(NAME).exists("eval_r1_miou").values("id")
    assert not {first, second} & set(ids)


def test_a_view_scores_its_samples_alone(database: Workspace, tmp_path: Path) -> None:
    fill(tmp_path)
    ids = [str(one["_id"]) for one in collection.stream(NAME)][:3]
    scored = evaluate(spec=ViewSpec(dataset=NAME, ids=tuple(ids)))
    assert scored.samples == 3
    results = collection.load(NAME).load_evaluation_results("eval_r1")
    assert len(set(results.ytrue_ids)) == 3


@pytest.mark.parametrize("case", ["size", "absent", "colour", "values"])
def test_bad_masks_are_named_before_anything_is_written(database: Workspace, tmp_path: Path, case: str) -> None:
    fill(tmp_path)
    bad = tmp_path / "1_found.png"
    r = np.random.default_rng(0)
    if case == "absent":
        bad.unlink()
    else:
        content = {"size": np.zeros((20, 25), np.uint8), "colour": r.integers(0, 255, (*SIZE, 3)).astype(np.uint8),
                   "values": np.full(SIZE, 900, np.uint16)}  # fmt: skip
        save(bad, content[case])
    with pytest.raises(EvaluationError, match=r"1_found\.png") as told:
        evaluate()
    assert case != "size" or ("50 x 40" in str(told.value) and "25 x 20" in str(told.value))
    dataset = collection.load(NAME)
    assert dataset.list_evaluations() == []
    assert "eval_r1_miou" not in dataset.get_field_schema()


def test_masks_inside_documents_and_palettes_are_read_alike(database: Workspace, tmp_path: Path) -> None:
    fill(tmp_path)
    before = evaluate().report().metrics
    first, second = list(collection.stream(NAME))[:2]
    truth = masks(0, SIZE)[0]
    with io.BytesIO() as stream:
        np.save(stream, truth)
        packed = zlib.compress(stream.getvalue())
    palette = Image.fromarray(masks(1, SIZE)[0], mode="L").copy()
    indexed = Image.fromarray(np.asarray(palette), mode="P")
    indexed.putpalette(list(range(256)) * 3)
    indexed.save(tmp_path / "palette.png")
    collection.update(NAME, [(str(first["_id"]), {"truth.mask": packed, "truth.mask_path": None}),
                             (str(second["_id"]), {"truth.mask_path": str(tmp_path / "palette.png")})])  # fmt: skip
    assert evaluate().report().metrics == before


def test_a_field_of_another_kind_is_told_and_the_review_of_objects_refuses(database: Workspace, tmp_path: Path) -> None:
    fill(tmp_path)
    schemas.declare(NAME, {"pred_boxes": "detections"})
    with pytest.raises(FieldError, match="pred_boxes"):
        engines.evaluate(NAME, "r2", "pred_boxes", "truth")
    evaluate()
    with pytest.raises(EvaluationError, match="segmentation"):
        Review.open(NAME, "r1")
