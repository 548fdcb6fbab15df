"""IoU of masks against counting pixels, and the figures against pycocotools and faster-coco-eval."""

import contextlib
import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from datasets.evaluation.objects.boxes import Boxes, boxes
from datasets.evaluation.objects.figures import summarize
from datasets.evaluation.objects.matching import match, nearest
from datasets.evaluation.objects.overlaps import Overlaps
from datasets.evaluation.objects.runs import area, box_runs, ious, runs

W, H, CLASSES = 60, 40, 3
Masks = list[NDArray[np.uint8]]


def blob(r: np.random.Generator) -> NDArray[np.uint8]:
    """An ellipse with holes, somewhere in the image."""
    y, x = np.mgrid[:H, :W]
    cx, cy, a, b = r.uniform(5, 55), r.uniform(5, 35), r.uniform(2, 20), r.uniform(2, 15)
    inside = ((x - cx) / a) ** 2 + ((y - cy) / b) ** 2 < 1
    return np.asarray(inside & (r.random((H, W)) < 0.9), np.uint8)


def slipped(r: np.random.Generator, mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.roll(mask, r.integers(-3, 4, 2), (0, 1))


def scene(seed: int, images: int = 12, digits: int = 2) -> tuple[Boxes, Boxes, Masks, Masks, Overlaps]:
    r = np.random.default_rng(seed)
    truth: list[Any] = []
    found: list[Any] = []
    for image in range(images):
        for _ in range(r.integers(0, 6)):
            mask, label = blob(r), int(r.integers(CLASSES))
            truth.append((image, label, mask, r.random() < 0.15))
            for _ in range(r.integers(0, 3)):
                guess = int(r.integers(CLASSES)) if r.random() < 0.2 else label
                found.append((image, guess, slipped(r, mask), round(float(r.random()), digits)))
    empty = np.zeros(4)
    columns = [list(zip(*rows, strict=True)) for rows in (truth, found)]
    sizes = [[mask.sum() for mask in side[2]] for side in columns]
    labels = boxes(columns[0][0], columns[0][1], [empty] * len(truth), crowd=columns[0][3], area=sizes[0])
    predictions = boxes(columns[1][0], columns[1][1], [empty] * len(found), confidence=columns[1][3], area=sizes[1])
    return labels, predictions, list(columns[0][2]), list(columns[1][2]), measured(labels, predictions, columns)


def measured(labels: Boxes, predictions: Boxes, columns: Any) -> Overlaps:
    parts = []
    for image in range(12):
        g, p = np.flatnonzero(labels.image == image), np.flatnonzero(predictions.image == image)
        encoded = [[runs(columns[side][2][row], (0, 0), (W, H)) for row in rows] for side, rows in ((0, g), (1, p))]
        first, second, iou = ious(encoded[1], encoded[0], labels.crowd[g])
        parts.append((np.full(len(first), image), first, second, iou))
    return Overlaps(*(np.concatenate([part[i] for part in parts]) for i in range(4)))


def coco(labels: Boxes, predictions: Boxes, truth: Masks, found: Masks) -> tuple[Any, Any]:
    from pycocotools import mask as rle

    def encode(mask: NDArray[np.uint8]) -> Any:
        return rle.encode(np.asfortranarray(mask))

    annotations = [
        {"id": i + 1, "image_id": int(labels.image[i]), "category_id": int(labels.label[i]), "bbox": [0, 0, 1, 1],
         "area": float(labels.area[i]), "iscrowd": int(labels.crowd[i]), "segmentation": encode(mask)}
        for i, mask in enumerate(truth)
    ]  # fmt: skip
    results = [
        {"image_id": int(predictions.image[i]), "category_id": int(predictions.label[i]), "segmentation": encode(mask),
         "score": float(predictions.confidence[i])}
        for i, mask in enumerate(found)
    ]  # fmt: skip
    images = [{"id": i, "width": W, "height": H} for i in range(12)]
    categories = [{"id": i, "name": str(i)} for i in range(CLASSES)]
    return {"images": images, "annotations": annotations, "categories": categories}, results


def ours(labels: Boxes, predictions: Boxes, overlaps: Overlaps) -> NDArray[Any]:
    summary = summarize(labels, predictions, CLASSES, overlaps=overlaps)
    areas = [summary.area[name] for name in ("small", "medium", "large")]
    head = [summary.map, summary.map50, summary.map75, *(a[0] for a in areas)]
    return np.nan_to_num([*head, *summary.recall_at.values(), *(a[1] for a in areas)], nan=-1)


@pytest.mark.parametrize("seed", range(4))
def test_every_figure_equals_pycocotools_segm(seed: int) -> None:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    labels, predictions, truth, found, overlaps = scene(seed, digits=1 if seed % 2 else 9)
    reference, results = coco(labels, predictions, truth, found)
    with contextlib.redirect_stdout(io.StringIO()):
        index = COCO()
        index.dataset = reference
        index.createIndex()
        run = COCOeval(index, index.loadRes(results), "segm")
        run.evaluate()
        run.accumulate()
        run.summarize()
    figures = ours(labels, predictions, overlaps)
    np.testing.assert_allclose(figures, run.stats, atol=1e-9, rtol=0)
    assert 0.02 < figures[0] < 0.95


def test_every_figure_equals_faster_coco_eval_segm() -> None:
    from faster_coco_eval import COCO, COCOeval_faster

    labels, predictions, truth, found, overlaps = scene(11)
    reference, results = coco(labels, predictions, truth, found)
    with contextlib.redirect_stdout(io.StringIO()):
        index = COCO(reference)
        run = COCOeval_faster(index, index.loadRes(results), "segm", print_function=lambda *_: None)
        run.evaluate()
        run.accumulate()
        run.summarize()
    np.testing.assert_allclose(ours(labels, predictions, overlaps), run.stats[:12], atol=1e-9, rtol=0)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), crop=st.booleans())
