"""The report of one part of an evaluation of semantic masks."""

import numpy as np
from numpy.typing import NDArray

from datasets.evaluation.arrays import Floats, Ints
from datasets.evaluation.cards import Origin, PixelsCard, Report, Value, agrees_with, plain
from datasets.evaluation.ratios import divide
from datasets.evaluation.samples import never_labelled
from datasets.evaluation.segmentation.figures import (
    Figures,
    contour_f1,
    frequency_weighted,
    mean,
    per_class,
    pixel_accuracy,
)
from datasets.evaluation.segmentation.occurring import mean_iou, occurring
from datasets.evaluation.segmentation.reading import Pixels
from datasets.images.mask_limits import TOLERANCE
from datasets.records import Finding

_PEERS = ("torchmetrics", "scikit-learn")  # tests/datasets/evaluation/segmentation


def report(pixels: Pixels, split: str | None, origin: Origin) -> Report[PixelsCard]:
    """The report of one split, of all for None."""
    inside = pixels.samples.inside(split)
    confusion = pixels.confusion(inside)
    figures, contour = per_class(confusion), class_contours(pixels, inside)
    return Report(
        _metrics(pixels, inside, confusion, figures, contour),
        _classes(pixels, confusion, figures, contour),
        _card(pixels, split, confusion, figures, origin),
    )


def class_contours(pixels: Pixels, inside: NDArray[np.bool_]) -> Floats:
    """Contour F1 (k): the mean over images where a class has a contour on either side."""
    rows = pixels.contour[inside[pixels.contour[:, 0]]]
    f1, count = contour_f1(rows[:, 2:]), len(pixels.classes)
    total = np.bincount(rows[:, 1], weights=np.nan_to_num(f1), minlength=count)
    images = np.bincount(rows[:, 1], weights=~np.isnan(f1), minlength=count)
    return divide(total, images)


def sample_ious(pixels: Pixels) -> Floats:
    """Mean IoU of every image (s) over the classes that occur in it on either side; NaN where nothing counts."""
    return mean_iou(occurring(pixels), len(pixels.samples))


def _metrics(
    pixels: Pixels, inside: NDArray[np.bool_], confusion: Ints, figures: Figures, contour: Floats
) -> dict[str, Value]:
    labelled = confusion.sum(axis=1) > 0
    per_sample = sample_ious(pixels)[inside]
    values = {
        "miou": mean(figures.iou),
        "mdice": mean(figures.dice),
        "pixel_accuracy": pixel_accuracy(confusion),
        "mean_accuracy": mean(np.where(labelled, figures.recall, np.nan)),
        "fw_iou": frequency_weighted(confusion, figures.iou),
        "boundary_f1": mean(contour),
        "sample_miou": mean(per_sample),
    }
    return {key: plain(value) for key, value in values.items()}


def _classes(pixels: Pixels, confusion: Ints, figures: Figures, contour: Floats) -> dict[str, dict[str, Value]]:
    truth, found = confusion.sum(axis=1), confusion.sum(axis=0)
    columns = {**vars(figures), "boundary_f1": contour}
    return {
        name: {
            **{key: plain(float(column[row])) for key, column in columns.items()},
            "pixels": int(truth[row]),
            "predicted_pixels": int(found[row]),
        }
        for row, name in enumerate(pixels.classes)
    }


def _card(pixels: Pixels, split: str | None, confusion: Ints, figures: Figures, origin: Origin) -> PixelsCard:
    outside = int(confusion[:, -1].sum())
    findings = never_labelled("predictions", pixels.classes, confusion.sum(axis=1), confusion[:, :-1].sum(axis=0))
    if outside:
        expected, found = "values of the classes in predicted masks", f"{outside:,} pixels with other values"
        findings += (str(Finding("warning", "values-unknown", "predictions", expected, found, "they count as wrong")),)
    return PixelsCard(
        protocol="one confusion matrix of all pixels; miou and mdice: mean over classes that occur on either side",
        ignored="true values that the dataset declares no class for"
        if not pixels.ignored
        else f"true values {', '.join(map(str, pixels.ignored))}",
        classes=int((~np.isnan(figures.iou)).sum()),
        boundary=f"contours match within {TOLERANCE:.2%} of the diagonal (Csurka et al. 2013; MATLAB bfscore); mean "
        "over images, then classes",
        **pixels.samples.card(split),
        pixels=int(confusion.sum()),
        confusion=tuple(map(tuple, confusion.tolist())),
        findings=findings,
        agrees_with=agrees_with(*_PEERS),
        origin=origin,
    )
