"""What to label next, on a dataset in the database, from tables as a job leaves them."""

import json
from pathlib import Path

import numpy as np
import pytest

from datasets.editing import labels
from datasets.editing.operations import Operation
from datasets.errors import DatasetsError
from datasets.exchange import importing
from datasets.handover import embeddings, manifest
from datasets.labeling import ranking, spending
from datasets.labeling.ranking import Tables
from datasets.storage import collection, schemas
from datasets.views import resolve
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines.runs import results
from tests.helpers import make_class_folders

WHOLE = ViewSpec(dataset="tiny")


@pytest.fixture
def samples(database: Workspace, tmp_path: Path) -> list[str]:
    importing.ingest(make_class_folders(tmp_path / "source", 24), "tiny")
    return resolve.ids(WHOLE)


def predicted(path: Path, ids: list[str], logits: np.ndarray) -> Path:
    """A table of predictions of one class each, of two classes."""
    names = [("circle", "square")[number] for number in logits.argmax(axis=1)]
    table = results.table(ids, [1] * len(ids), names, confidences=np.full(len(ids), 0.5), logits=logits)
    with results.opened(path) as write:
        write(table)
    return path


def embedded(path: Path, ids: list[str], vectors: np.ndarray) -> Path:
    embeddings.write(path, ids, list(vectors))
    return path


def test_the_samples_without_labels_that_a_model_is_least_sure_of_come_first(
    samples: list[str], tmp_path: Path
) -> None:
    bare = samples[:5]
    collection.update("tiny", ((one, {"ground_truth": None}) for one in bare))
    gaps = dict(zip(bare, (4, 0.1, 2, 0.5, 3), strict=True))
    logits = np.array([[gaps.get(one, 0.0), 0.0] for one in samples])
    tables = Tables(predicted(tmp_path / "p.parquet", samples, logits))
    made = ranking.choose(WHOLE, "ground_truth", tables, "margin", 3, run="r1")
    assert (made.count, made.pool, made.labelled) == (3, 5, len(samples) - 5)
    assert resolve.ids(ranking.view("tiny")) == [bare[1], bare[3], bare[2]]
    assert ranking.last("tiny") == made
    again = ranking.choose(WHOLE, "ground_truth", tables, "uncertainty", 1, run="r2")
    assert resolve.ids(ranking.view("tiny")) == [bare[1]], "the order before is gone"
    assert ranking.last("tiny") == again


def test_a_committee_needs_the_votes_of_all_on_all(samples: list[str], tmp_path: Path) -> None:
    collection.update("tiny", ((one, {"ground_truth": None}) for one in samples[:4]))
    one = predicted(tmp_path / "a.parquet", samples, np.tile([3.0, 0.0], (len(samples), 1)))
    split = np.array([[3.0, 0.0] if key != samples[2] else [0.0, 3.0] for key in samples])
    two = predicted(tmp_path / "b.parquet", samples, split)
    ranking.choose(WHOLE, "ground_truth", Tables(one, committee=[two]), "committee", 1, run="r")
    assert resolve.ids(ranking.view("tiny")) == [samples[2]]
    with pytest.raises(DatasetsError, match="expected predictions of two models or more"):
        ranking.choose(WHOLE, "ground_truth", Tables(one), "committee", 1, run="r")
    few = predicted(tmp_path / "c.parquet", samples[3:], split[3:])
    with pytest.raises(DatasetsError, match="found 3 that"):
        ranking.choose(WHOLE, "ground_truth", Tables(one, committee=[few]), "committee", 1, run="r")


def test_a_core_set_keeps_away_from_what_is_labelled(samples: list[str], tmp_path: Path) -> None:
    collection.update("tiny", ((one, {"ground_truth": None}) for one in samples[:3]))
    vectors = np.zeros((len(samples), 2))
    vectors[:3] = [[0.1, 0], [5, 0], [0.2, 0]]
    logits = np.zeros((len(samples), 2))
    tables = Tables(
        predicted(tmp_path / "p.parquet", samples, logits), embedded(tmp_path / "e.parquet", samples, vectors)
    )
    ranking.choose(WHOLE, "ground_truth", tables, "core_set", 1, run="r")
    assert resolve.ids(ranking.view("tiny")) == [samples[1]]


def test_nothing_left_and_unknown_orders_are_said(samples: list[str], tmp_path: Path) -> None:
    tables = Tables(predicted(tmp_path / "p.parquet", samples, np.zeros((len(samples), 2))))
    with pytest.raises(DatasetsError, match="expected samples without labels in field 'ground_truth'"):
        ranking.choose(WHOLE, "ground_truth", tables, "margin", 3, run="r")
    with pytest.raises(DatasetsError, match="expected an order, one of badge, margin"):
        ranking.choose(WHOLE, "ground_truth", tables, "best", 3, run="r")


def test_masks_have_no_confidences_to_choose_by(samples: list[str], tmp_path: Path) -> None:
    collection.update("tiny", [(samples[0], {"ground_truth": None})])
    path = tmp_path / "p.parquet"
    with results.opened(path) as write:
        write(results.table(samples, [1] * len(samples), [""] * len(samples), masks=["m.png"] * len(samples)))
    with pytest.raises(DatasetsError, match="expected predictions with confidences, found masks without"):
        ranking.choose(WHOLE, "ground_truth", Tables(path), "margin", 3, run="r")


def test_labels_are_weighed_in_the_order_in_which_they_were_made(samples: list[str], tmp_path: Path) -> None:
    """The first ten labels made here are of one class alone, so the curve in their order starts at chance."""
    schemas.declare("tiny", {"mine": "classification"})
    truth = {row: labels.read("tiny", row, "ground_truth").labels[0].label for row in samples}
    collection.update("tiny", ((one, {"split": "val" if n % 2 else "train"}) for n, one in enumerate(samples)))
    order = sorted(samples, key=lambda one: truth[one])
    for one in order:
        add = Operation(f"label-{one}", "add", values={"label": truth[one]})
        labels.change("tiny", one, "mine", [add], if_match=labels.ANY)
    manifest.freeze(WHOLE, "mine", tmp_path / "m.parquet")
    classes = sorted(set(truth.values()))
    vectors = np.array([np.eye(4)[classes.index(truth[one])] for one in samples])
    vectors += np.random.default_rng(0).normal(0, 0.01, vectors.shape)
    found = spending.weigh("tiny", "mine", tmp_path / "m.parquet", embedded(tmp_path / "e", samples, vectors))
    assert found is not None
    assert found.accuracy[-1] == found.random[-1] == 1, "all labels are spent in both"
    assert found.accuracy[0] <= found.random[0]
    assert spending.Weighed(**json.loads(found.written())).checked == found.checked
