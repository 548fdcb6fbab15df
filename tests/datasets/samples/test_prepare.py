"""Sample datasets arrive whole, once, and stay deleted."""

from pathlib import Path

import pytest
from PIL import Image

from datasets.errors import Cancelled, DatasetsError
from datasets.records import SPLITS
from datasets.samples import digits, photos
from datasets.samples.prepare import Sizes, missing, prepare
from datasets.storage import collection, store
from datasets.workspace import Workspace

SMALL = Sizes(images=6, frames=2, digits=40, workers=1)


@pytest.fixture
def place(database: Workspace, tmp_path: Path) -> Workspace:
    """A workspace whose media lie apart, beside the running database."""
    return Workspace(tmp_path / "home").create()


def test_all_samples_are_made_once(place: Workspace) -> None:
    made = prepare(place, sizes=SMALL)
    assert made == ["photos", "digits", "street", "street_video"] == store.names(hidden=True)
    street = store.summary("street")
    assert street.count == 6
    assert street.label_fields == {"ground_truth": "detections", "scene": "classification", "semantic": "segmentation"}
    assert street.classes[:5] == ("car", "bus", "pedestrian", "bicycle", "traffic light")
    assert "CC0" in street.info["description"] and Path(street.info["truth"]).is_file()
    assert store.summary("photos").label_fields == {} and store.summary("photos").count > 10
    frames = list(collection.stream("street_video"))
    assert [(one["sequence"], one["frame_number"]) for one in frames] == [("walk", 1), ("walk", 2)]
    assert all("index" in box for one in frames for box in one["ground_truth"]["detections"])
    assert prepare(place, sizes=SMALL) == []


def test_a_stopped_preparation_leaves_no_dataset_and_the_next_finishes_it(place: Workspace) -> None:
    def stop(done: int, total: int) -> None:
        if done >= 3:
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        prepare(place, ["digits"], stop, sizes=SMALL)
    assert store.names() == []
    assert prepare(place, ["digits"], sizes=SMALL) == ["digits"]
    assert store.summary("digits").count == 40


def test_what_is_to_be_made_is_told_without_making_it(place: Workspace) -> None:
    assert missing(place) == ["photos", "digits", "street"] and store.names(hidden=True) == []
    prepare(place, ["digits", "street"], sizes=SMALL)
    assert missing(place) == ["photos"]
    store.delete("street_video")
    prepare(place, ["photos"], sizes=SMALL)
    assert missing(place) == [], "a person deleted it"


def test_a_deleted_sample_stays_deleted_unless_asked_for(place: Workspace) -> None:
    prepare(place, ["digits", "photos"], sizes=SMALL)
    store.delete("digits")
    assert prepare(place, ["digits", "photos"], sizes=SMALL) == []
    assert prepare(place, ["digits"], sizes=SMALL, again=True) == ["digits"]


def test_an_unknown_sample_lists_the_known_ones(place: Workspace) -> None:
    with pytest.raises(DatasetsError, match="photos, digits, street"):
        prepare(place, ["streets"])


def test_digits_are_faithful_and_split_within_every_class(tmp_path: Path) -> None:
    from sklearn.datasets import load_digits

    made = digits.write(tmp_path, 300)
    assert {one.split for one in made} == set(SPLITS)
    assert all({one.split for one in made if one.label == name} == set(SPLITS) for name in digits.CLASSES)
    with Image.open(made[7].path) as image:
        assert image.size == (64, 64)
        small = [[(255 - image.getpixel((c * 8 + 3, r * 8 + 3))) / 255 * 16 for c in range(8)] for r in range(8)]  # type: ignore[operator]
    assert abs(load_digits().images[7] - small).max() < 0.1


def test_photographs_keep_their_pixels_and_lose_broken_profiles(tmp_path: Path) -> None:
    Image.new("RGB", (5, 3), (10, 200, 30)).save(tmp_path / "a.png", icc_profile=b"not a profile")
    plain = photos.without_profile((tmp_path / "a.png").read_bytes())
    (tmp_path / "b.png").write_bytes(plain)
    with Image.open(tmp_path / "a.png") as before, Image.open(tmp_path / "b.png") as after:
        assert "icc_profile" in before.info and "icc_profile" not in after.info
        assert before.tobytes() == after.tobytes()
    assert photos.without_profile(b"\xff\xd8 a JPEG") == b"\xff\xd8 a JPEG"
