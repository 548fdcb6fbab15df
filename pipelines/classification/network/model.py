"""Networks by name as plain PyTorch, where they start from, and checkpoints of them."""

import shutil
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import timm
import torch
from timm.data import ImageNetInfo, resolve_data_config
from torch import nn

from datasets.kinds import CLASSIFICATION
from pipelines.classification.config import SMALL
from pipelines.classification.network.files import State, header, read, save
from pipelines.classification.network.preprocess import Preprocess
from pipelines.classification.network.small_cnn import SmallCNN
from pipelines.errors import CheckpointError, ConfigError
from pipelines.families import Family
from pipelines.foreign.states import fits
from pipelines.runs import checkpoints

IMAGENET = 1000
TORCHVISION_STEM = "features.0.0.weight"  # of torchvision's MobileNetV2
PLAIN = {"mobilenetv2_100"}  # networks whose tensors torchvision holds in the same order under other names


def build(name: str, classes: int, preprocess: Preprocess, *, dropout: float = 0.0) -> nn.Module:
    """The network with random weights. Raises ConfigError for a name that timm does not know."""
    if name == SMALL:
        return SmallCNN(classes, preprocess.depth, preprocess.image_size, dropout)
    made: nn.Module = timm.create_model(
        known(name), pretrained=False, num_classes=classes, in_chans=preprocess.depth, drop_rate=dropout,
        **_sized(name, preprocess.image_size),
    )  # fmt: skip
    return made


def start(
    name: str, classes: Sequence[str], preprocess: Preprocess, weights: Path | None, *, dropout: float = 0.0
) -> nn.Module:
    """The network to train: from a file, all but a last layer of other classes, or random.

    timm's own loader fits the first layer to grey images and position embeddings to another size. Raises
    CheckpointError when the file holds another network.
    """
    if weights is None:
        return build(name, len(classes), preprocess, dropout=dropout)
    state, told = read(weights)
    same = told.get("classes") == list(classes)
    try:
        if name == SMALL:
            model: Any = SmallCNN(len(classes), preprocess.depth, preprocess.image_size, dropout)
            _load(model, state if same else {key: state[key] for key in state if not key.startswith("head.")}, same)
            return model  # type: ignore[no-any-return]
        model = _pretrained(name, state, preprocess, dropout)
    except (RuntimeError, KeyError) as error:
        raise CheckpointError(
            f"{weights}: expected the weights of {name}, found others: {_short(error)}; name the model that they are of"
        ) from error
    if not same:
        model.reset_classifier(len(classes))
    return model  # type: ignore[no-any-return]


def known(name: str) -> str:
    """The name itself. Raises ConfigError, with names alike, when timm knows no such model."""
    if name != SMALL and not timm.is_model(name.partition(".")[0]):
        alike = get_close_matches(name, [SMALL, *timm.list_models()], n=4)
        raise ConfigError(
            f"option 'model': expected auto, {SMALL} or a name that timm knows, found {name!r}; "
            f"{'alike are ' + ', '.join(alike) if alike else 'timm.list_models() names them'}"
        )
    return name


def preprocess_of(name: str, image_size: int = 0) -> Preprocess:
    """How timm's weights of this network were trained; `image_size` 0 is theirs, other sizes keep the rest."""
    if name == SMALL:
        return Preprocess(image_size)
    found = timm.get_pretrained_cfg(known(name))
    told = resolve_data_config(pretrained_cfg=found.to_dict() if found else {})
    mean, std = (tuple(float(value) for value in told[key]) for key in ("mean", "std"))
    return Preprocess(
        image_size or int(told["input_size"][1]), "RGB", mean, std, str(told["interpolation"]), float(told["crop_pct"])
    )


def load(checkpoint: checkpoints.Checkpoint, device: str) -> tuple[nn.Module, Preprocess]:
    """The model of a checkpoint folder in eval mode, and how it wants its images. Raises CheckpointError."""
    preprocess = Preprocess.read(checkpoint.preprocess)
    model = build(str(checkpoint.config["model"]), len(checkpoint.classes), preprocess)
    try:
        _load(model, read(checkpoint.weights)[0])
    except RuntimeError as error:
        raise CheckpointError(f"{checkpoint.weights}: expected weights of its model, found {_short(error)}") from error
    return model.to(device).eval(), preprocess


