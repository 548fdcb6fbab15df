"""MNIST from scratch, ants and bees from ImageNet: the whole way, from the import to the figures. Minutes."""

import gzip
import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app.cli import main as command
from datasets.workspace import Workspace
from tests.pipelines.real import SHARED, WEIGHTS, trained

DIGITS = SHARED / "data" / "cls_mnist" / "MNIST" / "raw"
ANTS = SHARED / "data" / "cls_hymenoptera"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]


def arrays(name: str) -> np.ndarray[Any, Any]:
    """An idx file (LeCun): two zeros, the type, the number of axes, their lengths, bytes."""
    content = gzip.decompress((DIGITS / name).read_bytes())
    shape = struct.unpack(f">{content[3]}I", content[4 : 4 + 4 * content[3]])
    return np.frombuffer(content, np.uint8, offset=4 + 4 * len(shape)).reshape(shape)


def class_folders(folder: Path) -> Path:
    """MNIST as PNG files: 55,000 to learn from, 5,000 of the training set for validation, 10,000 of the test set."""
    val = set(np.random.default_rng(0).permutation(60_000)[:5000].tolist())
    for part, own in (("train", "train"), ("t10k", "test")):
        labels = arrays(f"{part}-labels-idx1-ubyte.gz")
        for number, (image, digit) in enumerate(zip(arrays(f"{part}-images-idx3-ubyte.gz"), labels, strict=True)):
            split = "val" if own == "train" and number in val else own
            place = folder / split / str(digit)
            place.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(place / f"{number:05}.png")
    return folder


@pytest.mark.skipif(not DIGITS.is_dir(), reason=f"needs MNIST in {DIGITS}")
def test_mnist_from_scratch(database: Workspace, tmp_path: Path) -> None:
    assert command.main(["import", str(class_folders(tmp_path / "digits")), "--name", "digits"]) == 0
    found = trained(database, "digits", "classification", "test")
    print(f"MNIST, 10,000 test images: {found['accuracy']:.4f} in {found['seconds']:.0f} s")
    assert found["accuracy"] >= 0.993


@pytest.mark.skipif(not (ANTS.is_dir() and WEIGHTS.is_dir()), reason=f"needs {ANTS} and {WEIGHTS}")
def test_ants_and_bees_from_imagenet(database: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOVEAL_WEIGHTS", os.fspath(WEIGHTS))
    assert command.main(["import", str(ANTS), "--name", "ants"]) == 0
    for preset, least in (("fast", 0.92), ("balanced", 0.92)):
        found = trained(database, "ants", "classification", "val", "--preset", preset)
        print(f"ants and bees, 153 val images, {preset}: {found['accuracy']:.4f} in {found['seconds']:.0f} s")
        assert found["accuracy"] >= least
