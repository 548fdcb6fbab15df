"""Training a network of semantic segmentation: samples, network, learner; the checkpoint of the best epoch."""

from functools import partial

import torch

from pipelines import weights
from pipelines.errors import ConfigError
from pipelines.families import Family
from pipelines.job import Job
from pipelines.segmentation import data, model
from pipelines.segmentation.config import Config, offer
from pipelines.segmentation.learner import Segmenter
from pipelines.segmentation.losses import Losses, balanced
from pipelines.training.data import loader
from pipelines.training.fit import Best, fit, resumes


def train(job: Job[Config], _family: Family) -> None:
    """Train from the last whole epoch on, if there is one, and leave a checkpoint folder.

    Raises DataError, ConfigError, WeightsMissing, CheckpointError, Stopped.
    """
    config, cache = job.config, job.run.work / "cache"
    samples = data.for_training(job.manifest, job.events)
    codes = data.table(samples.targets)
    learned = data.Crops(samples.train, codes, config, cache / "train")
    checked = data.Whole(samples.val, codes, config, cache / "val")
    fit(
        job,
        learner(job, samples),
        loader(learned, config, job.device, shuffle=True),
        loader(checked, config, job.device, shuffle=False),
        keep=partial(keep, job, model.About.of(config, samples.targets)),
    )


def learner(job: Job[Config], samples: data.Samples) -> Segmenter:
    """The network that learning starts from, with its losses."""
    run, config = job.run, job.config
    torch.manual_seed(config.seed)
    count = len(samples.targets)
    found = None if resumes(run) else weights.start(config, offer(config.model), job.events)
    pretrained = found is not None or (resumes(run) and config.weights != "none")
    if not config.encoder_rate and not pretrained:
        raise ConfigError(
            "option 'encoder_rate': expected pretrained weights when the encoder does not learn, found none; "
            "put them on this machine, or let the encoder learn"
        )
    network = model.start(config, count, found)
    view = model.view(network, model.About.of(config, samples.targets), config)
    shares = data.shares(samples.train, data.table(samples.targets), count)
    class_weights = balanced(torch.from_numpy(shares).float()) if config.class_weights == "balanced" else None
    losses = Losses(config.loss, class_weights, config.label_smoothing)
    classes = tuple(samples.targets.values())
    return Segmenter(network, config, classes, view=view, losses=losses, pretrained=pretrained)


def keep(job: Job[Config], about: model.About, best: Best) -> None:
    """Write the checkpoint folder from the best epoch."""
    file = job.run.work / "best.safetensors"
    model.save(best.state, file, about)
    model.keep(job.checkpoint, file, about, job.config.model_dump(mode="json"), best.figures)
    file.unlink()
