"""The Lightning module of classification: cross-entropy, and the figures of an epoch from counts."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.nn import functional
from torchmetrics.classification import MultilabelAveragePrecision
from torchvision.transforms import v2

from datasets import kinds
from datasets.evaluation.figures import MANY_CLASSES, ONE_CLASS
from pipelines.classification.config import Config
from pipelines.classification.network.figures import TOP, of_many, of_one
from pipelines.classification.network.model import linear_head
from pipelines.classification.network.preprocess import Preprocess
from pipelines.training.learner import Learner

Array = np.ndarray[Any, Any]


class Classifier(Learner):
    """A network with logits (n, k), trained on batches of pixels (n, c, s, s) uint8 and targets.

    `weights` (k,) are class weights; `pretrained`: all layers but the last are pretrained.
    """

    def __init__(
        self, model: torch.nn.Module, config: Config, preprocess: Preprocess, classes: Sequence[str], *,
        pretrained: bool = False, weights: torch.Tensor | None = None,
    ) -> None:  # fmt: skip
        super().__init__(model, config)
        self.options, self.preprocess, self.classes, self.pretrained = config, preprocess, tuple(classes), pretrained
        self.register_buffer("weights", weights, persistent=False)
        self.mixing = _mixing(config, len(classes))

    def logits(self, pixels: torch.Tensor) -> torch.Tensor:
        """Logits (n, k) of pixels (n, c, s, s) uint8."""
        found: torch.Tensor = self.model(self.preprocess.normalise(pixels))
        return found.float()

    def losses(self, batch: Any) -> dict[str, torch.Tensor]:
        """The mean loss of a batch; mixed images have soft labels."""
        pixels, answers = batch
        images = self.preprocess.normalise(pixels)
        if self.mixing and len(images) > 1:
            images, answers = self.mixing(images, answers)
        return {"loss": self.loss(self.model(images).float(), answers)}

    def loss(self, logits: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
        """The mean loss of logits (n, k)."""
        raise NotImplementedError

    def groups(self) -> list[dict[str, Any]]:
        """The last layer at the full learning rate, pretrained layers at a fraction; biases and norms do not decay."""
        head = {id(value) for value in linear_head(self.model).parameters()} if self.pretrained else set()
        found: dict[tuple[float, bool], list[torch.nn.Parameter]] = {}
        for value in self.model.parameters():
            slow = self.pretrained and id(value) not in head
            key = (self.options.backbone_rate if slow else 1.0, value.ndim < 2)
            found.setdefault(key, []).append(value)
        pull = self.options.weight_decay
        return [
            {"params": values, "scale": scale, "weight_decay": 0.0 if vector else pull}
            for (scale, vector), values in found.items()
        ]


class OneClass(Classifier):
    """One class per image: targets are class indices (n,), or soft labels (n, k) when images are mixed."""

    monitor = ONE_CLASS[0]

    def loss(self, logits: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
        """Softmax cross-entropy with label smoothing (Szegedy 2016)."""
        return functional.cross_entropy(logits, answers, self.weights, label_smoothing=self.options.label_smoothing)

    def on_validation_epoch_start(self) -> None:
        """Count from zero."""
        self.matrix = torch.zeros(len(self.classes) ** 2, dtype=torch.int64, device=self.device)
        self.top = torch.zeros((), dtype=torch.int64, device=self.device)
        self.loss_sum = torch.zeros((), dtype=torch.float64, device=self.device)

    def check(self, batch: Any) -> None:
        """Count right and wrong predictions."""
        pixels, answers = batch
        logits, size = self.logits(pixels), len(self.classes)
        self.matrix += torch.bincount(answers * size + logits.argmax(1), minlength=size**2)
        self.top += (logits.topk(min(TOP, size)).indices == answers[:, None]).any(1).sum()
        self.loss_sum += functional.cross_entropy(logits, answers, reduction="sum").double()

    def figures(self) -> dict[str, float]:
        """See `figures.of_one`."""
        matrix = self.summed(self.matrix).reshape(len(self.classes), -1).cpu().numpy()
        return of_one(matrix, int(self.summed(self.top)), float(self.summed(self.loss_sum)), self.classes)


class ManyClasses(Classifier):
    """Any number of classes per image: targets are multi-hot (n, k); a class is predicted from 0.5 on."""

    monitor = MANY_CLASSES[0]

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.precisions = MultilabelAveragePrecision(len(self.classes), average="none")

    def loss(self, logits: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
        """Binary cross-entropy of every class."""
        return functional.binary_cross_entropy_with_logits(logits, answers, pos_weight=self.weights)

    def on_validation_epoch_start(self) -> None:
        """Count from zero."""
        self.precisions.reset()
        self.counts = torch.zeros(3, len(self.classes), dtype=torch.int64, device=self.device)
        self.loss_sum = torch.zeros((), dtype=torch.float64, device=self.device)
        self.total = torch.zeros((), dtype=torch.int64, device=self.device)

    def check(self, batch: Any) -> None:
        """Count true positives, false positives and false negatives."""
        pixels, answers = batch
        logits = self.logits(pixels)
        said, true = logits >= 0, answers > 0.5
        self.counts += torch.stack([(said & true).sum(0), (said & ~true).sum(0), (~said & true).sum(0)])
        self.loss_sum += functional.binary_cross_entropy_with_logits(logits, answers, reduction="sum").double()
        self.total += len(answers)
        self.precisions.update(logits, true.int())

    def figures(self) -> dict[str, float]:
        """See `figures.of_many`."""
        counts, loss, total = (self.summed(value) for value in (self.counts, self.loss_sum, self.total))
        precisions = self.precisions.compute().cpu().numpy()
        return of_many(counts.cpu().numpy(), precisions, float(loss), int(total), self.classes)


def learner_of(kind: str) -> type[Classifier]:
    """The learner of a label kind."""
    return ManyClasses if kinds.kind(kind).many else OneClass


def class_weights(answers: Array, classes: int) -> torch.Tensor:
    """How much each class counts (k,): samples by k times those of the class, as scikit-learn's `balanced`.

    Of many classes per image how much its presence counts: samples without it by samples with it.
    """
    if answers.ndim == 1:
        counts = np.bincount(answers, minlength=classes)
        return torch.tensor(len(answers) / (classes * np.maximum(counts, 1)), dtype=torch.float32)
    counts = answers.sum(axis=0)
    return torch.tensor((len(answers) - counts) / np.maximum(counts, 1), dtype=torch.float32).clamp(1 / 100, 100)


def chances(answers: Array, classes: int) -> Array:
    """Sampling weights (n,) that balance the classes; many classes: by the rarest class of a sample."""
    if answers.ndim == 1:
        return np.asarray(1.0 / np.bincount(answers, minlength=classes)[answers])
    rarity = 1.0 / np.maximum(answers.sum(axis=0), 1)
    rarest = (answers * rarity).max(axis=1)
    return np.asarray(np.where(rarest > 0, rarest, rarity.min()))


def _mixing(config: Config, classes: int) -> Any:
    """torchvision's mixup and cutmix, one of them for a batch; random by torch's seed, which each epoch sets."""
    kinds = [(v2.MixUp, config.mixup), (v2.CutMix, config.cutmix)]
    chosen = [kind(alpha=alpha, num_classes=classes) for kind, alpha in kinds if alpha]
    return v2.RandomChoice(chosen) if chosen else None
