"""The masks of one sample as pictures: colours by class or instance, maps of mistakes, and what they depend on."""

from pathlib import Path

import numpy as np
import pytest
from bson import ObjectId
from PIL import Image

from datasets.errors import EvaluationError, FieldError
from datasets.images.painting import FALSE_NEGATIVE, MISTAKES, Colour
from datasets.showing import overlays
from datasets.showing.overlays import Style
from datasets.storage import collection, documents, store
from datasets.workspace import Workspace

COLOURS: dict[str, Colour] = {"road": (200, 0, 0), "car": (0, 200, 0), "background": (9, 9, 9)}
PALETTE: list[Colour] = [(1, 2, 3), (4, 5, 6)]


def colour(name: str) -> Colour:
    return COLOURS[name]


def saved(path: Path, mask: np.ndarray) -> str:
    Image.fromarray(mask).save(path)
    return str(path)


@pytest.fixture
def sample(database: Workspace, tmp_path: Path) -> str:
    """40 x 20: background, a road at the bottom, a car on it of which half is predicted; two objects with masks."""
    truth = np.zeros((20, 40), np.uint8)
    truth[10:] = 1
    truth[12:18, 10:20] = 2
    truth[0] = 99
    found = truth.copy()
    found[12:18, 10:15] = 1
    whole = (truth == 2).astype(np.uint8) * 255
    store.create("scenes", {"truth": "segmentation", "pred_a": "segmentation", "things": "detections"})
    names = {"0": "background", "1": "road", "2": "car"}
    documents.update("scenes", {"mask_targets": {"truth": names}})
    masks = {name: {"_id": ObjectId(), "_cls": "Segmentation", "mask_path": saved(tmp_path / f"{name}.png", mask)}
             for name, mask in (("truth", truth), ("pred_a", found))}  # fmt: skip
    crop = saved(tmp_path / "crop.png", np.full((6, 10), 255, np.uint8))
    things = [
        {"_id": ObjectId(), "_cls": "Detection", "label": "car", "bounding_box": [0.25, 0.6, 0.25, 0.3],
         "mask_path": saved(tmp_path / "whole.png", whole)},
        {"_id": ObjectId(), "_cls": "Detection", "label": "road", "bounding_box": [0.75, 0, 0.25, 0.3],
         "mask_path": crop, "confidence": 0.4},
        {"_id": ObjectId(), "_cls": "Detection", "label": "car", "bounding_box": [0, 0, 0.1, 0.1]},
    ]  # fmt: skip
    size = collection.image_metadata(40, 20, 1, "image/jpeg", 3)
    document = collection.sample_document(
        str(tmp_path / "a.jpg"), size, **masks, things={"_cls": "Detections", "detections": things}
    )
    collection.insert("scenes", [document])
    return str(next(collection.stream("scenes"))["_id"])


def test_classes_have_their_colours_and_void_none(sample: str) -> None:
    picture = overlays.mask_picture(overlays.read("scenes", sample, "truth"), "truth", Style(), colour, PALETTE)
    assert picture.shape == (20, 40, 4)
    assert (picture[19, 0].tolist(), picture[14, 12].tolist()) == ([200, 0, 0, 255], [0, 200, 0, 255])
    assert not picture[0, :, 3].any()  # void
    assert not picture[5, :, 3].any()  # background


def test_predictions_without_names_take_those_of_the_labels(sample: str) -> None:
    found = overlays.read("scenes", sample, "pred_a")
    picture = overlays.mask_picture(found, "pred_a", Style(only=frozenset({"car"})), colour, PALETTE)
    assert set(np.argwhere(picture[..., 3] > 0)[:, 1]) == set(range(15, 20))
    hidden = overlays.mask_picture(found, "pred_a", Style(hide=frozenset({"car"}), side=20), colour, PALETTE)
    assert hidden.shape == (10, 20, 4)
    assert {tuple(row) for row in hidden[hidden[..., 3] > 0].tolist()} == {(200, 0, 0, 255)}


def test_objects_have_the_colour_of_their_class_or_their_own(sample: str) -> None:
    found = overlays.read("scenes", sample, "things")
    by_class = overlays.mask_picture(found, "things", Style(), colour, PALETTE)
    assert by_class[15, 15, :3].tolist() == [0, 200, 0]  # a mask of the whole image
    assert by_class[3, 35, :3].tolist() == [200, 0, 0]  # one inside its box
    by_instance = overlays.mask_picture(found, "things", Style(by="instance", contour=True), colour, PALETTE)
    assert (by_instance[12, 15].tolist(), by_instance[15, 15, 3]) == ([1, 2, 3, 255], 0)
    sure = overlays.mask_picture(found, "things", Style(least=0.5), colour, PALETTE)
    assert not sure[3, 35, 3]
    assert sure[15, 15, 3]


def test_the_map_of_mistakes_of_a_class(sample: str) -> None:
    found = overlays.read("scenes", sample, "truth", "pred_a")
    picture = overlays.error_picture(found, "truth", "pred_a", 512, "car")
    assert tuple(picture[14, 12, :3].tolist()) == MISTAKES[FALSE_NEGATIVE][0]
    assert 0 < picture[14, 17, 3] < picture[14, 12, 3]  # a hit, faint
    every = overlays.error_picture(found, "truth", "pred_a", 512)
    assert np.count_nonzero(every[..., 3]) == 6 * 5
    with pytest.raises(EvaluationError, match="expected a class of background, road, car, found 'cat'"):
        overlays.error_picture(found, "truth", "pred_a", 512, "cat")


def test_a_stamp_changes_with_the_mask(sample: str, tmp_path: Path) -> None:
    before = overlays.read("scenes", sample, "truth").stamp
    assert overlays.read("scenes", sample, "truth").stamp == before
    saved(tmp_path / "truth.png", np.ones((20, 40), np.uint8))
    assert overlays.read("scenes", sample, "truth").stamp != before


def test_what_is_absent_is_said(sample: str) -> None:
    with pytest.raises(FieldError, match="no label field 'nothing'"):
        overlays.read("scenes", sample, "nothing")
    with pytest.raises(FieldError, match="found none with id"):
        overlays.read("scenes", "0" * 24, "truth")
