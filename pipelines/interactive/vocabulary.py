"""Detectors that are told in words what to look for: which files are here, and why they cannot be used yet."""

from pathlib import Path

from datasets.workspace import Workspace
from pipelines import weights

PATTERNS = ("yolov8*-world*.pt", "yoloe-*.pt")  # YOLO-World and YOLOE, as Ultralytics names them


def here(workspace: Workspace | None = None) -> list[Path]:
    """Files of open-vocabulary detectors on this machine."""
    found = [path for folder in weights.folders(workspace) for name in PATTERNS for path in sorted(folder.glob(name))]
    return [path for path in found if path.is_file()]


def hint(workspace: Workspace | None = None) -> str:
    """What is to be known about proposals by words."""
    why = (
        "their encoders of words are programs (TorchScript, or a package outside the registry), which are not run here"
    )
    if found := here(workspace):
        return f"{found[0].name} is on this machine; proposals by words (YOLO-World, YOLOE) cannot be made yet: {why}."
    return f"Proposals by words (YOLO-World, YOLOE) cannot be made yet: {why}."
