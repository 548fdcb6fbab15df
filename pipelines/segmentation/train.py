"""Training a network of semantic segmentation: samples, network, learner; the checkpoint of the best epoch."""

import threading
from functools import partial

import torch

from pipelines import devices, weights
from pipelines.errors import ConfigError
from pipelines.memory import guard
from pipelines.runs.events import EventWriter
from pipelines.runs.run import Run
from pipelines.segmentation import data, model
from pipelines.segmentation.config import Config, offer
from pipelines.segmentation.learner import Segmenter
from pipelines.segmentation.losses import Losses, balanced
from pipelines.training.data import loader
from pipelines.training.finished import finish, finished
from pipelines.training.fit import Best, fit, resumes


def train(run: Run, events: EventWriter, stop: threading.Event) -> None:
    """Train on the manifest of `run`; its checkpoint folder holds the best model at the end, or so far when stopped.

    Started again on the same run it goes on from the last whole epoch; a finished run is left as it is.
    Raises DataError, ConfigError, WeightsMissing, CheckpointError, OutOfMemory, Stopped.
    """
    if finished(run):
        return
    config = Config.model_validate(run.request.config)
    run.work.mkdir(parents=True, exist_ok=True)
    samples = data.for_training(run.manifest, events)
    device = devices.choose(config.device)
    with guard("batch", "crop_size", "model"):
        codes = data.table(samples.targets)
        learned = data.Crops(samples.train, codes, config, run.work / "cache" / "train")
        checked = data.Whole(samples.val, codes, config, run.work / "cache" / "val")
        fit(
            run,
            learner(run, config, samples, events),
            loader(learned, config, device, shuffle=True),
            loader(checked, config, device, shuffle=False),
            device=device, events=events, stop=stop,
            keep=partial(keep, run, config, model.About.of(config, samples.targets)),
        )  # fmt: skip
    finish(run)


def learner(run: Run, config: Config, samples: data.Samples, events: EventWriter) -> Segmenter:
    """The network that learning starts from, with its losses."""
    torch.manual_seed(config.seed)
    count = len(samples.targets)
    found = None if resumes(run) else weights.start(config, offer(config.model), events)
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


def keep(run: Run, config: Config, about: model.About, best: Best) -> None:
    """Write the checkpoint folder from the best epoch."""
    file = run.work / "best.safetensors"
    model.save(best.state, file, about)
    model.keep(run.checkpoint, file, about, config.model_dump(mode="json"), best.figures)
    file.unlink()
