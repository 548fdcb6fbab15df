"""Labels of the frames of videos, as plain labels."""

import pytest

from datasets.errors import FieldError
from datasets.records import Label
from datasets.storage import collection, frames, store, vendor
from datasets.workspace import Workspace

CAR = Label("car", (0.0, 0.0, 0.5, 0.5), id="0123456789abcdef01234567")
BUS = Label("bus", (0.5, 0.0, 0.5, 0.5), id="0123456789abcdef01234568")


@pytest.fixture
def clip(database: Workspace) -> str:
    """The id of one video with a field of frames."""
    fo = vendor.fiftyone()
    fo.Dataset("clips", persistent=True).add_sample(fo.Sample(filepath="/a.mp4"))
    frames.declare("clips", "objects", "detections")
    return str(next(collection.stream("clips"))["_id"])


def test_fiftyone_reads_what_is_written_and_a_second_time_takes_its_place(clip: str) -> None:
    rows = [(clip, 5, (CAR, BUS)), (clip, 2, ())]
    assert frames.write("clips", "objects", rows) == 2
    assert list(frames.read("clips", "objects")) == [(clip, 2, ()), (clip, 5, (CAR, BUS))]
    assert [one.label for one in collection.load("clips").first().frames[5].objects.detections] == ["car", "bus"]
    frames.write("clips", "objects", [(clip, 5, (BUS,))])
    assert list(frames.read("clips", "objects", [clip]))[1:] == [(clip, 5, (BUS,))]


def test_fields_are_those_of_frames_and_keep_their_kind(clip: str) -> None:
    assert frames.fields("clips") == {"objects": "detections"}
    frames.declare("clips", "objects", "detections")
    with pytest.raises(FieldError, match="to be classification, found detections"):
        frames.declare("clips", "objects", "classification")
    with pytest.raises(FieldError, match=r"found 'none'; there is objects \(detections\)"):
        frames.write("clips", "none", [])
    store.create("photos")
    assert frames.fields("photos") == {}
