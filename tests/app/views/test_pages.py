"""The pages of data, run by Streamlit's own test harness."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import address
from datasets.exchange import importing
from datasets.records import Label
from datasets.storage import collection, frames, store
from datasets.views import resolve
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from tests.helpers import make_coco, make_image

MAIN = str(Path(__file__).parents[3] / "app" / "main.py")


@pytest.fixture
def pets(database: Workspace, tmp_path: Path) -> str:
    importing.ingest(make_coco(tmp_path / "coco"), "pets", (0.5, 0.5, 0.0))
    return "pets"


# the harness cannot open a page that is a function; so the frame is drawn, then the page that is wanted
SCRIPT = """
import streamlit as st
from app import navigation
from app.components import page
from datasets.errors import DatasetsError
st.navigation(navigation.sections())
try:
    next(view for view in navigation.VIEWS if view.name == "{}").run()
except DatasetsError as error:
    page.problem(error)
"""


def opened(page: str, **query: str) -> AppTest:
    test = AppTest.from_string(SCRIPT.format(page), default_timeout=60) if page else AppTest.from_file(MAIN)
    test.query_params.update(query)
    test.run(timeout=60)
    assert not test.exception, test.exception
    return test


def text_of(test: AppTest) -> str:
    return "\n".join(str(one.proto.body) for one in test.get("html"))


def test_home_without_a_dataset_offers_samples(database: Workspace) -> None:
    test = opened("")
    assert "Add street" in [button.label for button in test.button]


def test_home_shows_each_dataset(pets: str) -> None:
    test = opened("")
    assert not test.error
    assert any(link.label == "Browse" for link in test.get("page_link"))


def test_browse_writes_the_view_into_the_address(pets: str) -> None:
    test = opened("browse", dataset=pets)
    split = next(one for one in test.multiselect if one.label == "Split")
    split.set_value(["train"]).run()
    assert not test.exception
    assert test.query_params["dataset"] == pets
    assert '"split"' in test.query_params["view"]
    assert any(button.label == "split is train" for button in test.button)


def test_browse_narrows_the_view_by_a_count(pets: str) -> None:
    test = opened("browse", dataset=pets)
    test.number_input(key="filter-count-number").set_value(2)
    test.button(key="filter-count-add").click().run()
    assert not test.exception
    (condition,) = address.unpack(pets, test.query_params["view"]).filters
    assert (condition.field, condition.op, condition.values) == ("ground_truth", "count_at_least", ("", 2))
    assert "2 of 6 samples" in text_of(test)
    assert "ground_truth: labels ≥ 2" in [button.label for button in test.button]


def test_browse_reads_the_view_from_the_address(pets: str) -> None:
    view = '{"filters":[{"field":"split","op":"any_of","values":["val"]}]}'
    test = opened("browse", dataset=pets, view=view)
    assert next(one for one in test.multiselect if one.label == "Split").value == ["val"]


def test_an_unknown_field_in_the_address_is_explained(pets: str) -> None:
    view = '{"filters":[{"field":"nothing","op":"any_of","values":["val"]}]}'
    test = opened("browse", dataset=pets, view=view)
    assert any("nothing" in warning.value for warning in test.warning)
    assert not test.error


def test_import_shows_before_it_writes(database: Workspace, tmp_path: Path) -> None:
    source = make_coco(tmp_path / "coco")
    test = opened("import")
    test.text_input(key="import-path").set_value(str(source)).run()
    for _ in range(50):
        if any(button.label.startswith("Import ") for button in test.button):
            break
        test.run()
    assert not test.exception
    assert store.names() == []
    assert any(button.label.startswith("Import ") for button in test.button)


def test_import_asks_before_it_reads_outside_of_the_folder(database: Workspace, tmp_path: Path) -> None:
    make_image(tmp_path / "else" / "b.png")
    make_image(tmp_path / "in" / "a.png")
    (tmp_path / "in" / "labels.csv").write_text("image,label\na.png,cat\n../else/b.png,dog\n")
    test = opened("import")
    test.text_input(key="import-path").set_value(str(tmp_path / "in")).run()
    _until(test, lambda: bool(test.checkbox))
    assert "Import 1 samples" in [button.label for button in test.button]
    assert str(tmp_path / "else") in text_of(test)
    test.checkbox[0].check().run()
    _until(test, lambda: "Import 2 samples" in [button.label for button in test.button])
    assert test.checkbox[0].value and not test.exception
    test.checkbox[0].uncheck().run()
    _until(test, lambda: "Import 1 samples" in [button.label for button in test.button])


def test_import_offers_to_merge_names_that_are_nearly_equal(database: Workspace, tmp_path: Path) -> None:
    for name in ("a", "b"):
        make_image(tmp_path / "in" / f"{name}.png")
    (tmp_path / "in" / "labels.csv").write_text("image,label\na.png,bolt\nb.png,Bolt\n")
    test = opened("import")
    test.text_input(key="import-path").set_value(str(tmp_path / "in")).run()
    _until(test, lambda: bool(test.checkbox))
    test.checkbox[0].check().run()
    _until(test, lambda: test.checkbox[0].value if test.checkbox else False)
    next(button for button in test.button if button.label.startswith("Import ")).click().run()
    _until(test, lambda: store.names() == ["in"])
    assert store.summary("in").classes in (("bolt",), ("Bolt",))


def _until(test: AppTest, met: Callable[[], bool]) -> None:
    for _ in range(100):
        if met():
            return
        time.sleep(0.1)
        test.run()
    raise AssertionError(text_of(test))


def test_import_names_a_path_that_is_not_there(database: Workspace) -> None:
    test = opened("import")
    test.text_input(key="import-path").set_value("/nowhere/at/all").run()
    assert any("/nowhere/at/all" in warning.value for warning in test.warning)


def test_an_address_of_a_dataset_that_is_gone_says_so(pets: str) -> None:
    test = opened("browse", dataset="gone")
    assert any("gone" in warning.value for warning in test.warning)


def test_export_offers_the_formats_that_fit_the_labels(pets: str) -> None:
    test = opened("browse", dataset=pets)
    next(button for button in test.button if button.label == "Export").click().run()
    assert not test.exception
    formats = next(one for one in test.selectbox if one.label == "Format")
    assert "COCO json" in formats.options
    assert "class folders" not in " ".join(formats.options).lower()


def test_a_view_is_saved_opened_and_deleted(pets: str) -> None:
    view = '{"filters":[{"field":"split","op":"any_of","values":["val"]}]}'
    test = opened("browse", dataset=pets, view=view)
    test.text_input(key="view-name").set_value("only val").run()
    test.button(key="view-save").click().run()
    assert not test.exception
    assert test.query_params["view"] == '{"saved":"only val"}'
    test.button(key="delete:only val").click().run()
    assert not test.exception
    assert "view" not in test.query_params


def test_a_view_of_very_many_samples_gets_a_short_address(pets: str) -> None:
    (first, *_) = resolve.ids(ViewSpec(dataset=pets))
    many = ViewSpec(dataset=pets, ids=(first, *(f"{number:024x}" for number in range(400))))
    brief = address.short(many)
    assert len(address.pack(brief)) < 200
    assert resolve.ids(brief) == [first]
    assert address.short(ViewSpec(dataset=pets, ids=(first,))).ids == (first,)


def test_browse_shows_videos_and_filters_by_their_frames(database: Workspace) -> None:
    store.create("films", videos=True)
    about = collection.video_metadata(64, 48, rate=10, frames=2, size=1, mime="video/mp4")
    (film,) = collection.insert("films", [collection.sample_document("/nowhere/a.mp4", about, _media_type="video")])
    frames.declare("films", "truth", "detections")
    frames.write("films", "truth", [(film, 1, (Label("cat", (0.1, 0.1, 0.2, 0.2)),))])
    test = opened("browse", dataset="films")
    assert not test.error
    assert "1 sample" in text_of(test)
    (more,) = [one for one in test.multiselect if one.key == "filter-extra"]
    assert "frames.frame_number" in more.options
    more.select("frames.frame_number").run(timeout=60)
    assert not test.exception and not test.error


def test_import_says_what_a_training_will_ask_for(database: Workspace, tmp_path: Path) -> None:
    for name in ("a", "b"):
        make_image(tmp_path / "in" / "train" / name / "0.png")
    test = opened("import")
    test.text_input(key="import-path").set_value(str(tmp_path / "in")).run()
    _until(test, lambda: any("images for validation" in one.label for one in test.expander))
