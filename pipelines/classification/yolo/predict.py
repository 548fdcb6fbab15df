"""YOLO-cls on any images, batch by batch, placed as Ultralytics places them."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from pipelines.classification.config import Config
from pipelines.images import read_image
from pipelines.runs.checkpoints import Checkpoint
from pipelines.yolo.model import load

Array = np.ndarray[Any, Any]


class _Images(Dataset[tuple[int, torch.Tensor | None]]):
    def __init__(self, paths: Sequence[str], size: int) -> None:
        from ultralytics.data.augment import classify_transforms

        self.paths, self.place = paths, classify_transforms(size)

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, number: int) -> tuple[int, torch.Tensor | None]:
        image = read_image(self.paths[number])
        return number, None if image is None else self.place(Image.fromarray(image[..., ::-1]))


def predict(
    checkpoint: Checkpoint, paths: Sequence[str], config: Config, device: str
) -> Iterator[list[tuple[int, Array | None]]]:
    """Yield batches of (number of the path, its logits (k,)); None for an image that cannot be read."""
    model, _ = load(checkpoint.weights, "classify", device, fuse=True)
    batches = DataLoader(
        _Images(paths, int(checkpoint.preprocess["image_size"])), batch_size=config.predict_batch, collate_fn=list,
        num_workers=0 if device == "cpu" else config.workers,
    )  # fmt: skip
    for batch in batches:
        readable = [(number, image) for number, image in batch if image is not None]
        logits = _logits(model, [image.to(device) for _, image in readable])
        found = {number: row for (number, _), row in zip(readable, logits, strict=True)}
        yield [(number, found.get(number)) for number, _ in batch]


@torch.inference_mode()
def _logits(model: Any, images: Sequence[torch.Tensor]) -> Array:
    """What the last layer says before the softmax: Ultralytics' models return both."""
    if not images:
        return np.zeros((0, 0))
    logits: torch.Tensor = model(torch.stack(list(images)))[1]
    return logits.float().cpu().numpy()
