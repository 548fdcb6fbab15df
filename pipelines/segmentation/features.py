"""What a network of semantic masks sees in an image: the coarsest map of its encoder, averaged over the image."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from pipelines.predicting import Asked, Model
from pipelines.segmentation import model as networks
from pipelines.segmentation.config import Config
from pipelines.segmentation.data import shrink
from pipelines.segmentation.windows import WHOLE

Array = np.ndarray[Any, Any]


def embedder(asked: Asked[Config]) -> Model[torch.Tensor, Array]:
    """The model of a checkpoint; its results are vectors (d,). Large images are seen whole, at a smaller size."""
    about, device = networks.About.read(asked.checkpoint.preprocess), asked.job.device
    network = networks.load(asked.checkpoint, device)
    view = networks.view(network, about, asked.config)
    multiple, least = view.sides

    def prepare(_number: int, image: Array) -> torch.Tensor:
        small = shrink(shrink(image, about.image_size), WHOLE * view.window)
        return torch.from_numpy(np.ascontiguousarray(small[..., ::-1])).permute(2, 0, 1)

    @torch.inference_mode()
    def one(image: torch.Tensor) -> Any:
        inputs = view.normalised(image[None].to(device))
        height, width = (max(-(-side // multiple) * multiple, least) for side in image.shape[1:])
        inputs = torch.nn.functional.interpolate(inputs, (height, width), mode="bilinear", align_corners=False)
        return network.encoder(inputs)[-1].float().mean((2, 3))[0].cpu().numpy()

    def infer(images: Sequence[torch.Tensor]) -> list[Any]:
        return [one(image) for image in images]

    return Model(prepare, infer)
