"""The losses of semantic segmentation. Logits (n, k, h, w), targets (n, h, w) of classes, IGNORE where none counts."""

from collections.abc import Callable, Mapping

import torch
from torch.nn import functional

from pipelines.segmentation.data import IGNORE

Tensor = torch.Tensor


class Losses:
    """The losses that an option names, such as `ce+dice`; `weights` (k) of the classes, for ce and focal."""

    def __init__(self, names: str, weights: Tensor | None = None, smoothing: float = 0.0) -> None:
        self.names, self.weights, self.smoothing = names.split("+"), weights, smoothing

    def __call__(self, logits: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Each loss by name; all are 0 where no pixel has a class."""
        if not bool((targets != IGNORE).any()):
            return dict.fromkeys(self.names, logits.sum() * 0)
        if self.weights is not None:
            self.weights = self.weights.to(logits.device)
        return {name: _LOSSES[name](self, logits, targets) for name in self.names}

    def cross_entropy(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy, the mean over pixels weighted by class."""
        return functional.cross_entropy(
            logits, targets, self.weights, ignore_index=IGNORE, label_smoothing=self.smoothing
        )

    def focal(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Focal loss of each class against the rest, as SMP computes it (Lin et al. 2017, gamma 2)."""
        from segmentation_models_pytorch.losses import FocalLoss

        weights = None if self.weights is None else self.weights.tolist()
        found: Tensor = FocalLoss("multiclass", ignore_index=IGNORE, class_weights=weights)(logits, targets)
        return found

    def lovasz(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Lovasz-softmax of the batch, as SMP computes it (Berman et al. 2018)."""
        from segmentation_models_pytorch.losses import LovaszLoss

        found: Tensor = LovaszLoss("multiclass", ignore_index=IGNORE)(logits, targets)
        return found

    def dice(self, logits: Tensor, targets: Tensor) -> Tensor:
        """1 - Dice of the batch, the mean over all classes, 0 for those without a pixel.

        The value of SMP's DiceLoss, without its tensors of one number for each pixel and class: half the time.
        """
        classes, counted = logits.shape[1], targets != IGNORE
        index = torch.where(counted, targets, 0)
        chances = logits.softmax(1) * counted[:, None]
        right = chances.gather(1, index[:, None])[:, 0]
        none = torch.zeros(classes, device=logits.device)
        shared = none.scatter_add(0, index.flatten(), right.flatten())
        pixels = none.scatter_add(0, index.flatten(), counted.flatten().float())
        dice = 2 * shared / (chances.sum((0, 2, 3)) + pixels).clamp_min(1e-7)
        return ((1 - dice) * (pixels > 0)).mean()


_LOSSES: Mapping[str, Callable[[Losses, Tensor, Tensor], Tensor]] = {
    "ce": Losses.cross_entropy,
    "dice": Losses.dice,
    "focal": Losses.focal,
    "lovasz": Losses.lovasz,
}


def balanced(shares: Tensor) -> Tensor:
    """Weights (k) of classes from their shares of the pixels: 1 / ln(1.02 + share), in 2 to 50.

    Paszke et al., ENet: a deep neural network architecture for real-time semantic segmentation (2016), section 5.2.
    """
    return 1 / torch.log(1.02 + shares)
