"""Networks of segmentation-models-pytorch as plain PyTorch, and their files."""

import json
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import torch
from safetensors.torch import save_file

from datasets.kinds import SEGMENTATION
from pipelines.errors import CheckpointError, ConfigError
from pipelines.families import Family
from pipelines.foreign import states
from pipelines.runs import checkpoints
from pipelines.segmentation.config import Architecture, Config
from pipelines.segmentation.windows import View

WORD = re.compile(r"[\w.-]{1,100}")  # no address and no folder, which timm would open
HEAD = "segmentation_head."
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HALF = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
# Encoders of SMP whose ImageNet weights were trained with other values (`pretrained_settings` of SMP 0.3).
MEANS = {"xception": HALF, "inceptionv4": HALF, "inceptionresnetv2": HALF}
DPN = ((124 / 255, 117 / 255, 104 / 255), (1 / (0.0167 * 255),) * 3)
STRIDE = 32
SMALLEST = 128  # of PAN, whose attention pools the coarsest features three times


@dataclass(frozen=True)
class About:
    """What rebuilds a network, and says what goes in and comes out: the header of a weights file, `preprocess.json`.

    `targets` are the values of the masks, in the order of the outputs, with their names.
    """

    architecture: str
    encoder: str
    targets: Mapping[int, str]
    window: int
    image_size: int

    @classmethod
    def of(cls, config: Config, targets: Mapping[int, str]) -> "About":
        """Of a training."""
        return cls(config.architecture, config.model, targets, config.window_size, config.image_size)

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> "About":
        """From `preprocess.json`. Raises CheckpointError."""
        try:
            targets = {int(value): str(name) for value, name in given["targets"].items()}
            return cls(given["architecture"], given["encoder"], targets, int(given["window"]), int(given["image_size"]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise CheckpointError(
                f"expected a description of a network of semantic segmentation, found {dict(given)} ({error!r})"
            ) from error

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the outputs."""
        return tuple(self.targets.values())

    def written(self) -> dict[str, Any]:
        """As `preprocess.json`."""
        mean, std = normalisation(self.encoder)
        return {
            "architecture": self.architecture, "encoder": self.encoder,
            "targets": {str(value): name for value, name in self.targets.items()},
            "image_size": self.image_size, "window": self.window, "channels": "RGB", "range": [0, 1],
            "mean": list(mean), "std": list(std), "pad": "edge, right and below",
            "stride": STRIDE, "output": "logits (n, classes, height, width)",
        }  # fmt: skip


def build(architecture: str, encoder: str, classes: int) -> Any:
    """The network with random weights; input (n, 3, h, w) normalised RGB, output logits (n, classes, h, w).

    Raises ConfigError for an encoder that does not exist, or that the architecture cannot use.
    """
    import segmentation_models_pytorch as smp

    given = {"dynamic_img_size": True} if architecture == "dpt" else {}
    if encoder.startswith("timm-"):
        raise ConfigError(f"option 'model': expected tu-{encoder[5:]}, the encoder of timm, found {encoder!r}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return smp.create_model(architecture, encoder, encoder_weights=None, classes=classes, **given)
    except (KeyError, ValueError, RuntimeError, TypeError) as error:
        raise ConfigError(
            f"option 'model': expected an encoder that {architecture} can use, such as mobilenet_v2, resnet34 or "
            f"tu-<model of timm>; found {encoder!r}: {str(error).splitlines()[0][:300]}"
        ) from error


def start(config: Config, classes: int, weights: Path | None) -> Any:
    """The network to train: random, or with weights from a file.

    The file holds an encoder (as torchvision, timm or SMP write it) or a whole network of ours, whose last layer is
    taken only when it has as many classes. Raises CheckpointError when it belongs to another network.
    """
    model = build(config.architecture, config.model, classes)
    if weights is None:
        return model
    state = states.read(weights).state
    if any(name.startswith(HEAD) for name in state):
        _fill(model, state, weights, skipped=HEAD)
    else:
        _fill(model.encoder, state, weights)
    return model


def _fill(module: torch.nn.Module, state: Mapping[str, torch.Tensor], weights: Path, skipped: str = "\0") -> None:
    """Copy every tensor of a module out of a state; parts whose names begin with `skipped` may differ.

    timm names `blocks.0.1` what its feature extractors name `blocks_0.1`, and SMP puts `model.` before.
    """
    plain = {_plain(name): value for name, value in state.items()}
    wanted = module.state_dict()
    found = {name: plain[_plain(name)] for name in wanted if _plain(name) in plain}
    fitting = {name: value.float() if value.is_floating_point() else value for name, value in found.items()
               if value.shape == wanted[name].shape}  # fmt: skip
    needed = (name for name in wanted if not name.startswith(skipped) and "num_batches_tracked" not in name)
    missing = [name for name in needed if name not in fitting]
    if missing:
        what = f"{tuple(found[missing[0]].shape)}" if missing[0] in found else "none"
        raise CheckpointError(
            f"{weights}: expected the weights of this network, {missing[0]} with {tuple(wanted[missing[0]].shape)} "
            f"among them; found {what}; choose the weights of the same encoder, or weights=none"
        )
    torch.nn.Module.load_state_dict(module, fitting, strict=False)


def _plain(name: str) -> str:
    return name.removeprefix("model.").replace(".", "_")


def normalisation(encoder: str) -> tuple[Sequence[float], Sequence[float]]:
    """Mean and standard deviation (RGB, of pixels in [0, 1]) that an encoder's pretrained weights expect."""
    if encoder.startswith("tu-"):
        import timm

        found = timm.get_pretrained_cfg(encoder[3:], allow_unregistered=True)
        return (tuple(found.mean), tuple(found.std)) if found else IMAGENET
    return DPN if encoder.startswith("dpn") else MEANS.get(encoder, IMAGENET)


def sides(model: Any) -> tuple[int, int]:
    """What the sides of the input must be multiples of, and their smallest length, in pixels."""
    import segmentation_models_pytorch as smp

    if isinstance(model, smp.DPT):
        side = 2 * int(model.encoder.output_stride)  # its decoder halves the grid of patches
        return side, side
    return STRIDE, SMALLEST if isinstance(model, smp.PAN) else STRIDE


def view(model: Any, about: About, config: Config) -> View:
    """How the network looks at images; windows as `config` says, else as in training."""
    mean, std = normalisation(about.encoder)
    return View(
        mean, std, sides(model), config.window or about.window, config.overlap, config.flip, config.predict_batch
    )


def save(state: Mapping[str, torch.Tensor], path: Path, about: About) -> None:
    """Write safetensors whose header says what rebuilds the network: the file alone is enough."""
    header = {"foveal": json.dumps({"task": "segmentation", **about.written()})}
    save_file({name: value.contiguous().cpu() for name, value in state.items()}, path, metadata=header)


def keep(folder: Path, weights: Path, about: About, config: Mapping[str, Any], metrics: Mapping[str, Any]) -> None:
    """Write the checkpoint folder."""
    checkpoints.save(
        folder, weights, task="segmentation", family="smp", config=config, classes=about.classes,
        preprocess=about.written(), metrics=metrics, kind=SEGMENTATION.name,
    )  # fmt: skip


def load(checkpoint: checkpoints.Checkpoint, device: str) -> Any:
    """The network of a checkpoint folder, in eval mode."""
    about = About.read(checkpoint.preprocess)
    model = build(about.architecture, about.encoder, len(about.targets))
    _fill(model, states.read(checkpoint.weights).state, checkpoint.weights)
    return model.to(device).eval()


def adopt(weights: Path, checkpoint: Path, _task: str, _family: Family) -> Mapping[str, Any]:
    """Make a checkpoint folder from a weights file that a run of ours left.

    Returns `classes`, `sha256`, `family`, `model`. Raises CheckpointError when the file is another.
    """
    try:
        found = states.read(weights)
        header = found.told("foveal", {})
        reason = "another file"
    except CheckpointError as error:
        header, reason = None, str(error).removeprefix(f"{weights}: ")
    if not isinstance(header, dict) or header.get("task") != "segmentation":
        raise CheckpointError(
            f"{weights}: expected safetensors of semantic segmentation as a run leaves them in its checkpoint folder, "
            f"found {reason}; an encoder alone is no model: name it as option weights of a training"
        )
    about = _checked(found, header)
    try:
        states.fits(weights, found.state, lambda: build(about.architecture, about.encoder, len(about.targets)))
        _fill(build(about.architecture, about.encoder, len(about.targets)), found.state, weights)
    except ConfigError as error:
        raise CheckpointError(f"{weights}: expected a network that can be built, found {error}") from error
    options = {"architecture": about.architecture, "model": about.encoder, "image_size": about.image_size}
    keep(checkpoint, weights, about, {**options, "window": about.window}, {})
    made = checkpoints.load(checkpoint)
    return {"classes": list(made.classes), "sha256": made.sha256, "family": "smp", "model": about.encoder}


def _checked(found: states.Weights, header: Mapping[str, Any]) -> About:
    about = About.read(header)
    found.classes(list(about.classes))
    found.side(about.window)
    if about.image_size:  # 0: as large as they are
        found.side(about.image_size)
    words = (about.architecture, about.encoder)
    if about.architecture not in get_args(Architecture) or not all(map(WORD.fullmatch, words)):
        raise found.wrong("the names of an architecture and an encoder in its header", "others")
    if not all(0 <= value <= 255 for value in about.targets):
        raise found.wrong("mask values from 0 to 255 in its header", "others")
    return about
