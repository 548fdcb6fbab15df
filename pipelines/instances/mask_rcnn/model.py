"""torchvision's Mask R-CNN."""

from pathlib import Path
from typing import Any

from torch import nn
from torchvision.models import detection, mobilenet_v3_large
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import _mobilenet_extractor

from pipelines.rcnn import model
from pipelines.rcnn.model import Kind


def small(**given: Any) -> Any:
    """Mask R-CNN on the backbone of torchvision's `fasterrcnn_mobilenet_v3_large_320_fpn`, with its anchors and limits.

    It can start from the weights of that detector. `given` are the keywords of torchvision's own builders.
    """
    backbone = mobilenet_v3_large(weights=given.pop("weights_backbone"), norm_layer=nn.BatchNorm2d)
    del given["weights"]
    anchors = AnchorGenerator(((32, 64, 128, 256, 512),) * 3, ((0.5, 1.0, 2.0),) * 3)
    limits = {"rpn_pre_nms_top_n_test": 150, "rpn_post_nms_top_n_test": 150, "rpn_score_thresh": 0.05}
    extractor = _mobilenet_extractor(backbone, fpn=True, trainable_layers=6)
    return detection.MaskRCNN(extractor, rpn_anchor_generator=anchors, **{**limits, **given})


KIND = Kind(
    "instances",
    "mask_rcnn",
    {
        "maskrcnn_resnet50_fpn_v2": detection.maskrcnn_resnet50_fpn_v2,
        "maskrcnn_mobilenet_v3_large_320_fpn": small,
    },
    masks=True,
)


def adopt(weights: Path, checkpoint: Path) -> dict[str, Any]:
    """Make a checkpoint folder from our safetensors or torchvision's `.pth`; see `pipelines.instances.model.adopt`."""
    return model.adopt(KIND, weights, checkpoint)
