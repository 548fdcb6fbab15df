"""Annotators in fields of their own: the report, the samples they disagree about, and the consensus."""

from collections.abc import Iterator

import pytest

from datasets.editing import labels
from datasets.editing.operations import Operation
from datasets.errors import FieldError
from datasets.labeling import agreement, agreement_consensus, queue
from datasets.labeling.queue import Person
from datasets.records import Label
from datasets.storage import collection, store
from datasets.storage.labels import to_document
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace

NAME = "agreed"
SPEC = ViewSpec(dataset=NAME)
PEOPLE = ("labels_anna", "labels_boris", "labels_cleo")


@pytest.fixture
def samples(server: Workspace) -> Iterator[list[str]]:
    """Four: all agree, one calls it a dog, one alone labeled it, and nobody."""
    store.create(NAME, {**dict.fromkeys(PEOPLE, "detections"), "other": "classification"})
    made = [collection.sample_document(f"/nowhere/{n}.png") for n in range(4)]
    for row, names in enumerate((("cat", "cat", "cat"), ("cat", "dog", "cat"), ("cat", "", ""))):
        for field, name in zip(PEOPLE, names, strict=True):
            if name:
                made[row][field] = to_document("detections", [Label(name, (0.1, 0.1, 0.2, 0.2))])
    yield collection.insert(NAME, made)
    store.delete(NAME)


def ground(sample: str) -> list[str]:
    return [one.label for one in labels.read(NAME, sample, "ground_truth").labels]


def test_a_report_of_people_and_a_queue_of_what_they_disagree_about(samples: list[str]) -> None:
    found = agreement.measure(SPEC, PEOPLE)
    assert (found.samples, found.iou, found.agreement) == (2, 1, pytest.approx((1 + 1 / 3) / 2, abs=1e-6))
    assert [(one.first, one.second, one.samples, one.agreement, one.found) for one in found.pairs] == [
        (PEOPLE[0], PEOPLE[1], 2, 0.5, 1), (PEOPLE[0], PEOPLE[2], 2, 1, 1), (PEOPLE[1], PEOPLE[2], 2, 0.5, 1)
    ]  # fmt: skip
    # two items of three ratings: (2/3) agree by pairs, chance (5/6)^2 + (1/6)^2
    assert found.kappa == pytest.approx((2 / 3 - 26 / 36) / (1 - 26 / 36), abs=1e-6)
    worst = SPEC.model_copy(update={"sort": "disagreement", "descending": True})
    assert [one.id for one in queue.page(worst, PEOPLE[0], 1, 2).rows] == [samples[1], samples[0]]
    (kept,) = agreement.reports(NAME)
    assert kept["kappa"] == found.kappa and kept["pairs"][0]["first"] == PEOPLE[0] and kept["made"].endswith("Z")


def test_reports_of_the_same_question_replace_each_other(samples: list[str]) -> None:
    for fields in (PEOPLE, PEOPLE, PEOPLE[:2]):
        agreement.measure(SPEC, fields, into=None)
    assert [one["fields"] for one in agreement.reports(NAME)] == [list(PEOPLE[:2]), list(PEOPLE)]
    assert "disagreement" not in {one.name for one in store.schema(NAME)}


def test_an_image_that_is_done_without_objects_counts(samples: list[str]) -> None:
    assert agreement.measure(SPEC, PEOPLE[:2]).samples == 2
    queue.act(NAME, PEOPLE[1], samples[2], "done", Person("Boris", "b"))
    found = agreement.measure(SPEC, PEOPLE[:2])
    assert (found.samples, found.pairs[0].agreement) == (3, pytest.approx(1 / 3, abs=1e-6))


def test_fields_that_do_not_fit_are_refused(samples: list[str]) -> None:
    for fields, told in (
        (PEOPLE[:1], "2 to 8 different fields"),
        ((PEOPLE[0], PEOPLE[0]), "different"),
        ((PEOPLE[0], "other"), r"fields of one kind.*other \(classification\)"),
        ((PEOPLE[0], "nonsense"), "nonsense"),
    ):
        with pytest.raises(FieldError, match=told):
            agreement.measure(SPEC, fields)
    with pytest.raises(FieldError, match="another field for the consensus"):
        agreement_consensus.write(SPEC, PEOPLE, PEOPLE[0])


def test_the_consensus_is_written_once_and_corrections_are_kept(samples: list[str]) -> None:
    first = agreement_consensus.write(SPEC, PEOPLE, "ground_truth")
    assert (first.samples, first.labels, first.undecided, first.kept) == (2, 2, 0, ())
    assert [ground(one) for one in samples] == [["cat"], ["cat"], [], []]
    etags = [labels.read(NAME, one, "ground_truth").etag for one in samples]
    assert agreement_consensus.write(SPEC, PEOPLE, "ground_truth") == first
    assert [labels.read(NAME, one, "ground_truth").etag for one in samples] == etags
    (one,) = labels.read(NAME, samples[0], "ground_truth").labels
    labels.change(NAME, samples[0], "ground_truth", [Operation("mine-1", "change", str(one.id), {"label": "cow"})],
                  if_match=labels.ANY, who="Anna")  # fmt: skip
    assert agreement_consensus.write(SPEC, PEOPLE, "ground_truth").kept == (samples[0],)
    assert ground(samples[0]) == ["cow"]


def test_labels_that_were_there_before_are_not_overwritten(samples: list[str]) -> None:
    store.schemas.declare(NAME, {"ground_truth": "detections"})
    there = to_document("detections", [Label("pig", (0.1, 0.1, 0.2, 0.2))])
    collection.update(NAME, [(samples[0], {"ground_truth": there})])
    assert agreement_consensus.write(SPEC, PEOPLE, "ground_truth").kept == (samples[0],)
    assert ground(samples[0]) == ["pig"]
