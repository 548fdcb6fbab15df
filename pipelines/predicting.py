"""What predicting has in common, whatever is predicted. Imports no torch."""

import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from datasets.errors import ClassMismatch
from datasets.records import Finding
from pipelines.config import TaskConfig
from pipelines.errors import ConfigError, Stopped
from pipelines.runs.events import EventWriter

Config = TypeVar("Config", bound=TaskConfig)
Predicted = TypeVar("Predicted")


def options(of: type[Config], names: Collection[str], config: Mapping[str, Any]) -> Config:
    """The options of prediction, which have these names, among those of a run. Raises ConfigError."""
    try:
        return of.model_validate({name: config[name] for name in names if name in config})
    except ValueError as error:
        raise ConfigError(f"options of prediction: {error}") from error


def compare_classes(model: Sequence[str], dataset: Sequence[str]) -> None:
    """Raises ClassMismatch when a dataset with labels has no class name in common with the model."""
    if dataset and not set(model) & set(dataset):
        raise ClassMismatch(model, dataset)


def each(
    batches: Iterable[Sequence[tuple[int, Predicted | None]]],
    paths: Sequence[str],
    events: EventWriter,
    stop: threading.Event,
) -> Iterator[tuple[int, Predicted]]:
    """Number and prediction of every sample whose image could be read, with progress; the others become findings.

    `batches` hold numbers of `paths`, with None for an unreadable image. Raises Stopped between two batches.
    """
    began, done = time.monotonic(), 0
    for batch in batches:
        if stop.is_set():
            raise Stopped("prediction was asked to stop; nothing was written")
        for number, predicted in batch:
            if predicted is None:
                finding = Finding(
                    "warning", "unreadable_image", paths[number], "a readable image", "none", "it gets no prediction"
                )
                events.write("finding", **asdict(finding))
            else:
                yield number, predicted
        done += len(batch)
        events.progress(done, len(paths), since=began)
