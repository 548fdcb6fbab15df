"""The Lightning module that the module of every task extends."""

import math
from collections.abc import Mapping
from typing import Any

import torch
from lightning.pytorch import LightningModule
from torch.utils._pytree import tree_map

from datasets.evaluation.figures import Figure
from pipelines.training.options import TrainingConfig


class Learner(LightningModule):  # type: ignore[misc]
    """A model with its losses and figures. A task extends it and writes `losses`, `check` and `figures`.

    What is random in an epoch (dropout, proposals, mixing) depends on seed and epoch alone, so that a training that is
    resumed is the training that was not interrupted.
    """

    monitor = Figure("score", "Score", range=(None, None))  # its best value picks the best epoch

    def __init__(self, model: torch.nn.Module, config: TrainingConfig) -> None:
        super().__init__()
        self.model, self.config, self.learning_rate = model, config, config.rate
        self.epoch_figures: dict[str, float] = {}
        self._sums: dict[str, torch.Tensor] = {}

    def losses(self, batch: Any) -> dict[str, torch.Tensor]:
        """The losses of a batch by name, scalars; their sum is minimised, and each is plotted as `train/<name>`."""
        raise NotImplementedError

    def check(self, batch: Any) -> None:
        """Take in one batch of validation."""
        raise NotImplementedError

    def figures(self) -> dict[str, float]:
        """The figures of the validation epoch, `monitor` among them, and `val/<loss>`; begins anew for the next."""
        raise NotImplementedError

    def groups(self) -> list[dict[str, Any]]:
        """Parameters that learn; `scale` of a group multiplies the learning rate. By default one group of all."""
        return [{"params": [value for value in self.model.parameters() if value.requires_grad]}]

    def summed(self, counts: torch.Tensor) -> torch.Tensor:
        """Counts of this process added to those of the others that learn together."""
        total: torch.Tensor = self.trainer.strategy.reduce(counts, reduce_op="sum")
        return total

    def on_after_batch_transfer(self, batch: Any, dataloader_idx: int) -> Any:  # noqa: ARG002
        """Channels-last memory layout, if asked for."""
        return tree_map(_channels_last, batch) if self.config.channels_last else batch

    def on_train_epoch_start(self) -> None:
        """Seed what is random, and count losses from zero."""
        torch.manual_seed(self.config.seed * 100_003 + self.current_epoch * 101 + self.global_rank)
        self._sums = {}

    def training_step(self, batch: Any, _index: int) -> torch.Tensor:
        """The sum of the losses."""
        found = self.losses(batch)
        for name, value in found.items():
            self._sums[name] = self._sums.get(name, 0.0) + value.detach()
        return torch.stack(list(found.values())).sum() if len(found) > 1 else next(iter(found.values()))

    def validation_step(self, batch: Any, _index: int) -> None:
        """One batch of validation."""
        self.check(batch)

    def on_validation_epoch_end(self) -> None:
        """Name the figures of the epoch."""
        batches = max(len(self.trainer.train_dataloader), 1)
        trained = {f"train/{name}": float(value) / batches for name, value in self._sums.items()}
        self.epoch_figures = {**trained, **self.figures()}
        self.log(self.monitor.name, self.epoch_figures[self.monitor.name], rank_zero_only=True)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """The figures of this epoch go with its weights; so does a learning rate that was found."""
        checkpoint["figures"], checkpoint["learning_rate"] = self.epoch_figures, self.learning_rate

    def on_load_checkpoint(self, checkpoint: Mapping[str, Any]) -> None:
        """Go on with the learning rate that was found."""
        self.learning_rate = checkpoint["learning_rate"]

    def configure_optimizers(self) -> Any:
        """The optimizer, and its rate for every step: warm-up, then down to `final_learning_rate`."""
        config = self.config
        groups = [{**group, "lr": self.learning_rate * group.get("scale", 1.0)} for group in self.groups()]
        chosen = make_optimizer(config, groups)
        steps = int(self.trainer.estimated_stepping_batches)
        warm = min(round(config.warmup_epochs * steps / config.epochs), steps // 2)
        schedule = torch.optim.lr_scheduler.LambdaLR(chosen, lambda step: rate(config, step, steps, warm))
        return {"optimizer": chosen, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def make_optimizer(config: TrainingConfig, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
    """The optimizer by its name in torch, over parameter groups with rates of their own."""
    momentum = config.optimizer in ("SGD", "RMSprop")
    given: dict[str, Any] = {"momentum": config.momentum} if momentum else {"betas": (config.momentum, 0.999)}
    given |= {"nesterov": True} if config.optimizer == "SGD" and config.momentum else {}
    made: torch.optim.Optimizer = getattr(torch.optim, config.optimizer)(
        groups, weight_decay=config.weight_decay, **given
    )
    return made


def rate(config: TrainingConfig, step: int, steps: int, warm: int) -> float:
    """The learning rate at a step as a fraction of the peak."""
    if step < warm:
        return (step + 1) / (warm + 1)
    gone = min((step - warm) / max(steps - warm, 1), 1.0)
    fall = {"cosine": (1 - math.cos(math.pi * gone)) / 2, "line": gone, "constant": 0.0}[config.schedule]
    return 1 - fall * (1 - config.final_learning_rate)


def _channels_last(value: Any) -> Any:
    images = isinstance(value, torch.Tensor) and value.dim() == 4 and value.is_floating_point()
    return value.contiguous(memory_format=torch.channels_last) if images else value
