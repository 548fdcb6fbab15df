"""Faster R-CNN on any images, batch by batch."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from pipelines.checkpoints import Checkpoint
from pipelines.detection.config import Config
from pipelines.detection.data import Sample
from pipelines.detection.faster_rcnn.model import load
from pipelines.detection.results import Boxes
from pipelines.images import read_image


class _Images(Dataset[tuple[int, torch.Tensor | None]]):
    def __init__(self, samples: Sequence[Sample]) -> None:
        self.samples = samples

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, number: int) -> tuple[int, torch.Tensor | None]:
        image = read_image(self.samples[number].path)
        if image is None:
            return number, None
        return number, torch.from_numpy(np.ascontiguousarray(image[..., ::-1].transpose(2, 0, 1)))


def predict(
    checkpoint: Checkpoint, samples: Sequence[Sample], config: Config, device: str
) -> Iterator[list[tuple[int, Boxes | None]]]:
    """Yield batches of (number of the sample, its boxes); None for an image that cannot be read."""
    model = load(checkpoint, device)
    heads = model.roi_heads
    heads.score_thresh, heads.nms_thresh, heads.detections_per_img = (
        config.confidence,
        config.nms_iou,
        config.max_detections,
    )
    loader = DataLoader(
        _Images(samples), batch_size=config.predict_batch, collate_fn=list,
        num_workers=0 if device == "cpu" else config.workers,
    )  # fmt: skip
    for batch in loader:
        readable = [(number, image) for number, image in batch if image is not None]
        with torch.inference_mode():
            outputs = model([image.to(device).float() / 255 for _, image in readable]) if readable else []
        found = {number: _boxes(output, image) for (number, image), output in zip(readable, outputs, strict=True)}
        yield [(number, found.get(number)) for number, _ in batch]


def _boxes(output: dict[str, torch.Tensor], image: torch.Tensor) -> Boxes:
    height, width = image.shape[1:]
    values = {name: value.cpu().double().numpy() for name, value in output.items()}
    corners = values["boxes"] / np.array([width, height, width, height])
    return Boxes.from_corners(corners, values["scores"], values["labels"].astype(np.int64) - 1)
