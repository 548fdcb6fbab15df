import numpy as np
import pytest

from pipelines.objects.found import from_corners, pixels_of
from pipelines.yolo.placing import place
from pipelines.yolo.prototypes import drawn


@pytest.mark.parametrize(
    ("size", "canvas"), [((128, 128), (128, 128)), ((200, 100), (96, 160)), ((50, 80), (160, 128))]
)
def test_masks_are_those_of_ultralytics(size: tuple[int, int], canvas: tuple[int, int]) -> None:
    import torch
    from ultralytics.utils.ops import scale_masks

    r = np.random.default_rng(3)
    image = place(np.zeros((size[1], size[0], 3), np.uint8), canvas, 128)
    coarse = torch.from_numpy(r.normal(0, 1, (6, 4, 5)).astype(np.float32))
    maps = (canvas[0] // 4, canvas[1] // 4)
    logits = torch.nn.functional.interpolate(coarse[None], maps, mode="bicubic")[0]
    low = r.uniform(0, 0.5, (6, 2))
    found, rows = from_corners(
        np.concatenate([low, low + r.uniform(0.2, 0.5, (6, 2))], 1), r.random(6), np.zeros(6, int)
    )
    ours = drawn(logits[rows.tolist()].numpy(), found.xywh, image)
    # As `process_mask_native`, with the true place of the image on its canvas in place of a guessed one.
    gain = image.size[1] / size[1], image.size[0] / size[0]
    full = torch.nn.functional.interpolate(logits[None], scale_factor=4, mode="bilinear")
    theirs = (scale_masks(full, (size[1], size[0]), ratio_pad=(gain, image.origin))[0] > 0).numpy()
    agree = total = 0
    for mask, row, (left, top, right, bottom) in zip(ours, rows, pixels_of(found.xywh, size).tolist(), strict=True):
        expected = theirs[row, top:bottom, left:right]
        assert mask.shape == expected.shape
        agree, total = agree + int(((mask > 0) == expected).sum()), total + expected.size
    assert agree / total > 0.99


def test_boxes_at_the_border_get_masks_inside_the_image() -> None:
    image = place(np.zeros((40, 60, 3), np.uint8), (64, 64), 64)
    found, _ = from_corners(np.array([[0.9, 0.9, 1.2, 1.3], [-0.2, -0.1, 0.05, 0.05]]), np.ones(2), np.zeros(2, int))
    masks = drawn(np.ones((2, 16, 16), np.float32), found.xywh, image)
    assert [mask.shape for mask in masks] == [(4, 6), (2, 3)]
    assert all((mask == 255).all() for mask in masks)


def test_a_mask_without_a_pixel_is_dropped() -> None:
    found, _ = from_corners(np.array([[0, 0, 0.5, 0.5], [0.5, 0.5, 1, 1]]), np.array([0.9, 0.8]), np.array([0, 1]))
    kept = found.with_masks([np.zeros((4, 4), np.uint8), np.full((4, 4), 255, np.uint8)])
    assert (kept.classes.tolist(), len(kept.masks or ())) == ([1], 1)