def adopt(weights: Path, checkpoint: Path, _task: str, _family: Family) -> dict[str, Any]:
    """Make a checkpoint folder from our safetensors or a state dict of timm's; see `pipelines.adopting`.

    Which network a foreign file holds is told by its name, such as `resnet18.a1_in1k.safetensors`.
    """
    state, told = read(weights)
    try:
        name = known(told.get("model") or named(weights))
        preprocess = Preprocess.read(told["preprocess"]) if told else preprocess_of(name)
        state = _as_timm(name, state)
        classes = told.get("classes") or _imagenet(weights, _outputs(name, state))
        fits(weights, state, lambda: build(name, len(classes), preprocess))
        model = build(name, len(classes), preprocess)
        _load(model, state)
    except (RuntimeError, ConfigError) as error:
        raise CheckpointError(f"{weights}: expected the weights of a network, found {_short(error)}") from error
    config = {"model": name, "image_size": preprocess.image_size}
    made = keep(checkpoint, model.state_dict(), config, classes, told.get("kind", CLASSIFICATION.name), preprocess, {})
    return {"classes": list(made.classes), "sha256": made.sha256, "family": "network", "model": name}


def keep(  # noqa: PLR0917 - what a checkpoint is made of
    folder: Path,
    state: Mapping[str, torch.Tensor],
    config: Mapping[str, Any],
    classes: Sequence[str],
    kind: str,
    preprocess: Preprocess,
    metrics: Mapping[str, float],
) -> checkpoints.Checkpoint:
    """Write the checkpoint folder of a network."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    file = folder.with_name(f"{folder.name}-weights") / "best.safetensors"
    file.parent.mkdir(exist_ok=True)
    try:
        save(file, state, header(str(config["model"]), classes, kind, preprocess))
        return checkpoints.save(
            folder, file, task="classification", family="network", kind=kind, config=config, classes=classes,
            preprocess=preprocess.plain(), metrics=metrics,
        )  # fmt: skip
    finally:
        shutil.rmtree(file.parent)


def named(weights: Path) -> str:
    """The network that a file is named after, the longest name that fits. Raises CheckpointError for none."""
    stem = weights.name.replace("mobilenet_v2-", "mobilenetv2_100-")
    fitting = [name for name in timm.list_models() if stem.startswith(name) and not stem[len(name)].isalnum()]
    if not fitting:
        raise CheckpointError(
            f"{weights}: expected a file named after its network, such as resnet18.safetensors, "
            f"found {weights.name}; rename it"
        )
    return str(max(fitting, key=len))


def linear_head(model: nn.Module) -> nn.Linear:
    """The last layer. Raises ConfigError when it is no linear one."""
    head = model.get_classifier()  # type: ignore[operator]
    if not isinstance(head, nn.Linear):
        raise ConfigError(
            f"option 'learn': expected a model whose last layer is linear, found {type(head).__name__}; take learn=all"
        )
    return head


def _pretrained(name: str, state: State, preprocess: Preprocess, dropout: float) -> Any:
    """As `timm.create_model(pretrained=True)`, with the tensors given; strict, with the last layer that they have."""
    state = _as_timm(name, state)
    rows = _outputs(name, state)
    return timm.create_model(
        known(name), pretrained=True, num_classes=rows, in_chans=preprocess.depth, drop_rate=dropout,
        pretrained_cfg_overlay={"state_dict": state, "num_classes": rows, "custom_load": False},
        **_sized(name, preprocess.image_size),
    )  # fmt: skip


def _sized(name: str, image_size: int) -> dict[str, Any]:
    """Transformers are built for one size."""
    told = timm.get_pretrained_cfg(name)
    fixed = told is not None and told.fixed_input_size and image_size
    return {"img_size": image_size} if fixed else {}


def _outputs(name: str, state: Mapping[str, torch.Tensor]) -> int:
    """Rows of the last layer in a file; 0 without one."""
    told = timm.get_pretrained_cfg(name)
    head = told.classifier if told else None
    rows = state.get(f"{head}.weight") if isinstance(head, str) else None
    return 0 if rows is None else len(rows)


def _as_timm(name: str, state: State) -> State:
    """torchvision's MobileNetV2 holds the tensors of timm's in the same order, under other names."""
    if name.partition(".")[0] not in PLAIN or TORCHVISION_STEM not in state:
        return state
    keys = timm.create_model(name, pretrained=False).state_dict().keys()
    return dict(zip(keys, state.values(), strict=False))


def _load(model: nn.Module, state: State, strict: bool = True) -> None:
    """Raises RuntimeError when tensors other than those of the last layer are missing."""
    missing = model.load_state_dict(state, strict=strict).missing_keys
    body = [key for key in missing if not key.startswith("head.")]
    if body:
        raise RuntimeError(f"a file without {body[0]}")


def _imagenet(weights: Path, rows: int) -> list[str]:
    """ImageNet's classes; names that two of them share are told apart by their ids in WordNet."""
    if rows != IMAGENET:
        raise CheckpointError(f"{weights}: expected {IMAGENET} classes of ImageNet, found {rows} without names")
    info = ImageNetInfo("imagenet-1k")
    names = [info.index_to_description(number).partition(",")[0] for number in range(rows)]
    return [
        name if names.count(name) == 1 else f"{name} ({info.index_to_label_name(number)})"
        for number, name in enumerate(names)
    ]


def _short(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:2])[:300] or type(error).__name__
