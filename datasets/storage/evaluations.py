"""Evaluations of all kinds, registered with FiftyOne, so that its API and its panel find them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from datasets.storage import collection, vendor


@dataclass(frozen=True)
class Scored:
    """What was scored: `fields` are label field and prediction field, `ids` the samples. Registered under `key`."""

    dataset: str
    key: str
    fields: tuple[str, str]
    ids: Sequence[str]


@dataclass(frozen=True)
class Registered:
    """An evaluation that FiftyOne knows, with every field declared; its results are stored by `save`."""

    backend: Any
    results: Any
    key: str

    def save(self) -> None:
        """Store the results object, which `load_evaluation_results(key)` returns from now on."""
        self.backend.save_run_results(self.results.samples, self.key, self.results)


def detections(scored: Scored, pairs: Any, precision: Any, *, iou: float, masks: bool, **more: Any) -> Registered:
    """Objects, matched by boxes or masks at `iou`.

    `pairs` are FiftyOne's: label, predicted label, IoU, confidence, label id, prediction id; `precision` and what
    `more` holds are the further arguments of its `COCODetectionResults`.
    """
    vendor.fiftyone()
    from fiftyone.utils.eval.coco import COCODetectionResults, COCOEvaluation, COCOEvaluationConfig

    truth, predicted = scored.fields
    config = COCOEvaluationConfig(predicted, truth, iou=iou, classwise=True, compute_mAP=True, use_masks=masks)
    backend = COCOEvaluation(config)
    samples = _register(scored, backend)
    results = COCODetectionResults(samples, config, scored.key, pairs, precision, backend=backend, **more)
    return Registered(backend, results, scored.key)


def classification(scored: Scored, truth: Sequence[str], predicted: Sequence[str], **more: Any) -> Registered:
    """One class for each sample; `more` are the further arguments of FiftyOne's `ClassificationResults`."""
    vendor.fiftyone()
    from fiftyone.utils.eval.classification import ClassificationResults, SimpleEvaluation, SimpleEvaluationConfig

    config = SimpleEvaluationConfig(scored.fields[1], scored.fields[0])
    backend = SimpleEvaluation(config)
    samples = _register(scored, backend)
    results = ClassificationResults(samples, config, scored.key, truth, predicted, backend=backend, **more)
    return Registered(backend, results, scored.key)


def segmentation(scored: Scored, confusion: Any, classes: Sequence[str], **more: Any) -> Registered:
    """Pixels of whole masks: labels x predictions; `more` are the further arguments of `SegmentationResults`."""
    vendor.fiftyone()
    from fiftyone.utils.eval.segmentation import SegmentationResults, SimpleEvaluation, SimpleEvaluationConfig

    config = SimpleEvaluationConfig(scored.fields[1], scored.fields[0])
    backend = SimpleEvaluation(config)
    samples = _register(scored, backend)
    results = SegmentationResults(samples, config, scored.key, confusion, list(classes), backend=backend, **more)
    return Registered(backend, results, scored.key)


def _register(scored: Scored, backend: Any) -> Any:
    """Register FiftyOne's `backend`, declare the fields it writes, and return what was scored as a view.

    An evaluation of other fields under this key is deleted first, with what it wrote: FiftyOne keeps one for each key.
    """
    loaded = collection.load(scored.dataset)
    if scored.key in loaded.list_evaluations():
        known, made = loaded.get_evaluation_info(scored.key).config, backend.config
        if type(known) is not type(made) or (known.gt_field, known.pred_field) != (made.gt_field, made.pred_field):
            loaded.delete_evaluation(scored.key)
    samples = _view(loaded, scored.fields[1], scored.ids)
    backend.register_run(samples, scored.key)
    backend.register_samples(samples, scored.key)
    backend.add_fields_to_sidebar_group(samples, scored.key, omit_fields=scored.fields)
    return samples


def _view(loaded: Any, field: str, ids: Sequence[str]) -> Any:
    """What was scored, as a FiftyOne view in its most compact form, since the run stores it in one document."""
    if loaded.count() == len(ids):
        return loaded
    predicted = loaded.exists(field)
    return predicted if predicted.count() == len(ids) else loaded.select(list(ids))
