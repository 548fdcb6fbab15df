"""How an image becomes what a network sees: the same at training and at prediction."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

Array = np.ndarray[Any, Any]
LONG = 50_000_000  # pixels of a scaled image; of longer ones only the square itself is made


@dataclass(frozen=True)
class Preprocess:
    """The square that a network sees, side `image_size`: the middle of an image whose shorter side is that / `crop`.

    `channels` is RGB or grey; values in [0, 1] have `mean` taken off and are divided by `std`.
    """

    image_size: int
    channels: str = "RGB"
    mean: tuple[float, ...] = (0.5, 0.5, 0.5)
    std: tuple[float, ...] = (0.5, 0.5, 0.5)
    interpolation: str = "bilinear"
    crop: float = 1.0

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> "Preprocess":
        """From the JSON of a checkpoint."""
        return cls(
            int(values["image_size"]), str(values["channels"]), tuple(values["mean"]), tuple(values["std"]),
            str(values["interpolation"]), float(values["crop"]),
        )  # fmt: skip

    def plain(self) -> dict[str, Any]:
        """As JSON, with what a person wants to know."""
        return {
            **asdict(self), "mean": list(self.mean), "std": list(self.std), "range": [0, 1],
            "resize": "shorter side to image_size / crop, then the middle",
        }  # fmt: skip

    @property
    def depth(self) -> int:
        """Channels of the input."""
        return 1 if self.channels == "grey" else 3

    def grey(self) -> "Preprocess":
        """The same for one channel, with the mean of what the three have."""
        mean, std = ((float(np.mean(values)),) for values in (self.mean, self.std))
        return Preprocess(self.image_size, "grey", mean, std, self.interpolation, self.crop)

    def coloured(self, image: Array) -> Array:
        """A BGR image (h, w, 3) in the channels of the network: (h, w, 3) RGB or (h, w, 1), uint8."""
        import cv2

        if self.depth == 1:
            return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))[..., None]
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))

    def place(self, image: Array) -> Array:
        """The square (s, s, c) of an image (h, w, c), as torchvision's Resize and CenterCrop cut it for timm."""
        height, width = image.shape[:2]
        (w, h), (left, top) = self._layout(width, height)
        if w * h > LONG:
            part = left * width / w, top * height / h, (left + self.image_size) * width / w
            return self.scaled(image, (self.image_size,) * 2, (*part, (top + self.image_size) * height / h))
        scaled = image if (w, h) == (width, height) else self.scaled(image, (w, h), (0, 0, width, height))
        return scaled[top : top + self.image_size, left : left + self.image_size]

    def part(self, width: int, height: int) -> tuple[int, int, int, int]:
        """The part (left, top, right, bottom in pixels) of an image that the network sees."""
        (w, h), (left, top) = self._layout(width, height)
        across, down = width / w, height / h
        right, bottom = left + self.image_size, top + self.image_size
        return round(left * across), round(top * down), round(right * across), round(bottom * down)

    def _layout(self, width: int, height: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """The size (w, h) that an image is scaled to, and where (left, top) the square begins."""
        short = int(self.image_size / self.crop)
        long = int(short * max(height, width) / min(height, width))
        size = (short, long) if height > width else (long, short)
        return size, (round((size[0] - self.image_size) / 2), round((size[1] - self.image_size) / 2))

    def scaled(self, image: Array, size: tuple[int, int], part: tuple[float, float, float, float]) -> Array:
        """The `part` (left, top, right, bottom in pixels) of an image (h, w, c), scaled to `size` (w, h) by Pillow."""
        from PIL import Image

        method = Image.Resampling[self.interpolation.upper()]
        single = image.shape[2] == 1
        made = np.asarray(Image.fromarray(image[..., 0] if single else image).resize(size, method, box=part))
        return made[..., None] if single else made

    def normalise(self, pixels: torch.Tensor) -> torch.Tensor:
        """What the network takes (n, c, h, w), from uint8 of the same shape."""
        mean, std = (torch.tensor(values, device=pixels.device).view(1, -1, 1, 1) for values in (self.mean, self.std))
        return pixels.float().sub_(mean * 255).div_(std * 255)
