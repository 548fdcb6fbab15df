"""Training a network through the training core, or its last layer alone on features computed once."""

import json
from functools import partial
from typing import Any

import torch

from pipelines.classification.config import Config
from pipelines.classification.data import Dataset, for_training, targets
from pipelines.classification.network import model as network
from pipelines.classification.network.data import Balanced, examples
from pipelines.classification.network.learner import chances, class_weights, learner_of
from pipelines.classification.network.probe import probe
from pipelines.classification.network.settle import Settled, settle
from pipelines.families import Family
from pipelines.job import Job
from pipelines.runs.run import Run, write_durable
from pipelines.training.data import loader
from pipelines.training.fit import Best, fit, resumes


def train(job: Job[Config], _family: Family) -> None:
    """Train from the last whole epoch on, if there is one, and leave a checkpoint folder.

    Raises DataError, ConfigError, WeightsMissing, CheckpointError, Stopped.
    """
    run, dataset = job.run, for_training(job.manifest)
    settled = _settled(job, dataset)
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
    keep = partial(_keep, job, settled, dataset)
    if config.learn == "head":
        keep(probe(job, learner, train.still(), val))
        return
    if weights and config.head_first and not resumes(run):
        probe(job, learner, train.still(), val, told=False)
        learner.train()
    sampler = Balanced(train, chances(train.answers, size), config.seed) if config.balance == "sampling" else None
    batches = loader(train, config, job.device, shuffle=True, sampler=sampler)
    fit(job, learner, batches, loader(val, config, job.device, shuffle=False), keep=keep)


def _keep(job: Job[Config], settled: Settled, dataset: Dataset, best: Best) -> None:
    figures = {name: value for name, value in best.figures.items() if not name.startswith("train/")}
    options = settled.config.model_dump(mode="json")
    network.keep(job.checkpoint, best.state, options, dataset.classes, dataset.kind, settled.preprocess, figures)


def _examples(run: Run, settled: Settled, dataset: Dataset, split: str) -> Any:
    samples = dataset.split(split)
    answers = targets(samples, dataset.kind, len(dataset.classes))
    folder = run.work / "images" / split
    return examples(samples, answers, settled.config, settled.preprocess, folder=folder, learns=split == "train")


def _settled(job: Job[Config], dataset: Dataset) -> Settled:
    """What is settled once stays settled when the run goes on, whatever weights have come or gone since."""
    file = job.run.work / "settled.json"
    if file.exists():
        return Settled.read(json.loads(file.read_text(encoding="utf-8")))
    settled = settle(job.config, dataset.split("train"), job.events)
    write_durable(file, json.dumps(settled.plain()))
    job.events.write("note", text=str(settled))
    return settled
