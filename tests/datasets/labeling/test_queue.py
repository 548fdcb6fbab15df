"""The queue: states of samples, leases that one session holds, and what is next."""

import time
from collections.abc import Iterator

import pytest

from datasets.editing import labels
from datasets.editing.operations import Operation
from datasets.errors import DatasetsError, LeaseTaken, NotThere
from datasets.labeling import queue
from datasets.labeling.queue import Person
from datasets.records import Label
from datasets.storage import collection, edits, queue_records, store
from datasets.storage.labels import to_document
from datasets.storage.queue_records import Work
from datasets.viewspec import Filter, ViewSpec
from datasets.workspace import Workspace

NAME = "queued"
SPEC = ViewSpec(dataset=NAME)
ANNA, BORIS = Person("Anna", "a:1"), Person("$Boris", "b:1")
BOX = (0.1, 0.1, 0.2, 0.2)


@pytest.fixture(scope="module")
def dataset(server: Workspace) -> Iterator[None]:
    store.create(NAME, {"boxes": "detections", "kind": "classification"})
    yield
    store.delete(NAME)


@pytest.fixture
def samples(dataset: None) -> Iterator[list[str]]:
    """Four samples; the first was imported with a label."""
    made = [collection.sample_document(f"/nowhere/{number}.png") for number in range(4)]
    made[0]["boxes"] = to_document("detections", [Label("cat", BOX)])
    ids = collection.insert(NAME, made)
    yield ids
    collection.remove(NAME, ids)
    queue_records.forget(edits.dataset_id(NAME))


def states(field: str = "boxes") -> list[str]:
    return [one.state for one in queue.page(SPEC, field).rows]


def following(person: Person, after: str | None = None) -> str | None:
    row = queue.following(SPEC, "boxes", person, after).row
    return row.id if row else None


def act(sample: str, verb: queue.Verb, person: Person = ANNA, **more: object) -> queue.Row:
    return queue.act(NAME, "boxes", sample, verb, person, **more)  # type: ignore[arg-type]


def add(sample: str, name: str) -> None:
    queue.begun(NAME, "boxes", [sample], ANNA)
    labels.change(NAME, sample, "boxes", [Operation(f"{name}-{sample}", "add", "", {"label": name, "box": BOX})],
                  if_match=labels.ANY)  # fmt: skip


def test_samples_begin_unlabeled_and_imported_labels_are_done(samples: list[str]) -> None:
    assert states() == ["done", "unlabeled", "unlabeled", "unlabeled"]
    assert states("kind") == ["unlabeled"] * 4
    found = queue.page(SPEC, "boxes", 2, 3)
    assert (found.total, found.number, [one.id for one in found.rows]) == (4, 2, samples[3:])
    assert found.counts == {"unlabeled": 3, "draft": 0, "done": 1, "rejected": 0, "accepted": 0, "returned": 0}
    assert [one.id for one in queue.page(SPEC, "boxes", state="done").rows] == samples[:1]


def test_labels_that_come_from_elsewhere_are_seen(samples: list[str]) -> None:
    states()
    collection.update(NAME, [(samples[2], {"boxes": to_document("detections", [Label("dog", BOX)])})])
    assert states() == ["done", "unlabeled", "done", "unlabeled"]


def test_a_save_makes_a_draft_but_leaves_imported_labels_done(samples: list[str]) -> None:
    add(samples[0], "ant")
    add(samples[1], "ant")
    assert states() == ["done", "draft", "unlabeled", "unlabeled"]
    row = queue.page(SPEC, "boxes").rows[1]
    assert (row.by, row.holder) == ("Anna", None)


def test_many_samples_become_drafts_at_once(samples: list[str]) -> None:
    queue.begun(NAME, "boxes", samples, ANNA)
    assert states() == ["done", "draft", "draft", "draft"]


def test_two_sessions_get_two_samples_in_order(samples: list[str]) -> None:
    assert [following(ANNA), following(BORIS)] == samples[1:3]
    assert following(ANNA) == samples[1]  # it holds that one already
    assert following(Person("Anna", "a:2")) == samples[3]
    found = queue.following(SPEC, "boxes", Person("Cleo", "c:1"))
    assert found.row is None and [one.holder.who for one in found.held if one.holder] == ["Anna", "$Boris", "Anna"]


def test_next_goes_on_behind_a_sample_and_begins_anew(samples: list[str]) -> None:
    assert following(ANNA, after=samples[2]) == samples[3]
    assert following(BORIS, after=samples[3]) == samples[1]
    act(samples[3], "done")
    assert following(ANNA, after=samples[3]) == samples[2]


