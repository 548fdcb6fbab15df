"""The Lightning module of semantic segmentation."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import torch

from datasets.evaluation.figures import SEMANTIC
from datasets.evaluation.segmentation import figures as measured
from pipelines.segmentation.config import Config
from pipelines.segmentation.data import IGNORE
from pipelines.segmentation.losses import Losses
from pipelines.segmentation.windows import View, bands, enlarged
from pipelines.training.learner import Learner


class Segmenter(Learner):
    """Losses of crops; figures of whole images, from one confusion matrix of all pixels."""

    monitor = SEMANTIC[0]

    def __init__(
        self, model: Any, config: Config, classes: Sequence[str], *, view: View, losses: Losses, pretrained: bool
    ) -> None:
        super().__init__(model, config)
        self.classes, self.view, self.criterion = tuple(classes), view, losses
        self.scale = config.encoder_rate if pretrained else 1.0
        self._begin()
        if not self.scale:
            self.encoder.requires_grad_(False)

    @property
    def encoder(self) -> Any:
        """The part of the network that looks at the image."""
        return cast(Any, self.model).encoder

    def groups(self) -> list[dict[str, Any]]:
        """A pretrained encoder has a lower learning rate than the rest, which starts at random."""
        encoder = {id(value) for value in self.encoder.parameters()}
        rest = [value for value in self.model.parameters() if id(value) not in encoder]
        learns = [{"params": list(self.encoder.parameters()), "scale": self.scale}] if self.scale else []
        return [*learns, {"params": rest}]

    def losses(self, batch: Any) -> dict[str, torch.Tensor]:
        """Crops (n, 3, h, w) uint8 with masks (n, h, w)."""
        images, masks = batch
        if not self.scale:
            self.encoder.eval()
        return self.criterion(self.model(self.view.normalised(images)).float(), masks.long())

    def check(self, batch: Any) -> None:
        """Images with masks; those of one size go together."""
        sizes: dict[Any, list[Any]] = {}
        for image, mask in batch:
            sizes.setdefault((image.shape, mask.shape), []).append((image, mask))
        for some in sizes.values():
            self._check(torch.stack([image for image, _ in some]), torch.stack([mask for _, mask in some]))

    def figures(self) -> dict[str, float]:
        """mIoU, mean Dice, pixel accuracy, IoU of each class that occurs, and the losses."""
        pixels = max(float(self.summed(self._pixels)), 1.0)
        checked = {f"val/{name}": float(self.summed(value)) / pixels for name, value in self._checked.items()}
        found = scores(self.summed(self._confusion).cpu().numpy(), self.classes)
        self._begin()
        return {**found, **checked, "val/loss": sum(checked.values())}

    def _begin(self) -> None:
        self._confusion = torch.zeros(len(self.classes), len(self.classes), dtype=torch.long, device=self.device)
        self._pixels, self._checked = torch.zeros((), device=self.device), dict[str, torch.Tensor]()

    def _check(self, images: torch.Tensor, masks: torch.Tensor) -> None:
        """Losses are weighted by the pixels that have a class, at the size that the network sees."""
        size = tuple(images.shape[2:])
        fitting = masks if masks.shape[1:] == size else _shrunk(masks, size)
        parts = []
        for top, logits in bands(self.model, images, self.view):
            targets = fitting[:, top : top + logits.shape[2]].long()
            counted = (targets != IGNORE).sum()
            for name, value in self.criterion(logits, targets).items():
                self._checked[name] = self._checked.get(name, 0.0) + value.detach() * counted
            self._pixels = self._pixels.to(counted.device) + counted
            parts.append(logits.argmax(1) if fitting is masks else logits)
        found = torch.cat(parts, 1) if fitting is masks else enlarged(torch.cat(parts, 2), masks.shape[1:])
        self._confusion = self._confusion.to(found.device) + confusion(masks, found, len(self.classes))


def confusion(truth: torch.Tensor, found: torch.Tensor, classes: int) -> torch.Tensor:
    """Pixels (classes, classes), rows true; those of no class are left out."""
    counted = truth != IGNORE
    codes = truth[counted].long() * classes + found[counted].long()
    return torch.bincount(codes, minlength=classes * classes).view(classes, classes)


def scores(counts: Any, classes: Sequence[str]) -> dict[str, float]:
    """The figures of a confusion matrix (k, k), as an evaluation of this dataset computes them."""
    wide = np.column_stack([counts, np.zeros(len(classes), np.int64)])
    found = measured.per_class(wide)
    means = {
        "miou": measured.mean(found.iou), "mdice": measured.mean(found.dice),
        "pixel_accuracy": measured.pixel_accuracy(wide),
    }  # fmt: skip
    each = {f"class/{name}/iou": float(iou) for name, iou in zip(classes, found.iou, strict=True) if not np.isnan(iou)}
    return {name: float(np.nan_to_num(value)) for name, value in means.items()} | each


def _shrunk(masks: torch.Tensor, size: Any) -> torch.Tensor:
    found: torch.Tensor = torch.nn.functional.interpolate(masks[:, None], size, mode="nearest-exact")[:, 0]
    return found
