"""What Ultralytics is trained on. Imports no torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datasets.skeleton import Skeleton
from pipelines.training.options import TrainingConfig
from pipelines.yolo.data import LinkedImage


@dataclass(frozen=True)
class Lesson:
    """A prepared dataset and the options of one head.

    `source` is the folder or yaml that Ultralytics reads, `splits` the samples of `train` and `val` in it. `config` is
    that of the task with nothing left open, `given` those of its options that only this head has, as Ultralytics'
    arguments. `nominal_batch` as in `yolo.train.beginning`. With `last_layer` all other layers of pretrained weights
    are frozen. `skeleton` is that of key points, kept with the model.
    """

    classes: Sequence[str]
    splits: Mapping[str, Sequence[LinkedImage]]
    source: Path
    config: TrainingConfig
    given: Mapping[str, Any] = field(default_factory=dict)
    nominal_batch: int = 0
    last_layer: bool = False
    skeleton: Skeleton | None = None
