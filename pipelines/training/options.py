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

    model: str = option("", "which network learns", advanced=False)
    weights: str = option(
        "auto",
        "where learning starts: auto (pretrained weights when they are on this machine, else from scratch, with a "
        "warning), pretrained (they must be there), none (from scratch), or the name or path of a weights file",
        advanced=False,
    )
    allow_download: bool = option(
        False, "may fetch missing pretrained weights from their makers; nothing leaves this machine otherwise"
    )
    epochs: int = option(30, "how often every training image is seen", unit="epochs", advanced=False, ge=1, le=5000)
    batch: int = option(16, "images per step; fewer need less memory", unit="images", advanced=False, ge=1, le=4096)
    optimizer: Optimizer = option("AdamW", "how the weights follow the gradients")
    learning_rate: float | None = option(
        None, "at its highest, after warm-up; empty for the usual one of the optimizer", gt=0, le=10
    )
    find_learning_rate: bool = option(
        False, "looks for the learning rate first: a hundred batches at rising rates (Smith 2017)"
    )
    schedule: Literal["cosine", "line", "constant"] = option("cosine", "how the learning rate falls after warm-up")
    final_learning_rate: float = option(0.01, "learning rate of the last step, as a part of the highest", ge=0, le=1)
    warmup_epochs: float = option(1.0, "epochs over which the learning rate rises", unit="epochs", ge=0, le=100)
    weight_decay: float = option(0.01, "pull of the weights to zero", ge=0, le=1)
    momentum: float = option(0.9, "momentum of SGD, beta1 of the Adam family", ge=0, lt=1)
    clip: float = option(0.0, "gradients longer than this are shortened to it; 0 for no limit", ge=0)
    ema: float = option(
        0.0,
        "keeps a moving average of the weights with this decay, such as 0.999, and validates it; 0: none",
        ge=0,
        lt=1,
    )
    patience: int = option(
        0, "stops when the validation score has not improved for so many epochs; 0 never stops early", unit="epochs", ge=0
    )
    max_minutes: float = option(
        0.0, "stops after the first epoch that ends later than this; 0 for no limit", unit="minutes", ge=0
    )
    precision: Literal["auto", "fp32", "bf16", "fp16"] = option(
        "auto", "numbers used while training; auto: bf16 where GPU or processor has it, fp32 elsewhere"
    )
    channels_last: bool = option(True, "pixels before channels in memory: quicker convolutions, same results")
    cache: Literal["auto", "none", "ram", "disk"] = option(
        "auto", "decoded images are kept; auto: in memory when all of them fill less than a quarter of what is free"
    )
    workers: int = option(4, "processes that read images; used with a GPU only", unit="processes", ge=0, le=64)
    processes: int = option(1, "GPUs that learn together, each with a batch of its own (on a CPU: processes)", ge=1)
    augment: tuple[Step, ...] = option((), "random changes of the training images, in this order")

    @property
    def rate(self) -> float:
        """The highest learning rate."""
        return self.learning_rate or RATES[self.optimizer]

    @model_validator(mode="after")
    def _one_rate(self) -> "TrainingConfig":
        if self.find_learning_rate and self.learning_rate is not None:
            raise ValueError("find_learning_rate looks for a rate, and learning_rate names one: leave one of them out")
        return self
