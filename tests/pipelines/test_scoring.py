"""Which protocol scores the predictions of a task, by what the label field is known to hold."""

from pathlib import Path

import numpy as np
import pytest

from datasets.records import Label
from datasets.storage import collection, labels, store
from datasets.workspace import Workspace
from pipelines import scoring
from tests.helpers import make_image

FIELDS = {"boxes": "detections", "outlined": "detections", "scene": "classification", "several": "classifications"}


@pytest.fixture
def things(database: Workspace, tmp_path: Path) -> str:
    from PIL import Image

    mask = tmp_path / "mask.png"
    Image.fromarray(np.full((8, 8), 255, np.uint8)).save(mask)
    store.create("things", FIELDS)
    path = make_image(tmp_path / "a.png")
    box = Label("cat", (0.1, 0.1, 0.5, 0.5))
    document = collection.sample_document(
        str(path),
        boxes=labels.to_document("detections", [box]),
        outlined=labels.to_document("detections", [Label("cat", box.box, mask_path=str(mask))]),
        scene=labels.to_document("classification", [Label("in")]),
        several=labels.to_document("classifications", [Label("in")]),
    )
    collection.insert("things", [document], 1)
    return "things"


EXPECTED = {
    ("detection", "boxes"): "objects",
    ("detection", "outlined"): "objects",
    ("instances", "outlined"): "instances",
    ("instances", "boxes"): "",  # no label has a mask to compare
    ("classification", "scene"): "one class",
    ("classification", "several"): "many classes",
    ("segmentation", "scene"): "",
    ("detection", "nowhere"): "",
}


def test_the_task_chooses_where_the_labels_allow_it(things: str) -> None:
    found = {pair: scoring.protocol_of(pair[0], things, pair[1]) for pair in EXPECTED}
    assert found == EXPECTED
