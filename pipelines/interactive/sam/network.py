"""A network of the SAM family in memory: images in, what it saw out; prompts in, masks out.

Sizes and steps follow the authors' `SamPredictor` and `SAM2ImagePredictor`; the modules are Ultralytics'.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from pipelines.errors import CheckpointError
from pipelines.foreign import states
from pipelines.images import Array
from pipelines.interactive.prompts import Prompt, Size
from pipelines.interactive.sam.offers import Network

SIDE = 1024  # pixels of a side of what the network looks at
COARSE = 256  # and of the masks that it gives
MEAN, SPREAD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)  # of ImageNet, RGB
BUILDERS = {
    "mobile_sam": "build_mobile_sam",
    **{f"sam2{version}_{size}": f"build_sam2_{size}" for version in ("", ".1") for size in "tsbl"},
}
# What SAM 2 remembers of other frames of a video: not needed for an image, and 2.1 has more of it than is built here.
MEMORY = (
    "memory_attention.",
    "memory_encoder.",
    "obj_ptr_",
    "mask_downsample.",
    "maskmem_",
    "no_obj_",
    "no_mem_pos_enc",
)


@dataclass(frozen=True)
class Seen:
    """What a network saw in an image of `size` (width, height): maps (channels, h, w) fp16, the coarsest first."""

    size: Size
    maps: tuple[NDArray[np.float16], ...]

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        return sum(one.nbytes for one in self.maps)


@dataclass(frozen=True)
class Guess:
    """A coarse mask (COARSE, COARSE) float32 of what the network looked at, inside above 0, and its estimated IoU."""

    mask: NDArray[np.float32]
    score: float


class Sam:
    """A network with its weights. Raises CheckpointError when a file has others."""

    def __init__(self, network: Network, state: Mapping[str, torch.Tensor], device: str) -> None:
        self.second = network.generation == 2
        self.device, self.threads = device, torch.get_num_threads()
        self.model: Any = _built(network, state).to(device)
        self.mean, self.spread = (torch.tensor(one, device=device).view(3, 1, 1) for one in (MEAN, SPREAD))

    @classmethod
    def load(cls, network: Network, path: Path, device: str) -> "Sam":
        """The network with the weights of a file. Raises CheckpointError."""
        return cls(network, states.read(path).state, device)

    def inner(self, size: Size) -> Size:
        """Width and height in pixels that an image of `size` has inside what the network looks at."""
        if self.second:
            return SIDE, SIDE
        scale = SIDE / max(size)
        return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))

    @torch.inference_mode()
    def see(self, image: Array) -> Seen:
        """Look at an image (height, width, 3) uint8 BGR: the slow part, once per image."""
        size = image.shape[1], image.shape[0]
        wide, high = self.inner(size)
        shrinks = wide * high < size[0] * size[1]
        small = cv2.resize(image, (wide, high), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        pixels = torch.from_numpy(np.ascontiguousarray(small[:, :, ::-1])).to(self.device).permute(2, 0, 1).float()
        inputs = torch.zeros((1, 3, SIDE, SIDE), device=self.device)
        inputs[0, :, :high, :wide] = (pixels - self.mean) / self.spread
        with _threads(self.threads):
            maps = self._second_maps(inputs) if self.second else [self.model.image_encoder(inputs)]
        return Seen(size, tuple(one[0].to("cpu", torch.float16).numpy() for one in maps))

    def _second_maps(self, inputs: torch.Tensor) -> Sequence[torch.Tensor]:
        out = self.model.forward_image(inputs)
        fine, middle, coarse = out["backbone_fpn"][-3:]
        return coarse + self.model.no_mem_embed.view(1, -1, 1, 1), middle, fine

    @torch.inference_mode()
    def guess(self, seen: Seen, prompt: Prompt, before: Guess | None = None) -> Guess:
        """The mask that a prompt asks for; `before` is that of the same prompt without its last click.

        For a single click, which may mean a thing or a part of it, the best of three by the network's own estimate.
        """
        points, labels = self._prompt(seen.size, prompt)
        mask = torch.from_numpy(before.mask).to(self.device)[None, None] if before else None
        several = len(prompt.points) == 1 and prompt.box is None
        with _threads(1):  # two took three times as long on a busy machine: its layers are small
            masks, scores = self._decode(seen, points, labels, mask, several)
        best = int(scores[0].argmax())
        return Guess(masks[0, best].float().cpu().numpy(), float(scores[0, best]))

    def _prompt(self, size: Size, prompt: Prompt) -> tuple[torch.Tensor, torch.Tensor]:
        """Points (1, n, 2) in what the network looks at, and labels (1, n): 1 inside, 0 outside, 2 and 3 corners."""
        points, labels = prompt.clicks(size).tolist(), [int(one.inside) for one in prompt.points]
        if (corners := prompt.corners(size)) is not None:
            points, labels = [corners[:2], corners[2:], *points], [2, 3, *labels]
        scale = np.array(self.inner(size)) / size
        made = torch.tensor(np.array(points, np.float64) * scale, dtype=torch.float32, device=self.device)
        return made[None], torch.tensor([labels], dtype=torch.int32, device=self.device)

    def _decode(
        self, seen: Seen, points: torch.Tensor, labels: torch.Tensor, mask: torch.Tensor | None, several: bool
    ) -> tuple[torch.Tensor, torch.Tensor]:
        maps = [torch.from_numpy(one).to(self.device).float()[None] for one in seen.maps]
        head = "sam_" if self.second else ""
        prompts, decoder = (getattr(self.model, f"{head}{name}") for name in ("prompt_encoder", "mask_decoder"))
        sparse, dense = prompts(points=(points, labels), boxes=None, masks=mask)
        extra = {"repeat_image": False, "high_res_features": [maps[2], maps[1]]} if self.second else {}
        found = decoder(
            image_embeddings=maps[0], image_pe=prompts.get_dense_pe(), sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense, multimask_output=several, **extra,
        )  # fmt: skip
        return found[0], found[1]

    def grown(self, guess: Guess, size: Size) -> NDArray[np.uint8]:
        """The mask (height, width) of an image of `size`, 1 inside."""
        fine = cv2.resize(guess.mask, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
        wide, high = self.inner(size)
        fine = cv2.resize(fine[:high, :wide], size, interpolation=cv2.INTER_LINEAR)
        return np.asarray(fine > 0, np.uint8)


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """So many threads for one operation of torch; with OpenMP the number is of the thread that calls."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _built(network: Network, state: Mapping[str, torch.Tensor]) -> Any:
    from pipelines.yolo.model import quiet

    quiet()
    from ultralytics.models.sam import build

    with torch.inference_mode(mode=False), torch.random.fork_rng(devices=[]):
        model = getattr(build, BUILDERS[network.name])()
    for name, own in model.state_dict().items():
        if name.startswith(MEMORY):
            continue
        if name not in state or state[name].shape != own.shape:
            found = tuple(state[name].shape) if name in state else "none"
            raise CheckpointError(
                f"expected the weights of {network.title}, {name} with {tuple(own.shape)}; found {found}; is "
                f"{network.offer.file} the right file?"
            )
    fitting = {name: value for name, value in state.items() if name in model.state_dict()}
    model.load_state_dict({name: value for name, value in fitting.items() if not name.startswith(MEMORY)}, strict=False)
    return model.eval().requires_grad_(False)
