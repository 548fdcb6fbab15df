"""The training core on a tiny network with dropout, batch normalisation and a moving average."""

import os
import signal
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from datasets.evaluation.figures import ONE_CLASS, Figure
from pipelines.errors import Stopped
from pipelines.job import Job
from pipelines.runs.events import EventWriter, read_events
from pipelines.runs.run import Run
from pipelines.training import fit as core
from pipelines.training.data import loader, seeds
from pipelines.training.learner import Learner
from pipelines.training.options import TrainingConfig


class Spots:
    """Images of noise, brighter on the side that their class names; changed at random by seed, epoch and number."""

    def __init__(self, count: int, seed: int, augment: bool) -> None:
        random = np.random.default_rng(7)
        self.labels = random.integers(0, 2, count)
        self.images = random.random((count, 3, 8, 8), np.float32)
        self.images[np.arange(count), :, :, self.labels * 4] += 0.5
        self.seed, self.epoch, self.augment = seed, 0, augment

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, number: int) -> tuple[torch.Tensor, int]:
        image = self.images[number]
        if self.augment:
            random = np.random.default_rng(seeds(self.seed, self.epoch, number))
            image = image + random.normal(0, 0.1, image.shape).astype(np.float32)
        return torch.from_numpy(image), int(self.labels[number])


class Sides(Learner):
    monitor = ONE_CLASS[0]

    def __init__(self, config: TrainingConfig) -> None:
        torch.manual_seed(config.seed)
        parts = (torch.nn.Conv2d(3, 8, 3), torch.nn.BatchNorm2d(8), torch.nn.ReLU(), torch.nn.Dropout(0.3))
        super().__init__(torch.nn.Sequential(*parts, torch.nn.Flatten(), torch.nn.Linear(8 * 36, 2)), config)
        self.right = self.seen = 0

    def losses(self, batch: Any) -> dict[str, torch.Tensor]:
        images, labels = batch
        return {"ce": torch.nn.functional.cross_entropy(self.model(images).float(), labels)}

    def check(self, batch: Any) -> None:
        images, labels = batch
        self.right += int((self.model(images).argmax(1) == labels).sum())
        self.seen += len(labels)

    def figures(self) -> dict[str, float]:
        found = {"accuracy": self.right / self.seen}
        self.right = self.seen = 0
        return found


class Distances(Sides):
    """Measures what is better when it is lower, and rises from the second epoch on."""

    monitor = Figure("fid", "FID", better="lower", range=(0, None), digits=1)

    def figures(self) -> dict[str, float]:
        super().figures()
        return {"fid": 200.0 + 3 * abs(self.current_epoch - 1)}


class Once(EventWriter):
    """Sets `stop` after so many epochs."""

    def __init__(self, path: Path, stop: threading.Event, after: int) -> None:
        super().__init__(path)
        self.stop, self.after = stop, after

    def write(self, kind: str, **values: Any) -> None:
        super().write(kind, **values)
        if kind == "epoch" and values["epoch"] == self.after:
            self.ask()

    def ask(self) -> None:
        self.stop.set()


class Terminated(Once):
    """Sends the signal that Lightning itself looks for between epochs."""

    def ask(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)


def job(run: Run, events: EventWriter, stop: threading.Event) -> Job[None]:
    return Job(run, run.checkpoint, run.manifest, None, run.predictions, events, stop)


def fitted(
    folder: Path,
    config: TrainingConfig,
    stop_after: int = 0,
    learner: type[Sides] = Sides,
    asks: type[Once] = Once,
) -> tuple[core.Best | None, Run]:
    run, kept, stop = Run(folder), [], threading.Event()
    run.work.mkdir(parents=True, exist_ok=True)
    events = asks(run.events, stop, stop_after)
    train = loader(Spots(33, config.seed, True), config, "cpu", shuffle=True)
    val = loader(Spots(16, config.seed, False), config, "cpu", shuffle=False)
    try:
        core.fit(job(run, events, stop), learner(config), train, val, keep=kept.append)
    except Stopped:
        assert stop_after
    return (kept[-1] if kept else None), run


def curves(run: Run) -> list[dict[str, float]]:
    return [event["metrics"] for event in read_events(run.events)[0] if event["kind"] == "epoch"]


def same(one: core.Best, other: core.Best) -> bool:
    return one.figures == other.figures and all(
        torch.equal(value, other.state[name]) for name, value in one.state.items()
    )


