"""YOLO-cls learns one class per image with Ultralytics' own trainer."""

import threading
from collections.abc import Mapping
from typing import Any

from pipelines.classification.config import Config, offer
from pipelines.classification.data import ONE, Dataset
from pipelines.classification.yolo.data import prepare
from pipelines.classification.yolo.model import KIND, SIZE
from pipelines.errors import ConfigError
from pipelines.runs.events import EventWriter
from pipelines.runs.run import Run
from pipelines.yolo import train as learning
from pipelines.yolo.model import quiet
from pipelines.yolo.watch import Watch

BATCH = 32
ABSENT: Mapping[str, Any] = {  # in Ultralytics' trainer: what it does instead
    "balance": "none",
    "mixup": 0.0,
    "cutmix": 0.0,
    "find_learning_rate": False,
    "augment": (),
    "processes": 1,
}


def train(
    run: Run, config: Config, dataset: Dataset, *, device: str, events: EventWriter, stop: threading.Event
) -> None:
    """Train from the last whole epoch on, if there is one; see `pipelines.classification.train`.

    Raises ConfigError for labels of several classes per image, and for options that Ultralytics' trainer lacks.
    """
    check(config, dataset)
    config = config.model_copy(update={"batch": config.batch or BATCH, "image_size": config.image_size or SIZE})
    source = prepare(dataset, run.work / "data")
    given = {**learning.arguments(run, KIND, config, source, device), **arguments(config)}
    splits = {name: dataset.split(name) for name in ("train", "val")}
    watch = Watch(splits, KIND.figures, config.max_minutes, events, stop, classes=dataset.classes)
    learning.train(
        run, KIND, given, watch, beginning=lambda: beginning(config, events), options=config.model_dump(mode="json")
    )


def check(config: Config, dataset: Dataset) -> None:
    """Raise ConfigError for what Ultralytics' trainer cannot do."""
    if dataset.kind != ONE:
        raise ConfigError(
            f"option 'model': expected a network for many classes per image, found {config.model}, which gives one; "
            "choose another model, such as resnet18"
        )
    for option, usual in ABSENT.items():
        if getattr(config, option) != usual:
            raise ConfigError(
                f"option {option!r}: expected {usual!r} for {config.model}, whose trainer knows nothing else, found "
                f"{getattr(config, option)!r}; leave it, or choose another model"
            )


def arguments(config: Config) -> dict[str, Any]:
    """Options of classification as Ultralytics' arguments; those that are empty keep its defaults."""
    given: dict[str, Any] = {"imgsz": config.image_size, "lr0": config.rate, "dropout": config.dropout}
    if config.crop is not None:
        given["scale"] = 1 - config.crop
    if config.mirror is not None:
        given["fliplr"] = config.mirror
    return given


def beginning(config: Config, events: EventWriter) -> dict[str, Any]:
    """What a new training starts from; with `learn=head` all layers but the last one are frozen."""
    found = learning.beginning(config, offer(config.model), 0, events)
    if config.learn == "head" and "pretrained" not in found:
        found["freeze"] = _layers(config.model) - 1
    return found


def _layers(model: str) -> int:
    quiet()
    from ultralytics.nn.tasks import yaml_model_load

    layout = yaml_model_load(f"{model}.yaml")
    return len(layout["backbone"]) + len(layout["head"])
