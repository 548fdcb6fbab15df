"""The options that every torch trainer has. Imports no torch: forms, command line and docs are made from them."""

from typing import ClassVar, Literal

from pydantic import model_validator

from pipelines.augment import Step
from pipelines.config import TaskConfig, option

Optimizer = Literal["AdamW", "SGD", "Adam", "NAdam", "RAdam", "RMSprop"]
# Where the literature starts: AdamW as in timm's and SMP's fine-tuning examples, SGD as in torchvision's references.
RATES = {"AdamW": 1e-3, "Adam": 1e-3, "NAdam": 1e-3, "RAdam": 1e-3, "SGD": 1e-2, "RMSprop": 1e-3}


class TrainingConfig(TaskConfig):
    """Options of the training core. A task adds its own, and its own defaults."""

    bf16_on_cpu: ClassVar[bool] = True  # whether `precision=auto` may take bf16 on a processor that has it

    model: str = option("", "the network", advanced=False)
    weights: str = option(
        "auto",
        "what training starts from: auto (pretrained weights if they are on this machine, else from scratch, with a "
        "warning), pretrained (they must be there), none (from scratch), or the name or path of a weights file",
        advanced=False,
    )
    allow_download: bool = option(
        False, "allow downloading missing pretrained weights from their publishers; nothing else leaves this machine"
    )
    epochs: int = option(30, "passes over the training images", unit="epochs", advanced=False, ge=1, le=5000)
    batch: int = option(16, "images per step; fewer need less memory", unit="images", advanced=False, ge=1, le=4096)
    optimizer: Optimizer = option("AdamW", "optimizer")
    learning_rate: float | None = option(
        None, "peak learning rate, after warm-up; empty for the usual one of the optimizer", gt=0, le=10
    )
    find_learning_rate: bool = option(
        False, "learning rate range test before training: a hundred batches at rising rates (Smith 2017)"
    )
    schedule: Literal["cosine", "line", "constant"] = option("cosine", "learning rate schedule after warm-up")
    final_learning_rate: float = option(0.01, "learning rate of the last step, as a fraction of the peak", ge=0, le=1)
    warmup_epochs: float = option(1.0, "epochs over which the learning rate rises", unit="epochs", ge=0, le=100)
    weight_decay: float = option(0.01, "weight decay (L2 penalty)", ge=0, le=1)
    momentum: float = option(0.9, "momentum of SGD, beta1 of the Adam family", ge=0, lt=1)
    clip: float = option(0.0, "clip the gradient norm to this value; 0 for no clipping", ge=0)
    ema: float = option(
        0.0,
        "decay of an exponential moving average of the weights, which is validated and kept, such as 0.999; 0 for none",
        ge=0,
        lt=1,
    )
    patience: int = option(
        0,
        "stop early when the validation score has not improved for this many epochs; 0 never stops early",
        unit="epochs",
        ge=0,
    )
    max_minutes: float = option(
        0.0, "stop after the first epoch that ends later than this; 0 for no limit", unit="minutes", ge=0
    )
    precision: Literal["auto", "fp32", "bf16", "fp16"] = option(
        "auto", "numeric precision of training; auto: bf16 where GPU or processor supports it, fp32 elsewhere"
    )
    channels_last: bool = option(True, "channels-last memory layout: faster convolutions, same results")
    cache: Literal["auto", "none", "ram", "disk"] = option(
        "auto", "cache decoded images; auto: in memory if all of them take less than a quarter of what is free"
    )
    workers: int = option(4, "data loader processes; used with a GPU only", unit="processes", ge=0, le=64)
    processes: int = option(1, "GPUs that train together, each with its own batch (on a CPU: processes)", ge=1)
    augment: tuple[Step, ...] = option((), "augmentation steps for the training images, in this order")

    @property
    def rate(self) -> float:
        """The peak learning rate."""
        return self.learning_rate or RATES[self.optimizer]

    @model_validator(mode="after")
    def _one_rate(self) -> "TrainingConfig":
        if self.find_learning_rate and self.learning_rate is not None:
            raise ValueError("find_learning_rate looks for a rate, and learning_rate names one: leave one of them out")
        return self
