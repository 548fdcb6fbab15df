"""The Label page as Streamlit draws it: what is handed to the browser, and where it leads."""

import json
from pathlib import Path
from typing import Any

import pytest

from datasets.exchange import importing
from datasets.records import Label
from datasets.storage import collection, labels, store
from datasets.workspace import Workspace
from tests.app.views.test_pages import opened, text_of
from tests.helpers import make_coco, make_image


@pytest.fixture
def pets(database: Workspace, tmp_path: Path) -> str:
    importing.ingest(make_coco(tmp_path / "coco"), "pets", (0.5, 0.5, 0.0))
    return "pets"


def links(test: Any) -> dict[str, str]:
    """The queries of the links of the page, by their labels."""
    return {str(one.label): str(one.query_string) for one in test.get("page_link")}


def handed(test: Any) -> dict[str, Any]:
    """What the component got."""
    (one,) = test.get("bidi_component")
    found: dict[str, Any] = json.loads(one.proto.json)
    return found


def test_without_a_dataset_it_leads_to_the_datasets(database: Workspace) -> None:
    assert "Go to datasets" in links(opened("label"))


def test_the_browser_gets_the_field_with_what_the_editor_asks_of_its_kind(pets: str) -> None:
    found = handed(opened("label", dataset=pets, sample="6" * 24, reference="pred_x"))
    assert found["field"] == {"name": "ground_truth", "kind": "detections", "holds": "objects", "many": True,
                              "predicted": False}  # fmt: skip
    assert [one["name"] for one in found["classes"]] == ["cat", "dog", "bird"]
    assert (found["sample"], found["reference"]) == ("6" * 24, "pred_x")
    assert json.loads(found["spec"]) == {"dataset": pets}


def test_a_field_that_is_not_there_is_told_and_another_is_opened(pets: str) -> None:
    test = opened("label", dataset=pets, field="nowhere")
    assert "nowhere" in test.warning[0].value
    assert handed(test)["field"]["name"] == "ground_truth"


def test_training_learns_from_the_view_but_not_from_samples_picked_by_hand(pets: str) -> None:
    def train(**query: str) -> str:
        return links(opened("label", dataset=pets, **query))["Train"]

    split = json.dumps({"filters": [{"field": "split", "op": "any_of", "values": ["train"]}]})
    ids = json.dumps({"ids": ["6" * 24]})
    assert "split" in train(view=split)
    assert "ids" not in train(view=ids)


def test_a_dataset_whose_name_has_a_slash_is_to_be_renamed_first(database: Workspace, tmp_path: Path) -> None:
    store.create("a/b", {"ground_truth": "detections"}, ["cat"])
    size = collection.image_metadata(64, 48, 3, "image/png", 9)
    made = labels.to_document("detections", [Label("cat", (0.1, 0.1, 0.2, 0.2))])
    path = make_image(tmp_path / "one.png")
    collection.insert("a/b", [collection.sample_document(str(path), size, ground_truth=made)])
    test = opened("label", dataset="a/b")
    assert "Rename this dataset first" in text_of(test)
    assert not test.get("bidi_component")
