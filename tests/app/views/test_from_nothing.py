"""Splits in place on the Train page and from a selection, and the form of a new dataset, in Streamlit's own harness."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import background, works
from app.components import newdataset
from datasets.kinds import KEYPOINTS
from datasets.records import Label
from datasets.storage import collection, store
from datasets.storage.labels import to_document
from datasets.workspace import Workspace
from tests.helpers import make_coco, make_image

PAGE = """
import streamlit as st
from app import navigation
st.navigation(navigation.sections())
next(view for view in navigation.VIEWS if view.name == "{}").run()
"""
SELECTED = """
from app.components import selection
from datasets.viewspec import ViewSpec
selection.bar(ViewSpec(dataset="few"), {ids})
"""
DIALOG = """
import streamlit as st
from app.components import newdataset
if "opened" not in st.session_state:
    st.session_state["opened"] = True
    newdataset.open_dialog()
else:
    newdataset._new()
"""


@pytest.fixture
def few(database: Workspace, tmp_path: Path) -> list[str]:
    """Ten labelled samples and two that are not, none of them in a split."""
    store.create("few", {"ground_truth": "detections"}, ["cat", "dog"])
    made = []
    for number in range(12):
        truth = to_document("detections", [Label("cat" if number % 2 else "dog", (0.1, 0.1, 0.4, 0.4))])
        path = make_image(tmp_path / f"{number}.png", seed=number)
        made.append(collection.sample_document(str(path), ground_truth=truth if number < 10 else None))
    return collection.insert("few", made)


def opened(script: str, **query: str) -> AppTest:
    test = AppTest.from_string(script, default_timeout=60)
    test.query_params.update(query)
    return ran(test)


def ran(test: AppTest) -> AppTest:
    test.run(timeout=60)
    assert not test.exception, test.exception
    return test


def html(test: AppTest) -> str:
    return "\n".join(str(one.proto.body) for one in test.get("html"))


def splits() -> dict[str, int]:
    return dict(store.summary("few").splits)


def test_train_offers_to_split_what_is_labelled(few: list[str]) -> None:
    test = opened(PAGE.format("train"), dataset="few", task="detection")
    assert "no labeled sample is in train and val" in html(test)
    assert "<span>train</span><b>8</b>" in html(test) and "<span>without labels, left out</span><b>2</b>" in html(test)
    test.button(key="split").click()
    ran(test)
    assert splits() == {"train": 8, "val": 2, "": 2}
    assert "Split first" not in html(test) and test.button(key="split-again")


def test_without_any_label_train_leads_to_labeling(few: list[str]) -> None:
    collection.update("few", [(one, {"ground_truth": None}) for one in few])
    test = opened(PAGE.format("train"), dataset="few", task="detection")
    assert "found none on the 12 samples here; label some" in test.info[0].value


def test_shares_must_add_up(few: list[str]) -> None:
    test = opened(PAGE.format("train"), dataset="few", task="detection")
    test.number_input(key="split-few-train").set_value(50)
    ran(test)
    assert "found 70 %" in test.warning[0].value and "split" not in [one.key for one in test.button]
    assert splits() == {"": 12}


def test_selected_samples_are_moved(few: list[str]) -> None:
    test = opened(SELECTED.format(ids=few[:3]))
    test.selectbox(key="split-word").set_value("test")
    ran(test).button(key="split-move").click()
    ran(test)
    assert splits() == {"test": 3, "": 9}
    test.selectbox(key="split-word").set_value("none")
    ran(test).button(key="split-move").click()
    ran(test)
    assert splits() == {"": 12}


@pytest.mark.parametrize("labelled", [False, True])
def test_a_dataset_is_made_of_a_folder(database: Workspace, tmp_path: Path, labelled: bool) -> None:
    folder = make_coco(tmp_path / "photos", 3) if labelled else tmp_path / "photos"
    for number in range(0 if labelled else 3):
        make_image(folder / f"{number}.png", seed=number)
    work = works.make_of_folder(folder, "photos", KEYPOINTS.name, newdataset._listed("cat, dog,, cat ;bird"), ["nose"])
    assert work.wait(60) and work.error is None, work
    about = store.summary("photos")
    kind = "detections" if labelled else "keypoints"  # labels that are there already are imported
    assert (about.count, dict(about.label_fields), len(about.classes)) == (3, {"ground_truth": kind}, 3)
    background.forget(work.key)


def test_a_name_that_is_taken_is_said_before_anything_is_made(few: list[str]) -> None:
    test = opened(DIALOG)
    key = test.session_state["new-dataset"]["key"]
    test.text_input(key=f"name-{key}").set_value("few")
    ran(test)
    assert test.button(key="create-dataset").disabled
    assert any("There is a dataset few already" in one.value for one in test.caption)
