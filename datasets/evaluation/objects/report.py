"""The report of one part of an evaluation: figures, figures of each class and the metric card."""

import numpy as np

from datasets.evaluation.arrays import Floats, Ints
from datasets.evaluation.cards import Card, ObjectsCard, Origin, Report, Value, agrees_with, plain
from datasets.evaluation.objects.figures import best_confidence
from datasets.evaluation.objects.outcomes import FN, FP, TP, Outcomes
from datasets.evaluation.objects.part import Part
from datasets.evaluation.ratios import ratios
from datasets.evaluation.samples import never_labelled
from datasets.evaluation.thresholds import IOU, IOUS, SHOWN

_PEERS = ("pycocotools", "faster-coco-eval")  # tests/datasets/evaluation/objects/test_coco_parity.py


def report(
    part: Part,
    origin: Origin,
    confidence: float = SHOWN,
    iou: float = IOU,
    *,
    stored: Report[Card] | None = None,
) -> Report[ObjectsCard]:
    """The report at a confidence and an IoU threshold; None where nothing can be measured.

    `stored` is an earlier report of the same part: figures that do not depend on a threshold are taken from it.
    """
    found = part.outcomes(confidence, iou)
    whole, classes = (stored.metrics, stored.per_class) if stored else (ranked(part), ranked_by_class(part))
    counted = counted_by_class(part, found)
    each = {name: {**classes[name], **counted[name]} for name in part.table.classes}
    return Report({**whole, **counted_overall(found)}, each, card(part, confidence, iou, origin))


def ranked(part: Part) -> dict[str, Value]:
    """The COCO figures, which depend on no threshold; for masks and key points, mAP of the boxes too."""
    whole = part.summary
    boxes = {} if part.table.overlaps is None else dict(zip(("box_map", "box_map50"), part.box_precisions, strict=True))
    values = {
        "map": whole.map,
        "map50": whole.map50,
        "map75": whole.map75,
        **boxes,
        **{f"map_{name}": pair[0] for name, pair in whole.area.items()},
        **(_recalls(whole.curves.recall) if part.table.kind.posed else {}),
        **{f"ar_{count}": value for count, value in whole.recall_at.items()},
        **{f"ar_{name}": pair[1] for name, pair in whole.area.items()},
    }
    return {key: plain(value) for key, value in values.items()}


def _recalls(reached: Floats) -> dict[str, float]:
    """Mean recall of the classes that have labels, at 0.50 and 0.75."""
    rows = {"ar50": reached[0], "ar75": reached[5]}
    return {name: float(row[row > -1].mean()) if (row > -1).any() else float("nan") for name, row in rows.items()}


def counted_overall(found: Outcomes) -> dict[str, Value]:
    """Counts at the chosen thresholds, and precision, recall and F1 over all objects (micro)."""
    hits, wrong = (int((found.predictions == kind).sum()) for kind in (TP, FP))
    missed = int((found.labels == FN).sum())
    precision, recall, f1 = (plain(float(value)) for value in ratios(hits, hits + wrong, hits + missed))
    return {"precision": precision, "recall": recall, "f1": f1, "tp": hits, "fp": wrong, "fn": missed}


def ranked_by_class(part: Part) -> dict[str, dict[str, Value]]:
    """AP, AP50, mean recall and number of labels of every class."""
    whole = part.summary
    columns = {"ap": whole.class_ap, "ap50": whole.class_ap50, "ar": whole.class_recall}
    return {
        name: {
            **{key: plain(float(column[row])) for key, column in columns.items()},
            "labels": int(whole.curves.labels[row]),
        }
        for row, name in enumerate(part.table.classes)
    }


def counted_by_class(part: Part, found: Outcomes) -> dict[str, dict[str, Value]]:
    """Counts and ratios of every class at the chosen thresholds."""
    hits, wrong, missed = class_counts(part, found)
    columns = dict(zip(("precision", "recall", "f1"), ratios(hits, hits + wrong, hits + missed), strict=True))
    return {
        name: {
            **{key: plain(float(column[row])) for key, column in columns.items()},
            "tp": int(hits[row]),
            "fp": int(wrong[row]),
            "fn": int(missed[row]),
        }
        for row, name in enumerate(part.table.classes)
    }


def class_counts(part: Part, found: Outcomes) -> tuple[Ints, Ints, Ints]:
    """True positives, false positives and false negatives of every class (k)."""
    count = len(part.table.classes)

    def of(classes: Ints) -> Ints:
        return np.bincount(classes, minlength=count).astype(np.int64)

    predicted = part.predictions.label
    hits, wrong = of(predicted[found.predictions == TP]), of(predicted[found.predictions == FP])
    return hits, wrong, of(part.labels.label[found.labels == FN])


def card(part: Part, confidence: float, iou: float, origin: Origin) -> ObjectsCard:
    """The metric card that explains the figures."""
    known = part.predictions.confidence[~np.isnan(part.predictions.confidence)]
    what, measure, most = part.table.compared, part.table.measure, part.table.limits.most[-1]
    return ObjectsCard(
        protocol=f"COCO, {what}, matched class by class; ties in confidence keep the order of the predictions",
        averaging=f"map: mean over classes and {measure} 0.50:0.05:0.95; precision, recall, f1: over all objects",
        measure=measure,
        similarity=str(part.table.about.get("similarity", "")),
        iou_thresholds=IOUS,
        confidence=confidence,
        iou=iou,
        best_f1_confidence=best_confidence(part.labels, part.predictions, part.matches(iou)),
        max_detections={"map": most, "precision": None},
        lowest_confidence=plain(float(known.min())) if len(known) else None,
        samples=part.samples,
        labels=int((~part.labels.crowd).sum()),
        crowds=int(part.labels.crowd.sum()),
        predictions=len(part.predictions),
        split=part.split or "all",
        findings=_findings(part),
        agrees_with=agrees_with(*(_PEERS[:1] if part.table.kind.posed else _PEERS)),
        origin=origin,
    )


def _findings(part: Part) -> tuple[str, ...]:
    names = part.table.classes
    labelled, predicted = (
        np.bincount(rows.label, minlength=len(names)).tolist() for rows in (part.labels, part.predictions)
    )
    return never_labelled("predictions", names, labelled, predicted)
