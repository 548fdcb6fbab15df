"""The dialog Classes and attributes, run as Streamlit runs it: add, rename with all labels, undo, rules."""

import pytest
from streamlit.testing.v1 import AppTest

from datasets.labeling import classes, schemas
from datasets.labeling.class_changes import ClassChange
from datasets.labelschema import Rules
from datasets.records import Label
from datasets.storage import collection, store
from datasets.storage.labels import to_document
from datasets.workspace import Workspace

METADATA = collection.image_metadata(40, 30, 1, "image/png", 3)


def page() -> None:
    from app.components import schema

    schema.dialog("pets")


@pytest.fixture
def app(database: Workspace, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """A dataset of two boxes, and the dialog open on it; AppTest knows no runs of a fragment alone."""
    monkeypatch.setattr("streamlit.rerun", lambda **_: None)
    store.create("pets", {"boxes": "detections"}, ["cat", "dog"])
    boxes = to_document("detections", [Label("cat", (0.1, 0.1, 0.5, 0.5)), Label("dog", (0, 0, 0.01, 0.5))])
    collection.insert("pets", [collection.sample_document("/nowhere/1.png", METADATA, boxes=boxes)])
    return AppTest.from_function(page, default_timeout=60).run()


def tab(app: AppTest, name: str) -> AppTest:
    app.session_state["schema-tab:pets:boxes"] = name
    return app.run()


def test_it_lists_the_classes_with_their_labels(app: AppTest) -> None:
    assert not app.exception
    shown = app.dataframe[0].value
    assert list(shown["class"]) == ["cat", "dog"] and list(shown["labels"]) == [1, 1]


def test_classes_are_added(app: AppTest) -> None:
    app.text_input[0].set_value("cow, ape")
    next(one for one in app.button if one.label == "Add").click()
    app.run()
    assert not app.exception
    assert schemas.read("pets", "boxes").schema.names == ("cat", "dog", "cow", "ape")


def test_a_change_is_taken_back_in_the_history(app: AppTest) -> None:
    classes.apply("pets", "boxes", ClassChange(action="rename", names=("cat",), into="lynx"))
    tab(app, "History")
    assert not app.exception and "rename cat to lynx" in app.markdown[0].value
    next(one for one in app.button if one.label == "Undo").click()
    app.run()
    assert schemas.read("pets", "boxes").schema.names == ("cat", "dog")
    assert store.summary("pets").class_counts["boxes"] == {"cat": 1, "dog": 1}


def test_rules_are_stored(app: AppTest) -> None:
    tab(app, "Rules")
    app.number_input[0].set_value(4)
    app.toggle[0].set_value(True)
    app.run()
    next(one for one in app.button if one.label == "Save").click()
    app.run()
    assert not app.exception
    assert schemas.read("pets", "boxes").schema.rules == Rules(smallest=4, inside=True)


def test_an_attribute_is_made(app: AppTest) -> None:
    tab(app, "Attributes")
    app.text_input[0].set_value("fur colour")
    app.text_area[0].set_value("red\nblack")
    app.run()
    next(one for one in app.button if one.label == "Save").click()
    app.run()
    assert not app.exception
    (made,) = schemas.read("pets", "boxes").schema.attributes
    assert (made.name, made.title, made.choices) == ("fur_colour", "fur colour", ("red", "black"))