def test_next_is_of_the_view_and_of_the_states_that_are_wanted(samples: list[str]) -> None:
    view = SPEC.model_copy(update={"filters": (Filter(field="filepath", op="contains", values=("3.png", "0.png")),)})
    found = queue.following(view, "boxes", ANNA).row
    assert found and found.id == samples[3]
    to_review = queue.following(view, "boxes", ANNA, None, ["done"]).row
    assert to_review and to_review.id == samples[0]
    backwards = SPEC.model_copy(update={"sort": "filepath", "descending": True})
    assert [one.id for one in queue.page(backwards, "boxes").rows] == samples[::-1]


def test_a_lease_ends_by_itself(samples: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "SECONDS", 0.05)
    assert following(ANNA) == samples[1]
    time.sleep(0.06)
    assert queue.page(SPEC, "boxes").rows[1].holder is None
    monkeypatch.undo()
    assert following(BORIS) == samples[1]
    with pytest.raises(LeaseTaken):  # she is late
        act(samples[1], "renew")


def test_a_holder_is_named_and_can_be_relieved(samples: list[str]) -> None:
    act(samples[1], "lease")
    for verb in ("lease", "renew", "done", "reject"):
        with pytest.raises(LeaseTaken, match=r"Anna does, for 1\d\d more seconds.*take it over") as refused:
            act(samples[1], verb, BORIS)  # type: ignore[arg-type]
        assert refused.value.who == "Anna"
    act(samples[1], "release", BORIS)  # not his: nothing happens
    taken = act(samples[1], "take_over", BORIS)
    assert taken.holder and taken.holder.who == "$Boris"
    with pytest.raises(LeaseTaken, match=r"\$Boris"):
        act(samples[1], "done")
    assert act(samples[1], "release", BORIS).holder is None
    assert act(samples[1], "done").state == "done"


def test_a_save_renews_the_lease_of_its_session_alone(samples: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    first = act(samples[1], "lease").holder
    queue.begun(NAME, "boxes", [samples[1]], BORIS)
    second = act(samples[1], "release", BORIS).holder
    assert first and second and second.until == first.until
    monkeypatch.setattr(queue, "SECONDS", 500)
    add(samples[1], "ant")
    third = queue.page(SPEC, "boxes").rows[1].holder
    assert third and (third.until - first.until).total_seconds() > 300


def test_a_reviewer_accepts_or_returns_what_is_done(samples: list[str]) -> None:
    with pytest.raises(DatasetsError, match="expected labels that are done before accept, found unlabeled"):
        act(samples[1], "accept", BORIS)
    act(samples[1], "done")
    with pytest.raises(DatasetsError, match="expected a comment"):
        act(samples[1], "return", BORIS)
    row = act(samples[1], "return", BORIS, comment="the tail, $too")
    assert (row.state, row.by, row.comment) == ("returned", "$Boris", "the tail, $too")
    assert following(ANNA) == samples[1]
    assert act(samples[1], "done").comment == ""
    assert act(samples[1], "accept", BORIS).state == "accepted"
    assert following(ANNA) == samples[2]


def test_the_same_work_counts_once(samples: list[str]) -> None:
    spent = Work("w-1", "Anna", "draft", 12.5, 7, 3)
    for _ in range(2):
        assert act(samples[1], "done", work=spent).state == "done"
    act(samples[1], "done", work=Work("w-2", "Anna", "draft", 1, 1, 1))
    place = edits.place(NAME, "boxes")
    found = list(queue_records.works(place.dataset_id, "boxes"))
    assert [(one.id, one.state, one.seconds, one.clicks, one.labels) for one in found] == [
        ("w-1", "done", 12.5, 7, 3), ("w-2", "done", 1, 1, 1)
    ]  # fmt: skip


def test_what_is_not_there_is_named(samples: list[str]) -> None:
    with pytest.raises(NotThere, match="expected a sample"):
        act("0" * 24, "lease")
    with pytest.raises(NotThere, match="nonsense"):
        queue.page(SPEC, "nonsense")
    act(samples[1], "lease")
    collection.remove(NAME, [samples[1]])
    with pytest.raises(NotThere, match="expected a sample"):
        act(samples[1], "done")
    assert following(BORIS) == samples[2]


def test_a_deleted_dataset_takes_its_queue_along(server: Workspace) -> None:
    store.create("brief", {"boxes": "detections"})
    (sample,) = collection.insert("brief", [collection.sample_document("/nowhere/1.png")])
    queue.act("brief", "boxes", sample, "done", ANNA)
    dataset_id = edits.dataset_id("brief")
    store.delete("brief")
    assert queue_records.changed(dataset_id, "boxes") == []
