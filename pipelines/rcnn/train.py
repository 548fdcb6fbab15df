"""R-CNN learns on the training core."""

import threading
from pathlib import Path
from typing import Any

import torch
from torchmetrics.detection import MeanAveragePrecision

from datasets.evaluation.figures import OBJECTS
from pipelines import weights
from pipelines.config import Offer
from pipelines.objects.data import Manifest
from pipelines.objects.options import ObjectsConfig
from pipelines.rcnn import model as network
from pipelines.rcnn.data import Images
from pipelines.rcnn.model import Kind
from pipelines.runs import checkpoints
from pipelines.runs.events import EventWriter
from pipelines.runs.run import Run
from pipelines.training.data import loader
from pipelines.training.fit import Best, fit, resumes
from pipelines.training.learner import Learner

FIGURES = {"map": "map", "map_50": "map50", "map_75": "map75"}


class Finder(Learner):
    """Learns from the losses of region proposals, boxes and masks; checked by mAP, of masks where it draws some."""

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


def train(
    run: Run,
    kind: Kind,
    config: ObjectsConfig,
    offer: Offer | None,
    manifest: Manifest,
    *,
    device: str,
    events: EventWriter,
    stop: threading.Event,
) -> None:
    """Train from the last whole epoch on, if there is one, and leave a checkpoint folder."""
    settled = config.model_copy(update={"optimizer": "SGD"}) if config.optimizer == "auto" else config
    torch.manual_seed(config.seed)
    first = None if resumes(run) else weights.start(config, offer, events)
    model = network.start(kind, config.model, len(manifest.classes), config.image_size, first)
    network.freeze(model, config.freeze)

    def batches(split: str) -> Any:
        learns = split == "train"
        samples, folder = manifest.split(split), run.work / "cache" / split
        images = Images(samples, settled, folder, augment=learns, masks=kind.masks)
        return loader(images, settled, device, shuffle=learns)

    learner = Finder(model, settled, kind.masks)
    fit(
        run, learner, batches("train"), batches("val"), device=device, events=events, stop=stop,
        keep=lambda best: _keep(run, kind, manifest, best),
    )  # fmt: skip


def _keep(run: Run, kind: Kind, manifest: Manifest, best: Best) -> None:
    """Write the checkpoint folder from the best epoch."""
    config = run.request.config
    name, size, file = str(config["model"]), int(config["image_size"]), Path(run.work / "best.safetensors")
    network.save(best.state, file, name, manifest.classes, size)
    checkpoints.save(
        run.checkpoint, file, task=kind.task, family=kind.family, config=config, classes=manifest.classes,
        preprocess=network.preprocess(size),
        metrics={key: value for key, value in best.figures.items() if "/" not in key},
    )  # fmt: skip
    file.unlink()
