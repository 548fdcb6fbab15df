"""A network learns through the training core, or its last layer alone on features computed once."""

import json
import threading
from typing import Any

import torch

from pipelines.classification.config import Config
from pipelines.classification.data import Dataset, targets
from pipelines.classification.network import model as network
from pipelines.classification.network.data import Balanced, examples
from pipelines.classification.network.learner import chances, class_weights, learner_of
from pipelines.classification.network.probe import probe
from pipelines.classification.network.settle import Settled, settle
from pipelines.runs.events import EventWriter
from pipelines.runs.run import Run, write_durable
from pipelines.training.data import loader
from pipelines.training.fit import Best, fit, resumes


def train(
    run: Run, config: Config, dataset: Dataset, *, device: str, events: EventWriter, stop: threading.Event
) -> None:
    """Train from the last whole epoch on, if there is one; see `pipelines.classification.train`."""
    settled = _settled(run, config, dataset, events)
    config, weights, size = settled.config, settled.weights, len(dataset.classes)
    train, val = (_examples(run, settled, dataset, split) for split in ("train", "val"))
    torch.manual_seed(config.seed)
    model = network.start(
        config.model, dataset.classes, settled.preprocess, None if resumes(run) else weights, dropout=config.dropout
    )
    learner = learner_of(dataset.kind)(
        model, config, settled.preprocess, dataset.classes, pretrained=weights is not None,
        weights=class_weights(train.answers, size) if config.balance == "weights" else None,
    )  # fmt: skip
    if config.learn == "head":
        _keep(run, settled, dataset, probe(learner, train.still(), val, device=device, events=events, stop=stop))
        return
    if weights and config.head_first and not resumes(run):
        probe(learner, train.still(), val, device=device, events=events, stop=stop, told=False)
        learner.train()
    sampler = Balanced(train, chances(train.answers, size), config.seed) if config.balance == "sampling" else None
    fit(
        run, learner, loader(train, config, device, shuffle=True, sampler=sampler),
        loader(val, config, device, shuffle=False), device=device, events=events, stop=stop,
        keep=lambda best: _keep(run, settled, dataset, best),
    )  # fmt: skip


def _keep(run: Run, settled: Settled, dataset: Dataset, best: Best) -> None:
    figures = {name: value for name, value in best.figures.items() if not name.startswith("train/")}
    options = settled.config.model_dump(mode="json")
    network.keep(run.checkpoint, best.state, options, dataset.classes, dataset.kind, settled.preprocess, figures)


def _examples(run: Run, settled: Settled, dataset: Dataset, split: str) -> Any:
    samples = dataset.split(split)
    answers = targets(samples, dataset.kind, len(dataset.classes))
    folder = run.work / "images" / split
    return examples(samples, answers, settled.config, settled.preprocess, folder=folder, learns=split == "train")


def _settled(run: Run, config: Config, dataset: Dataset, events: EventWriter) -> Settled:
    """What is settled once stays settled when the run goes on, whatever weights have come or gone since."""
    file = run.work / "settled.json"
    if file.exists():
        return Settled.read(json.loads(file.read_text(encoding="utf-8")))
    settled = settle(config, dataset.split("train"), events)
    write_durable(file, json.dumps(settled.plain()))
    events.write("note", text=str(settled))
    return settled
