"""Orders of active learning on ants and bees and on MNIST, with frozen features, beside random order. Minutes."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import pytest

from datasets.labeling import efficiency
from datasets.labeling.efficiency import Answered
from datasets.labeling.orders import ORDERS
from tests.pipelines.classification.test_real import ANTS, DIGITS, arrays
from tests.pipelines.real import WEIGHTS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]
Array = np.ndarray[Any, Any]
FILE = WEIGHTS / "imagenet" / "tf_efficientnet_lite0_timm_fp16.pth"
SEEDS = 5


def features(images: Sequence[Array]) -> Array:
    """What goes into the last layer of EfficientNet-Lite0, (n, 1280), of BGR images (n, s, s, 3) uint8."""
    import timm
    import torch

    model = timm.create_model("tf_efficientnet_lite0", pretrained=False, num_classes=0).eval()
    state = torch.load(FILE, map_location="cpu", weights_only=True)
    model.load_state_dict({name: value.float() for name, value in state.items() if not name.startswith("classifier")})
    found = []
    with torch.inference_mode():
        for start in range(0, len(images), 32):
            pixels = torch.from_numpy(np.stack(images[start : start + 32])[..., ::-1].copy()).permute(0, 3, 1, 2)
            found.append(model(pixels.float() / 127.5 - 1).numpy())
    return np.concatenate(found)


def ants(split: str) -> Answered:
    paths = sorted((ANTS / split).glob("*/*"))
    classes = sorted({path.parent.name for path in paths})
    images = [middle(cv2.imread(str(path)), 224) for path in paths]
    return Answered(features(images), np.array([classes.index(path.parent.name) for path in paths]))


def digits(name: str, count: int) -> Answered:
    images = arrays(f"{name}-images-idx3-ubyte.gz")[:count]
    large = [
        cv2.cvtColor(cv2.resize(one, (96, 96), interpolation=cv2.INTER_CUBIC), cv2.COLOR_GRAY2BGR) for one in images
    ]
    return Answered(features(large), arrays(f"{name}-labels-idx1-ubyte.gz")[:count].astype(int))


def middle(image: Array, side: int) -> Array:
    """The square in the middle, after the shorter side was scaled to 8/7 of it."""
    height, width = image.shape[:2]
    scale = side * 8 / 7 / min(height, width)
    image = cv2.resize(image, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    top, left = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
    return image[top : top + side, left : left + side]


def gains(pool: Answered, test: Answered, batch: int, most: int) -> dict[str, tuple[float, float]]:
    """Area under the curve less that of random order: mean and standard error over seeds, by order."""
    pool, test = efficiency.reduced(pool, test)
    areas = {
        name: np.array(
            [
                efficiency.simulate(order, pool, test, first=batch, batch=batch, most=most, seed=seed).area
                for seed in range(SEEDS)
            ]
        )
        for name, order in ORDERS.items()
    }
    found = {name: area - areas["random"] for name, area in areas.items()}
    made = {name: (float(one.mean()), float(one.std(ddof=1) / np.sqrt(SEEDS))) for name, one in found.items()}
    for name, (gain, error) in made.items():
        print(f"{name:12} {areas[name].mean():.4f} {gain:+.4f} ± {error:.4f}")
    return made


@pytest.mark.skipif(not (ANTS.exists() and DIGITS.exists() and FILE.exists()), reason="needs real data and weights")
def test_the_usual_order_is_ahead_of_random_on_digits_and_never_behind_on_ants() -> None:
    gain, error = gains(ants("train"), ants("val"), 10, 120)["margin"]
    assert gain > -2 * error, "level with random order within the error"
    gain, error = gains(digits("train", 2000), digits("t10k", 1000), 20, 400)["margin"]
    assert gain > 2 * error
