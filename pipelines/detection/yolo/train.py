"""YOLO learns boxes with Ultralytics' own trainer."""

import threading

from pipelines.detection.config import Config, offer
from pipelines.detection.yolo.model import KIND
from pipelines.objects.data import Manifest, Sample
from pipelines.runs.events import EventWriter
from pipelines.runs.run import Run
from pipelines.yolo import detecting
from pipelines.yolo import train as learning
from pipelines.yolo.data import prepare
from pipelines.yolo.watch import Watch


def train(
    run: Run, config: Config, manifest: Manifest, *, device: str, events: EventWriter, stop: threading.Event
) -> None:
    """Train from the last whole epoch on, if there is one; see `pipelines.detection.train`."""
    splits = {name: manifest.split(name) for name in ("train", "val")}
    source = prepare(run.work / "data", manifest.classes, manifest.revision, splits, lines)
    given = {**learning.arguments(run, KIND, config, source, device), **detecting.arguments(config)}
    watch = Watch(splits, KIND.figures, config.max_minutes, events, stop, classes=manifest.classes)
    learning.train(
        run, KIND, given, watch, beginning=lambda: beginning(config, events), options=config.model_dump(mode="json")
    )


def beginning(config: Config, events: EventWriter) -> dict[str, object]:
    """What a new training starts from."""
    return learning.beginning(config, offer(config.model), config.nominal_batch, events)


def lines(sample: Sample) -> str:
    """`class x y width height` for every box, centres relative to the image."""
    centres = sample.boxes[:, :2] + sample.boxes[:, 2:] / 2
    rows = zip(sample.classes.tolist(), centres.tolist(), sample.boxes[:, 2:].tolist(), strict=True)
    return "".join(f"{number} {x!r} {y!r} {w!r} {h!r}\n" for number, (x, y), (w, h) in rows)
