"""torchvision's R-CNN networks as plain PyTorch, and their files."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn
from torchvision.models import detection, mobilenet_v3_large
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import _mobilenet_extractor

from pipelines.errors import CheckpointError
from pipelines.families import Family
from pipelines.foreign import states
from pipelines.runs import checkpoints

SIGNS = {"resnet50": "backbone.body.layer4.2.conv3.weight", "mobilenet": "backbone.body.0.0.weight"}
SCORES, MASKS = "roi_heads.box_predictor.cls_score.weight", "roi_heads.mask_predictor.mask_fcn_logits.weight"
HEADS = ("roi_heads.box_predictor.", "roi_heads.mask_head.", "roi_heads.mask_predictor.")
COCO = 91  # outputs of torchvision's own weights, background first


@dataclass(frozen=True)
class Networks:
    """Networks of one shape.

    `builders` make them by name (keywords as of torchvision's builders). `masks`: whether they predict masks.
    """

    builders: Mapping[str, Callable[..., Any]]
    masks: bool

    def build(self, name: str, classes: int, image_size: int) -> Any:
        """The network with random weights; outputs: background and `classes`; longest side of its input."""
        return self.builders[name](
            weights=None, weights_backbone=None, num_classes=classes + 1, min_size=image_size, max_size=image_size
        )


def small_mask_rcnn(**given: Any) -> Any:
    """Mask R-CNN on the backbone of torchvision's `fasterrcnn_mobilenet_v3_large_320_fpn`, with its anchors and limits.

    It can start from the weights of that detector. `given` are the keywords of torchvision's own builders.
    """
    backbone = mobilenet_v3_large(weights=given.pop("weights_backbone"), norm_layer=nn.BatchNorm2d)
    del given["weights"]
    anchors = AnchorGenerator(((32, 64, 128, 256, 512),) * 3, ((0.5, 1.0, 2.0),) * 3)
    limits = {"rpn_pre_nms_top_n_test": 150, "rpn_post_nms_top_n_test": 150, "rpn_score_thresh": 0.05}
    extractor = _mobilenet_extractor(backbone, fpn=True, trainable_layers=6)
    return detection.MaskRCNN(extractor, rpn_anchor_generator=anchors, **{**limits, **given})


FASTER = Networks(
    {
        "fasterrcnn_resnet50_fpn_v2": detection.fasterrcnn_resnet50_fpn_v2,
        "fasterrcnn_mobilenet_v3_large_320_fpn": detection.fasterrcnn_mobilenet_v3_large_320_fpn,
    },
    masks=False,
)
MASK = Networks(
    {
        "maskrcnn_resnet50_fpn_v2": detection.maskrcnn_resnet50_fpn_v2,
        "maskrcnn_mobilenet_v3_large_320_fpn": small_mask_rcnn,
    },
    masks=True,
)
NETWORKS: Mapping[str, Networks] = {"faster": FASTER, "mask": MASK}  # by the part that a family names


def start(networks: Networks, name: str, classes: int, image_size: int, weights: Path | None) -> Any:
    """The network to train: from a file, or random.

    What the file lacks of the last layers, because its classes differ or it predicts no masks, stays random.
    """
    model = networks.build(name, classes, image_size)
    if weights is None:
        return model
    state, wanted = states.read(weights).state, model.state_dict()
    fitting = {key: value for key, value in state.items() if key in wanted and value.shape == wanted[key].shape}
    missing = [key for key in wanted if key not in fitting and "num_batches" not in key and not key.startswith(HEADS)]
    if missing:
        raise CheckpointError(f"{weights}: expected the weights of {name}, found a file without {missing[0]}")
    model.load_state_dict(fitting, strict=False)
    return model


def freeze(model: Any, stages: int) -> None:
    """Freeze the first `stages` of the backbone."""
    for stage in list(model.backbone.body.children())[:stages]:
        stage.requires_grad_(False)


def save(state: Mapping[str, torch.Tensor], path: Path, name: str, classes: Sequence[str], image_size: int) -> None:
    """Write safetensors whose header names model, classes and image size: the file alone rebuilds the model."""
    header = {"model": name, "classes": json.dumps(list(classes)), "image_size": str(image_size)}
    save_file({key: value.contiguous().cpu() for key, value in state.items()}, path, metadata=header)


def load(networks: Networks, checkpoint: checkpoints.Checkpoint, device: str) -> Any:
    """The model of a checkpoint folder, in eval mode."""
    size = int(checkpoint.preprocess["image_size"])
    model = networks.build(str(checkpoint.config["model"]), len(checkpoint.classes), size)
    _fill(model, states.read(checkpoint.weights).state, checkpoint.weights)
    return model.to(device).eval()


def preprocess(image_size: int) -> dict[str, Any]:
    """How an image becomes the model's input; torchvision's model does it itself."""
    return {
        "image_size": image_size, "resize": "longest side, bilinear", "pad": "zeros, right and below",
        "stride": 32, "channels": "RGB", "range": [0, 1],
        "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225],
    }  # fmt: skip


def adopt(weights: Path, checkpoint: Path, task: str, family: Family) -> dict[str, Any]:
    """Make a checkpoint folder from our safetensors or torchvision's `.pth`.

    Returns `classes`, `sha256`, `family`, `model`. Raises CheckpointError when it is no such model.
    """
    networks, found = NETWORKS[family.part], states.read(weights)
    state = found.state
    name = _name(networks, state, found.header)
    if name is None or SCORES not in state or (MASKS in state) != networks.masks:
        raise CheckpointError(
            f"{weights}: expected the weights of {' or '.join(networks.builders)}, found another model"
        )
    size = found.side(found.told("image_size", 320 if "320" in name else 800))
    classes = found.classes(found.told("classes")) if "classes" in found.header else _coco(weights, state)
    if len(classes) + 1 != len(state[SCORES]):
        raise found.wrong(f"{len(state[SCORES]) - 1} class names, one for each output", f"{len(classes)}")
    _fill(networks.build(name, len(classes), size), state, weights)
    made = checkpoints.save(
        checkpoint, weights, task=task, family=family.name, config={"model": name, "image_size": size},
        classes=classes, preprocess=preprocess(size), metrics={},
    )  # fmt: skip
    return {"classes": list(made.classes), "sha256": made.sha256, "family": family.name, "model": name}


def _name(networks: Networks, state: Mapping[str, torch.Tensor], header: Mapping[str, str]) -> str | None:
    """Which network it is: by what the file says, else by its backbone."""
    if header.get("model") in networks.builders:
        return header["model"]
    body = next((part for part, sign in SIGNS.items() if sign in state), "no backbone that is known")
    return next((name for name in networks.builders if body in name), None)


def _coco(weights: Path, state: Mapping[str, torch.Tensor]) -> list[str]:
    found = len(state[SCORES])
    if found != COCO:
        raise CheckpointError(
            f"{weights}: expected class names in the file, or the {COCO} outputs of COCO; found {found} without names"
        )
    names = detection.FasterRCNN_ResNet50_FPN_V2_Weights.COCO_V1.meta["categories"][1:]
    return [name if name != "N/A" else f"N/A {number}" for number, name in enumerate(names, 1)]


def _fill(model: Any, state: Mapping[str, torch.Tensor], weights: Path) -> None:
    """Take all tensors of a network from a file. Raises CheckpointError when one is missing or has another shape."""
    for key, value in model.state_dict().items():
        if "num_batches" not in key and (key not in state or state[key].shape != value.shape):
            raise CheckpointError(f"{weights}: expected a whole network with {key} {tuple(value.shape)}, found another")
    model.load_state_dict(state, strict=False)
