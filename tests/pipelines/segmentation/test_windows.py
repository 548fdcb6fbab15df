"""Large images are predicted window by window as if they were seen whole."""

from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pipelines.segmentation.windows import View, bands, classes, enlarged, places


class Colours(torch.nn.Module):
    """Logits of a pixel are its colours: what is around does not matter."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        assert images.shape[2] % 8 == 0 and images.shape[3] % 8 == 0
        self.largest = max(getattr(self, "largest", 0), *images.shape[2:])
        return torch.cat([images, images.mean(1, keepdim=True)], 1)


def view(**options: Any) -> View:
    return View(**{"mean": (0.4, 0.5, 0.6), "std": (0.2, 0.3, 0.4), "sides": (8, 8), "window": 32, **options})


def images(height: int, width: int, many: int = 1) -> torch.Tensor:
    made = torch.Generator().manual_seed(height * 1000 + width)
    return torch.randint(0, 256, (many, 3, height, width), generator=made, dtype=torch.uint8)


@given(length=st.integers(1, 500), window=st.integers(1, 64), overlap=st.floats(0, 0.9))
def test_windows_cover_a_side_and_overlap(length: int, window: int, overlap: float) -> None:
    found = places(length, window, overlap)
    assert found[0] == 0 and found[-1] == max(length - window, 0)
    steps = [b - a for a, b in pairwise(found)]
    assert all(0 < step <= max(window * (1 - overlap), 1) + 1 for step in steps)


@pytest.mark.parametrize("size", [(30, 40), (100, 41), (41, 100), (131, 97), (20, 200)])
@pytest.mark.parametrize("options", [{}, {"overlap": 0.0}, {"flip": True, "batch": 3}])
def test_windows_give_what_the_whole_image_gives(size: tuple[int, int], options: dict[str, Any]) -> None:
    model, pixels = Colours(), images(*size, many=2)
    seen = view(**options)
    found = list(bands(model, pixels, seen))
    assert model.largest <= 64
    assert [top for top, _ in found] == [sum(part.shape[2] for _, part in found[:n]) for n in range(len(found))]
    logits = torch.cat([part for _, part in found], 2)
    expected = Colours()(torch.nn.functional.pad(seen.normalised(pixels), (0, -size[1] % 8, 0, -size[0] % 8)))
    torch.testing.assert_close(logits, expected[..., : size[0], : size[1]], atol=1e-4, rtol=1e-4)
    assert torch.equal(classes(model, pixels, seen), logits.argmax(1).to(torch.uint8))


def test_the_middle_of_a_window_counts_more_than_its_edge() -> None:
    class Columns(torch.nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return torch.arange(images.shape[3]).float().expand(len(images), 1, *images.shape[2:])

    _, logits = next(bands(Columns(), images(32, 96), view(overlap=0.5)))
    assert abs(float(logits[0, 0, 0, 20]) - 20) < 3 and abs(float(logits[0, 0, 0, 28]) - 12) < 3


def test_rows_are_handed_out_before_the_last_window_is_seen() -> None:
    model = Colours()
    first = next(bands(model, images(1000, 40), view()))
    assert first[1].shape[2] < 32


def test_enlarged_is_the_class_of_the_interpolated_logits() -> None:
    logits = torch.randn(2, 5, 9, 13, generator=torch.Generator().manual_seed(0))
    whole = torch.nn.functional.interpolate(logits, (31, 40), mode="bilinear")
    assert torch.equal(enlarged(logits, (31, 40)), whole.argmax(1).to(torch.uint8))


def test_small_inputs_grow_to_what_the_network_needs() -> None:
    assert classes(Colours(), images(3, 5), view(sides=(8, 16))).shape == (1, 3, 5)