@pytest.mark.parametrize(
    "options",
    [
        {"precision": "fp32"},
        {"precision": "bf16", "ema": 0.99, "clip": 1.0, "optimizer": "SGD", "schedule": "line", "patience": 9},
    ],
)
def test_a_resumed_training_is_the_unbroken_one(tmp_path: Path, options: dict[str, Any]) -> None:
    config = TrainingConfig(epochs=4, batch=8, **options)
    whole, unbroken = fitted(tmp_path / "whole", config)
    halves, broken = fitted(tmp_path / "halves", config, stop_after=2)
    assert halves is not None and len(curves(broken)) == 2
    halves, broken = fitted(tmp_path / "halves", config)
    assert whole and halves and same(whole, halves)
    assert curves(broken) == curves(unbroken)
    last = [torch.load(run.work / "states" / "last.ckpt", weights_only=False) for run in (unbroken, broken)]
    assert all(torch.equal(value, last[1]["state_dict"][name]) for name, value in last[0]["state_dict"].items())


def test_it_learns_and_keeps_the_best_epoch(tmp_path: Path) -> None:
    best, run = fitted(tmp_path, TrainingConfig(epochs=6, batch=8, learning_rate=5e-3))
    accuracies = [metrics["accuracy"] for metrics in curves(run)]
    assert best and best.figures["accuracy"] == max(accuracies) > 0.9
    first = curves(run)[accuracies.index(max(accuracies))]
    assert best.figures["train/ce"] == first["train/ce"]


def test_of_a_figure_that_should_fall_the_lowest_epoch_is_kept_and_patience_waits_for_a_lower_one(
    tmp_path: Path,
) -> None:
    config = TrainingConfig(epochs=9, batch=16, patience=2)
    best, run = fitted(tmp_path, config, stop_after=2, learner=Distances)
    assert best and best.figures["fid"] == 200
    best, run = fitted(tmp_path, config, learner=Distances)  # goes on comparing with the best so far
    assert best and best.figures["fid"] == 200
    assert [metrics["fid"] for metrics in curves(run)] == [203, 200, 203, 206]


def test_a_finished_training_is_not_repeated(tmp_path: Path) -> None:
    config = TrainingConfig(epochs=2, batch=8)
    whole, run = fitted(tmp_path, config)
    again, _ = fitted(tmp_path, config)
    assert whole and again and same(whole, again)
    assert len(curves(run)) == 2


def test_a_signal_at_the_end_of_an_epoch_keeps_the_best_so_far(tmp_path: Path) -> None:
    kept, run = fitted(tmp_path, TrainingConfig(epochs=4, batch=8), stop_after=2, asks=Terminated)
    assert kept is not None and len(curves(run)) == 2


def test_stopping_in_the_first_epoch_leaves_nothing(tmp_path: Path) -> None:
    config, stop = TrainingConfig(epochs=2, batch=8), threading.Event()
    stop.set()
    run = Run(tmp_path)
    run.work.mkdir()
    train = loader(Spots(16, 0, True), config, "cpu", shuffle=True)
    with pytest.raises(Stopped, match="no checkpoint yet"):
        core.fit(
            job(run, EventWriter(run.events), stop), Sides(config), train, train,
            keep=lambda _: pytest.fail("nothing can be kept"),
        )  # fmt: skip


def test_patience_ends_a_training_that_no_longer_improves(tmp_path: Path) -> None:
    _, run = fitted(tmp_path, TrainingConfig(epochs=40, batch=8, learning_rate=5e-3, patience=2))
    assert len(curves(run)) < 40


def test_time_given_ends_after_the_epoch(tmp_path: Path) -> None:
    _, run = fitted(tmp_path, TrainingConfig(epochs=40, batch=8, max_minutes=1e-6))
    assert len(curves(run)) == 1


def test_the_learning_rate_is_searched_and_then_used(tmp_path: Path) -> None:
    _, run = fitted(tmp_path, TrainingConfig(epochs=3, batch=4, find_learning_rate=True, warmup_epochs=0))
    notes = [event["text"] for event in read_events(run.events)[0] if event["kind"] == "note"]
    assert len(notes) == 1 and "learning rate" in notes[0]
    assert len(curves(run)) == 3


def test_the_search_changes_neither_weights_nor_data(tmp_path: Path) -> None:
    """With the rate that it finds given by hand, training is the same."""
    found, searched = fitted(tmp_path / "a", TrainingConfig(epochs=2, batch=4, find_learning_rate=True))
    rate = torch.load(searched.work / "states" / "last.ckpt", weights_only=False)["learning_rate"]
    given, _ = fitted(tmp_path / "b", TrainingConfig(epochs=2, batch=4, learning_rate=rate))
    assert found and given and same(found, given)
