"""The training core beside the shortest loop in plain PyTorch: same network, batches and settings, equal weights."""

import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch

from pipelines.job import Job
from pipelines.runs.events import EventWriter
from pipelines.runs.run import Run
from pipelines.training import fit as core
from pipelines.training.data import loader
from pipelines.training.learner import Learner
from pipelines.training.options import TrainingConfig
from tests.benchmarks.measure import Bench

pytestmark = pytest.mark.slow
CLASSES, EPOCHS = 10, 2
State = dict[str, torch.Tensor]


class Gathered:
    """Images in memory, gathered as whole batches."""

    def __init__(self, images: int, side: int) -> None:
        random = np.random.default_rng(3)
        self.pixels = torch.from_numpy(random.integers(0, 256, (images, 3, side, side), np.uint8))
        self.labels = torch.from_numpy(random.integers(0, CLASSES, images))
        self.epoch = 0

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, number: int) -> Any:
        raise NotImplementedError

    def __getitems__(self, numbers: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
        return self.pixels[numbers].float() / 255, self.labels[numbers]


class Classes(Learner):
    def losses(self, batch: Any) -> dict[str, torch.Tensor]:
        return {"ce": torch.nn.functional.cross_entropy(self.model(batch[0]), batch[1])}

    def check(self, batch: Any) -> None:
        pass

    def figures(self) -> dict[str, float]:
        return {"score": 0.0}


def network(name: str) -> torch.nn.Module:
    torch.manual_seed(0)
    made: torch.nn.Module = timm.create_model(name, num_classes=CLASSES)
    return made


def plain(name: str, data: Gathered, config: TrainingConfig) -> State:
    """The shortest loop: one optimizer, one rate, no validation, nothing written."""
    model = network(name)
    optimizer = torch.optim.SGD(
        model.parameters(), config.rate, momentum=config.momentum, nesterov=True, weight_decay=config.weight_decay
    )
    for epoch in range(config.epochs):
        order = np.random.default_rng([config.seed, epoch]).permutation(len(data)).tolist()
        torch.manual_seed(config.seed * 100_003 + epoch * 101)
        for start in range(0, len(order), config.batch):
            images, labels = data.__getitems__(order[start : start + config.batch])
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(images), labels).backward()
            optimizer.step()
    return model.state_dict()


def ours(name: str, data: Gathered, config: TrainingConfig, folder: Path) -> State:
    run, kept = Run(folder), []
    run.work.mkdir(parents=True)
    few = Gathered(8, data.pixels.shape[-1])
    data.epoch = 0
    job = Job(
        run, run.checkpoint, run.manifest, config, run.predictions, EventWriter(run.events), threading.Event()
    )  # fmt: skip
    core.fit(
        job, Classes(network(name), config), loader(data, config, "cpu", shuffle=True),
        loader(few, config, "cpu", shuffle=False), keep=kept.append,
    )  # fmt: skip
    last = torch.load(run.work / "states" / "last.ckpt", weights_only=False)["state_dict"]
    return {key.removeprefix("model."): value for key, value in last.items()}


def equal(a: State, b: State) -> bool:
    return all(torch.equal(value, b[key]) for key, value in a.items())


@pytest.mark.parametrize(
    ("name", "images", "side", "batch"), [("resnet18", 768, 64, 32), ("mobilenetv2_100", 384, 96, 16)]
)
def test_overhead_of_the_training_core(
    bench: Bench, tmp_path: Path, name: str, images: int, side: int, batch: int
) -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    config = TrainingConfig(
        epochs=EPOCHS, batch=batch, optimizer="SGD", precision="fp32", channels_last=False, schedule="constant",
        warmup_epochs=0,
    )  # fmt: skip
    data, rounds = Gathered(images, side), count()
    mine: Callable[[], State] = lambda: ours(name, data, config, tmp_path / str(next(rounds)))  # noqa: E731
    row = bench.compare(
        f"train {name}", images * EPOCHS, mine, "plain loop", lambda: plain(name, data, config), equal, 2
    )
    torch.set_num_threads(threads)
    assert row.ratio is not None and row.ratio >= 0.97
