"""The dialog "Pre-label": which models fit, what would be taken over, and taking it over."""

from pathlib import Path

import pytest
import torch
from streamlit.testing.v1 import AppTest

from app import background
from app.components import prelabel
from datasets.editing import labels
from datasets.labeling.proposals import FATES, Tally
from datasets.records import Label
from datasets.storage import collection, store
from datasets.storage.labels import to_document
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines.classification.network.model import build, keep
from pipelines.classification.network.preprocess import Preprocess
from pipelines.runs.run import Run
from tests.helpers import make_image

NAME = "prelabelled"
SCRIPT = f"""
import streamlit as st
from app.components import prelabel
from datasets.viewspec import ViewSpec
if st.button("open"):
    prelabel.dialog(ViewSpec(dataset={NAME!r}), "kind")
elif "prelabel" in st.session_state:  # the harness runs the whole page again, a browser the dialog alone
    prelabel._dialog(ViewSpec(dataset={NAME!r}), "kind")
"""
# links need the pages; with them the harness cannot rerun a dialog alone
WITH_PAGES = f"import streamlit as st\nfrom app import navigation\nst.navigation(navigation.sections())\n{SCRIPT}"


@pytest.fixture
def samples(database: Workspace, tmp_path: Path) -> list[str]:
    """Three images, two of them with a proposal; runs of other tests are gone."""
    for run in Run.all(database):
        (run.folder / "job.json").unlink()
    store.create(NAME, {"kind": "classification", "pred_r1": "classification"}, ["ant", "bee"])
    made = [collection.sample_document(str(make_image(tmp_path / f"{n}.png", seed=n))) for n in range(3)]
    for one, sure in zip(made, (0.9, 0.4), strict=False):
        one["pred_r1"] = to_document("classification", [Label("bee", confidence=sure)])
    return collection.insert(NAME, made)


def trained(database: Workspace, classes: list[str], name: str) -> Run:
    torch.manual_seed(0)
    made = Run.create(database, kind="train", name=name, task="classification", view=ViewSpec(dataset=NAME))
    preprocess = Preprocess(32)
    state = build("small_cnn", len(classes), preprocess).state_dict()
    keep(made.checkpoint, state, {"model": "small_cnn"}, classes, "classification", preprocess, {})
    return made


def opened(script: str = SCRIPT) -> AppTest:
    test = AppTest.from_string(script, default_timeout=60).run()
    test.button[0].click().run()
    assert not test.exception, test.exception
    return test


def test_models_that_know_the_classes_come_first(samples: list[str], database: Workspace) -> None:
    known, other = trained(database, ["ant", "bee"], "insects"), trained(database, ["car", "bus", "van"], "traffic")
    assert [(one.run.id, one.shared) for one in prelabel.proposers(NAME, "kind")] == [
        (known.id, ("ant", "bee")), (other.id, ()),
    ]  # fmt: skip
    test = opened()
    assert [one.partition(" ·")[0] for one in test.selectbox(key="prelabel-model").options] == ["insects", "traffic"]
    assert "Propose for 3 samples" in [one.label for one in test.button]


def test_without_a_model_the_way_to_one_is_shown(samples: list[str]) -> None:
    assert "Proposals by words" in opened(WITH_PAGES).caption[-1].value


def test_sure_proposals_are_taken_over(samples: list[str], database: Workspace) -> None:
    test = opened()
    test.segmented_control(key="prelabel-way").set_value(prelabel.TAKE).run()
    assert not test.exception, test.exception
    assert test.caption[0].value == "**1 label** in 1 sample would be taken over. Left out: 1 less sure."
    test.button(key="prelabel-accept").click().run()
    work = background.find(f"proposals:{NAME}:kind")
    assert work is not None and work.wait(20)
    test.run()
    found = [labels.read(NAME, one, "kind").labels for one in samples]
    assert [[label.label for label in some] for some in found] == [["bee"], [], []]
    background.forget(work.key)


def test_a_tally_is_told_in_words() -> None:
    counts = dict.fromkeys(FATES, 0)
    assert prelabel.told(Tally(2, counts | {"taken": 3})) == "**3 labels** in 2 samples would be taken over."
