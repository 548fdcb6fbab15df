"""The engine against pycocotools, faster-coco-eval and a matcher in plain Python."""

import contextlib
import io
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from datasets.evaluation.objects.boxes import Boxes, boxes
from datasets.evaluation.objects.figures import IOUS, Summary, summarize
from datasets.evaluation.objects.matching import match, ranking

NAMES = ["cat", "dog", "a/b.c", "ÄÖ 猫", "$where"]


def scene(
    seed: int, images: int = 30, per_image: int = 8, digits: int | None = None, crowds: float = 0.0
) -> tuple[Boxes, Boxes]:
    """Labels, and predictions that hit, miss, slip and repeat; boxes in pixels of sizes that fill every area range."""
    r = np.random.default_rng(seed)
    count = images * per_image
    keep = r.random(count) < 0.9
    image = np.repeat(np.arange(images), per_image)
    box = np.hstack([r.uniform(0, 300, (count, 2)), np.exp(r.uniform(np.log(8), np.log(200), (count, 2)))])
    label = r.integers(0, 4, count)
    crowd = r.random(count) < crowds
    copies = r.integers(0, 4, count)
    source = np.repeat(np.arange(count), copies)
    slipped = box[source] + r.normal(0, 0.08, (len(source), 4)) * box[source][:, [2, 3, 2, 3]]
    slipped[:, 2:] = np.maximum(slipped[:, 2:], 1)
    guess = np.where(r.random(len(source)) < 0.15, r.integers(0, 5, len(source)), label[source])
    confidence = r.random(len(source))
    confidence = confidence if digits is None else np.round(confidence, digits)
    truth = boxes(image[keep], label[keep], box[keep], crowd=crowd[keep])
    return truth, boxes(image[source], guess, slipped, confidence=confidence)


