"""The frame of every prediction: a manifest in, a table out, whatever is predicted.

It reads the manifest and the images, batch by batch, gives them to the model of a checkpoint, and writes the results in
the order of the manifest, a row group at a time. What differs stands in two records that the predictor of a family
gives: a `Model` maps a batch of images to results, an `Output` says what becomes of the results.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import pyarrow as pa
from torch.utils.data import BatchSampler, DataLoader, Dataset, SequentialSampler

from datasets.errors import ClassMismatch
from datasets.images.probe import probe_one
from datasets.records import Finding
from pipelines import devices, families
from pipelines.config import TaskConfig
from pipelines.errors import ConfigError, Stopped
from pipelines.families import Family
from pipelines.images import Array, Reader
from pipelines.job import Job
from pipelines.memory import guard
from pipelines.runs import checkpoints, manifests, results
from pipelines.runs.checkpoints import Checkpoint
from pipelines.runs.manifests import Manifest, Row

C = TypeVar("C", bound=TaskConfig)
Item = TypeVar("Item")
Result = TypeVar("Result")
Given_contra = TypeVar("Given_contra", contravariant=True)
Kept = TypeVar("Kept")
GROUP = 4096  # samples in a row group of the table


@dataclass(frozen=True)
class Refused:
    """In place of an item: why an image that can be read cannot be taken by a model."""

    why: str


@dataclass(frozen=True)
class Asked(Generic[C]):
    """What a predictor is asked for: the samples of a manifest, by a checkpoint of a family."""

    job: Job[C]
    checkpoint: Checkpoint
    manifest: Manifest
    family: Family

    @property
    def config(self) -> C:
        """The options of prediction; all others have their defaults."""
        return self.job.config


@dataclass(frozen=True)
class Model(Generic[Item, Result]):
    """A loaded network.

    `prepare(number, image)` makes an item of row `number` from its pixels (h, w, 3) uint8 BGR, as shown, or refuses it;
    it may run in processes that read ahead. `infer(items)` gives one result for each item of a batch. `batches` are
    numbers of rows that go together, every row once; without them rows go in the order of the manifest.
    """

    prepare: Callable[[int, Array], Item | Refused]
    infer: Callable[[Sequence[Item]], Sequence[Result]]
    batches: Sequence[Sequence[int]] | None = None


class Output(Protocol[Given_contra, Kept]):
    """What becomes of results. Large ones, such as masks and images, are written as files once they are there."""

    def writing(self) -> AbstractContextManager[object]:
        """What is open while results come; leaving it waits for files that are still being written."""

    def keep(self, row: Row, result: Given_contra) -> Kept:
        """What is held of the result of a sample until its row group is written."""

    def table(self, ids: Sequence[str], kept: Sequence[Kept | None]) -> pa.Table:
        """A row group: one row for each sample, an empty one for None, whose image could not be read."""

    def findings(self) -> Iterable[Finding]:
        """What people should know, once all results were kept."""


def predict(config: type[TaskConfig], job: Job[Mapping[str, Any]]) -> None:
    """Write what the model of a checkpoint predicts for every sample of a manifest to the table `job.out`.

    `config` is that of the task; of the options of the job only those of prediction matter.
    A sample whose image cannot be read gets an empty row and a finding. Raises CheckpointError, ConfigError,
    ClassMismatch (no class name in common), OutOfMemory, and Stopped between two batches; then no table is left.
    """
    found = checkpoints.load(job.checkpoint)
    family = families.of_checkpoint(config.families, found.family)
    given = options(config, family.predicting, job.config)
    manifest = manifests.read(job.manifest, labels=False)
    compare_classes(found.classes, manifest.classes)
    ready = job.ready(given, devices.choose(given.device))
    with guard(*(name for name in ("predict_batch", "window") if name in family.predicting)):
        model, output = import_module(f"{family.package}.predict").predictor(Asked(ready, found, manifest, family))
        with output.writing():
            run(ready, manifest.rows, model, output)
    for finding in output.findings():
        job.events.write("finding", **asdict(finding))


def run(job: Job[Any], rows: Sequence[Row], model: Model[Any, Any], output: Output[Any, Any]) -> None:
    """Predict rows, and write their results in order; see `predict`."""
    groups = [range(first, min(first + GROUP, len(rows))) for first in range(0, len(rows), GROUP)]
    missing, kept = [len(group) for group in groups], dict[int, Any]()
    ready = 0  # groups that are written
    with results.opened(job.out) as write:
        for number, result in each(predicted(job, rows, model), [row.path for row in rows], job):
            kept[number] = None if result is None else output.keep(rows[number], result)
            missing[number // GROUP] -= 1
            while ready < len(groups) and not missing[ready]:
                group = groups[ready]
                write(output.table([rows[one].id for one in group], [kept.pop(one) for one in group]))
                ready += 1


def predicted(
    job: Job[Any], rows: Sequence[Row], model: Model[Item, Result]
) -> Iterator[list[tuple[int, Result | Refused]]]:
    """Batches of (number of the row, its result), or why there is none."""
    size = job.config.predict_batch
    order: Any = model.batches or BatchSampler(SequentialSampler(range(len(rows))), size, drop_last=False)
    loader: DataLoader[Any] = DataLoader(
        _Images(rows, model.prepare), batch_sampler=order, collate_fn=list,
        num_workers=0 if job.device == "cpu" else job.config.workers,
    )  # fmt: skip
    for batch in loader:
        readable = [(number, item) for number, item in batch if not isinstance(item, Refused)]
        found = model.infer([item for _, item in readable]) if readable else ()
        by_number = {number: one for (number, _), one in zip(readable, found, strict=True)}
        yield [(number, by_number.get(number, item)) for number, item in batch]


def each(
    batches: Iterable[Sequence[tuple[int, Result | Refused | None]]], paths: Sequence[str], job: Job[Any]
) -> Iterator[tuple[int, Result | None]]:
    """Number and result of every sample, with progress; None, with a finding, for an image that was refused.

    `batches` hold numbers of `paths`. Raises Stopped between two batches.
    """
    began, done = time.monotonic(), 0
    for batch in batches:
        if job.stop.is_set():
            raise Stopped("prediction was asked to stop; nothing was written")
        for number, result in batch:
            if result is None or isinstance(result, Refused):
                finding = Finding(
                    "warning", "unreadable_image", paths[number], "an image that the model can read and take",
                    result.why if result else "none", "it gets no prediction",
                )  # fmt: skip
                job.events.write("finding", **asdict(finding))
                yield number, None
            else:
                yield number, result
        done += len(batch)
        job.events.progress(done, len(paths), since=began)


def options(of: type[C], names: Collection[str], config: Mapping[str, Any]) -> C:
    """The options of prediction, which have these names, among those of a run. Raises ConfigError."""
    try:
        return of.model_validate({name: config[name] for name in names if name in config})
    except ValueError as error:
        raise ConfigError(f"options of prediction: {error}") from error


def compare_classes(model: Sequence[str], dataset: Sequence[str]) -> None:
    """Raises ClassMismatch when a dataset with labels has no class name in common with the model."""
    if dataset and not set(model) & set(dataset):
        raise ClassMismatch(model, dataset)


class _Images(Dataset[tuple[int, Any]]):
    """Numbers of rows with their items, or why there is none."""

    def __init__(self, rows: Sequence[Row], prepare: Callable[[int, Array], Any]) -> None:
        self.rows, self.prepare, self.reader = rows, prepare, Reader()

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, number: int) -> tuple[int, Any]:
        row = self.rows[number]
        image = self.reader.read(row)
        if image is None:
            return number, Refused(_why(row))
        return number, self.prepare(number, image)


def _why(row: Row) -> str:
    """Why the image of a row cannot be read."""
    if row.frame_number:
        return f"frame {row.frame_number} of a video that cannot be decoded"
    return probe_one(Path(row.path), decode=True).detail or "none"
