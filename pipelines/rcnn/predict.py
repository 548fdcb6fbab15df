"""R-CNN on any images, batch by batch."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from pipelines.images import read_image
from pipelines.objects.data import Sample
from pipelines.objects.found import Found, from_corners, pixels_of
from pipelines.objects.options import ObjectsConfig
from pipelines.objects.predict import Batches
from pipelines.rcnn.model import Kind, load
from pipelines.runs.checkpoints import Checkpoint

Array = np.ndarray[Any, Any]


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
    kind: Kind, checkpoint: Checkpoint, samples: Sequence[Sample], config: ObjectsConfig, device: str
) -> Batches:
    """Yield batches of (number of the sample, what was found); None for an image that cannot be read."""
    model = load(kind, checkpoint, device)
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
        found = {
            number: _found(output, image, config.max_detections)
            for (number, image), output in zip(readable, outputs, strict=True)
        }
        yield [(number, found.get(number)) for number, _ in batch]


def _found(output: dict[str, torch.Tensor], image: torch.Tensor, most: int) -> Found:
    height, width = image.shape[1:]
    values = {name: output[name].cpu().double().numpy() for name in ("boxes", "scores", "labels")}
    corners = values["boxes"] / np.array([width, height, width, height])
    found, rows = from_corners(corners, values["scores"], values["labels"].astype(np.int64) - 1)
    found = replace(found, cut=len(values["scores"]) >= most)
    if "masks" not in output:
        return found
    drawn = (output["masks"][:, 0] > 0.5).cpu().numpy()  # torchvision's threshold for masks in its examples
    places = pixels_of(found.xywh, (width, height)).clip(0).tolist()
    masks = [
        np.asarray(drawn[row, top:bottom, left:right], np.uint8) * 255
        for row, (left, top, right, bottom) in zip(rows.tolist(), places, strict=True)
    ]
    return found.with_masks(masks)