def as_coco(
    labels: Boxes, predictions: Boxes, names: Sequence[str] = NAMES
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    images = 1 + max(int(rows.image.max(initial=0)) for rows in (labels, predictions))
    annotations = [
        {"id": i + 1, "image_id": int(labels.image[i]), "category_id": int(labels.label[i]),
         "bbox": labels.box[i].tolist(), "area": float(labels.area[i]), "iscrowd": int(labels.crowd[i])}
        for i in range(len(labels))
    ]  # fmt: skip
    found = [
        {"image_id": int(predictions.image[i]), "category_id": int(predictions.label[i]),
         "bbox": predictions.box[i].tolist(), "score": float(predictions.confidence[i])}
        for i in range(len(predictions))
    ]  # fmt: skip
    truth = {"images": [{"id": i, "width": 640, "height": 640} for i in range(images)], "annotations": annotations,
             "categories": [{"id": i, "name": name} for i, name in enumerate(names)]}  # fmt: skip
    return truth, found


def pycocotools(labels: Boxes, predictions: Boxes, names: Sequence[str] = NAMES) -> Any:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    truth, found = as_coco(labels, predictions, names)
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = truth
        coco.createIndex()
        run = COCOeval(coco, coco.loadRes(found), "bbox")
        run.evaluate()
        run.accumulate()
        run.summarize()
    return run


def figures(summary: Summary) -> NDArray[Any]:
    """The twelve numbers of pycocotools in its order; its -1 for what cannot be measured."""
    areas = [summary.area[name] for name in ("small", "medium", "large")]
    values = [
        summary.map,
        summary.map50,
        summary.map75,
        *(a[0] for a in areas),
        *summary.recall_at.values(),
        *(a[1] for a in areas),
    ]
    return np.nan_to_num(np.array(values), nan=-1)


SCENES = {
    "distinct confidences": scene(1),
    "ties": scene(2, digits=1),
    "crowds": scene(3, crowds=0.2),
    "ties among crowds": scene(4, digits=1, crowds=0.3),
    "more than 100 of one class": scene(5, images=2, per_image=400),
    "one image": scene(6, images=1, per_image=3),
}


@pytest.mark.parametrize("name", SCENES)
def test_every_figure_equals_pycocotools(name: str) -> None:
    labels, predictions = SCENES[name]
    run, ours = pycocotools(labels, predictions), summarize(labels, predictions, len(NAMES))
    np.testing.assert_allclose(figures(ours), run.stats, atol=1e-9, rtol=0)
    np.testing.assert_allclose(
        ours.curves.precision, run.eval["precision"][:, :, :, 0, -1].transpose(0, 2, 1), atol=1e-9
    )
    np.testing.assert_allclose(ours.curves.recall, run.eval["recall"][:, :, 0, -1], atol=1e-9)


@pytest.mark.parametrize("name", SCENES)
def test_every_figure_equals_faster_coco_eval(name: str) -> None:
    from faster_coco_eval import COCO, COCOeval_faster

    labels, predictions = SCENES[name]
    truth, found = as_coco(labels, predictions)
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(truth)
        run = COCOeval_faster(coco, coco.loadRes(found), "bbox", print_function=lambda *_: None)
        run.evaluate()
        run.accumulate()
        run.summarize()
    np.testing.assert_allclose(figures(summarize(labels, predictions, len(NAMES))), run.stats[:12], atol=1e-9, rtol=0)


@pytest.mark.parametrize("name", ["distinct confidences", "ties among crowds"])
def test_class_agnostic_matching_equals_pycocotools_without_categories(name: str) -> None:
    # Without categories pycocotools goes through an image class by class, which decides ties.
    labels, predictions = (rows.take(np.lexsort((rows.label, rows.image))) for rows in SCENES[name])
    one = [replace(rows, label=np.zeros_like(rows.label)) for rows in (labels, predictions)]
    agnostic = match(labels, predictions, IOUS, classwise=False)
    np.testing.assert_array_equal(agnostic.label, match(one[0], one[1], IOUS).label)
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    truth, found = as_coco(labels, predictions)
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = truth
        coco.createIndex()
        run = COCOeval(coco, coco.loadRes(found), "bbox")
        run.params.useCats = 0
        run.evaluate()
        run.accumulate()
        run.summarize()
    np.testing.assert_allclose(figures(summarize(one[0], one[1], 1)), run.stats, atol=1e-9, rtol=0)


@pytest.mark.slow
@pytest.mark.parametrize("source", ["coco128_multitask", "det_bccd"])
def test_real_labels_score_as_in_pycocotools(source: str, tmp_path: Path) -> None:
    shared = Path(os.environ.get("FOVEAL_SHARED") or "../shared")
    if not (shared / "data" / source).is_dir():
        pytest.skip("the shared data are not here")
    from datasets.exchange import importing

    records = importing.preview(shared / "data" / source).records
    names = sorted({one.label for record in records for one in record.objects})
    flat = [(i, names.index(one.label), one.box) for i, record in enumerate(records) for one in record.objects]
    image, label = np.array([row[0] for row in flat]), np.array([row[1] for row in flat])
    box = np.array([row[2] for row in flat]) * 640
    r = np.random.default_rng(0)
    moved = box + r.normal(0, 0.06, box.shape) * box[:, [2, 3, 2, 3]]
    moved[:, 2:] = np.maximum(moved[:, 2:], 1)
    labels = boxes(image, label, box)
    predictions = boxes(image, label, moved, confidence=np.round(r.random(len(box)), 2))
    run, ours = pycocotools(labels, predictions, names), summarize(labels, predictions, len(names))
    np.testing.assert_allclose(figures(ours), run.stats, atol=1e-9, rtol=0)
    assert 0.1 < ours.map < 0.95


def test_nothing_to_measure_is_nan_and_no_hits_is_zero() -> None:
    empty = boxes([], [], [])
    one = boxes([0], [0], [[0, 0, 10, 10]], confidence=[0.5])
    assert np.isnan(summarize(empty, one, 2).map)
    assert np.isnan(summarize(empty, empty, 2).map)
    assert summarize(one, empty, 2).map == 0
    assert np.isnan(summarize(one, empty, 2).class_ap[1])


def test_equal_confidences_keep_the_order_of_the_input() -> None:
    labels = boxes([0], [0], [[0, 0, 10, 10]])
    box = [[0, 0, 10, 10], [50, 50, 10, 10]]
    first = summarize(labels, boxes([0, 0], [0, 0], box, confidence=[0.5, 0.5]), 1)
    last = summarize(labels, boxes([0, 0], [0, 0], box[::-1], confidence=[0.5, 0.5]), 1)
    assert first.map == pytest.approx(1.0)
    assert last.map == pytest.approx(0.5)


def reference(labels: Boxes, predictions: Boxes, threshold: float, classwise: bool) -> list[int]:
    """The COCO protocol in plain Python, one prediction after the other."""
    found, used = [-1] * len(predictions), set()
    for p in sorted(range(len(predictions)), key=lambda p: -ranking(predictions)[p]):
        best, chosen = min(threshold, 1 - 1e-10), -1
        rows = [g for g in range(len(labels)) if labels.image[g] == predictions.image[p]]
        rows = [g for g in rows if not classwise or labels.label[g] == predictions.label[p]]
        for g in sorted(rows, key=lambda g: labels.crowd[g]):
            if g in used and not labels.crowd[g]:
                continue
            if chosen >= 0 and not labels.crowd[chosen] and labels.crowd[g]:
                break
            value = plain_iou(predictions.box[p], labels.box[g], labels.crowd[g])
            if value >= best:
                best, chosen = value, g
        if chosen >= 0:
            used.add(chosen)
            found[p] = chosen
    return found


def plain_iou(a: NDArray[Any], b: NDArray[Any], crowd: bool) -> float:
    width, height = (min(a[i] + a[i + 2], b[i] + b[i + 2]) - max(a[i], b[i]) for i in (0, 1))
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / (a[2] * a[3] if crowd else a[2] * a[3] + b[2] * b[3] - common)


def drawn(with_confidence: bool) -> st.SearchStrategy[Boxes]:
    # Few distinct numbers: ties in confidence and overlap are the rule, not the exception.
    row = st.tuples(st.integers(0, 2), st.integers(0, 1), *[st.integers(0, 3)] * 2, *[st.integers(1, 4)] * 2,
                    st.sampled_from([0.2, 0.5, 0.9, float("nan")]), st.booleans())  # fmt: skip

    def build(rows: list[tuple[Any, ...]]) -> Boxes:
        rows = sorted(rows, key=lambda r: r[0])
        return boxes([r[0] for r in rows], [r[1] for r in rows], [r[2:6] for r in rows],
                     confidence=[r[6] for r in rows] if with_confidence else None,
                     crowd=None if with_confidence else [r[7] for r in rows])  # fmt: skip

    return st.lists(row, max_size=12).map(build)


@settings(max_examples=200, deadline=None)
@given(drawn(False), drawn(True), st.sampled_from([0.3, 0.5, 0.75, 1.0]), st.booleans())
def test_matches_equal_the_plain_reference(
    labels: Boxes, predictions: Boxes, threshold: float, classwise: bool
) -> None:
    found = match(labels, predictions, np.array([threshold]), classwise=classwise)
    assert found.label[0].tolist() == reference(labels, predictions, threshold, classwise)


@settings(max_examples=50, deadline=None)
@given(drawn(False), drawn(True))
def test_a_higher_threshold_never_finds_more(labels: Boxes, predictions: Boxes) -> None:
    counts = (match(labels, predictions, IOUS).label >= 0).sum(axis=1)
    assert (np.diff(counts) <= 0).all()
