"""Stores evaluations of one class per image: `eval_<run>` per sample, FiftyOne's results object, and the table."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from datasets.evaluation import stored
from datasets.evaluation.arrays import Ints
from datasets.evaluation.classification.reading import Choices
from datasets.evaluation.samples import Samples, stored_names
from datasets.evaluation.scoring import Asked
from datasets.fieldnames import evaluation_key
from datasets.kinds import CLASSIFICATION
from datasets.records import Progress
from datasets.storage import collection, evaluations

KIND = CLASSIFICATION.name
TOP = 5  # most probable classes that are stored for each sample
_SCORE = "score_"  # and the number of a class of the model: one column for each, so that a few can be read alone


def write_back(asked: Asked, choices: Choices, progress: Progress) -> int:
    """Register the evaluation with FiftyOne, then write whether each sample is right. Idempotent.

    Returns how many samples got new labels or predictions while they were scored; these are not written.
    """
    key = evaluation_key(asked.run)
    registered = _register(asked, choices, key)
    names, total = stored_names(asked, KIND), len(choices.samples)
    written = collection.update_if(asked.dataset, _changes(key, names, choices), total, progress)
    registered.save()
    return total - written


def save(choices: Choices, about: Mapping[str, Any], path: Path) -> None:
    """Write the table that figures at any confidence are computed from."""
    columns: dict[str, Any] = dict(choices.samples.columns())
    for name in ("truth", "predicted", "confidence", "rank", "probability", "label_id", "prediction_id"):
        values = getattr(choices, name)
        if values is not None:
            columns[name] = values
    if choices.scores is not None:
        columns |= _ranked(choices.scores)
    known: dict[str, Any] = {"kind": KIND, "classes": choices.classes, "model": choices.model}
    known |= {"missing": choices.samples.missing, "unlabelled": choices.samples.unlabelled}
    stored.write(pa.table(columns), {**known, **about}, path)


def load(path: Path) -> tuple[Choices, dict[str, Any]]:
    """The table without scores, and its description. Raises EvaluationError where there is none."""
    kept, about = stored.read(path, KIND, lambda name: not name.startswith((_SCORE, "top")))
    columns: dict[str, Any] = {
        name: kept[name].to_numpy() for name in kept.column_names if name in ("truth", "predicted", "rank")
    }
    for name in ("confidence", "probability"):
        if name in kept.column_names:
            columns[name] = kept[name].to_numpy().astype(np.float64)
    lists = {name: kept[name].to_pylist() for name in ("sample_id", "path", "split")}
    samples = Samples(**lists, missing=about["missing"], unlabelled=about["unlabelled"])
    ids = {name: kept[name].to_pylist() for name in ("label_id", "prediction_id")}
    return Choices(
        samples=samples, classes=tuple(about["classes"]), model=tuple(about["model"]), **columns, **ids
    ), about


def top(path: Path) -> tuple[Ints, NDArray[np.floating]]:
    """The most probable classes of every sample (s, t), numbers of the model's, and their probabilities, best first.

    Both have no column where there were no logits.
    """
    kept, about = stored.read(path, KIND, lambda name: name.startswith("top"))
    if "top" not in kept.column_names:
        none = np.empty((about["samples"], 0))
        return none.astype(np.int64), none
    classes, scores = (_matrix(kept[name]) for name in ("top", "top_score"))
    return classes.astype(np.int64), scores


def scores(path: Path, model_class: int) -> NDArray[np.floating] | None:
    """The probability that every sample (s) was given for one class of the model; None where there were no logits."""
    name = f"{_SCORE}{model_class}"
    kept, _ = stored.read(path, KIND, lambda other: other == name)
    return kept[name].to_numpy() if name in kept.column_names else None


def _ranked(scores: NDArray[np.floating]) -> dict[str, Any]:
    """Columns of all probabilities (s, c), and of the best few."""
    few = min(TOP, scores.shape[1])
    best = np.argpartition(-scores, few - 1, axis=1)[:, :few]
    best = np.take_along_axis(best, np.argsort(-np.take_along_axis(scores, best, 1), axis=1, kind="stable"), 1)
    found = {"top": best.astype(np.int32), "top_score": np.take_along_axis(scores, best, 1)}
    columns: dict[str, Any] = {
        name: pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), few) for name, values in found.items()
    }
    return {**columns, **{f"{_SCORE}{row}": scores[:, row] for row in range(scores.shape[1])}}


def _matrix(column: pa.ChunkedArray) -> NDArray[Any]:
    flat = column.combine_chunks().flatten().to_numpy()
    return np.asarray(flat.reshape(len(column), -1))


def _changes(
    key: str, names: tuple[str, str], choices: Choices
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    right = (choices.truth == choices.predicted).tolist()
    truth, found = (np.array(choices.classes, object)[side] for side in (choices.truth, choices.predicted))
    for row, sample in enumerate(choices.samples.sample_id):
        still = {f"{names[0]}.label": truth[row], f"{names[1]}.label": found[row]}
        yield sample, still, {key: right[row]}


def _register(asked: Asked, choices: Choices, key: str) -> evaluations.Registered:
    names = np.array(choices.classes, object)
    return evaluations.classification(
        evaluations.Scored(asked.dataset, key, (asked.label_field, asked.field), choices.samples.sample_id),
        names[choices.truth].tolist(),
        names[choices.predicted].tolist(),
        confs=[None if np.isnan(one) else one for one in choices.confidence.tolist()],
        ytrue_ids=choices.label_id,
        ypred_ids=choices.prediction_id,
        classes=list(choices.classes),
    )
