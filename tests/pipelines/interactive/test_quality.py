"""How well clicks and boxes find objects of real data: MobileSAM beside GrabCut. Prints a table; asks for the least.

Weights: a folder with `mobile_sam.pt` in FOVEAL_SAM. Two cores need about ten minutes.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from datasets.workspace import Workspace
from pipelines.interactive import tools
from tests.pipelines.interactive.objects import Thing, box_iou, cells, coco, iou, nuclei, shared, told

FOLDER = Path(os.environ.get("FOVEAL_SAM", "/nowhere"))
SETS: dict[str, tuple[Callable[[int, int], object], int, int]] = {
    "nuclei": (nuclei, 20, 4), "coco": (coco, 20, 4), "cells": (cells, 20, 4),
}  # fmt: skip
# Least means, below the intervals that were measured: by set, way of asking and tool.
LEAST = {
    ("nuclei", "clicked", "sam"): 0.70, ("nuclei", "clicked", "grabcut"): 0.60,
    ("nuclei", "boxed", "sam"): 0.80, ("nuclei", "boxed", "grabcut"): 0.75,
    ("coco", "clicked", "sam"): 0.50, ("coco", "clicked", "grabcut"): 0.20,
    ("coco", "boxed", "sam"): 0.70, ("coco", "boxed", "grabcut"): 0.58,
    ("cells", "boxed", "sam"): 0.65, ("cells", "boxed", "grabcut"): 0.65,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(3000)
@pytest.mark.skipif(not shared("data", "det_bccd").exists(), reason="no shared data here")
@pytest.mark.parametrize("name", list(SETS))
def test_prompts_find_real_objects(name: str, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOVEAL_WEIGHTS", str(FOLDER))
    known = [one for one in ("sam", "grabcut") if one != "sam" or (FOLDER / "mobile_sam.pt").exists()]
    make, images, each = SETS[name]
    things: list[Thing] = list(make(images, each))  # type: ignore[call-overload]
    score = box_iou if name == "cells" else iou
    for way, tool in ((way, tool) for way in ("clicked", "boxed") for tool in known if (name, way, tool) in LEAST):
        found = [score(one, tools.answer(tool, one.path, getattr(one, way))) for one in things]
        print(f"{name:8} {way:8} {tool:8} {told(found)}")
        assert sum(found) / len(found) > LEAST[name, way, tool]
