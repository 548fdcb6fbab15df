"""Images that a network cannot take are left out with their name and the reason; none left is an error."""

from pathlib import Path

import pytest

from pipelines.errors import DataError
from pipelines.rcnn.data import refuses
from pipelines.runs.events import EventWriter, read_events
from pipelines.training.refused import taken
from tests.helpers import make_image
from tests.pipelines.yolo.test_data import Image


def test_thin_images_are_left_out_by_name(tmp_path: Path) -> None:
    strip = make_image(tmp_path / "strip.png", (2000, 3))
    samples = [
        Image("a", "/a.png", 640, 480),
        Image("b", "/b.png", 5000, 3),
        Image("c", str(strip), 0, 0),
        Image("d", "/d.png", 3, 5000),
    ]
    events = EventWriter(tmp_path / "events.jsonl")
    assert taken(samples, "train", refuses(320), events) == samples[:1]
    told = [event for event in read_events(tmp_path / "events.jsonl")[0] if event["kind"] == "finding"]
    assert [event["where"] for event in told] == ["/b.png", str(strip), "/d.png"]
    assert "5000 x 3 px, too thin for 320 px" in told[0]["found"] and "2000 x 3" in told[1]["found"]
    with pytest.raises(DataError, match="split 'val' that the network can take, found one of 5000 x 3 px"):
        taken(samples[1:2], "val", refuses(320), events)
    assert taken(samples, "train", refuses(4096), events) == samples


@pytest.mark.parametrize("size", [(5000, 3), (3, 5000), (1100, 4), (321, 1), (320, 1), (640, 2), (641, 2), (97, 13)])
@pytest.mark.parametrize("side", [32, 320])
def test_what_is_refused_is_what_torchvision_cannot_scale(size: tuple[int, int], side: int) -> None:
    import torch
    from torchvision.models.detection.transform import GeneralizedRCNNTransform

    transform = GeneralizedRCNNTransform(side, side, [0.0] * 3, [1.0] * 3)
    try:
        transform([torch.zeros(3, size[1], size[0])])
        fits = True
    except RuntimeError:
        fits = False
    assert fits == (not refuses(side)(*size))
