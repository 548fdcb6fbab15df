"""What the options leave open is settled by the images and the weights that are here, once per run."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from datasets.records import Finding
from pipelines import weights as store
from pipelines.classification.config import SMALL, SMALL_SIDE, Config, choose, offer
from pipelines.classification.data import ClassifiedImage
from pipelines.classification.network.files import read_header
from pipelines.classification.network.model import known, named, preprocess_of
from pipelines.classification.network.preprocess import Preprocess
from pipelines.errors import WeightsMissing
from pipelines.images import read_image
from pipelines.runs.events import EventWriter

LOOKED_AT = 16  # images that tell size and colour where the manifest does not
SMALL_RATE = 4e-3  # AdamW, batches of 128: MNIST above 99.3 % in three epochs


@dataclass(frozen=True)
class Settled:
    """Every option decided, how images are placed, and the file that learning starts from (None: from scratch)."""

    config: Config
    preprocess: Preprocess
    weights: Path | None

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        weights = str(self.weights) if self.weights else None
        return {
            "config": self.config.model_dump(mode="json"), "preprocess": self.preprocess.plain(), "weights": weights
        }  # fmt: skip

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> "Settled":
        """From JSON."""
        weights = Path(values["weights"]) if values["weights"] else None
        return cls(Config.model_validate(values["config"]), Preprocess.read(values["preprocess"]), weights)

    def __str__(self) -> str:
        """In words."""
        begin = f"from {self.weights.name}" if self.weights else "from scratch"
        what = "the last layer of " if self.config.learn == "head" else ""
        side = f"{self.config.image_size} px squares ({self.config.colour})"
        return f"{what}{self.config.model} learns {begin}, on {side}"


def settle(config: Config, samples: Sequence[ClassifiedImage], events: EventWriter) -> Settled:
    """Decide what the config leaves open, by the samples of the training split. Raises ConfigError, WeightsMissing."""
    looked = [read_image(samples[number].path) for number in np.linspace(0, len(samples) - 1, LOOKED_AT).astype(int)]
    sides = _sides(samples, looked)
    small = max(sides) <= SMALL_SIDE
    config = config.model_copy(update={"model": model(config, max(sides))})
    weights = store.start(config, offer(config.model), events)
    if config.learn == "head" and weights is None:
        config = _without_weights(config, small, events)
    square = _square(config, weights, sides)
    if config.colour == "grey" or (config.colour == "auto" and config.model == SMALL and _without_colour(looked)):
        square = square.grey()
    return Settled(config.model_copy(update=_open(config, small, square)), square, weights)


def model(config: Config, side: int) -> str:
    """The network for the option `model`; `auto` beside a weights file is the network of that file."""
    if config.model == "auto" and config.weights not in ("auto", "pretrained", "none"):
        path = store.find(config.weights)
        return str(read_header(path).get("model") or named(path))
    return known(choose(config, side))


def _without_weights(config: Config, small: bool, events: EventWriter) -> Config:
    """A linear probe of random features is worth little: a small network that learns as a whole stands in.

    For small images that is the network of choice; for others a finding says what would be better.
    """
    if config.weights == "pretrained":
        raise WeightsMissing(f"expected pretrained weights of {config.model}, which has none; choose another model")
    if not small:
        finding = Finding(
            "warning", "probe_needs_weights", config.model, "pretrained weights for learn=head", "none",
            f"{SMALL} learns from scratch instead; put weights into {store.folders()[0]} for a better model",
        )  # fmt: skip
        events.write("finding", **asdict(finding))
    size = config.image_size or (0 if small else SMALL_SIDE)
    return config.model_copy(update={"model": SMALL, "learn": "all", "image_size": size})


def _square(config: Config, weights: Path | None, sides: Sequence[int]) -> Preprocess:
    told = read_header(weights) if weights else {}
    if told.get("model") == config.model and not config.image_size:
        return Preprocess.read(told["preprocess"])
    if config.model == SMALL:
        return preprocess_of(SMALL, config.image_size or min(int(np.median(sides)), SMALL_SIDE))
    return preprocess_of(config.model, config.image_size)


def _open(config: Config, small: bool, square: Preprocess) -> dict[str, Any]:
    scratch = config.model == SMALL
    rate = SMALL_RATE if scratch and config.optimizer == "AdamW" and not config.find_learning_rate else None
    return {
        "image_size": square.image_size,
        "batch": config.batch or (128 if scratch else 32),
        "crop": config.crop if config.crop is not None else 1.0 if small else 0.35,
        "mirror": config.mirror if config.mirror is not None else 0.0 if small else 0.5,
        "shift": config.shift if config.shift is not None else 0.1 if small else 0.0,
        "colour": "grey" if square.depth == 1 else "rgb",
        "learning_rate": config.learning_rate or rate,
    }


def _sides(samples: Sequence[ClassifiedImage], looked: Sequence[Any]) -> list[int]:
    """The longest side of every image, of those looked at where the manifest holds no sizes."""
    told = [max(sample.width, sample.height) for sample in samples if sample.width and sample.height]
    return told or [max(image.shape[:2]) for image in looked if image is not None] or [SMALL_SIDE + 1]


def _without_colour(looked: Sequence[Any]) -> bool:
    seen = [image for image in looked if image is not None]
    return bool(seen) and all((image[..., 0] == image[..., axis]).all() for image in seen for axis in (1, 2))
