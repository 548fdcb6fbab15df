"""Datasets as a whole."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from datasets.errors import DatasetExists, DatasetNotFound, DatasetsError, FieldError
from datasets.records import Label
from datasets.storage import collection, documents, labels, schemas, store
from datasets.workspace import Workspace

ROOT = Path(__file__).parents[3]


def fill(name: str) -> None:
    store.create(name, {"ground_truth": "detections", "scene": "classification"}, ["cat", "dog"])
    objects = [Label("dog", (0, 0, 0.5, 0.5)), Label("bird", (0, 0, 0.25, 0.5)), Label("dog", (0.5, 0, 0.5, 0.5))]
    found = labels.to_document("detections", objects)
    collection.insert(name, [
        collection.sample_document("/a.png", split="train", tags=["odd"], ground_truth=found),
        collection.sample_document("/b.png", split="train"),
        collection.sample_document("/c.png"),
    ])  # fmt: skip


def test_a_summary_counts_samples_splits_tags_and_classes(database: Workspace) -> None:
    fill("pets")
    (told,) = store.list_datasets()
    assert (told.name, told.count) == ("pets", 3)
    assert told.splits == {"train": 2, "": 1}
    assert told.tags == {"odd": 1}
    assert told.label_fields == {"ground_truth": "detections", "scene": "classification"}
    assert told.class_counts == {"ground_truth": {"dog": 2, "bird": 1}, "scene": {}}
    assert told.classes == ("cat", "dog", "bird")
    assert told.created is not None


def test_a_summary_follows_a_change(database: Workspace) -> None:
    fill("pets")
    before = store.summary("pets")
    collection.insert("pets", [collection.sample_document("/d.png", split="test")])
    assert store.summary("pets").splits == {**before.splits, "test": 1}


def test_classes_that_only_predictions_name_are_not_classes_of_the_dataset(database: Workspace) -> None:
    fill("pets")
    schemas.declare("pets", {"pred_r1": "detections"})
    seen = labels.to_document("detections", [Label("zebra", (0, 0, 1, 1), 0.9)])
    collection.insert("pets", [collection.sample_document("/e.png", pred_r1=seen)])
    assert store.summary("pets").classes == ("cat", "dog", "bird")


def test_listing_imports_no_fiftyone(database: Workspace) -> None:
    fill("pets")
    code = (
        "import sys\nfrom datasets.storage import store\nfrom datasets.views import resolve, pages\n"
        "from datasets.editing import tags\nfrom datasets.viewspec import ViewSpec\n"
        "spec = ViewSpec(dataset='pets')\n"
        "print(store.list_datasets()[0].count, len(store.schema('pets')) > 5, pages.page(spec).total)\n"
        "print(tags.add('pets', resolve.ids(spec), 'seen'), resolve.fiftyone_view(spec)[0])\n"
        "print('fiftyone' in sys.modules, 'torch' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, cwd=ROOT, check=False
    )
    assert told.stdout.split() == ["3", "True", "3", "3", "pets", "False", "False"], told.stderr


def test_a_schema_names_kinds_and_paths(database: Workspace) -> None:
    fill("pets")
    schema = {one.name: one for one in store.schema("pets")}
    assert schema["split"].kind == "string"
    assert schema["ground_truth"].label_kind == "detections"
    inner = {one.name: one for one in schema["ground_truth"].attributes}
    assert inner["ground_truth.confidence"].numeric
    assert "ground_truth.mask" not in inner
    assert not any(name.startswith("_") for name in schema)


def test_info_keeps_plain_values_by_key(database: Workspace) -> None:
    fill("pets")
    store.set_info("pets", "source", {"format": "coco", "files": [1, 2]})
    store.set_info("pets", "seed", 51)
    assert store.info("pets") == {"source": {"format": "coco", "files": [1, 2]}, "seed": 51}
    assert collection.load("pets").info["foveal"]["seed"] == 51
    store.set_info("pets", "seed", None)
    assert "seed" not in store.info("pets")
    with pytest.raises(FieldError, match="without dots"):
        store.set_info("pets", "a.b", 1)


def test_renaming_keeps_the_samples(database: Workspace) -> None:
    fill("pets")
    store.rename("pets", "animals")
    assert store.names() == ["animals"]
    assert store.summary("animals").count == 3
    with pytest.raises(DatasetNotFound):
        store.summary("pets")


def test_names_that_are_taken_or_refused_are_errors(database: Workspace) -> None:
    fill("pets")
    with pytest.raises(DatasetExists):
        store.create("pets")
    store.create("other")
    with pytest.raises(DatasetExists):
        store.rename("other", "pets")
    with pytest.raises(DatasetsError, match="expected a name with a letter or digit"):
        store.create("犬")
    with pytest.raises(DatasetsError, match="that no other dataset resembles, found 'Pets'"):
        store.create("Pets")


def test_a_dataset_that_cannot_have_its_fields_is_not_made(database: Workspace) -> None:
    with pytest.raises(FieldError, match="expected the kind of field 'odd'"):
        store.create("pets", {"odd": "colours"})
    assert store.names(hidden=True) == []


def test_every_dataset_lasts(database: Workspace) -> None:
    store.create("pets")
    assert documents.of("pets")["persistent"] is True


def test_hidden_datasets_are_not_listed_and_stale_ones_are_pruned(database: Workspace) -> None:
    store.create(".half-1")
    assert store.names() == []
    assert store.prune() == []
    assert store.prune(timedelta(seconds=-5)) == [".half-1"]
    assert store.names(hidden=True) == []


def test_deleting_leaves_no_collection_behind(database: Workspace) -> None:
    fill("pets")
    kept = collection.samples("pets")
    store.delete("pets")
    assert kept.name not in kept.database.list_collection_names()
    with pytest.raises(DatasetNotFound):
        store.delete("pets")
