"""bf16 with channels_last beside fp32 on a processor, by our own trainer: same data, same seed, same figure."""

import threading
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import torch

from datasets.workspace import Workspace
from pipelines import registry
from pipelines.job import Job
from pipelines.runs import checkpoints
from pipelines.runs.events import EventWriter
from pipelines.runs.run import Run
from tests.benchmarks.measure import Bench
from tests.pipelines.segmentation.conftest import draw, row, write_manifest

pytestmark = pytest.mark.slow
RATIO, POINTS = 1.6, 0.005
SIZE, IMAGES, HELD_OUT, EPOCHS = (160, 192), 32, 24, 48
QUICK = {"precision": "bf16", "channels_last": True}
PLAIN = {"precision": "fp32", "channels_last": False}


def rows(folder: Path) -> list[dict[str, Any]]:
    """Drawn shapes: an easy set, so that both trainings come to an end and differ by nothing but numbers."""
    splits = ["train"] * IMAGES + ["val"] * HELD_OUT
    return [row(n, *draw(folder, n, SIZE), split, SIZE) for n, split in enumerate(splits)]


@pytest.mark.parametrize(("architecture", "encoder"), [("unet", "resnet18")])
def test_bf16_and_channels_last_beside_fp32(
    bench: Bench, workspace: Workspace, tmp_path: Path, architecture: str, encoder: str
) -> None:
    if not torch.cpu._is_avx512_bf16_supported():
        pytest.skip("this processor multiplies no bf16")
    threads, made, data = torch.get_num_threads(), count(), rows(tmp_path / "shapes")
    torch.set_num_threads(1)
    options = {"architecture": architecture, "model": encoder, "weights": "none", "epochs": EPOCHS, "crop_size": 160,
               "batch": 8, "ema": 0.9, "augment": ["HorizontalFlip"], "device": "cpu"}  # fmt: skip

    def trained(**numbers: Any) -> float:
        config = registry.task("segmentation").resolve("balanced", {**options, **numbers}).model_dump(mode="json")
        run = Run.create(workspace, kind="train", name=str(next(made)), task="segmentation", config=config)
        write_manifest(run.manifest, data)
        registry.trainer("segmentation")(Job.of(run, EventWriter(run.events), threading.Event()))
        return float(checkpoints.load(run.checkpoint).metrics["miou"])

    found = bench.compare(
        f"train {architecture} {encoder} in bf16", IMAGES * EPOCHS, lambda: trained(**QUICK), "our fp32",
        lambda: trained(**PLAIN), lambda a, b: print(f"mIoU {a:.4f} in bf16, {b:.4f} in fp32") or abs(a - b) <= POINTS,
    )  # fmt: skip
    torch.set_num_threads(threads)
    assert found.ratio is not None and found.ratio >= RATIO
