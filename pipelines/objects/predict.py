"""Any checkpoint on any manifest: one row of found objects per sample."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from datasets.records import Finding
from pipelines import devices, predicting
from pipelines.memory import guard
from pipelines.objects import found as table
from pipelines.objects.data import Sample, images
from pipelines.objects.found import Found
from pipelines.objects.masks import Files
from pipelines.objects.options import ObjectsConfig
from pipelines.runs import checkpoints
from pipelines.runs.events import EventWriter

OPTIONS = ("confidence", "nms_iou", "max_detections", "predict_batch", "workers", "device")
Batches = Iterator[list[tuple[int, Found | None]]]  # number of the sample, what was found; None for an unreadable image
Model = Callable[[checkpoints.Checkpoint, Sequence[Sample], Any, str], Batches]


def predict(  # noqa: PLR0917 - as the contract of every task
    checkpoint: checkpoints.Checkpoint,
    model: Model,
    manifest: Path,
    out: Path,
    options: ObjectsConfig,
    events: EventWriter,
    stop: threading.Event,
    *,
    masks: bool,
) -> None:
    """Write what the `model` of a checkpoint finds on every sample of a manifest to `out`.

    With `masks` their files lie in the folder `masks` beside `out`. A sample whose image cannot be read gets an empty
    row and a finding. Raises ClassMismatch (no class name in common), OutOfMemory, Stopped.
    """
    known = images(manifest)
    predicting.compare_classes(checkpoint.classes, known.classes)
    samples = known.samples
    found, paths = [Found.none() for _ in samples], [list[str]() for _ in samples]
    with guard("predict_batch"), Files(out.parent / "masks") if masks else nullcontext() as files:
        batches = model(checkpoint, samples, options, devices.choose(options.device))
        for number, predicted in predicting.each(batches, [sample.path for sample in samples], events, stop):
            if files:
                paths[number] = files.write(samples[number].id, predicted.masks or ())
            found[number] = replace(predicted, masks=None)
    for finding in limits(found, options.max_detections):
        events.write("finding", **asdict(finding))
    flat = [path for some in paths for path in some] if masks else None
    table.write(out, [sample.id for sample in samples], found, checkpoint.classes, flat)


def limits(found: Sequence[Found], most: int) -> Iterator[Finding]:
    """What limits left out of the predictions of some samples, `most` objects of each, as notes for people."""
    cut, without = sum(one.cut for one in found), sum(one.without for one in found)
    if cut:
        yield Finding(
            "note", "limit_reached", f"{cut} of {len(found)} images", f"fewer than {most} objects in an image",
            "as many, or more candidates than are compared",
            "those that score lower are in no figure; raise max_detections to keep more",
        )  # fmt: skip
    if without:
        yield Finding(
            "note", "empty_mask", f"{without} objects", "a mask of at least one pixel", "none",
            "they are left out of the predictions",
        )  # fmt: skip