def test_iou_is_counted_pixels_however_the_mask_is_cut(seed: int, crop: bool) -> None:
    r = np.random.default_rng(seed)
    a, b, crowd = blob(r), blob(r), bool(r.integers(2))
    x, y = (int(v) for v in r.integers(0, 10, 2)) if crop else (0, 0)
    a[:y], a[:, :x] = 0, 0
    first, second = runs(a[y:, x:], (x, y), (W, H)), runs(b, (0, 0), (W, H))
    shared = int((a & b).sum())
    below = int(a.sum()) if crowd else int((a | b).sum())
    expected = [shared / below] if shared else []
    assert ious([first], [second], np.array([crowd]))[2].tolist() == expected
    assert area(first) == a.sum()


def test_what_lies_outside_the_image_is_cut_off() -> None:
    mask = np.ones((10, 10), np.uint8)
    assert area(runs(mask, (-4, -3), (W, H))) == 6 * 7
    assert area(runs(mask, (W - 4, H - 3), (W, H))) == 4 * 3
    assert area(runs(mask, (W + 4, 0), (W, H))) == 0


def test_a_box_covers_the_pixels_whose_centres_it_holds() -> None:
    assert area(box_runs(np.array([0.1, 0.1, 0.5, 0.5]), (W, H))) == 30 * 20
    assert area(box_runs(np.array([-0.5, 0.5, 2.0, 2.0]), (W, H))) == W * H // 2
    assert area(box_runs(np.array([0.5, 0.5, 0.0, 0.0]), (W, H))) == 0


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), classwise=st.booleans())
def test_given_overlaps_match_as_measured_boxes_do(seed: int, classwise: bool) -> None:
    r = np.random.default_rng(seed)
    image, other = np.sort(r.integers(0, 4, 20)), np.sort(r.integers(0, 4, 25))
    labels = boxes(image, r.integers(0, 2, 20), r.uniform(0, 10, (20, 4)), crowd=r.random(20) < 0.2)
    predictions = boxes(other, r.integers(0, 2, 25), r.uniform(0, 10, (25, 4)), confidence=np.round(r.random(25), 1))
    overlaps = all_pairs(labels, predictions)
    limits = np.array([0.1, 0.3])
    plain = match(labels, predictions, limits, classwise=classwise)
    looked_up = match(labels, predictions, limits, classwise=classwise, overlaps=overlaps)
    np.testing.assert_array_equal(plain.label, looked_up.label)
    np.testing.assert_array_equal(plain.iou, looked_up.iou)
    for a, b in zip(nearest(labels, predictions), nearest(labels, predictions, overlaps), strict=True):
        np.testing.assert_array_equal(a, b)


def all_pairs(labels: Boxes, predictions: Boxes) -> Overlaps:
    from datasets.evaluation.objects.matching import overlap

    rows = []
    for p in range(len(predictions)):
        for g in range(len(labels)):
            if labels.image[g] == predictions.image[p]:
                iou = overlap(predictions.box[p], labels.box[g], labels.crowd[g])
                first = [np.flatnonzero(side.image == labels.image[g])[0] for side in (predictions, labels)]
                rows += [(labels.image[g], p - first[0], g - first[1], iou)] if iou > 0 else []
    columns = list(zip(*rows, strict=True)) or [()] * 4
    return Overlaps(*(np.array(c, np.int64) for c in columns[:3]), np.array(columns[3], np.float64))
