"""The dialog "What to label next"."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from datasets.exchange import importing
from datasets.labeling.ranking import Choice
from datasets.labeling.spending import Weighed
from datasets.storage import store
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines.runs.run import Ranking, Run
from tests.helpers import make_class_folders

VIEW = ViewSpec(dataset="tiny")


@pytest.fixture
def tiny(database: Workspace, tmp_path: Path) -> Workspace:
    importing.ingest(make_class_folders(tmp_path / "source", 6), "tiny")
    return database


def dialog() -> AppTest:
    def page() -> None:
        import streamlit as st

        from app import navigation
        from app.components import learning
        from datasets.viewspec import ViewSpec

        st.navigation(navigation.sections())
        learning.dialog(ViewSpec(dataset="tiny"), "ground_truth")

    test = AppTest.from_function(page, default_timeout=60).run()
    assert not test.exception
    return test


def trained(workspace: Workspace, kind: str = "train", **more: Any) -> Run:
    """A run folder as a job leaves it, as far as the dialog looks."""
    asked: Mapping[str, Any] = {"name": f"a {kind}", "task": "classification", "view": VIEW, **more}
    run = Run.create(workspace, kind=kind, **asked)
    run.checkpoint.mkdir()
    return run


def test_without_a_model_it_says_what_to_do_first(tiny: Workspace) -> None:
    assert "train: the first model chooses" in dialog().info[0].value


def test_models_of_the_dataset_are_offered_and_what_was_chosen_can_be_labelled(tiny: Workspace) -> None:
    run = trained(tiny)
    trained(tiny, view=ViewSpec(dataset="another"))
    made = Choice(run.id, "margin", "ground_truth", 3, 9, 6, "2026-01-02T03:04:05+00:00")
    store.set_info("tiny", "active_learning", vars(made))
    test = dialog()
    assert [one.options for one in test.selectbox if one.label == "Model"] == [[f"a train ({run.id})"]]
    assert "**3 samples** of 9 without labels were chosen" in test.markdown[0].value
    assert {"Label them", "Train, then choose 50", "Choose 50 now"} <= {one.label for one in test.button}


def test_what_labels_were_worth_is_drawn_from_the_newest_choice(tiny: Workspace) -> None:
    run = trained(tiny)
    assert not any("were worth" in str(one.proto.body) for one in dialog().get("html"))
    chosen = trained(tiny, "rank", source=run.id, ranking=Ranking())
    weighed = Weighed((10, 20), (0.5, 0.8), (0.4, 0.7), (0.01, 0.02), 5, "val", 30)
    chosen.efficiency.write_text(weighed.written())
    assert Weighed.read(chosen.efficiency) == weighed
    assert any("were worth" in str(one.proto.body) for one in dialog().get("html"))
