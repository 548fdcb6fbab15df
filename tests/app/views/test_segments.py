"""The board of semantic masks on the Review page, run by Streamlit's own test harness."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from bson import ObjectId
from PIL import Image

from app.components.markdown import md
from app.components.palette import colouring
from app.components.patches import GivenVerdict
from app.views import _reviewed
from app.views._verdicts import Desk
from app.views.boards import _segment_galleries
from app.views.boards._galleries import Scene
from datasets.editing import verdicts
from datasets.evaluation import engines
from datasets.review.segments import SegmentReview
from datasets.storage import collection, documents, store
from datasets.views import legends
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines.runs.run import Run
from tests.app.views.test_learning import opened, text
from tests.datasets.evaluation.segmentation.test_figures import masks

NAMES = {"0": "background", "1": "road", "2": "car", "3": "tree"}


@pytest.fixture
def scored(database: Workspace, tmp_path: Path) -> _reviewed.Scored:
    """Four images of val, six of test, whose predictions are scored."""
    shutil.rmtree(database.runs, ignore_errors=True)
    view = ViewSpec(dataset="streets")
    run = Run.create(database, kind="train", name="streets unet", task="segmentation", preset="fast", view=view)
    store.create("streets", {"ground_truth": "segmentation", run.field: "segmentation"})
    documents.update("streets", {"default_mask_targets": NAMES})
    made = []
    for i in range(10):
        fields = {}
        for name, mask in zip(("ground_truth", run.field), masks(i, (48, 64)), strict=True):
            Image.fromarray(mask).save(tmp_path / f"{name}{i}.png")
            fields[name] = {"_id": ObjectId(), "_cls": "Segmentation", "mask_path": str(tmp_path / f"{name}{i}.png")}
        size = collection.image_metadata(64, 48, 3, "image/jpeg", 9)
        split = "val" if i < 4 else "test"
        made.append(collection.sample_document(str(tmp_path / f"{i}.jpg"), size, split=split, **fields))
    collection.insert("streets", made)
    engines.evaluate("streets", run.id, run.field)
    return _reviewed.scored()[0]


def test_the_page_shows_figures_classes_and_confused_pairs(scored: _reviewed.Scored) -> None:
    test = opened("review", dataset="streets")
    shown = text(test)
    look = SegmentReview.open("streets", scored.run).at("test")
    assert f"{look.report().metrics['miou']:.3f}" in shown
    assert "Boundary F1" in shown
    assert "6 (test)" in shown  # the metric card
    table = test.dataframe[0].value
    assert list(table["class"]) == list(NAMES.values())
    first = look.confused(1)[0]
    label = md("{} → {} · {:.1f} %", first.true, first.predicted, 100 * first.share)
    (button,) = [one for one in test.button if one.label == label]
    button.click().run()
    assert not test.exception
    tabs = [one for one in test.get("button_group") if "Images" in str(one.proto)]
    assert f"{first.true} → {first.predicted}" in str(tabs[0].proto)


def test_images_are_sorted_by_a_class(scored: _reviewed.Scored) -> None:
    test = opened("review", dataset="streets", split="val")
    key = f"by-{scored.run}-streets-val"
    test.selectbox(key=key).set_value("car").run()
    assert not test.exception
    look = SegmentReview.open("streets", scored.run).at("val")
    found = look.images("car")
    desk = Desk.of(scored, look.classes)
    shown = _segment_galleries.shown(Scene("streets", look.classes, desk.of_item), found, "car")
    assert [card.id for card in shown.cards] == [row.sample_id for row in found.rows]
    assert shown.cards[0].note.startswith(f"car {found.rows[0].class_iou:.3f} · image IoU")
    assert shown.pictures[shown.cards[0].sample].width == 64


def test_layers_have_the_colours_of_browse_and_the_kinds_that_occur(scored: _reviewed.Scored) -> None:
    look = SegmentReview.open("streets", scored.run).at()
    colours = colouring(legends.coloured_classes("streets"))
    found = look.images(size=2)
    layers = _segment_galleries.layers(scored, look, found, colours, "")
    assert layers.colours == colours
    assert [kind.name for kind in layers.kinds] == [
        "near the true edge",
        "another class",
        "false positive",
        "false negative",
    ]
    assert set(layers.parts) == {row.sample_id for row in found.rows}
    assert np.isclose(sum(part.labelled for part in layers.parts[found.rows[0].sample_id]), 1)


def test_a_wrong_label_is_tagged(scored: _reviewed.Scored) -> None:
    look = SegmentReview.open("streets", scored.run).at()
    sample = look.images().rows[0].sample_id
    desk = Desk.of(scored, look.classes)
    desk.give(GivenVerdict(sample, sample, "sample", "wrong"))
    assert [one.verdict for one in verdicts.given("streets")] == ["wrong"]
    assert Desk.of(scored, look.classes).of_item(sample) == {"verdict": "wrong", "label": None}
