"""CamVid from an encoder of ImageNet: the whole way, from the import to the figures. The better part of an hour."""

import os

import pytest

from app.cli import main as command
from datasets.workspace import Workspace
from tests.pipelines.real import SHARED, WEIGHTS, trained

CAMVID = SHARED / "data" / "sem_camvid"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]


@pytest.mark.skipif(not (CAMVID.is_dir() and WEIGHTS.is_dir()), reason=f"needs {CAMVID} and {WEIGHTS}")
def test_camvid(database: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """11 classes, void left out, mIoU over the pixels of the whole test split."""
    monkeypatch.setenv("FOVEAL_WEIGHTS", os.fspath(WEIGHTS))
    assert command.main(["import", str(CAMVID), "--name", "camvid"]) == 0
    found = trained(database, "camvid", "segmentation", "test", "--preset", "balanced")
    print(f"CamVid, 233 test images: mIoU {found['miou']:.4f} in {found['seconds']:.0f} s")
    assert found["miou"] >= 0.6
