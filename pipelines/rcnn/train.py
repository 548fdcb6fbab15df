"""Training R-CNN on the training core."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torchmetrics.detection import MeanAveragePrecision

from datasets.evaluation.figures import OBJECTS
from pipelines import registry, weights
from pipelines.families import Family
from pipelines.job import Job
from pipelines.objects.data import for_training
from pipelines.objects.options import ObjectsConfig
from pipelines.rcnn import model as network
from pipelines.rcnn.data import Images, refuses
from pipelines.rcnn.model import NETWORKS
from pipelines.runs import checkpoints
from pipelines.training.data import loader
from pipelines.training.fit import Best, fit, resumes
from pipelines.training.learner import Learner
from pipelines.training.refused import taken

FIGURES = {"map": "map", "map_50": "map50", "map_75": "map75"}


class Finder(Learner):
    """Trained on the losses of region proposals, boxes and masks; validated by mAP, of masks where it predicts some."""

    monitor = OBJECTS[0]

    def __init__(self, model: Any, config: ObjectsConfig, masks: bool) -> None:
        super().__init__(model, config)
        self.masks = masks
        self.score = MeanAveragePrecision(
            iou_type=("bbox", "segm") if masks else "bbox", backend="faster_coco_eval"
        )  # fmt: skip
        self.score.warn_on_many_detections = False

    def losses(self, batch: Any) -> dict[str, torch.Tensor]:
        """As torchvision names them."""
        found: dict[str, torch.Tensor] = self.model(*batch)
        return found

    def check(self, batch: Any) -> None:
        """Collect predictions beside the labels."""
        images, targets = batch
        found = self.model(images)
        if self.masks:
            found = [{**one, "masks": one["masks"][:, 0] > 0.5} for one in found]
            targets = [{**one, "masks": one["masks"].bool()} for one in targets]
        self.score.update(found, targets)

    def figures(self) -> dict[str, float]:
        """`map`, `map50` and `map75`; those of boxes as `box_map` and so on where these are of masks."""
        found = self.score.compute()
        self.score.reset()
        sides = {"": "segm_", "box_": "bbox_"} if self.masks else {"": ""}
        return {
            f"{ours}{name}": max(float(found[f"{theirs}{figure}"]), 0.0)
            for ours, theirs in sides.items()
            for figure, name in FIGURES.items()
        }


def train(job: Job[ObjectsConfig], family: Family) -> None:
    """Train from the last whole epoch on, if there is one, and leave a checkpoint folder.

    Raises DataError, WeightsMissing, CheckpointError, Stopped.
    """
    networks, asked = NETWORKS[family.part], job.config
    manifest = for_training(job.manifest, masks=networks.masks)
    config = asked.model_copy(update={"optimizer": "SGD"}) if asked.optimizer == "auto" else asked
    torch.manual_seed(config.seed)
    offer = registry.task(job.run.request.task).offer(config.model)
    first = None if resumes(job.run) else weights.start(config, offer, job.events)
    model = network.start(networks, config.model, len(manifest.classes), config.image_size, first)
    network.freeze(model, config.freeze)

    def batches(split: str) -> Any:
        learns = split == "train"
        folder = job.run.work / "cache" / split
        samples = taken(manifest.split(split), split, refuses(config.image_size), job.events)
        images = Images(samples, config, folder, augment=learns, masks=networks.masks)
        return loader(images, config, job.device, shuffle=learns)

    learner = Finder(model, config, networks.masks)
    fit(job, learner, batches("train"), batches("val"), keep=partial(_keep, job, family, manifest.classes))


def _keep(job: Job[ObjectsConfig], family: Family, classes: Sequence[str], best: Best) -> None:
    """Write the checkpoint folder from the best epoch."""
    name, size, file = job.config.model, job.config.image_size, job.run.work / "best.safetensors"
    network.save(best.state, file, name, classes, size)
    checkpoints.save(
        job.checkpoint, file, task=job.run.request.task, family=family.name, classes=classes,
        config=job.config.model_dump(mode="json"), preprocess=network.preprocess(size),
        metrics={key: value for key, value in best.figures.items() if "/" not in key},
    )  # fmt: skip
    file.unlink()
